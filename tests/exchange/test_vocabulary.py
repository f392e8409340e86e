"""What words stand for: sides named by the user, legends with dates, and drafts that say that they are drafts."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from qsim.exchange.files import ImportProblem
from qsim.exchange.vocabulary import SideNames, in_colours, read_legend, read_sides, sides_toml, vocabulary

NORTH, SOUTH = SideNames("north", "North", "#0072B2", ("UA",)), SideNames("south", "South", "#E69F00")


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_side_is_known_by_its_id_its_name_and_its_terms_whatever_their_case() -> None:
    known, told = vocabulary({}, sides=[NORTH, SOUTH], contested=("Contested", "grey zone"))
    assert [known.side(term) for term in ("ua", "NORTH", " south ", "Moon", "contested")] == ["north", "north", "south", None, None]
    sign = known.sign("Grey_Zone", date(2031, 5, 1))
    assert sign is not None
    assert sign.status == "contested"
    assert told == ""


def test_a_legend_has_dates_and_its_first_line_that_fits_counts(tmp_path: Path) -> None:
    text = '[[legend]]\nterm = "*grey*"\nstatus = "south"\nto = 2024-12-07\n[[legend]]\nterm = "*grey*"\nstatus = "north"\nfrom = "2024-12-08"\n'
    known, _ = vocabulary({}, legend=written(tmp_path / "legend.toml", text))
    found = [known.sign("Map-dot-grey.svg", day) for day in (date(2024, 12, 7), date(2024, 12, 8))]
    assert [sign.status for sign in found if sign] == ["south", "north"]
    assert [side.id for side in known.sides] == ["south", "north"]


def test_everything_wrong_with_a_legend_is_told_at_once(tmp_path: Path) -> None:
    text = '[[legend]]\nterm = "a"\n[[legend]]\nterm = "b"\nstatus = "moon"\n[[legend]]\nterm = "c"\nstatus = "north"\nfrom = "soon"\n'
    with pytest.raises(ImportProblem) as told:
        read_legend(written(tmp_path / "legend.toml", text), [NORTH])
    assert [f"line {n}" in str(told.value) for n in (1, 2, 3)] == [True] * 3
    with pytest.raises(ImportProblem, match="no \\[\\[sides\\]\\]"):
        read_sides(written(tmp_path / "sides.toml", "title = 'none'\n"))
    with pytest.raises(ImportProblem, match="not TOML"):
        read_sides(written(tmp_path / "sides.toml", "[["))
    with pytest.raises(ImportProblem, match="no such file"):
        read_sides(tmp_path / "nowhere.toml")


def test_a_draft_has_the_common_names_and_says_so() -> None:
    known, told = vocabulary({"North": 50, "north": 2, "South": 40, "North?": 1, "Moon": 0, "contested": 30})
    assert [(side.id, side.terms) for side in known.sides] == [("north", ("North", "north")), ("south", ("South",))]
    assert "no map of sides was given" in told
    draft = tomllib.loads(sides_toml(known.sides, ["North?"]))
    assert draft["sides"][0]["terms"] == ["North", "north"]


@pytest.mark.parametrize(
    ("terms", "asked"),
    [
        (("Russia", "Rusia"), "are 'Rusia' and 'Russia' one side?"),
        (("Red", "captured"), "'captured' is a word for what is said (takes), is it the name of a side?"),
        (("Red", "Blue", "Red and Blue"), "'Red and Blue' names red and blue, is it a side of its own?"),
        (("North", "South"), ""),
    ],
)
def test_a_draft_asks_about_what_may_be_no_side_of_its_own(terms: tuple[str, ...], asked: str) -> None:
    known, told = vocabulary(terms)
    assert len(known.sides) == len(terms)  # nothing is taken for another
    assert (asked in told) if asked else ("?" not in told)


def test_every_side_has_a_colour_of_its_own() -> None:
    sides = in_colours([NORTH, *(SideNames(f"s{i}", f"S{i}") for i in range(30))], ["#e69f00"])
    colours = [side.colour.casefold() for side in sides]
    assert colours[0] == "#0072b2"
    assert len(set(colours)) == len(colours)
    assert "#e69f00" not in colours[1:]
