"""Write the two pictures of the player that the README shows: a desk in daylight and a phone at night. Run with the extra `test`."""

import io
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

import qsim

HERE = Path(__file__).parent.parent
sys.path.insert(0, str(HERE / "tests"))

import chromium  # noqa: E402

SHOTS: dict[str, tuple[str, dict[str, Any]]] = {
    "player_desk.png": ("2013-05-29&place=dabaa_airbase", {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"}),
    "player_phone.png": ("2013-05-31", {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "color_scheme": "dark"}),
}


def tellings() -> dict[str, qsim.Timeline]:
    """Return the spring of 2013 in five tellings."""
    theatre, ledger = qsim.load("qusayr")
    window: dict[str, Any] = {"start": "2013-04-04", "end": "2013-06-08"}
    found = {"whole record": qsim.reconstruct(theatre, ledger, policy="hmm", **window)}
    for side, name in (("government", "the government"), ("opposition", "the opposition"), ("neutral", "neutral voices")):
        mine, told = qsim.told_by(theatre, ledger, side)
        found[f"told by {name}"] = qsim.reconstruct(mine, told, policy="last_claim", **window)
    return {**found, "as known on the day": qsim.as_known(theatre, ledger, policy="last_claim", **window)}


def small(shot: bytes) -> Image.Image:
    """Return a screenshot in 128 colours."""
    return Image.open(io.BytesIO(shot)).convert("RGB").quantize(128, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)


def main() -> None:
    """Write the page, open it at each moment, and keep what is seen."""
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = qsim.render(tellings(), Path(folder) / "player.html")
        browser = playwright.chromium.launch(executable_path=chromium.found_here(), args=chromium.FLAGS)
        for name, (moment, options) in SHOTS.items():
            tab = browser.new_page(**options)
            tab.goto(f"{path.as_uri()}#day={moment}")
            tab.wait_for_selector("svg.map .labels text", state="attached")
            tab.wait_for_timeout(800)  # until the rings have come to rest
            out = HERE / "outputs" / name
            small(tab.screenshot()).save(out, optimize=True)
            print(f"{out.name}: {out.stat().st_size / 1000:.0f} kB, {path.stat().st_size / 1000:.0f} kB the page")
        browser.close()


if __name__ == "__main__":
    main()
