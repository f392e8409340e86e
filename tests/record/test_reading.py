"""Files as people have them: whatever spreadsheets and map programs write by default is read, and what is read is the same."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import qsim
from qsim.record.problems import problems_text
from qsim.record.scenario import check, explain


@pytest.fixture
def valley(tmp_path: Path) -> Path:
    """Return a small sound scenario that a test may change."""
    return qsim.new(tmp_path / "valley")


def changed(path: Path, change: Callable[[str], str]) -> None:
    path.write_bytes(change(path.read_text(encoding="utf-8")).encode())


def places_changed(folder: Path, change: Callable[[list[dict[str, Any]]], None]) -> None:
    data = json.loads((folder / "places.geojson").read_text(encoding="utf-8"))
    change(data["features"])
    (folder / "places.geojson").write_text(json.dumps(data), encoding="utf-8")


def notices(folder: Path) -> str:
    return problems_text(each for each in explain(folder) if each.level == "notice")


TABLES = ("claims.csv", "links.csv", "groups.csv", "sources.csv")
EVERYWHERE: dict[str, Callable[[str], str]] = {
    "byte order mark": lambda text: "\ufeff" + text,
    "Windows lines": lambda text: text.replace("\n", "\r\n"),
    "old Mac lines": lambda text: text.replace("\n", "\r"),
    "blank rows": lambda text: text + ",,,,\n  ,  ,\n\n\n",
    "blank columns": lambda text: "".join(line + ",,\n" for line in text.splitlines()),
    "no-break spaces": lambda text: text.replace(",source,", ",\u00a0source ,").replace(",mossford,", ",mossford\u00a0,"),
    "tabs": lambda text: retold(text, "\t"),
    "semicolons": lambda text: retold(text, ";"),
    "semicolons, and Excel's word for them": lambda text: "sep=;\n" + retold(text, ";"),
}


def retold(text: str, separator: str) -> str:
    """Return a table as a spreadsheet saves it where a comma is the decimal mark."""
    import csv
    import io

    out = io.StringIO()
    rows = list(csv.reader(io.StringIO(text)))
    decimal = [[cell.replace(".", ",") if cell.replace(".", "").isdigit() else cell for cell in row] for row in rows]
    csv.writer(out, delimiter=separator).writerows(decimal)
    return out.getvalue()


@pytest.mark.parametrize("how", EVERYWHERE)
def test_what_spreadsheets_write_is_read_in_silence_and_means_the_same(how: str, valley: Path, tmp_path: Path) -> None:
    plain = qsim.load(qsim.new(tmp_path / "plain"))
    for file in TABLES:
        changed(valley / file, EVERYWHERE[how])
    theatre, ledger = qsim.load(valley)
    assert ledger.claims == plain[1].claims
    assert theatre.links == plain[0].links
    assert not notices(valley)


def test_utf16_as_excel_calls_unicode_text_is_read(valley: Path) -> None:
    text = retold((valley / "claims.csv").read_text(encoding="utf-8"), "\t")
    (valley / "claims.csv").write_bytes(text.encode("utf-16"))
    assert len(qsim.load(valley)[1]) == 8


def test_a_windows_checkout_loads(valley: Path) -> None:
    for path in valley.rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    theatre, _ = qsim.load(valley)
    assert not any("\r" in line for document in theatre.documents.values() for line in document.lines)


def test_columns_stand_in_any_order_and_only_what_is_needed_must_be_there(valley: Path) -> None:
    (valley / "claims.csv").write_text(
        "source,day,who,what,where\nThe reporter (narration),2090-05-03,The North,captured,Mossford\n", encoding="utf-8"
    )
    (claim,) = qsim.load(valley)[1].claims
    assert (claim.place, claim.kind, claim.side, claim.source, claim.confidence) == ("mossford", "takes", "north", "reporter", "stated")
    assert claim.id == "20900503-mossford-takes-reporter"
    assert "the column 'who' is read as 'side'" in problems_text(explain(valley))


def test_an_extra_column_is_told_once_and_kept_nowhere(valley: Path) -> None:
    changed(valley / "claims.csv", lambda text: "".join(line + ",x\n" for line in text.splitlines()).replace("note,x", "note,mood", 1))
    qsim.load(valley)
    assert notices(valley) == "claims.csv:\n  not read: the column mood"


def test_equal_problems_are_one_line(valley: Path) -> None:
    row = "c{n},mossford,holds,nobody,,,,,,,,,2090-05-01,,,reporter,,,,,\n"
    changed(valley / "claims.csv", lambda text: text + "".join(row.format(n=n) for n in range(1194)))
    assert "row 10, 11, 12 and 1,191 more".replace("row ", "rows ") + ", side: unknown side 'nobody'" in problems_text(qsim.check(valley))


def test_a_number_that_can_be_two_is_asked_about(valley: Path) -> None:
    changed(valley / "links.csv", lambda text: text.replace("16.92", '"16,924"'))
    assert "'16,924' can be 16924 or 16.924" in problems_text(qsim.check(valley))


@pytest.mark.parametrize("variants", ["Low Mead,Lowmeade", '["Low Mead", "Lowmeade"]', "(2:Low Mead,Lowmeade)", ["Low Mead", "Lowmeade"]])
def test_lists_are_read_however_a_map_program_flattens_them(variants: Any, valley: Path) -> None:
    places_changed(valley, lambda features: features[2]["properties"].update(variants=variants))
    assert qsim.load(valley)[0].place("Lowmeade").id == "lowmead"


def test_what_a_geopackage_makes_of_places_is_read(valley: Path) -> None:
    def flattened(features: list[dict[str, Any]]) -> None:
        for fid, feature in enumerate(features):
            feature.pop("id")
            feature["properties"] |= {"fid": fid, "gateway": int(feature["properties"]["gateway"])}
            feature["geometry"]["coordinates"].append(0.0)

    places_changed(valley, flattened)
    theatre, _ = qsim.load(valley)
    assert theatre.place("east_gate").gateway
    assert notices(valley).count("fid") == 1


def test_a_place_needs_a_name_and_a_point_alone(valley: Path) -> None:
    def bare(features: list[dict[str, Any]]) -> None:
        features[2]["properties"] = {"name": "Lowmead"}

    places_changed(valley, bare)
    place = qsim.load(valley)[0].place("lowmead")
    assert (place.kind, place.basis, place.precision_km, place.licence) == ("village", "estimated", 2.0, "not stated")
    assert "kind is taken to be village" in problems_text(explain(valley))


def test_places_may_be_a_table(valley: Path) -> None:
    (valley / "places.geojson").unlink()
    rows = ["name,latitude,longitude,kind"]
    rows += ["Mossford,0.08,0.1,town", "Alder Hill,0.115,0.05,hill", "Lowmead,0.05,0.15,village"]
    rows += ["East Gate,0.09,0.3,gateway", "West Gate,0.09,-0.1,gateway"]
    (valley / "places.csv").write_text("\n".join(rows), encoding="utf-8")
    theatre, _ = qsim.load(valley)
    assert [place.id for place in theatre.places] == ["mossford", "alder_hill", "lowmead", "east_gate", "west_gate"]
    assert theatre.place("east_gate").gateway


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_table_of_places_has_names_by_language_too(tmp_path: Path, kind: str) -> None:
    rows = [
        ["name", "lon", "lat", "name_ku", "Name_UK"],
        ["Altdorf", "8.64", "46.88", "Gundê Kevn", ""],
        ["Brunnen", "8.6", "46.99", "", "Колодязі"],
    ]
    if kind == "csv":
        (tmp_path / "places.csv").write_text("\n".join(map(",".join, rows)), encoding="utf-8")
    else:
        arrow = pytest.importorskip("pyarrow")
        table = arrow.table(dict(zip(rows[0], zip(*rows[1:], strict=True), strict=True)))
        pytest.importorskip("pyarrow.parquet").write_table(table, tmp_path / "places.parquet")
    said = "place,what,who,day,source\nGundê Kevn,holds,Uri,1798-05-01,a letter\nКолодязі,holds,Schwyz men,1798-05-02,a letter\n"
    (tmp_path / "claims.csv").write_text(said, encoding="utf-8")
    assert not check(tmp_path)
    assert "not read" not in problems_text(explain(tmp_path))
    theatre, ledger = qsim.load(tmp_path)
    assert [dict(place.local_names) for place in theatre.places] == [{"ku": "Gundê Kevn"}, {"uk": "Колодязі"}]
    assert [claim.place for claim in ledger.claims] == ["altdorf", "brunnen"]


def test_places_and_claims_are_enough(tmp_path: Path) -> None:
    folder = tmp_path / "two_tables"
    folder.mkdir()
    (folder / "places.csv").write_text("name;lon;lat\nAltdorf;8,64;46,88\nBrunnen;8,60;46,99\nSchwyz;8,65;47,02\n", encoding="utf-8")
    said = "place;what;who;day;source\nAltdorf;holds;Uri;1798-05-01;a letter\nSchwyz;holds;Schwyz men;1798-05-02;a letter\n"
    (folder / "claims.csv").write_text(said, encoding="utf-8")
    theatre, ledger = qsim.load(folder)
    assert [side.id for side in theatre.sides] == ["uri", "schwyz_men"]
    assert {frozenset((link.a, link.b)) for link in theatre.links} == {frozenset(("altdorf", "brunnen")), frozenset(("brunnen", "schwyz"))}
    assert all(link.basis == "estimated" and link.length_km > 3 for link in theatre.links)
    assert (ledger.claims[0].source, ledger.sources["a_letter"].kind) == ("a_letter", "unspecified")
    timeline = qsim.reconstruct(theatre, ledger, start="1798-05-01", end="1798-05-03", policy="last_claim")
    assert timeline.at("1798-05-02").most_likely("schwyz") == "schwyz_men"


def test_a_table_under_nearly_its_name_is_told(valley: Path) -> None:
    (valley / "links.csv").rename(valley / "link.csv")
    (valley / "places.csv").write_text("name,lon,lat\n", encoding="utf-8")
    assert "link.csv is not read; did you mean 'links.csv'?" in notices(valley)
    assert "places.csv is not read, since there is a places.geojson" in notices(valley)
