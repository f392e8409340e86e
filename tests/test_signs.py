"""Signs that move a terminal, turn words round or hide are shown as what they are, wherever they come from; formulas and XML are inert."""

import csv
import io
import re
import xml.dom.minidom
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from typer.testing import CliRunner

import qsim
from qsim.belief.timeline import Timeline
from qsim.cli.app import app
from qsim.exchange.export import FORMATS, export
from qsim.exchange.extras import ExportError
from qsim.geography import tables
from qsim.record.casualties import casualties_text
from qsim.record.conflicts_text import conflicts_text
from qsim.record.files import TextError, standard_output
from qsim.record.reading import read_table
from qsim.record.rows import rows_of, with_rows
from qsim.record.signs import inert, spoken
from qsim.terminal.listing import list_text
from qsim.terminal.prompt import obey
from qsim.terminal.story import told
from qsim.terminal.text import progress, replay_text, why_text

SIGNS = "\x1b[2J\x1b[8m\x1b]0;title\x07\x9b\u202e\u2066\u200b\ufeff\x00"


def marked(text: str) -> str:
    return f"=1+1 {text}{SIGNS}"


@pytest.fixture(scope="module")
def hostile() -> Timeline:
    """Return a belief of objects made in Python, which no check has read."""
    theatre, ledger = qsim.load("example")
    theatre = replace(
        theatre,
        title=marked(theatre.title),
        places=tuple(replace(place, name=marked(place.name)) for place in theatre.places),
        sides=tuple(replace(side, name=marked(side.name)) for side in theatre.sides),
    )
    sources = {id: replace(source, name=marked(source.name)) for id, source in ledger.sources.items()}
    claims = tuple(replace(claim, note=marked(claim.note)) for claim in ledger.claims)
    return qsim.reconstruct(theatre, replace(ledger, sources=sources, claims=claims), policy="vote")


def test_no_text_moves_a_terminal_or_hides_words(hostile: Timeline) -> None:
    theatre, ledger = hostile.theatre, hostile.ledger
    assert ledger is not None
    heard = tables.witnesses(hostile, "tarnby", "league")
    why = qsim.why(hostile, "tarnby", "2091-03-11")
    texts = {
        "map": str(hostile.at("2091-03-11")),
        "replay": str(qsim.Replay(hostile).goto("2091-03-09")),
        "replay without colours": replay_text(qsim.Replay(hostile), colour="none"),
        "replay with colours": replay_text(qsim.Replay(hostile), colour="256"),
        "why": str(why),
        "why with colours": why_text(why, colour="16"),
        "conflicts": conflicts_text(theatre, ledger, qsim.conflicts(theatre, ledger)),
        "casualties": casualties_text(theatre, qsim.casualties(theatre, ledger)),
        "metrics": tables.metrics_table(hostile, heard, "tarnby", "league", rows=tables.metrics_by_day(hostile, heard, "tarnby", "league")),
        "enclosure": tables.enclosure_table(hostile, heard, "tarnby", "league"),
        "told": told(ledger, ledger.claims[0]),
        "places": list_text(theatre, ledger, "places"),
        "prompt": obey(qsim.Replay(hostile), "p") or "",
        "objects": repr((theatre, ledger, theatre.places, ledger.claims[0], hostile)),
    }
    for what, text in texts.items():
        assert not set("\x07\x9b\u202e\u2066\u200b\ufeff\x00") & set(text), what
        assert not {"\x1b[2J", "\x1b[8m"} & set(re.findall("\x1b.*?[A-Za-z]", text)), what
        assert "\x1b]" not in text, what
        if "with colours" not in what:
            assert "\x1b" not in text.replace("\x1b[1m", "").replace("\x1b[22m", ""), what


def test_a_document_of_a_stranger_shows_its_signs(tmp_path: Path) -> None:
    folder = qsim.new(tmp_path / "valley")
    report = folder / "documents" / "report.txt"
    report.write_text(report.read_text(encoding="utf-8").replace("the ", f"the {SIGNS}"), encoding="utf-8")
    assert qsim.check(folder) == []
    theatre, ledger = qsim.load(folder)
    told = str(qsim.why(qsim.reconstruct(theatre, ledger, policy="vote"), "mossford", "2090-05-10"))
    assert not set(SIGNS) & set(told) - set("[2J8m]0;title")
    assert "\\x1b" in told


def test_a_picture_is_xml_whatever_its_words(hostile: Timeline, tmp_path: Path) -> None:
    path = tmp_path / "map.svg"
    qsim.render(hostile, path, day="2091-03-11", size=(960, 600), title="a & <b>\x00\x1b\uffff")
    assert "a & <b>" in xml.dom.minidom.parse(str(path)).getElementsByTagName("title")[0].firstChild.data  # type: ignore[union-attr]


def test_no_cell_is_a_formula(hostile: Timeline, tmp_path: Path) -> None:
    export(hostile, tmp_path / "belief.csv")
    export(hostile, tmp_path / "all.datapackage")
    tables = {path.name: cells_of(path) for path in (tmp_path / "belief.csv", *(tmp_path / "all.datapackage").glob("*.csv"))}
    assert {row["name"][:3] for row in tables["places.csv"]} == {row["note"][:3] for row in tables["claims.csv"]} == {"'=1"}
    cells = {cell for rows in tables.values() for row in rows for cell in row.values()}
    assert {cell for cell in cells if cell.startswith(("=", "+", "@", "-"))} <= {
        cell for cell in cells if cell.lstrip("-.0123456789") == ""
    }


def cells_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


TEXTS = st.text(max_size=3) | st.builds(
    "".join, st.lists(st.sampled_from(["'", "=", "+", "-", "@", "\t", "\n", "＝", "1", "a"]), max_size=5)
)


@given(TEXTS)
@example("'-3")
@example("-3")
def test_what_is_made_inert_is_no_formula_and_is_read_back(text: str) -> None:
    cell = inert(text)
    assert cell == text or cell[0] == "'"
    assert not cell.startswith(tuple("=@\t\r\n＝＋－＠"))
    assert cell[:1] not in ("+", "-") or float(cell.replace(",", ".")) == float(text.replace(",", "."))
    assert spoken(cell) == text


@pytest.mark.parametrize("note", ['=HYPERLINK("https://x.org","a")', "-- nothing is said", "@press", "'=1", "-3", "'tis so"])
def test_words_like_formulas_go_through_every_csv_file(note: str, tmp_path: Path) -> None:
    folder = qsim.new(tmp_path / "valley")
    path = folder / "claims.csv"
    row = {**rows_of(path.read_bytes(), "claims")[0], "id": "mine", "note": note}
    path.write_bytes(with_rows(path.read_bytes(), "claims", [row]))
    theatre, ledger = qsim.load(folder)
    export(qsim.reconstruct(theatre, ledger, policy="vote"), tmp_path / "all.datapackage")
    again = read_table(tmp_path / "all.datapackage" / "claims.csv")
    assert ledger["mine"].note == note == rows_of(path.read_bytes(), "claims")[-1]["note"]
    assert again.columns is not None
    assert again.columns[len(ledger) - 1][1]["note"] == note


def test_the_command_line_says_no_sign_of_a_file_name(tmp_path: Path) -> None:
    folder = qsim.new(tmp_path / "valley\x1b[8m")
    done = CliRunner().invoke(app, ["check", str(folder)])
    assert (done.exit_code, "\x1b" in done.output) == (0, False)
    assert "\\x1b[8m is sound" in done.output


def test_a_line_of_progress_takes_no_word_for_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rich.console.Console.is_terminal", True)
    with progress("The [/bold] of [red]") as told:
        told("step [/]")


@pytest.mark.parametrize("where", ["name", "title", "telling", "chapter"])
def test_half_a_letter_is_refused_where_it_would_be_drawn(where: str, tmp_path: Path) -> None:
    theatre, ledger = qsim.load("example")
    if where == "name":
        theatre = replace(theatre, places=tuple(replace(place, name=place.name + "\ud800") for place in theatre.places))
    timeline = qsim.reconstruct(theatre, ledger, policy="vote", start="2091-03-08", end="2091-03-09")
    drawn: dict[str, Timeline] | Timeline = {"a\ud800": timeline, "b": timeline} if where == "telling" else timeline
    options = {"title": {"title": "\ud800"}, "chapter": {"chapters": {"2091-03-08": "\ud800"}}}.get(where, {})
    with pytest.raises(ValueError, match="half of a letter"):
        qsim.render(drawn, tmp_path / "film.gif", size=(640, 400), **options)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"kml", "graphml", "zarr", "prov"}))
def test_half_a_letter_is_refused_where_no_file_can_hold_it(name: str, tmp_path: Path) -> None:
    with pytest.raises((TextError, ExportError), match="half of a letter|a control character"):
        export(told_with("\ud800", "place"), tmp_path / f"made{FORMATS[name][0]}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["datapackage", "prov", "timeline", "xlsx"])
def test_so_it_is_in_the_words_of_a_claim(name: str, tmp_path: Path) -> None:
    with pytest.raises((TextError, ExportError), match="half of a letter|a control character"):
        export(told_with("\ud800", "note"), tmp_path / f"made{FORMATS[name][0]}")
    assert not list(tmp_path.iterdir())


def told_with(sign: str, of: str) -> Timeline:
    """Return three days of a belief of objects made in Python, with a sign in every name of a place, or in every note."""
    theatre, ledger = qsim.load("example")
    if of == "place":
        theatre = replace(theatre, places=tuple(replace(place, name=place.name + sign) for place in theatre.places))
    else:
        ledger = replace(ledger, claims=tuple(replace(claim, note=claim.note + sign) for claim in ledger.claims))
    return qsim.reconstruct(theatre, ledger, policy="last_claim", start="2091-03-08", end="2091-03-10")


@pytest.mark.parametrize("suffix", [".kml", ".graphml", ".svg"])
def test_xml_is_valid_whatever_a_name_holds(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"made{suffix}"
    timeline = told_with("\x00\x0b\ufffe\uffff<&", "place")
    qsim.render(timeline, path, size=(640, 400)) if suffix == ".svg" else export(timeline, path)
    xml.dom.minidom.parseString(path.read_bytes())
    assert "Tarnby\ufffd\ufffd\ufffd\ufffd&lt;&amp;" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("sign", ["\x0b", "\ud800", "\uffff"])
def test_a_workbook_with_what_it_cannot_hold_is_refused_with_the_cell(sign: str, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="sheet places, row 2, name holds a control character"):
        export(told_with(sign, "place"), tmp_path / "made.xlsx")
    assert not list(tmp_path.iterdir())


class Pipe(io.TextIOWrapper):
    """A standard output that is no terminal, or one that is."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__(io.BytesIO(), encoding="latin-1", errors="strict", newline="\r\n")
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal

    def held(self) -> bytes:
        self.flush()
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue()


def test_data_go_into_a_pipe_as_they_are_and_are_shown_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    data = "name\nأ\u200fب\u202e\n"
    for terminal, held in ((False, data.encode()), (True, b"name\r\n??\\u200f")):
        out = Pipe(terminal=terminal)
        monkeypatch.setattr("sys.stdout", out)
        with standard_output() as file:
            file.write(data if not terminal else "name\n??\u200f")
        assert out.held() == held


def test_half_a_letter_is_refused_by_the_standard_output_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", Pipe(terminal=False))
    with pytest.raises(TextError, match="half of a letter"):
        export(told_with("\ud800", "place"), "-", format="csv")


def test_places_are_written_into_a_pipe_with_all_their_signs(tmp_path: Path) -> None:
    name = "Moss\u200eford"
    (tmp_path / "points.csv").write_text(f"name,lon,lat\n{name},0.1,0.1\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["places", name, "--gazetteer", str(tmp_path / "points.csv")])
    assert done.exit_code == 0, done.output
    assert f"\n{name},0.10000,0.10000," in done.stdout
