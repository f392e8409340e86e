"""A picture of the ground in a scenario: read with its bounds, refused with the remedy where it cannot be shown."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import qsim
from qsim.exchange.export import export
from qsim.exchange.workbook import sheets
from qsim.record.drop_downs import write_sheets
from qsim.record.new import new
from qsim.record.picture import MOST_BYTES


def a_picture(kind: str = "PNG") -> bytes:
    """Return a grey picture of two by two pixels."""
    buffer = io.BytesIO()
    Image.new("L", (2, 2), 128).save(buffer, kind)
    return buffer.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small scenario."""
    new(tmp_path / "mine")
    return tmp_path / "mine"


def given(folder: Path, *lines: str) -> Path:
    """Write lines at the head of a scenario's settings; return the folder."""
    path = folder / "scenario.toml"
    path.write_text("\n".join([*lines, path.read_text(encoding="utf-8")]), encoding="utf-8")
    return folder


def bounds(folder: Path) -> str:
    west, south, east, north = qsim.load(folder)[0].frame
    return f"picture_bounds = [{west - 0.1}, {south}, {east}, {north}]"


@pytest.mark.parametrize(("kind", "name"), [("PNG", "png"), ("JPEG", "jpeg"), ("WEBP", "webp")])
def test_a_picture_is_read_with_its_bounds_and_credit(folder: Path, kind: str, name: str) -> None:
    (folder / "backdrop.img").write_bytes(a_picture(kind))
    given(folder, 'picture = "backdrop.img"', bounds(folder), 'picture_credit = "Nobody, CC0"')
    picture = qsim.load(folder)[0].picture
    assert picture is not None
    assert (picture.kind, picture.data, picture.credit) == (name, a_picture(kind), "Nobody, CC0")
    west, south, east, north = qsim.load(folder)[0].frame
    assert picture.bounds == pytest.approx((west - 0.1, south, east, north))


def test_a_scenario_does_without(folder: Path) -> None:
    assert qsim.load(folder)[0].picture is None


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (['picture = "none.png"', "BOUNDS"], "there is no picture 'none.png'"),
        (['picture = "../outside.png"', "BOUNDS"], "lies outside the scenario's folder"),
        (['picture = "backdrop.png"'], "has no bounds; expected picture_bounds = [west, south, east, north]"),
        (['picture = "backdrop.png"', "picture_bounds = [1, 2, 3]"], "picture_bounds [1, 2, 3] is not [west, south, east, north]"),
        (['picture = "backdrop.png"', "picture_bounds = [1, 2, 0, 3]"], "is not [west, south, east, north]"),
        (['picture = "backdrop.png"', "picture_bounds = [-60.0, -20.0, -59.0, -19.0]"], "lie beside the frame"),
        (['picture = "text.png"', "BOUNDS"], "is no PNG, JPEG or WebP"),
        (['picture = "large.png"', "BOUNDS"], "is larger than 8 MB"),
        (["BOUNDS"], "there are picture_bounds and no picture"),
    ],
)
def test_what_cannot_be_shown_is_told_with_the_remedy(folder: Path, lines: list[str], told: str) -> None:
    (folder / "backdrop.png").write_bytes(a_picture())
    (folder.parent / "outside.png").write_bytes(a_picture())
    (folder / "text.png").write_text("no picture", encoding="utf-8")
    (folder / "large.png").write_bytes(a_picture() + bytes(MOST_BYTES))
    where = bounds(folder)
    given(folder, *(where if line == "BOUNDS" else line for line in lines))
    with pytest.raises(qsim.ScenarioError) as error:
        qsim.load(folder)
    assert told in str(error.value)


@pytest.mark.parametrize("name", ["valley.xlsx", "valley.qsim"])
def test_it_goes_along_into_a_workbook_and_a_saved_timeline(folder: Path, tmp_path: Path, name: str) -> None:
    noise, buffer = np.random.default_rng(7).integers(0, 256, (300, 400), dtype=np.uint8), io.BytesIO()
    Image.fromarray(noise).save(buffer, "PNG")  # more than a cell of a workbook holds
    (folder / "backdrop.png").write_bytes(buffer.getvalue())
    given(folder, 'picture = "backdrop.png"', bounds(folder), 'picture_credit = "Nobody, CC0"')
    theatre, ledger = qsim.load(folder)
    export(qsim.reconstruct(theatre, ledger), made := tmp_path / name)
    again = qsim.Timeline.load(made).theatre if name.endswith(".qsim") else qsim.load(made)[0]
    assert again == theatre
    assert again.picture == theatre.picture is not None


@pytest.mark.parametrize(
    ("sheet", "told"),
    [
        ([["part", "data"], ["1", "no base64!"]], "not base64"),
        ([["part", "data"], ["1", "aGVsbG8="]], "no PNG, JPEG or WebP"),
        (None, "a sheet 'picture'"),
    ],
)
def test_a_workbook_whose_picture_cannot_be_read_says_so(folder: Path, tmp_path: Path, sheet: list[list[str]] | None, told: str) -> None:
    (folder / "backdrop.png").write_bytes(a_picture())
    given(folder, 'picture = "backdrop.png"', bounds(folder))
    found = sheets(*qsim.load(folder))
    found |= {"picture": sheet} if sheet else {}
    write_sheets(tmp_path / "mine.xlsx", {name: rows for name, rows in found.items() if sheet or name != "picture"})
    with pytest.raises(ValueError, match=told):
        qsim.load(tmp_path / "mine.xlsx")
