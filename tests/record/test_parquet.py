"""A table as Parquet is the same table as CSV: the same record, and the same words for the same row where something is wrong."""

import json
import shutil
from pathlib import Path

import pytest

import qsim
from qsim.record.scenario import ScenarioError, bundled, explain, locate

pandas = pytest.importorskip("pandas")
pytest.importorskip("pyarrow")
TABLES = ("claims", "links", "groups", "sources")


def as_parquet(folder: Path, *, typed: bool = False) -> None:
    """Turn the tables of a folder into Parquet, as text, or numbers and few words by their own types."""
    for path in (folder / f"{name}.csv" for name in TABLES):
        frame = pandas.read_csv(path, dtype=None if typed else str, keep_default_na=typed)
        if typed:
            frame = frame.convert_dtypes().astype({name: "category" for name in ("kind", "source", "side") if name in frame})
        frame.to_parquet(path.with_suffix(".parquet"), index=False)
        path.unlink()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return qsim.new(tmp_path / "valley")


@pytest.mark.parametrize("typed", [False, True])
@pytest.mark.parametrize("name", bundled())
def test_the_record_is_the_same(name: str, typed: bool, tmp_path: Path) -> None:
    folder = tmp_path / "scenarios" / name
    shutil.copytree(locate(name), folder)
    shutil.copytree(locate(name).parent.parent / "seeds", tmp_path / "seeds")
    as_parquet(folder, typed=typed)
    theatre, ledger = qsim.load(folder)
    as_csv, told = qsim.load(name)
    assert ledger == told
    assert [claim.row for claim in ledger] == [claim.row for claim in told]
    assert (theatre.places, theatre.links, theatre.groups) == (as_csv.places, as_csv.links, as_csv.groups)


def test_problems_are_told_in_the_same_words_of_the_same_rows(folder: Path) -> None:
    path = folder / "claims.csv"
    header, first, *rest = path.read_text(encoding="utf-8").splitlines()
    wrong = first.replace("holds", "hods").replace("takes", "tkes").replace("contests", "cntests")
    path.write_text("\n".join([header, *rest, wrong, "", wrong.replace("20", "2x")]) + "\n", encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").replace("\n\n", "\n"), encoding="utf-8")
    as_csv = [(each.row, each.column, each.what) for each in qsim.check(folder)]
    as_parquet(folder)
    assert as_csv
    assert [(each.row, each.column, each.what) for each in qsim.check(folder)] == as_csv
    assert {each.file for each in qsim.check(folder)} == {"claims.parquet"}


def test_csv_goes_before_parquet_and_that_is_said(folder: Path) -> None:
    pandas.DataFrame({"nothing": ["of use"]}).to_parquet(folder / "claims.parquet")
    assert qsim.check(folder) == []
    assert any("claims.parquet is not read" in each.what for each in explain(folder))


def test_a_damaged_file_is_a_problem_of_it(folder: Path) -> None:
    (folder / "claims.csv").unlink()
    (folder / "claims.parquet").write_bytes(b"PAR1 and nothing else")
    with pytest.raises(ScenarioError, match="claims.parquet has 1 problem\n  not a Parquet file"):
        qsim.load(folder)


def test_lists_and_blanks_are_read(folder: Path) -> None:
    as_parquet(folder)
    path = folder / "groups.parquet"
    frame = pandas.read_parquet(path)
    before = qsim.load(folder)[0].groups
    frame["members"] = [text.split(";") for text in frame["members"]]
    frame.assign(note=None).to_parquet(path, index=False)
    assert [group.members for group in qsim.load(folder)[0].groups] == [group.members for group in before]


def _as_geoparquet(folder: Path, *, crs: str = "EPSG:4326") -> None:
    """Turn the places of a folder into GeoParquet, as geopandas writes it."""
    geopandas = pytest.importorskip("geopandas")
    path = folder / "places.geojson"
    frame = geopandas.GeoDataFrame.from_features(json.loads(path.read_text(encoding="utf-8")), crs="EPSG:4326")
    frame.to_crs(crs).to_parquet(folder / "places.parquet")
    path.unlink()


@pytest.mark.parametrize("name", ["example", "kobani"])
def test_places_of_geoparquet_are_the_same(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "scenarios" / name
    shutil.copytree(locate(name), folder)
    shutil.copytree(locate(name).parent.parent / "seeds", tmp_path / "seeds")
    _as_geoparquet(folder)
    assert qsim.load(folder)[0].places == qsim.load(name)[0].places


def test_points_of_geoparquet_are_lon_and_lat(folder: Path) -> None:
    places = qsim.load(folder)[0].places
    assert all(place.parent is None for place in places)
    _as_geoparquet(folder)
    assert qsim.load(folder)[0].places == places


def test_geoparquet_in_metres_is_told(folder: Path) -> None:
    _as_geoparquet(folder, crs="EPSG:3857")
    assert [each.what for each in qsim.check(folder) if "EPSG:3857" in each.what] == [
        "the coordinates are of EPSG:3857; expected longitude and latitude in degrees, WGS 84 (EPSG:4326)"
    ]
