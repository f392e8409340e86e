from collections.abc import Iterator

import pytest

import qsim
from qsim.belief.replay import Replay
from qsim.terminal.prompt import HELP, obey, play
from qsim.terminal.text import emphasise, replay_text, why_text, wrapped

THEATRE, LEDGER = qsim.load("qusayr")
TIMELINE = qsim.reconstruct(THEATRE, LEDGER, start="2013-04-04", end="2013-06-08", policy="last_claim")


def test_the_map_stands_between_the_title_and_what_changed() -> None:
    title, *rest = replay_text(Replay(TIMELINE, "2013-05-29"), colour="none").splitlines()
    assert title == "Al-Qusayr, November 2011 - June 2013  ·  29 May 2013 (2013-05-29)"
    assert rest[0].endswith("2013-05-29")
    assert rest[rest.index("") + 1].startswith("- Al-Qusayr, 16 squares: Government and allies")


def test_emphasis_is_bold_on_a_terminal_and_nothing_elsewhere() -> None:
    why = Replay(TIMELINE, "2013-05-29").why("dabaa_airbase")
    bold = why_text(why, colour="16")
    assert "*" not in bold
    plain = why_text(why, colour="none")
    assert "*" not in plain
    assert bold.replace("\x1b[1m", "").replace("\x1b[22m", "").split() == plain.split()


def test_what_changed_is_told_with_source_and_citation() -> None:
    text = replay_text(Replay(TIMELINE, "2013-05-29"), colour="none")
    assert "Al-Dab'a Air Base: contested → Government and allies" in text
    assert "003:186#4" in text
    assert "No change reported today." in replay_text(Replay(TIMELINE, "2013-04-05"), colour="none")


def test_why_reads_as_a_note_of_eighty_columns_that_quotes_what_the_document_says() -> None:
    why = Replay(TIMELINE, "2013-05-29").why("dabaa_airbase")
    text = why_text(why, colour="none")
    assert max(map(len, text.splitlines())) <= 80
    assert text.startswith("Al-Dab'a Air Base on 29 May 2013: held by Government and allies")
    assert "reported 2013-05-30" in text
    assert "against the speaker's own side" in " ".join(text.split())
    cited = [words for told in why.supporting[:6] for _, words in told.cited[:1]]
    assert all(f"“{words}”" in " ".join(text.split()) for words in cited)
    assert "\x1b[1mair base\x1b[22m" in " ".join(why_text(why, colour="16").split())


def test_emphasis_marks_numbers_and_names_and_changes_nothing_else() -> None:
    text = "In Abil 1,257 of 60 percent fell on 004:41; Abila did not."
    marked = emphasise(text, ["Abil"])
    assert marked.translate({14: "<", 15: ">"}) == "In <Abil> <1,257> of <60 percent> fell on <004>:<41>; Abila did not."
    assert marked.translate({14: None, 15: None}) == text


@pytest.mark.parametrize(
    ("commands", "day"),
    [
        (["n", "next 3"], "2013-05-23"),
        (["goto 2013-05-29", "b"], "2013-05-28"),
        (["2013-06-01"], "2013-06-01"),
        (["N"], "2013-05-20"),
        (["g 2013-05-13", "B"], "2013-05-12"),
        (["", "back 1"], "2013-05-19"),
        (["g 2019-01-01", "n x", "fly"], "2013-05-19"),
    ],
)
def test_short_commands_move_the_cursor(commands: list[str], day: str) -> None:
    replay = Replay(TIMELINE, "2013-05-19")
    for command in commands:
        obey(replay, command)
    assert str(replay.day) == day


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("h", HELP),
        ("why abel", "Abil on 19 May 2013: held by Government and allies"),
        ("why abl", "unknown place 'abl'"),
        ("p", "abil                       Government and allies silent for 7 days"),
        ("p", "al_qasr_lb                 unknown               never reported            Al-Qasr (Lebanon)"),
        ("g 2019-01-01", "lies outside this timeline"),
        ("n x", "'x' is not a number of days"),
        ("fly", "unknown command 'fly'; h for help"),
    ],
)
def test_commands_answer(command: str, answer: str) -> None:
    assert answer in str(obey(Replay(TIMELINE, "2013-05-19"), command))


@pytest.mark.parametrize("count", ["9999999999", "²", "0", "-1", "two", "9" * 5000])
def test_what_is_no_number_of_days_is_told_and_moves_nothing(count: str) -> None:
    replay = Replay(TIMELINE, "2013-05-19")
    for command in ("n", "b"):
        assert str(obey(replay, f"{command} {count}")).endswith("is not a number of days; expected one from 1 to 99999")
    assert str(replay.day) == "2013-05-19"


def test_ctrl_c_drops_the_line_and_asks_anew(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    answers: Iterator[str | type[BaseException]] = iter([KeyboardInterrupt, "n", KeyboardInterrupt, EOFError])

    def typed(prompt: str) -> str:
        answer = next(answers)
        if isinstance(answer, str):
            return answer
        raise answer

    monkeypatch.setattr("builtins.input", typed)
    monkeypatch.setattr("qsim.terminal.prompt.has_keys", lambda: False)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    play(TIMELINE["2013-05-19":"2013-05-21"])
    assert "20 May 2013" in capsys.readouterr().out
    assert next(answers, None) is None


def test_places_are_told_by_their_whole_names_and_one_day_is_a_day() -> None:
    told = [str(obey(Replay(TIMELINE, day), "p")) for day in ("2013-05-19", "2013-05-20")]
    assert all(place.name.split()[-1] in told[0] for place in THEATRE.places if not place.gateway)
    assert "silent for 1 day " in told[1]
    assert "silent for 1 days" not in told[1]
    assert max(len(line) for line in told[0].splitlines()) <= 100


def test_a_status_that_nobody_reported_is_called_inferred() -> None:
    timeline = qsim.reconstruct(THEATRE, LEDGER, start="2013-05-17", end="2013-05-31", policy="hmm")
    assert "jusiyah_crossing           Government and allies never reported (inferred)" in str(obey(Replay(timeline, "2013-05-24"), "p"))


def test_a_paragraph_is_wrapped_under_its_first_column() -> None:
    text = wrapped("2013-05-19  " + "word " * 40, indent=12)
    first, *rest = text.splitlines()
    assert first.startswith("2013-05-19  word")
    assert all(line.startswith(" " * 12 + "word") for line in rest)
    assert max(map(len, text.splitlines())) <= 80


def test_a_weighed_claim_is_called_uninformed_and_nobody_a_liar() -> None:
    timeline = qsim.reconstruct(THEATRE, LEDGER, start="2013-05-17", end="2013-05-31", policy="hmm")
    text = " ".join(why_text(qsim.why(timeline, "dabaa_airbase", "2013-05-29"), colour="none").split())
    assert "the chance that its source knew, in the light of all other claims; what remains counts for nothing." in text
    assert "made up" not in text


def test_a_session_reads_a_pipe_to_its_end(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    lines = iter(["next", "quit", "next"])
    monkeypatch.setattr("builtins.input", lambda prompt="": next(lines))
    play(TIMELINE, "2013-05-28")
    told = capsys.readouterr().out
    assert "28 May 2013" in told
    assert "29 May 2013" in told
    assert next(lines) == "next"


def test_a_document_that_is_elsewhere_is_told_once_with_its_address() -> None:
    timeline = qsim.reconstruct(*qsim.load("kobani"), end="2014-10-24", policy="last_claim")
    told = why_text(qsim.why(timeline, "tell_shair", "2014-10-24"))
    assert told.count("https://en.wikipedia.org/wiki/Siege_of_Kobanî") == 1
    assert "“" not in told
