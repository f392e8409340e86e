import re
from collections.abc import Mapping

import pytest

from qsim.terminal.colours import (
    ColoursError,
    Pen,
    ansi_numbers,
    clusters,
    colours,
    columns,
    painted,
    readable_on,
    runs_rightwards,
    writable,
)


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str], encoding: str = "utf-8") -> None:
    """Make standard output a terminal in this environment."""
    for name in ("NO_COLOR", "TERM", "COLORTERM", "WT_SESSION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout", type("Terminal", (), {"encoding": encoding, "isatty": lambda self: True})())


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "true"),
        ({"TERM": "xterm", "COLORTERM": "24bit"}, "true"),
        ({"TERM": "xterm-direct"}, "true"),
        ({"WT_SESSION": "1"}, "true"),
        ({"TERM": "xterm-256color"}, "256"),
        ({"TERM": "linux"}, "16"),
        ({"TERM": "xterm", "NO_COLOR": ""}, "16"),
        ({"TERM": "xterm-direct", "NO_COLOR": "1"}, "none"),
        ({"TERM": "dumb", "COLORTERM": "truecolor"}, "none"),
        ({}, "none"),
    ],
)
def test_the_environment_tells_how_many_colours(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: str) -> None:
    on_a_terminal(monkeypatch, environment)
    assert colours() == expected


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "no-such-encoding"])
def test_without_the_signs_in_the_encoding_there_is_no_colour(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    on_a_terminal(monkeypatch, {"TERM": "xterm-direct"}, encoding)
    assert colours() == "none"


def test_what_the_encoding_lacks_is_written_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Abil: a → b · “Ḥimṣ”"
    on_a_terminal(monkeypatch, {}, "ascii")
    assert writable(text) == 'Abil: a -> b - "?im?"'
    on_a_terminal(monkeypatch, {}, "utf-8")
    assert writable(text) == text


def test_what_is_wanted_wins_and_without_a_terminal_there_is_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLORTERM", "truecolor")
    assert colours() == "none"
    monkeypatch.setenv("NO_COLOR", "1")
    assert [colours(depth) for depth in ("none", "16", "256", "true")] == ["none", "16", "256", "true"]


def test_an_unknown_depth_is_refused_with_what_is_known() -> None:
    with pytest.raises(ColoursError, match="unknown colours '24bit'; expected one of none, 16, 256, true, or None"):
        colours("24bit")


@pytest.mark.parametrize(
    ("text", "count"), [("Abil", 4), ("e\u0301a", 2), ("قُصَير", 4), ("村庄", 4), ("a\x1b\u202eb\n", 2), ("\u0301", 0), ("村\u0301a", 3)]
)
def test_a_text_takes_as_many_columns_as_it_shows(text: str, count: int) -> None:
    assert columns(text) == count
    assert len(clusters(text)) == count


def test_marks_stay_on_their_letter() -> None:
    assert clusters("q\u0323a") == ["q\u0323", "a"]
    assert clusters("村\u0323a") == ["村\u0323", "", "a"]


def test_arabic_and_hebrew_run_leftwards() -> None:
    assert [runs_rightwards(name) for name in ("Al-Dab'a", "Şam", "القصير", "חומס", "A القصير")] == [True, True, False, False, False]


@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#0072b2", "#e69f00", "#767676", "#9ec9e2"])
def test_letters_reach_the_contrast_that_is_asked_of_text(colour: str) -> None:
    def luminance(ground: str) -> float:
        parts = [int(ground[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(colour), luminance(readable_on(colour))))
    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_a_pen_writes_the_codes_of_its_depth() -> None:
    assert Pen("none").on("#0072b2", bold=True) == ""
    assert Pen("16", {"#0072b2": 4}).on("#0072b2", bold=True) == "1;97;44"
    assert Pen("16", {"#0072b2": 4}).on("#e9e7e3") == ""
    assert Pen("256").on("#00005f") == "38;5;231;48;5;17"
    assert Pen("true").on("#0072b2", ink="#ffffff") == "38;2;255;255;255;48;2;0;114;178"
    assert Pen("true").halves("#000000", "#ffffff") == "38;2;0;0;0;48;2;255;255;255"


def test_the_colours_of_the_cube_and_the_greys_are_their_own_nearest() -> None:
    assert re.findall(r"5;(\d+)", Pen("256").halves("#ff8700", "#121212")) == ["208", "233"]


def test_sides_get_a_hue_each_while_there_are_any() -> None:
    assert ansi_numbers(["#ff0000", "#ee0000", "#0000ff"])[::2] == [1, 4]
    assert sorted(ansi_numbers(["#ff0000"] * 6)) == [1, 2, 3, 4, 5, 6]
    assert len(ansi_numbers(["#ff0000"] * 7)) == 7


def test_a_painted_line_ends_in_the_terminals_own_colours() -> None:
    assert painted([("a", "1"), ("b", "1"), (" ", ""), ("c", "7")]) == "\x1b[1mab\x1b[0m \x1b[7mc\x1b[0m"
