"""Random ledgers about a small country: villages, a group of them, a city of parts with a building in one; every kind of claim, odd dates."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from toys import SOURCES, theatre

from qsim.record.dates import parse_edtf
from qsim.record.ledger import Claim, Ledger
from qsim.record.theatre import Group, Theatre
from qsim.record.words import BOUNDS, CONFIDENCES, KINDS

PLACES = ("a", "b", "t", "t1", "t2", "t3", "shop", "both", "north", "a-b")
WINDOWS = ("2001-01-02", "2001-01-03", "2001-01-05/2001-01-09", "2001-01-04~", "2001-01-06T05:30", "[2001-01-03,2001-01-08]", "2001-01")


def country() -> Theatre:
    """
    Two villages joined, `both` of them; and a city `t` of three parts, `north` two of them, a shop in the first.

        a - b - t1 t2 t3
    """
    points = {
        "a": (0.0, 0.0),
        "b": (0.1, 0.0),
        "t": (0.3, 0.0),
        "t1": (0.2, 0.0),
        "t2": (0.3, 0.05),
        "t3": (0.4, 0.0),
        "shop": (0.21, 0.01),
    }
    parts = dict.fromkeys(("t1", "t2", "t3", "shop"), "t")
    groups = (Group("both", "both", ("a", "b")), Group("north", "north", ("t1", "t2")))
    made = theatre(points, ["a-b", "b-t1", "t1-t2", "t2-t3"], red=("a",), blue=("t3",), groups=groups, parts=parts)
    return replace(made, places=tuple(replace(p, within="t1", kind="building") if p.id == "shop" else p for p in made.places))


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    """Return a claim of any kind, as sound as the check of claims wants it."""
    kind = draw(st.sampled_from([*KINDS, "holds", "takes", "contests", "loses", "share"]))
    side = draw(
        st.sampled_from(["red", "blue"] if kind in ("holds", "takes", "loses", "share", "denies", "repulses") else ["red", "blue", None])
    )
    more: dict[str, Any] = {}
    if kind == "share":
        more = {"value": draw(st.sampled_from([0.0, 0.25, 0.5, 0.6, 1.0])), "bound": draw(st.sampled_from(BOUNDS))}
    elif kind not in ("casualties", "strength"):
        more = {"quantifier": draw(st.sampled_from([None, None, "all", "most", "part"]))}
    else:
        more = {"best": draw(st.integers(1, 50)), "of": "men killed"}
    return Claim(
        id=draw(st.text("abcxyz", min_size=1, max_size=6)),
        place=draw(st.sampled_from(["a-b"] if kind in ("cuts", "opens") else PLACES[:-1])),
        kind=kind,
        window=parse_edtf(draw(st.sampled_from(WINDOWS))),
        source=draw(st.sampled_from(list(SOURCES))),
        side=side,
        reported=draw(st.sampled_from([None, None, parse_edtf("2001-02-01"), parse_edtf("2001-01-31/2001-02-03")])),
        confidence=draw(st.sampled_from(CONFIDENCES)),
        denies="x" if kind == "denies" else None,
        cites=draw(st.sampled_from([(), ("001:3#2",), ("001:3", "002:1"), ("Keegan, p. 3",)])),
        note=draw(st.sampled_from(["", "told", "told again"])),
        **more,
    )


LEDGERS = st.lists(claims(), max_size=25, unique_by=lambda claim: claim.id).map(lambda made: Ledger(SOURCES, tuple(made)))
