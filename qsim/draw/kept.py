"""The ring that a picture shows, kept on disk by all that it rests on: thousands of histories are not drawn twice for one number."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim import __version__
from qsim.belief.draws import Draws
from qsim.belief.enclosure import ring_evidence
from qsim.belief.timeline import Timeline
from qsim.draw.charts.series import Course, course
from qsim.geography.conditioning import tell_if_few
from qsim.geography.encirclement import Way
from qsim.geography.perimeter import RUNS, SEED, Perimeter, perimeter
from qsim.record.kept import cached, code_of, digest

_COURSE = ("expected", "low", "high")
_ARRAYS = ("ground", "passable", "closed", "known")


def kept_perimeter(
    timeline: Timeline, place: str, side: str, *, histories: Draws | None = None, at: Sequence[int] | None = None
) -> Perimeter:
    """
    Return `qsim.geography.perimeter.perimeter`, from disk where it was asked before of the same belief, map and claims on the ring.

    `histories` are those given the ring, where they are at hand; `at` the only days that are asked.
    """
    words = ring_evidence(timeline, place) if timeline.ledger is not None else None
    rests_on = (timeline.theatre, timeline.days, timeline.belief, timeline.history, timeline.chains, timeline.model, words)
    asked = None if at is None else tuple(at)
    name = digest(*rests_on, place, side, asked, RUNS, SEED, __version__, code_of("record", "belief", "geography"))
    fresh: list[Perimeter] = []

    def make() -> dict[str, NDArray[Any]]:
        fresh.append(perimeter(timeline, place, side, histories=histories, at=at))
        return _written(fresh[0])

    arrays = cached(f"ring-{name}", make, (*_ARRAYS, "rest"))
    if fresh:
        return fresh[0]
    rest = json.loads(arrays["rest"].tobytes())
    ways = tuple(tuple(Way(tuple(route), share, estimated) for route, share, estimated in day) for day in rest["ways"])
    tell_if_few(place, rest["effective"], rest["runs"])
    return Perimeter(place, side, ways=ways, runs=rest["runs"], effective=rest["effective"], **{key: arrays[key] for key in _ARRAYS})


def kept_course(timeline: Timeline, place: str, side: str, *, runs: int, seed: int) -> Course:
    """Return `qsim.draw.charts.series.course`, from disk where it was asked before of the same belief."""
    if timeline.chains is None:
        return course(timeline, place, side, runs=runs, seed=seed)
    rests_on = (timeline.theatre, timeline.days, timeline.belief, timeline.chains)

    def make() -> dict[str, NDArray[Any]]:
        found = course(timeline, place, side, runs=runs, seed=seed)
        return {name: value for name in _COURSE if (value := getattr(found, name)) is not None}

    name = digest(*rests_on, place, side, runs, seed, __version__, code_of("record", "belief", "geography", "draw/charts/series.py"))
    found = cached(f"course-{name}", make, _COURSE[:1])
    return Course(place, side, found["expected"], *(found.get(name) for name in _COURSE[1:]))


def _written(found: Perimeter) -> dict[str, NDArray[Any]]:
    """Return a perimeter as arrays."""
    ways = [[[way.route, way.open, way.estimated] for way in day] for day in found.ways]
    rest = json.dumps({"ways": ways, "runs": found.runs, "effective": found.effective})
    return {key: getattr(found, key) for key in _ARRAYS} | {"rest": np.frombuffer(rest.encode(), dtype=np.uint8)}
