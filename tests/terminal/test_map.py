import re
from dataclasses import replace

import numpy as np
import pytest

import qsim
from qsim.belief.replay import Replay
from qsim.belief.timeline import UNDECIDED, UNKNOWN, Snapshot, Timeline
from qsim.draw.palette import CHANGED, ESTIMATE, HOW_SURE, LIGHT, STALE, TINTS, tint, tint_steps
from qsim.record.theatre import CONTESTED, Theatre
from qsim.terminal.canvas import raster
from qsim.terminal.colours import ColoursError, columns
from qsim.terminal.map import place_labels, text_map
from qsim.terminal.text import replay_text

ESCAPE = re.compile(r"\x1b\[([\d;]*)m")
DEPTHS = ["none", "16", "256", "true"]


def told(name: str, start: str, end: str) -> Timeline:
    return qsim.reconstruct(*qsim.load(name), start=start, end=end, policy="hmm")


QUSAYR, EXAMPLE = told("qusayr", "2013-04-04", "2013-06-08"), told("example", "2091-03-01", "2091-03-30")
DAYS = [(QUSAYR, str(day)) for day in QUSAYR.days[::6]] + [(EXAMPLE, str(day)) for day in EXAMPLE.days[::6]]


def renamed(name: str) -> Snapshot:
    """Return a day of the example in which every place and side bears a name."""
    snapshot = EXAMPLE.at("2091-03-10")
    theatre = snapshot.theatre
    places = tuple(replace(place, name=f"{name} {i}", variants=()) for i, place in enumerate(theatre.places))
    return replace(snapshot, theatre=replace(theatre, places=places, sides=tuple(replace(side, name=name) for side in theatre.sides)))


def cells(line: str) -> list[tuple[str, str, str]]:
    """Return what a terminal shows of a line in true colour: of each character itself, its ink and its ground, empty where its own."""
    found, ink, ground = [], "", ""
    for codes, letter in re.findall(r"\x1b\[([\d;]*)m|(.)", line):
        for place, *rgb in re.findall(r"(38|48);2;(\d+);(\d+);(\d+)", codes):
            colour = "#{:02x}{:02x}{:02x}".format(*map(int, rgb))
            ink, ground = (colour, ground) if place == "38" else (ink, colour)
        ink, ground = ("", "") if codes == "0" else (ink, ground)
        found += [(letter, ink, ground)] if letter else []
    return found


def points(snapshot: Snapshot, rows: int) -> list[list[str]]:
    """Return the colours of the points of the map in true colour, two rows a line; empty for an upper one with something written on."""
    found: list[list[str]] = []
    for line in text_map(snapshot, colour="true").splitlines()[:rows]:
        shown = cells(line)[:58]
        found += [[ink if letter == "▀" else "" for letter, ink, _ in shown], [ground for _, _, ground in shown]]
    return found


def meanings(theatre: Theatre) -> dict[str, tuple[str, int]]:
    """Return which status and which step of tint each colour of the map stands for."""
    sides = {tint(side.colour, step).lower(): (side.id, step) for side in theatre.sides for step in range(len(TINTS))}
    undecided = {LIGHT.undecided: (UNDECIDED, 0), LIGHT.undecided_line: (UNDECIDED, 0)}
    return {**sides, **undecided, LIGHT.unknown: (UNKNOWN, 0), LIGHT.water: ("water", 0)}


@pytest.mark.parametrize(("timeline", "day"), DAYS)
def test_statuses_and_tints_can_be_read_back_from_the_colours(timeline: Timeline, day: str) -> None:
    snapshot = timeline.at(day)
    theatre, rows = snapshot.theatre, len(text_map(snapshot, colour="none").splitlines())
    grid, meaning = raster(theatre, None, theatre.frame, 58, 2 * rows), meanings(theatre)
    steps, shown = tint_steps(snapshot.belief, snapshot.status), np.array(points(snapshot, rows))
    for i in np.unique(grid):
        read = {meaning[colour] for colour in shown[grid == i] if colour}
        status = snapshot.name_of(int(snapshot.status[i])) if i >= 0 else "water"
        expected = {side.id for side in theatre.sides} if status == CONTESTED else {status}
        assert {name for name, _ in read} <= expected
        assert {step for _, step in read} <= {int(steps[i]) if i >= 0 else 0}
        if (grid == i).sum() >= 40:
            assert {name for name, _ in read} == expected


@pytest.mark.parametrize("timeline", [QUSAYR, EXAMPLE])
def test_every_colour_of_the_map_means_one_thing(timeline: Timeline) -> None:
    assert len(meanings(timeline.theatre)) == len(TINTS) * len(timeline.theatre.sides) + 4


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize(("timeline", "day"), DAYS[::3])
def test_no_line_is_wider_than_eighty_columns_or_leaves_colour_behind(timeline: Timeline, day: str, depth: str) -> None:
    for line in replay_text(Replay(timeline, day), colour=depth).splitlines():
        assert columns(ESCAPE.sub("", line)) <= 80
        assert [codes for codes in ESCAPE.findall(line) if codes][-1:] in ([], ["0"])


@pytest.mark.parametrize(("timeline", "day"), DAYS)
def test_colours_add_nothing_to_the_letters_but_colour(timeline: Timeline, day: str) -> None:
    plain = text_map(timeline.at(day), colour="none").splitlines()
    for depth in ("16", "256"):
        coloured = ESCAPE.sub("", text_map(timeline.at(day), colour=depth)).removesuffix(f"\n{HOW_SURE}")
        assert [line.rstrip() for line in coloured.splitlines()] == plain


@pytest.mark.parametrize(("timeline", "day"), DAYS)
def test_every_letter_of_the_map_is_the_status_under_it(timeline: Timeline, day: str) -> None:
    snapshot = timeline.at(day)
    theatre, lines = snapshot.theatre, text_map(snapshot, colour="none").splitlines()
    labels = {
        (label.line, x)
        for label in place_labels(theatre, len(lines), ())
        for x in (label.column, *range(label.start - 1, label.start + len(label.letters) + 1))
    }
    letters = {status: status[0].upper() for status in theatre.statuses} | {CONTESTED: "x", UNDECIDED: "?", UNKNOWN: "."}
    grid = raster(theatre, None, theatre.frame, 58, len(lines))
    for (y, x), i in np.ndenumerate(grid):
        if (y, x) not in labels and x not in {label.column for label in place_labels(theatre, len(lines), ()) if label.row == y}:
            assert lines[y][x] == ("~" if i < 0 else letters[snapshot.name_of(int(snapshot.status[i]))])


@pytest.mark.parametrize(("timeline", "day"), DAYS[::4])
def test_the_legend_speaks_as_that_of_the_pictures(timeline: Timeline, day: str) -> None:
    text = ESCAPE.sub("", text_map(timeline.at(day), colour="true"))
    beside = " ".join(" ".join(line[58:].split()) for line in text.splitlines())
    names = [side.name for side in timeline.theatre.sides]
    assert all(wanted in beside for wanted in (day, *names, "contested", "unknown", "water", STALE, f"◎ {CHANGED}", "enlarged:", "squares"))
    assert text.endswith(f"\n{HOW_SURE}\n{ESTIMATE}")


def test_the_signs_of_the_map_are_where_something_changed_or_is_long_silent() -> None:
    snapshot = QUSAYR.at("2013-05-29")
    assert text_map(snapshot, colour="true").count("◎") == 1
    assert text_map(snapshot, colour="true", mark=["dabaa_village", "dabaa_airbase"]).count("◎") == 3
    assert text_map(snapshot, colour="true", mark=["qusayr_b2"]).count("◎") == 3
    old = replace(snapshot, last_report=np.full(len(snapshot), np.datetime64("2013-01-01")))
    assert text_map(old, colour="true").count("○") > text_map(snapshot, colour="true").count("○")


def test_names_stand_whole_inside_the_map_and_none_on_another() -> None:
    theatre = QUSAYR.theatre
    taken: set[tuple[int, int]] = set()
    for label in place_labels(theatre, 24, ("dabaa_village", "jawadiyah")):
        span = {(label.line, x) for x in range(label.start, label.start + len(label.letters))} | {(label.row, label.column)}
        assert not span & taken
        assert all(0 <= y < 24 and 0 <= x < 58 for y, x in span)
        assert "".join(label.letters) in label.place.name.replace(" (al-Qaa)", "")
        taken |= span


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("name", ["القُصَير", "村庄" * 4, "a" + "村" * 30, "Qu\u0323sayr\u0301", "\x1b[31mred\x1b[0m\n", "x" * 70])
def test_wide_arabic_and_marked_names_do_not_break_the_columns(name: str, depth: str) -> None:
    lines = ESCAPE.sub("", text_map(renamed(name), colour=depth)).splitlines()
    usual = ESCAPE.sub("", text_map(EXAMPLE.at("2091-03-10"), colour=depth)).splitlines()
    assert max(map(columns, lines)) <= 80
    assert lines[0][-10:] == "2091-03-10"
    assert not any("\u0590" < letter < "\u0900" for line in lines for letter in line)
    rows = [y for y, line in enumerate(usual[:20]) if len(line) > 59]
    assert all(columns(lines[y]) >= 59 for y in rows)


def test_a_city_higher_than_its_map_is_shown_whole() -> None:
    snapshot = EXAMPLE.at("2091-03-10")
    flat = replace(snapshot, theatre=replace(snapshot.theatre, frame=(0.0, 0.13, 0.4, 0.17)))
    assert text_map(flat, colour="none").splitlines()[-1].split()[::2] == ["sw", "se"]


def test_snapshots_print_as_letters_without_a_terminal() -> None:
    snapshot = QUSAYR.at("2013-05-29")
    assert str(snapshot) == text_map(snapshot, colour="none")
    with pytest.raises(ColoursError, match="'blue'"):
        text_map(snapshot, colour="blue")
