"""
The player with 33,000 places and 1,000 days: how long it takes to load, to step while scrubbing, and how fast it plays.

And with 4,000 places and 1,500 days; and al-Qusayr in the spring of 2013 with the claims of the city open, since many claims cost more than many
places. Of the load it tells what goes to scripts and to style and layout; of a step the script alone, and with all that is drawn until the next frame.
"""

import json
import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import shapely

import qsim
from qsim import page
from qsim.belief.timeline import Timeline
from qsim.record.dates import day_range
from qsim.record.theatre import Place, Side, Theatre

COLUMNS, ROWS, DAYS, CHANGES = 220, 150, 1000, 12
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
# A step is the script of the event and of the frame that it asks for; days far apart are the worst that a hand can do.
SCRUB = """async () => {
  const range = document.getElementById("range"), script = [], frame = window.requestAnimationFrame;
  let spent = 0;
  const timed = (act) => { const start = performance.now(); act(); spent += performance.now() - start; };
  window.requestAnimationFrame = (show) => frame((now) => timed(() => show(now)));
  for (let i = 0; i < 200; i++) {
    range.value = (i * 379) % (Number(range.max) + 1);
    spent = 0;
    timed(() => range.dispatchEvent(new Event("input")));
    await new Promise((done) => frame(() => frame(done)));
    script.push(spent);
  }
  window.requestAnimationFrame = frame;
  return script.sort((a, b) => a - b);
}"""
# The same steps until the next frame begins, with style, layout and drawing.
DRAWN = """async () => {
  const range = document.getElementById("range"), taken = [];
  for (let i = 0; i < 100; i++) {
    range.value = (i * 379) % (Number(range.max) + 1);
    await new Promise(requestAnimationFrame);
    const start = performance.now();
    range.dispatchEvent(new Event("input"));
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    taken.push(performance.now() - start);
  }
  return taken.sort((a, b) => a - b);
}"""
PLAY = """async () => {
  document.getElementById("speed").value = "60";
  document.getElementById("speed").dispatchEvent(new Event("change"));
  document.getElementById("play").click();
  const start = performance.now();
  let frames = 0;
  while (performance.now() - start < 4000) { await new Promise(requestAnimationFrame); frames++; }
  document.getElementById("play").click();
  return frames / 4;
}"""


def synthetic(columns: int = COLUMNS, rows: int = ROWS, *, seed: int = 7, days: int = DAYS, changes: int = CHANGES) -> Timeline:
    """Return a grid of places between two sides, each of which changes hands about so many times."""
    random = np.random.default_rng(seed)
    count = columns * rows
    west, north, step = 36.0, 35.5, 0.01
    places = []
    for i in range(count):
        x, y = west + (i % columns) * step, north - (i // columns + 1) * step
        cell = shapely.box(x, y, x + step, y + step)
        places.append(Place(f"p{i}", f"Place {i}", x + step / 2, y + step / 2, kind="hamlet", polygon=cell, area_km2=1.0))
    sides = (Side("red", "Red", "#D55E00"), Side("blue", "Blue", "#0072B2"))
    frame = (west, north - rows * step, west + columns * step, north)
    theatre = Theatre("grid", "A grid", tuple(places), (), sides, frame=frame)
    belief = np.zeros((days, count, 3), dtype=np.float32)
    jumps = np.sort(random.integers(0, days, size=(changes, count)), axis=0)
    level = np.zeros(count, dtype=int)
    draws = random.dirichlet([0.4, 0.4, 0.2], size=(changes + 1, count)).astype(np.float32)
    for d in range(days):
        level += (jumps == d).sum(axis=0)
        belief[d] = draws[level, np.arange(count)]
    history = belief.argmax(axis=2).astype(np.int8)
    heard = np.full(history.shape, np.datetime64("NaT", "D"), dtype="datetime64[D]")
    return Timeline(
        theatre,
        None,
        day_range("2012-01-01", np.datetime64("2012-01-01") + np.timedelta64(days - 1, "D")),
        belief,
        history,
        heard,
        "synthetic",
    )


def measure(path: Path, address: str = "") -> dict[str, float]:
    """Return the milliseconds to load and to step, and the frames a second while playing."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        tab = browser.new_page(viewport={"width": 1280, "height": 860})
        devtools = tab.context.new_cdp_session(tab)
        devtools.send("Performance.enable")
        start = time.perf_counter()
        tab.goto(path.as_uri() + address)
        tab.wait_for_selector("#iso:text-matches('^20')")
        load = time.perf_counter() - start
        spent = {each["name"]: each["value"] for each in devtools.send("Performance.getMetrics")["metrics"]}
        steps, drawn = tab.evaluate(SCRUB), tab.evaluate(DRAWN)
        frames = tab.evaluate(PLAY)
        browser.close()
    return {
        "load_s": load,
        "script_s": spent["ScriptDuration"],
        "layout_s": spent["RecalcStyleDuration"] + spent["LayoutDuration"],
        "heap_mb": spent["JSHeapUsedSize"] / 1e6,
        "step_median_ms": steps[len(steps) // 2],
        "step_p95_ms": steps[int(len(steps) * 0.95)],
        "drawn_median_ms": drawn[len(drawn) // 2],
        "drawn_p95_ms": drawn[int(len(drawn) * 0.95)],
        "frames_per_s": frames,
    }


def tell(timeline: Timeline, address: str = "") -> None:
    """Write a timeline's page, measure it, and print one line of JSON."""
    with TemporaryDirectory() as folder:
        start = time.perf_counter()
        path = page.write(timeline, Path(folder) / "page.html", chapters=[])
        written = time.perf_counter() - start
        found = {"places": len(timeline.theatre.places), "days": len(timeline), "write_s": written, "size_mb": path.stat().st_size / 1e6}
        print(json.dumps({key: round(value, 2) for key, value in {**found, **measure(path, address)}.items()}))


def main() -> None:
    """Measure the grid, a smaller one over a longer time, and the real record."""
    tell(synthetic())
    tell(synthetic(80, 50, days=1500))
    theatre, ledger = qsim.load("qusayr")
    tell(qsim.reconstruct(theatre, ledger, start="2013-04-04", end="2013-06-08", policy="hmm"), "#place=qusayr")


if __name__ == "__main__":
    main()
