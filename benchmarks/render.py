"""Animations against matplotlib's own: FuncAnimation with PillowWriter and FFMpegWriter, drawing the same scenes, on one core.

FFMpegWriter needs an `ffmpeg`; that of the package imageio-ffmpeg is used where it is installed, else the video's race is left out.
Run it alone on a quiet machine: `python benchmarks/render.py`.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib as mpl
import numpy as np
from matplotlib.animation import FFMpegWriter, FuncAnimation, PillowWriter
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from page import synthetic
from PIL import Image

import qsim
from qsim.belief.timeline import Timeline
from qsim.draw.multiples import Telling
from qsim.draw.palette import fill
from qsim.draw.style import LOOK
from qsim.geography.encirclement import whose

DAYS, LONG, PEER_FRAMES = 66, 1000, 12
PEER_LONG = f"the peer's from {PEER_FRAMES} frames"


def record(days: int) -> Timeline:
    """Return the record of al-Qusayr: 114 places, up to 8 June 2013."""
    theatre, ledger = qsim.load("qusayr")
    last = np.datetime64("2013-06-08")
    return qsim.reconstruct(theatre, ledger, start=last - days + 1, end=last)


@contextmanager
def one_core() -> Iterator[None]:
    """Bind this process, and all that it starts, to one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def seconds(work: Callable[[], object]) -> float:
    """Return how long the processor works, in this process and those that it starts: what else the machine does counts for little."""
    before = sum(os.times()[:4])
    work()
    return sum(os.times()[:4]) - before


def peer_of(timeline: Timeline, path: Path, frames: int) -> float:
    """Return the seconds a frame that matplotlib's animation takes for the same scene: the middle `frames` days of it."""
    place, side = whose(timeline)
    picture = Telling(timeline, LOOK, place=place, side=side)
    first = len(timeline) - frames
    animation = FuncAnimation(picture.figure, lambda i: picture.show(first + i), frames=frames, init_func=lambda: None, repeat=False)
    writer = (
        PillowWriter(fps=3)
        if path.suffix == ".gif"
        else FFMpegWriter(fps=3, codec="libx264", extra_args=["-preset", "veryfast", "-threads", "1"])
    )
    return seconds(lambda: animation.save(path, writer=writer, dpi=LOOK.dpi)) / frames


def same_frames(ours: Path, peer: Path) -> None:
    """Assert that the last frames of two animations show the same."""
    shown = []
    for path in (ours, peer):
        with Image.open(path) as image:
            image.seek(image.n_frames - 1)  # type: ignore[attr-defined]
            shown.append(np.asarray(image.convert("RGB")).astype(int))
    # A line of words may stand a pixel higher or lower: it does not move with the letters of the day.
    apart = np.min([np.abs(shown[0] - np.roll(shown[1], by, axis=0)).max(axis=2) for by in (-1, 0, 1)], axis=0)
    assert (apart > 48).mean() < 0.03, f"{(apart > 48).mean():.3f} of the pixels differ"


def race_gif(folder: Path, days: int, aim: int) -> None:
    """
    114 places x so many days, as GIF, a frame a day for both: the peer's three a second are our even pace.

    At the pace of reading there are some more frames, in which colours pass over from a day to the next; how long that takes is told, without a peer.
    """
    timeline = record(days)
    ours, peer = folder / "ours.gif", folder / "peer.gif"
    cold = seconds(lambda: qsim.render(timeline, ours, pace="even"))
    read = seconds(lambda: qsim.render(timeline, folder / "read.gif"))
    warm = seconds(lambda: qsim.render(timeline, ours, pace="even"))
    frames = days if days == DAYS else PEER_FRAMES
    whole = peer_of(timeline, peer, frames) * days
    same_frames(ours, peer)
    how = "" if frames == days else f" ({PEER_LONG})"
    print(f"GIF, {days} frames: {cold:.2f} s the first time, {warm:.2f} s prepared; FuncAnimation {whole:.0f} s{how}", end=": ")
    print(f"{whole / cold:.0f} x, {whole / warm:.0f} x (aim {aim}); at the pace of reading, with more frames, {read:.2f} s", flush=True)


def race_video(folder: Path) -> None:
    """114 places x 66 days, as MP4."""
    try:
        import imageio_ffmpeg
    except ImportError:
        print("MP4: left out, imageio-ffmpeg is not installed")
        return
    mpl.rcParams["animation.ffmpeg_path"] = imageio_ffmpeg.get_ffmpeg_exe()
    timeline = record(DAYS)
    warm = min(seconds(lambda: qsim.render(timeline, folder / "ours.mp4")) for _ in range(2))
    each = peer_of(timeline, folder / "peer.mp4", DAYS)
    print(f"MP4, 66 frames: {warm:.2f} s; FuncAnimation with FFMpegWriter {each * DAYS:.0f} s: {each * DAYS / warm:.0f} x (aim 12)")


def race_many_places(folder: Path) -> None:
    """33,000 places x 66 days against the same scene, and against a bare PolyCollection: no labels, no panel, no words of the day."""
    timeline = synthetic(days=DAYS, changes=1)
    cold = seconds(lambda: qsim.render(timeline, folder / "many.gif"))
    warm = seconds(lambda: qsim.render(timeline, folder / "many.gif"))
    theatre = timeline.theatre
    figure = Figure(figsize=(12.8, 8), dpi=100)
    FigureCanvasAgg(figure)
    west, south, east, north = theatre.frame
    ax = figure.add_axes((0.03, 0.17, 0.6, 0.79), xlim=(west, east), ylim=(south, north))
    cells = PolyCollection([np.asarray(place.polygon.exterior.coords) for place in theatre.places if place.polygon], linewidths=0)
    ax.add_collection(cells)
    names = [*theatre.statuses]

    def show(i: int) -> None:
        steps = np.where(
            np.take_along_axis(timeline.belief[-PEER_FRAMES + i], timeline.history[-PEER_FRAMES + i][:, None].astype(int), 1)[:, 0] > 0.8,
            0,
            2,
        )
        told = {(s, t): fill(theatre, names[s], t) for s in range(len(names)) for t in (0, 2)}
        cells.set_facecolor([told[s, t] for s, t in zip(timeline.history[-PEER_FRAMES + i].tolist(), steps.tolist(), strict=True)])

    animation = FuncAnimation(figure, show, frames=PEER_FRAMES, init_func=lambda: None, repeat=False)
    each = seconds(lambda: animation.save(folder / "peer.gif", writer=PillowWriter(fps=3))) / PEER_FRAMES
    same, bare = peer_of(timeline, folder / "scene.gif", 4) * DAYS, each * DAYS
    same_frames(folder / "many.gif", folder / "scene.gif")
    print(f"33,000 places x 66 frames: {cold:.1f} s the first time, {warm:.1f} s prepared (aim 5)", end="; ")
    print(f"FuncAnimation of the same scene {same:.0f} s (from 4 frames): {same / cold:.0f} x, {same / warm:.0f} x (aim 25)", end="; ")
    print(f"a bare PolyCollection {bare:.0f} s ({PEER_LONG}): {bare / cold:.0f} x, {bare / warm:.0f} x", flush=True)


MEMORY = """
import sys, tempfile
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from render import record
import qsim
timeline = record(int(sys.argv[1]))
with tempfile.TemporaryDirectory() as folder:
    qsim.render(timeline, Path(folder) / "a.gif")
(most,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
print(int(most.split()[1]) // 1024)
"""


def memory() -> None:
    """Print the most memory that rendering takes, the ring's histories drawn first, by the number of frames; `ru_maxrss` would count the parent's too."""
    peaks = []
    for days in (DAYS, LONG):
        os.environ["QSIM_CACHE"] = ""
        told = subprocess.run(
            [sys.executable, "-c", MEMORY, str(days), str(Path(__file__).parent)], capture_output=True, text=True, check=True
        )
        peaks.append(int(told.stdout))
    print(f"memory: {peaks[0]} MB at most for {DAYS} frames, {peaks[1]} MB for {LONG}")


if __name__ == "__main__":
    with TemporaryDirectory() as folder, one_core():
        os.environ["QSIM_CACHE"] = str(Path(folder) / "maps")
        qsim.render(record(2), Path(folder) / "first.gif")  # compiled code is called once before
        race_gif(Path(folder), DAYS, 30)
        race_gif(Path(folder), LONG, 50)
        race_video(Path(folder))
        race_many_places(Path(folder))
        memory()
