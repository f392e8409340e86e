"""The verb that draws."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

import qsim
from qsim.cli.common import errors_told, fail, replayed, say, wrote
from qsim.cli.options import From, Inside, Place, Policy, Scenario, To, ToldBy


def render(
    scenario: Scenario,
    out: Annotated[Path, typer.Argument(help="file.gif .mp4 .webm, file.html (the player), file.png .svg .pdf, or a folder for frames")],
    start: From = None,
    to: To = None,
    day: Annotated[str | None, typer.Option(help="the day of a single picture", metavar="DAY")] = None,
    policy: Policy = "hmm",
    told_by: ToldBy = None,
    fps: Annotated[float | None, typer.Option(min=0.1, max=50, help="days a second of an animation at an even pace, by default 3")] = None,
    pace: Annotated[
        str | None, typer.Option(help="reading (the default): as long as the words take to read; or even", metavar="PACE")
    ] = None,
    every: Annotated[int, typer.Option(min=1, help="a frame every so many days", metavar="DAYS")] = 1,
    loop: Annotated[bool, typer.Option("--loop/--once", help="whether a GIF begins again when it ends")] = True,
    size: Annotated[str | None, typer.Option(help="width and height in pixels, by default 1280x800", metavar="WxH")] = None,
    scale: Annotated[float, typer.Option(help="how many times finer to draw, such as 2")] = 1,
    theme: Annotated[str, typer.Option(help="light or dark", metavar="THEME")] = "light",
    names: Annotated[str, typer.Option(help="names of places: latin, ar or both", metavar="NAMES")] = "latin",
    language: Annotated[
        str | None, typer.Option(help="the language of the names, such as ku for the property name_ku of places.geojson", metavar="CODE")
    ] = None,
    font: Annotated[str | None, typer.Option(help="the font to write with, by its name or its file", metavar="FONT")] = None,
    focus: Annotated[str | None, typer.Option(help="a city of parts that fills the map, such as qusayr", metavar="PLACE")] = None,
    precision: Annotated[bool, typer.Option("--precision", help="circle the places that are only estimated")] = False,
    map_alone: Annotated[bool, typer.Option("--map-alone", help="the map without title, legend, small maps and words of the day")] = False,
    title: Annotated[str | None, typer.Option(help="a title in place of the scenario's")] = None,
    place: Place = None,
    side: Inside = None,
) -> None:
    """Draw a replay as an animation, a video, a web page, as frames, or one day as a picture; the suffix says which."""
    from qsim.draw.files import PICTURE_SUFFIXES
    from qsim.draw.render import size_of

    with errors_told():
        if day and out.suffix.lower() not in PICTURE_SUFFIXES:
            fail(f"--day is for {' '.join(PICTURE_SUFFIXES)}; {out} shows all days: --from and --to choose them")
        options: dict[str, Any] = {
            "day": day,
            "fps": fps,
            "pace": pace,
            "every": every,
            "loop": loop,
            "size": size_of(size),
            "scale": scale,
        }
        options |= {"theme": theme, "names": names, "language": language, "font": font, "focus": focus}
        options |= {"precision": precision, "map_alone": map_alone, "title": title, "place": place, "side": side}
        timeline = replayed(scenario, start, to, policy, told_by=told_by)
        qsim.render(timeline, out, **options, progress=sys.stderr.isatty())
        say(wrote(out, timeline, day, every=every))
