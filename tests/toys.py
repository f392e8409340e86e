"""Toy theatres, drawn in their docstrings, and short ways to make claims about them."""

from collections.abc import Iterable
from typing import Any

import numpy as np

import qsim
from qsim.belief.reconstruct import Policy
from qsim.belief.timeline import Ensemble
from qsim.record.dates import day_range, parse_edtf
from qsim.record.ledger import Claim, Ledger, Source
from qsim.record.theatre import Base, Group, Link, Place, Side, Theatre

SOURCES = {
    source.id: source
    for source in (
        Source("teller", "The teller", "narration"),
        Source("copyist", "The copyist", "narration", origin="teller"),
        Source("press", "A newspaper", "press"),
        Source("red_voice", "A red voice", "activist", side="red"),
        Source("blue_voice", "A blue voice", "government_media", side="blue"),
    )
}


def theatre(
    points: dict[str, tuple[float, float]],
    pairs: Iterable[str],
    *,
    red: tuple[str, ...] = (),
    blue: tuple[str, ...] = (),
    groups: tuple[Group, ...] = (),
    parts: dict[str, str] | None = None,
    green: tuple[str, ...] | None = None,
) -> Theatre:
    """Return a theatre of red against blue with places at (lon, lat) and links `a-b`, each one kilometre long."""
    sides = [
        Side("red", "Red", "#D55E00", {}, tuple(Base(id) for id in red)),
        Side("blue", "Blue", "#0072B2", {}, tuple(Base(id) for id in blue)),
    ]
    if green is not None:
        sides.append(Side("green", "Green", "#009E73", {}, tuple(Base(id) for id in green)))
    links = tuple(Link(pair, pair, a=pair.partition("-")[0], b=pair.partition("-")[2], length_km=1.0) for pair in pairs)
    places = tuple(
        Place(id, id.upper(), lon, lat, kind="square" if id in (parts or {}) else "village", parent=(parts or {}).get(id))
        for id, (lon, lat) in points.items()
    )
    return Theatre("toy", "A toy", places, links, tuple(sides), groups)


def line() -> Theatre:
    """
    red base - a - b - c - blue base

    Bases are places of the map; `all` is the group of the three in between.
    """
    points = {"r": (0.0, 0.0), "a": (0.1, 0.0), "b": (0.2, 0.0), "c": (0.3, 0.0), "l": (0.4, 0.0)}
    return theatre(points, ["r-a", "a-b", "b-c", "c-l"], red=("r",), blue=("l",), groups=(Group("all", "all three", ("a", "b", "c")),))


def grid() -> Theatre:
    """
    A city `t` of nine squares, three by three, each joined to its neighbours; red comes from the north, blue from the south.

        r
        |
        a1 a2 a3
        b1 b2 b3
        c1 c2 c3
        |
        l
    """
    ids = [f"{row}{column}" for row in "abc" for column in (1, 2, 3)]
    points = {"t": (0.2, 0.2), "r": (0.1, 0.4), "l": (0.1, 0.0)}
    points |= {id: (0.1 * int(id[1]), 0.3 - 0.1 * "abc".index(id[0])) for id in ids}
    pairs = [f"{row}{c}-{row}{c + 1}" for row in "abc" for c in (1, 2)] + [f"{x}{c}-{y}{c}" for x, y in ("ab", "bc") for c in (1, 2, 3)]
    groups = (Group("north", "north", ("a1", "a2", "a3")), Group("south", "south", ("c1", "c2", "c3")))
    return theatre(points, [*pairs, "r-a1", "l-c1"], red=("r",), blue=("l",), groups=groups, parts=dict.fromkeys(ids, "t"))


def ring() -> Theatre:
    """
    A centre with three ways out to one red base; blue's base touches the ring at n.

              l
              |
              n
            /   \\
        centre-e-r
            \\   /
              s
    """
    points = {"centre": (0.0, 0.0), "n": (0.1, 0.1), "e": (0.1, 0.0), "s": (0.1, -0.1), "r": (0.2, 0.0), "l": (0.1, 0.2)}
    return theatre(points, ["centre-n", "centre-e", "centre-s", "n-r", "e-r", "s-r", "l-n"], red=("r",), blue=("l",))


def islands() -> Theatre:
    """
    a - b    c - d : two islands with no way between; red's base is a, blue's d.
    """
    points = {"a": (0.0, 0.0), "b": (0.1, 0.0), "c": (0.3, 0.0), "d": (0.4, 0.0)}
    return theatre(points, ["a-b", "c-d"], red=("a",), blue=("d",))


def claim(place: str, kind: str, side: str | None, when: str, *, source: str = "teller", id: str = "", **rest: Any) -> Claim:
    """Return a claim; its id is made of what it says unless given."""
    made = id or f"{when}-{place}-{kind}-{side}-{source}-{rest.get('value', '')}"
    reported = parse_edtf(rest.pop("reported")) if rest.get("reported") else None
    return Claim(made, place, kind, parse_edtf(when), source, side, reported=reported, **rest)


def ledger(*claims: Claim) -> Ledger:
    """Return a ledger of these claims."""
    return Ledger(SOURCES, claims)


def replayed(where: Theatre, *claims: Claim, days: int = 10, policy: str | Policy = "last_claim") -> qsim.Timeline:
    """Return the timeline of the first days of 2001 under these claims."""
    return qsim.reconstruct(
        where, ledger(*claims), start="2001-01-01", end=np.datetime64("2001-01-01") + np.timedelta64(days - 1, "D"), policy=policy
    )


def histories(where: Theatre, *days: str) -> Ensemble:
    """Return one history, a string a day, a letter a place in their order: the first of its status, `.` unknown, `x` contested."""
    letters = {**{status[0]: i for i, status in enumerate(where.statuses)}, "x": len(where.statuses) - 1, ".": -1}
    status = np.array([[[letters[letter] for letter in day] for day in days]], dtype=np.int8)
    return Ensemble(where, None, day_range("2001-01-01", np.datetime64("2001-01-01") + np.timedelta64(len(days) - 1, "D")), status)
