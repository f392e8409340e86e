"""The pictures that the README shows, a few small files in outputs/: `make gallery` draws them anew."""

from pathlib import Path
from tempfile import TemporaryDirectory

import screenshots

import qsim

OUTPUTS = Path(__file__).parent.parent / "outputs"


def main() -> None:
    """Draw the pictures, then two screenshots of the player, and tell how large each file is."""
    pictures()
    screenshots.main()
    for path in sorted(OUTPUTS.glob("*.*")):
        print(f"{path.stat().st_size / 1000:6.0f} kB  {path.relative_to(OUTPUTS.parent)}")


def pictures() -> None:
    """Draw an animation, a day in the dark theme, the city alone, a day of the second case, and three tellings side by side."""
    theatre, ledger = qsim.load("qusayr")
    battle = qsim.reconstruct(theatre, ledger, start="2013-05-12", end="2013-06-08")
    qsim.render(battle, OUTPUTS / "pincer.gif", size=(900, 563))
    tellings = {}
    for side in ("government", "opposition", "neutral"):
        mine, told = qsim.told_by(theatre, ledger, side)
        tellings[f"Told by: {side}"] = qsim.reconstruct(mine, told, start="2013-05-19", end="2013-05-31", policy="last_claim")
    siege = qsim.reconstruct(*qsim.load("kobani"))
    with TemporaryDirectory() as folder:
        besieged = qsim.render(siege, Path(folder) / "besieged.png", day="2014-10-13")
        dark = qsim.render(battle, Path(folder) / "dark.png", day="2013-05-31", theme="dark")
        city = qsim.render(battle, Path(folder) / "city.png", day="2013-05-25", focus="qusayr")
        several = qsim.render(tellings, Path(folder) / "several.png", day="2013-05-29", place="qusayr", side="opposition")
        for drawn, name in ((dark, "pincer_dark.png"), (several, "tellings.png"), (besieged, "kobani.png"), (city, "city.png")):
            screenshots.small(drawn.read_bytes()).save(OUTPUTS / name, optimize=True)


if __name__ == "__main__":
    main()
