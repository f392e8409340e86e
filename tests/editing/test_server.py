"""The server of the page: who is refused, what is answered, and that nothing that is refused is done."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

import qsim
from qsim.cli.app import command
from qsim.editing import view
from qsim.editing.edits import digest
from qsim.editing.server import Editor
from qsim.record.documents import quote
from qsim.record.scenario import ScenarioError

ROW = {"place": "lowmead", "kind": "holds", "side": "south", "start": "2090-05-06", "source": "reporter"}


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Editor]:
    with Editor(qsim.record.new.new(tmp_path / "valley"), policy="last_claim") as made:
        thread = Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def asked(
    editor: Editor, method: str, name: str, body: Any = None, token: str | None = None, **headers: str | None
) -> tuple[HTTPResponse, bytes]:
    """Ask as the page does, but for the headers given; those given as None are not sent."""
    data = b"" if body is None else json.dumps(body).encode()
    origin = f"http://{editor.host}" if method == "POST" else None
    given = {"Host": editor.host, "Origin": origin, "Content-Length": str(len(data)), **headers}
    connection = HTTPConnection(editor.host)
    connection.putrequest(method, f"/{editor.token if token is None else token}/{name}", skip_host=True)
    for header, value in given.items():
        if value is not None:
            connection.putheader(header, value)
    connection.endheaders(data)
    answer = connection.getresponse()
    found = answer.read()
    connection.close()
    return answer, found


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": "guess"},
        {"token": ""},
        {"token": "%C3%A9"},
        {"Host": "qsim.example.org"},
        {"Host": "localhost"},
        {"Host": None},
        {"Origin": "https://example.org"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1"},
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_who_asks_from_elsewhere_is_refused(editor: Editor, method: str, wrong: dict[str, Any]) -> None:
    before = digest(editor.folder / "claims.csv")
    name, body = ("editing/state", None) if method == "GET" else ("editing/claim", {"row": ROW, "seen": {"claims": before}})
    answer, found = asked(editor, method, name, body, **wrong)
    assert answer.status == 403
    assert json.loads(found)["wrong"].startswith("refused: ")
    assert digest(editor.folder / "claims.csv") == before


def test_what_changes_something_must_say_where_it_comes_from(editor: Editor) -> None:
    seen = digest(editor.folder / "claims.csv")
    assert asked(editor, "POST", "editing/claim", {"row": ROW, "seen": {"claims": seen}}, Origin=None)[0].status == 403
    assert asked(editor, "POST", "editing/claim", {"row": ROW, "seen": {"claims": seen}})[0].status == 200
    answer, found = asked(editor, "POST", "editing/claim", {"row": ROW, "seen": {"claims": seen}})
    assert (answer.status, "changed by another program" in json.loads(found)["wrong"]) == (409, True)


def test_every_answer_forbids_the_network_and_the_page_is_served(editor: Editor) -> None:
    for name, kind in (("", "text/html"), ("edit.js", "text/javascript"), ("map.js", "text/javascript"), ("edit.css", "text/css")):
        answer, found = asked(editor, "GET", f"editing/{name}")
        assert (answer.status, answer.headers.get_content_type(), len(found) > 500) == (200, kind, True)
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
        assert "://" not in found.decode().replace("http://www.w3.org/2000/svg", "")
    assert editor.server_address[0] == "127.0.0.1"
    assert asked(editor, "GET", "editing/../server.py")[0].status == 404
    assert asked(editor, "GET", "")[0].status == 404


@pytest.mark.parametrize(
    ("name", "body", "status", "words"),
    [
        ("editing/try", {"row": ROW}, 200, ""),
        ("editing/try", {"row": ROW | {"place": "lowmed"}}, 422, "did you mean 'lowmead'?"),
        ("editing/claim", {"row": ROW}, 400, "not a request"),
        ("editing/claim", [ROW], 400, "not a request"),
        ("editing/sectors", {"city": "mossford", "parts": [{"name": "x", "outline": [["x", 1]]}], "seen": {}}, 422, "could not convert"),
        ("editing/nothing", {"row": ROW}, 404, "nothing of that name"),
    ],
)
def test_every_request_gets_an_answer(editor: Editor, name: str, body: Any, status: int, words: str) -> None:
    answer, found = asked(editor, "POST", name, body)
    assert answer.status == status
    assert words in json.loads(found).get("wrong", "")


@pytest.mark.parametrize("length", ["1000001", "-1", "x", None])
def test_a_request_that_is_too_large_is_not_read(editor: Editor, length: str | None) -> None:
    answer, found = asked(editor, "POST", "editing/claim", **{"Content-Length": length})
    assert (answer.status, "larger than 1 MB" in json.loads(found)["wrong"]) == (413, True)


def test_a_claim_is_changed_taken_out_and_the_last_of_these_taken_back(editor: Editor) -> None:
    path = editor.folder / "claims.csv"

    def post(name: str, **body: Any) -> tuple[int, Any]:
        answer, found = asked(editor, "POST", f"editing/{name}", {**body, "seen": {"claims": digest(path)}})
        return answer.status, json.loads(found)

    def state() -> Any:
        return json.loads(asked(editor, "GET", "editing/state")[1])

    before = path.read_bytes()
    assert state()["undo"] is False
    assert post("undo")[0] == 409
    assert post("claim", row={**ROW, "start": "2090-05-06/2090-05-08", "cites": "report:7#2"}) == (200, {"told": "", "day": "2090-05-06"})
    claim = state()["claims"][0]
    assert claim["said"] == "2090-05-06/2090-05-08 lowmead holds south (reporter, report:7#2)"
    assert post("claim", row=claim["fields"] | {"note": "More."}, at=claim["at"])[0] == 200
    assert (state()["claims"][0]["note"], state()["undo"]) == ("More.", True)
    assert post("delete", at=claim["at"]) == (200, {"told": "", "day": ""})
    assert path.read_bytes() == before
    assert post("undo")[0] == 200
    assert (state()["claims"][0]["note"], state()["undo"]) == ("More.", False)
    assert post("delete", at=99)[0] == 422


def test_what_is_believed_is_worked_out_while_something_is_saved(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    asking, saved = Event(), Event()

    def slow(*_: Any) -> Any:
        asking.set()
        assert saved.wait(60)
        return {"day": "", "held": {}}

    monkeypatch.setattr(view, "held", slow)
    thread = Thread(target=asked, args=(editor, "GET", "editing/held?day=2090-05-06"))
    thread.start()
    assert asking.wait(60)
    assert asked(editor, "POST", "editing/claim", {"row": ROW, "seen": {"claims": digest(editor.folder / "claims.csv")}})[0].status == 200
    saved.set()
    thread.join()


def test_a_browser_that_has_left_leaves_no_trace(editor: Editor, capsys: pytest.CaptureFixture[str]) -> None:
    for problem in (BrokenPipeError(), ConnectionResetError(), ValueError("a fault")):
        try:
            raise problem
        except (OSError, ValueError):
            editor.handle_error(None, ("127.0.0.1", 1))
        assert ("a fault" in capsys.readouterr().err) == isinstance(problem, ValueError)


def test_the_text_of_a_document_without_a_file_is_shown(tmp_path: Path) -> None:
    folder = qsim.new(tmp_path / "valley")
    text = (folder / "documents" / "report.txt").rename(tmp_path / "mine.txt")
    settings = folder / "scenario.toml"
    there = settings.read_text(encoding="utf-8")
    settings.write_text(there.replace('file = "documents/report.txt"', 'url = "https://example.org/report"'), encoding="utf-8")
    with Editor(folder) as without, Editor(folder, texts={"report": text}) as given:
        bare, full = (json.loads(each.answer("GET", f"/{each.token}/editing/documents")[2])[0] for each in (without, given))
    assert (bare["lines"], bare["elsewhere"].partition(",")[0]) == ([], "A report from an invented valley")
    assert (full["elsewhere"], full["lines"][6][1][0]) == ("", "report:7#2")
    with pytest.raises(ScenarioError, match="document 'reprt', which is not listed; did you mean 'report'"):
        Editor(folder, texts={"reprt": text})


def test_who_held_what_follows_the_files(editor: Editor) -> None:
    def held() -> Any:
        return json.loads(asked(editor, "GET", "editing/held?day=2090-05-06")[1])["held"]["lowmead"]

    before = held()
    row = {**ROW, "side": "north", "kind": "takes"}
    assert asked(editor, "POST", "editing/claim", {"row": row, "seen": {"claims": digest(editor.folder / "claims.csv")}})[0].status == 200
    assert before != held() == ["north", 1.0]
    assert asked(editor, "GET", "editing/held?day=1999-01-01")[0].status == 422


def test_every_sentence_is_marked_as_check_reads_it() -> None:
    documents = qsim.load("qusayr")[0].documents
    for each in view.marked(documents.values()):
        assert all(quote(documents, cite) == text for line in each["lines"] for cite, text in line)


def test_the_state_of_an_unsound_scenario_is_told(editor: Editor) -> None:
    (editor.folder / "places.geojson").write_text("{}", encoding="utf-8")
    answer, found = asked(editor, "GET", "editing/state")
    told = json.loads(found)
    assert (answer.status, told["sound"]) == (200, False)
    assert "not a GeoJSON FeatureCollection" in told["said"]
    assert asked(editor, "GET", "editing/held?day=2090-05-06")[0].status == 422


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="no scenario"):
        Editor(tmp_path / "nothing")
    (tmp_path / "my.xlsx").touch()
    with pytest.raises(ScenarioError, match="a workbook; edit it in its own program"):
        Editor(tmp_path / "my.xlsx")
    assert command("edit").name == "edit"
