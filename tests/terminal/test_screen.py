"""The replay on a whole screen: single keys move it, it fits any window, and every square shows by its name what it is."""

import re
import shutil
from collections.abc import Callable, Iterator
from itertools import chain

import pytest

import qsim
from qsim.belief.replay import Replay
from qsim.belief.timeline import Timeline
from qsim.terminal.canvas import letter_of
from qsim.terminal.colours import columns
from qsim.terminal.figures import AWAITED, Ahead, figures
from qsim.terminal.map import text_map
from qsim.terminal.screen import GLANCE, KEYS, Screen
from qsim.terminal.sidebar import part_rows
from qsim.terminal.text import replay_text

ESCAPE = re.compile(r"\x1b\[[\d;?]*[a-zA-Z]")


@pytest.fixture(scope="module")
def qusayr() -> Timeline:
    return qsim.reconstruct(*qsim.load("qusayr"), start="2013-05-17", end="2013-06-08")


def pressing(replay: Replay, *keys: str) -> Screen:
    """Return a screen that has been shown, with these keys pressed and then `q`."""
    pressed: Iterator[str] = chain(keys, ["q", "q"])
    made = Screen(replay, lambda seconds: next(pressed), places=lambda replay: "\n".join(replay.timeline.theatre.index))
    made.run()
    return made


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, int], None]:
    def resize(wide: int, high: int) -> None:
        monkeypatch.setattr(shutil, "get_terminal_size", lambda: (wide, high))

    return resize


@pytest.mark.parametrize(("wide", "high"), [(80, 24), (120, 40), (50, 20), (40, 12), (200, 60)])
def test_a_day_fits_the_window(qusayr: Timeline, wide: int, high: int) -> None:
    for day in ("2013-05-19", "2013-05-31", "2013-06-05"):
        for depth in ("none", "16", "256", "true"):
            text = replay_text(Replay(qusayr, day), colour=depth, width=wide, height=high, figures=figures(qusayr, day))
            lines = ESCAPE.sub("", text).splitlines()
            assert len(lines) <= high
            assert day in lines[0], "the day is told in the narrowest window"
            assert max(map(columns, lines)) <= wide


@pytest.mark.parametrize("depth", ["none", "16", "256"])
@pytest.mark.parametrize("day", ["2013-05-19", "2013-05-24", "2013-06-05"])
def test_each_square_shows_by_its_name_what_it_is(qusayr: Timeline, depth: str, day: str) -> None:
    snapshot = qusayr.at(day)
    theatre = snapshot.theatre
    text = ESCAPE.sub("", text_map(snapshot, colour=depth))
    shown = dict(re.findall(r"\b([a-d][1-4]) (\S)", text))
    assert len(shown) == 16
    for id in theatre.parts["qusayr"]:
        code = int(snapshot.status[theatre.index[id]])
        assert shown[id.removeprefix("qusayr_")] == letter_of(theatre, snapshot.name_of(code))


def test_the_squares_stand_in_rows_whatever_the_last_digits_of_their_latitudes(qusayr: Timeline) -> None:
    assert part_rows(qusayr.theatre, "qusayr") == [[f"qusayr_{row}{n}" for n in range(1, 5)] for row in "abcd"]


def test_a_part_of_a_long_name_keeps_its_letter() -> None:
    siege = qsim.reconstruct(*qsim.load("kobani"), start="2014-10-13", end="2014-10-13", policy="last_claim")
    shown = text_map(siege.at("2014-10-13"), colour="none").splitlines()
    row = next(line for line in shown if "mistanour_neighbo" in line)
    assert re.search(r"mistanour_neighbo\w* (\S)$", row.rstrip()), row
    assert max(len(line.rstrip()) for line in shown) <= 80


def test_keys_move_by_days_and_changes(qusayr: Timeline, window: Callable[[int, int], None], capsys: pytest.CaptureFixture[str]) -> None:
    window(80, 24)
    for keys, day in (
        (["n", "right", "enter", "b"], "2013-05-19"),
        (["end", "left"], "2013-06-07"),
        (["end", "home"], "2013-05-17"),
        (["g", *"2013-05-29", "enter"], "2013-05-29"),
        (["g", *"2013-05-29", "interrupt", "n"], "2013-05-18"),
        ([" ", "", "", " "], "2013-05-19"),
        ([" ", "", "interrupt", "n"], "2013-05-19"),
    ):
        assert str(pressing(Replay(qusayr), *keys).replay.day) == day
    out = capsys.readouterr().out
    assert out.count("\x1b[1;1H") > 10
    assert "\x1b[2J" not in out, "what is redrawn is written over, and never blanked first"


def test_playing_stops_on_the_last_day(qusayr: Timeline, window: Callable[[int, int], None]) -> None:
    window(80, 24)
    assert str(pressing(Replay(qusayr, "2013-06-06"), " ", *[""] * 5).replay.day) == "2013-06-08"


def test_why_help_and_search_are_pages_that_a_key_leaves(
    qusayr: Timeline, window: Callable[[int, int], None], capsys: pytest.CaptureFixture[str]
) -> None:
    window(80, 24)
    pressing(Replay(qusayr, "2013-05-29"), "w", *"dabaa_air", "\t", "enter", "x", "h", "x", "/", *"dab", "enter", "x")
    out = capsys.readouterr().out
    assert "Al-Dab'a Air Base on 29 May 2013" in out
    assert KEYS.splitlines()[0] in out
    assert re.search(r"dabaa_village +\S+ +Al-Dabaah", out)


def test_what_cannot_be_done_is_told_and_moves_nothing(
    qusayr: Timeline, window: Callable[[int, int], None], capsys: pytest.CaptureFixture[str]
) -> None:
    window(80, 24)
    made = pressing(Replay(qusayr), "w", *"nowhere at all", "enter", "z", "g", *"1999", "enter")
    assert str(made.replay.day) == "2013-05-17"
    out = capsys.readouterr().out
    assert "unknown place 'nowhere at all'" in out
    assert "'z' is no command" in out


def test_a_long_page_scrolls(qusayr: Timeline, window: Callable[[int, int], None], capsys: pytest.CaptureFixture[str]) -> None:
    window(80, 24)
    pressing(Replay(qusayr), "p", " ", "up", "x")
    assert f"1-22 of {len(qusayr.theatre.places)}" in capsys.readouterr().out


@pytest.mark.parametrize(("wide", "high"), [(80, 24), (120, 40)])
def test_the_map_keeps_its_size_and_place_from_day_to_day(qusayr: Timeline, wide: int, high: int) -> None:
    rows = set()
    for day in qusayr.days:
        lines = replay_text(Replay(qusayr, day), colour="none", width=wide, height=high - 1, figures="Figures").splitlines()
        rows.add(lines.index("Figures"))
    assert len(rows) == 1


def test_the_ring_is_worked_out_beside_the_keys(qusayr: Timeline) -> None:
    ahead = Ahead(qusayr)
    first = ahead.told("2013-05-31")
    assert re.fullmatch(rf"Al-Qusayr: Opposition \d+%  ·  {AWAITED}", first)
    ahead.wait()
    assert not ahead.waiting
    assert ahead.told("2013-05-31") == figures(qusayr, "2013-05-31")
    assert ahead.told("2013-05-31").startswith(first.split("  ·  ")[0])


def test_what_is_worked_out_is_shown_without_a_key(
    qusayr: Timeline, window: Callable[[int, int], None], capsys: pytest.CaptureFixture[str]
) -> None:
    window(80, 24)
    asked: list[float | None] = []
    made: list[Screen] = []

    def read(seconds: float | None) -> str:
        asked.append(seconds)
        made[0]._ahead.wait()
        return "" if seconds == GLANCE else "q"

    made.append(Screen(Replay(qusayr, "2013-05-31"), read, places=lambda replay: ""))
    made[0].run()
    out = capsys.readouterr().out
    assert out.index(AWAITED) < out.index("cut off:")
    assert asked[-1] is None
    assert set(asked[:-1]) <= {GLANCE}


def test_where_nobody_spoke_of_a_ring_all_is_told_at_once(line_timeline: Timeline) -> None:
    ahead = Ahead(line_timeline)
    assert ahead.told("2001-01-03") == figures(line_timeline, "2001-01-03")
    assert not ahead.waiting


def test_figures_are_of_the_day_and_silent_without_a_city(qusayr: Timeline, line_timeline: Timeline) -> None:
    assert re.fullmatch(r"Al-Qusayr: Opposition \d+%  ·  \d+ ways? out  ·  cut off: \d+%", figures(qusayr, "2013-05-31"))
    assert figures(line_timeline, "2001-01-03") == ""
