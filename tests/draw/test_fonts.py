"""Fonts: what is asked for comes first, letters it lacks come from others, and what nobody has is told once; names by language."""

import warnings
from dataclasses import replace
from pathlib import Path

import pytest
import toys
from fontTools.fontBuilder import FontBuilder  # type: ignore[import-untyped]
from fontTools.pens.ttGlyphPen import TTGlyphPen  # type: ignore[import-untyped]
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager

import qsim
from qsim.draw import render
from qsim.draw.files import write_chart
from qsim.draw.fonts import FAMILY, FontError, FontWarning, families
from qsim.draw.labels import shown_name
from qsim.draw.multiples import texts
from qsim.draw.style import LookError, look
from qsim.record.places import Place

NOBODY_HAS = "\U00012345"  # a sign of cuneiform, which is in no usual font


@pytest.fixture
def boxes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A font of one letter, the sign above, a square."""
    monkeypatch.setattr(fontManager, "ttflist", [*fontManager.ttflist])
    pen = TTGlyphPen(None)
    for i, corner in enumerate([(0, 0), (500, 0), (500, 500), (0, 500)]):
        (pen.lineTo if i else pen.moveTo)(corner)
    pen.closePath()
    square, empty = pen.glyph(), TTGlyphPen(None).glyph()
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder([".notdef", "sign"])
    font.setupCharacterMap({ord(NOBODY_HAS): "sign"})
    font.setupGlyf({".notdef": empty, "sign": square})
    font.setupHorizontalMetrics({".notdef": (600, 0), "sign": (600, 0)})
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": "Tablet", "styleName": "Regular"})
    font.setupOS2(sTypoAscender=800, sTypoDescender=-200)
    font.setupPost()
    font.save(tmp_path / "tablet.ttf")
    return tmp_path / "tablet.ttf"


def test_plain_letters_need_nothing_more() -> None:
    assert families(["Al-Qusayr", "القصير", "Часів Яр", "Kobanê"]) == (FAMILY,)


def test_a_font_by_its_file_comes_first_and_has_its_letters(boxes: Path) -> None:
    assert families([f"Ur {NOBODY_HAS}"], str(boxes)) == ("Tablet", FAMILY)


def test_a_font_of_the_machine_is_found_by_the_letters_it_has(boxes: Path) -> None:
    fontManager.addfont(str(boxes))
    assert families([NOBODY_HAS]) == (FAMILY, "Tablet")


@pytest.mark.parametrize("name", ["DejaVu Sanz", "none.ttf"])
def test_a_font_that_is_not_there_is_told(name: str) -> None:
    with pytest.raises(FontError, match=name):
        families([], name)


def test_letters_that_nobody_has_are_told_once_by_their_script_and_nothing_else_is(tmp_path: Path) -> None:
    theatre = toys.line()
    strange = replace(theatre, places=tuple(replace(place, name=NOBODY_HAS * 3) for place in theatre.places))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        qsim.render(toys.replayed(strange), tmp_path / "x.png")
    assert [each.category for each in told] == [FontWarning]
    assert "Cuneiform" in str(told[0].message)


def test_a_picture_with_the_font_has_no_warning(boxes: Path, tmp_path: Path) -> None:
    theatre = toys.line()
    strange = replace(theatre, places=tuple(replace(place, name=NOBODY_HAS) for place in theatre.places))
    qsim.render(toys.replayed(strange), tmp_path / "x.svg", font=str(boxes))
    assert "Tablet" in (tmp_path / "x.svg").read_text(encoding="utf-8")


KOBANI = Place("kobani", "Kobanî", 38.35, 36.89, name_ar="عين العرب", local_names={"ku": "Kobanê", "tr": "Ayn el-Arap"})


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "Kobanî"),
        ({"names": "ar"}, "عين العرب"),
        ({"language": "ku"}, "Kobanê"),
        ({"language": "tr", "names": "both"}, "Kobanî\nAyn el-Arap"),
        ({"language": "hy"}, "Kobanî"),
    ],
)
def test_a_place_bears_the_name_of_the_language(options: dict[str, str], expected: str) -> None:
    assert shown_name(KOBANI, look(**options)) == expected  # type: ignore[arg-type]


def test_names_in_two_languages_at_once_are_refused() -> None:
    with pytest.raises(LookError, match="expected one of them"):
        look(names="ar", language="ku")


def test_what_has_to_be_written_is_asked_in_the_language_shown() -> None:
    theatre = toys.line()
    timeline = toys.replayed(replace(theatre, places=(replace(KOBANI, id="a"), *theatre.places[1:])))
    assert "Kobanê" in texts([timeline], "ku")
    assert "Kobanê" not in texts([timeline], "ar")


def test_a_language_in_which_no_place_has_a_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(render.RenderError, match="no place has a name"):
        qsim.render(toys.replayed(toys.line()), tmp_path / "x.png", language="ku")


def figure_of(words: str) -> Figure:
    figure = Figure(figsize=(3, 1))
    figure.text(0.1, 0.5, words)
    return figure


def test_a_chart_takes_the_fonts_it_needs_and_its_text_stays_text_in_a_pdf(boxes: Path, tmp_path: Path) -> None:
    fontManager.addfont(str(boxes))
    write_chart(tmp_path / "x.svg", lambda: figure_of(f"Ur {NOBODY_HAS}"))
    assert "Tablet" in (tmp_path / "x.svg").read_text(encoding="utf-8")
    write_chart(tmp_path / "x.pdf", lambda: figure_of("Ur"))
    content = (tmp_path / "x.pdf").read_bytes()
    assert b"/CIDFontType2" in content
    assert b"/Type3" not in content


@pytest.mark.parametrize("name", ["x.jpg", "x.xyz"])
def test_an_unknown_suffix_says_which_are_known(name: str, tmp_path: Path) -> None:
    with pytest.raises(render.RenderError, match="unknown suffix.*expected one of .gif"):
        qsim.render(toys.replayed(toys.line()), tmp_path / name)
