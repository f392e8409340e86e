"""What the map means: encirclement and ways out, as plain functions on histories."""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from qsim.ensemble import Ensemble
from qsim.evidence import in_order
from qsim.theatre import CONTESTED, Theatre, TheatreError

UNREPORTED = ("nearest", "open", "closed")


@dataclass(frozen=True, slots=True)
class Exits:
    """The ways out of a place on one day: routes from it to bases that share no place, each a tuple of place ids, shortest first."""

    routes: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        return len(self.routes)

    def __str__(self) -> str:
        count = len(self.routes)
        return "cut off" if count == 0 else f"{count} way{'s' if count > 1 else ''} out"


def encirclement(histories: Ensemble, place: str, side: str, *, unreported: str = "nearest") -> NDArray[np.bool_]:
    """
    Return whether `side`'s hold on `place` is cut off from all of that side's bases, per run and day.

    A place is cut off when no path of open links through places held or contested by `side` joins it to a base, and also when
    `side` holds or contests no part of it. A link is shut while the last claim about it is that the other side cut it.

    Parameters
    ----------
    histories
        Many histories of one theatre.
    place
        A place id; a city counts as cut off when all of its parts are.
    side
        The side inside the pocket.
    unreported
        How places that no claim names behave: "nearest" (as the nearest place of which something is known, by length of links), "open" or "closed".

    Returns
    -------
    cut_off
        Shape (runs, days), bool.

    Raises
    ------
    TheatreError
        When `place` or `side` is not of the theatre, the side has no bases, or `unreported` is none of the three.
    """
    passable, shut = _passable(histories, side, unreported), _shut_links(histories, side)
    theatre = histories.theatre
    targets = list(theatre.members(theatre.place(place).id))
    bases = _bases(theatre, side)
    runs, days, _ = histories.status.shape
    cut_off = np.ones((runs, days), dtype=bool)
    known: dict[bytes, bool] = {}
    for d in range(days):
        graph = _open_graph(theatre, shut[d])
        for run in range(runs):
            key = shut[d].tobytes() + passable[run, d].tobytes()
            if key not in known:
                known[key] = not any(passable[run, d, t] and t in _reached(graph, bases, passable[run, d]) for t in targets)
            cut_off[run, d] = known[key]
    return cut_off


def exits(histories: Ensemble, place: str, side: str, *, run: int = 0, unreported: str = "nearest") -> list[Exits]:
    """
    Return the ways out of `place` for `side` on each day of one history.

    Ways out are routes to the side's bases that share no place but a base (Menger; by networkx's `node_disjoint_paths`): their
    number is how many places would have to fall to cut the place off. Parameters and errors are those of `encirclement`; `run` picks the history.
    """
    passable, shut = _passable(histories, side, unreported)[run], _shut_links(histories, side)
    theatre = histories.theatre
    targets = list(theatre.members(theatre.place(place).id))
    bases = _bases(theatre, side)
    found: list[Exits] = []
    known: dict[bytes, Exits] = {}
    for d in range(len(histories.days)):
        key = shut[d].tobytes() + passable[d].tobytes()
        if key not in known:
            known[key] = _disjoint_routes(theatre, targets, bases, passable[d], shut[d])
        found.append(known[key])
    return found


def share(histories: Ensemble, place: str, side: str, *, by: str = "area") -> NDArray[np.float64]:
    """
    Return the share of a place or group that `side` holds, per run and day, shape (runs, days); contested or unknown counts half.

    Parameters
    ----------
    histories
        Many histories of one theatre.
    place
        A place, a city of parts, or a group of places.
    side
        Whose share.
    by
        "area" (km² of the cells), "places" (each place alike) or "people" (population, where it is known).

    Raises
    ------
    TheatreError
        When the place or side is unknown, or nothing of the place has the measure asked for.
    """
    theatre = histories.theatre
    members = list(theatre.members(place if theatre.members(place) else theatre.place(place).id))
    people = np.array([float(each.population or 0) for each in theatre.places])
    measures = {"area": theatre.area_km2, "places": np.ones(len(theatre.places)), "people": people}
    if by not in measures:
        raise TheatreError(f"unknown measure {by!r}; expected one of {', '.join(measures)}")
    weights = measures[by][members]
    if weights.sum() == 0:
        raise TheatreError(f"{place!r} has no {by} to share")
    theatre.side(side)
    status = histories.status[..., members]
    unsettled = (status == -1) | (status == theatre.statuses.index(CONTESTED))
    held = (status == theatre.statuses.index(side)) + 0.5 * unsettled
    return np.asarray(held @ (weights / weights.sum()))


def interval(values: NDArray[np.float64], mass: float = 0.9) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """
    Return the quantiles over runs, the first axis, between which the middle `mass` of them lies: (low, high), each without that axis.
    """
    if not 0 < mass < 1:
        raise TheatreError(f"an interval of {mass}; expected a number between 0 and 1")
    low, high = np.quantile(values, [(1 - mass) / 2, (1 + mass) / 2], axis=0)
    return low, high


def nearest_known(theatre: Theatre, known: NDArray[np.bool_]) -> NDArray[np.int_]:
    """
    Return for each place the position of the nearest one, by length of links, of which something is known; its own where that is so.

    `known` is (places,). A place that no claim names follows this one. Ties go to the earlier place; one without any way keeps itself.
    """
    neighbours: dict[int, list[tuple[int, float]]] = {}
    for link in theatre.links:
        a, b = theatre.index[link.a], theatre.index[link.b]
        neighbours.setdefault(a, []).append((b, link.length_km))
        neighbours.setdefault(b, []).append((a, link.length_km))
    follow = np.arange(len(theatre.places))
    settled: set[int] = set()
    ahead = [
        (0.0, int(i), int(i)) for i in np.flatnonzero(known)
    ]  # distance, the known place, the place reached: Dijkstra from all at once
    while ahead:
        distance, source, here = heappop(ahead)
        if here not in settled:
            settled.add(here)
            follow[here] = source
            for there, length in neighbours.get(here, ()):
                heappush(ahead, (distance + length, source, there))
    return follow


def _passable(histories: Ensemble, side: str, unreported: str) -> NDArray[np.bool_]:
    """Return whether `side` can pass each place: it holds or contests it, shape (runs, days, places); its bases always."""
    theatre = histories.theatre
    if unreported not in UNREPORTED:
        raise TheatreError(f"unknown reading {unreported!r} of places that no claim names; expected one of {', '.join(UNREPORTED)}")
    theatre.side(side)
    codes = [theatre.statuses.index(side), theatre.statuses.index(CONTESTED)]
    status = histories.status
    if unreported == "nearest":
        status = _followed(theatre, status)
    passable = np.isin(status, codes)
    if unreported == "open":
        passable |= status == -1
    passable[..., _bases(theatre, side)] = True
    return passable


def _followed(theatre: Theatre, status: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return the histories with every unknown place given the status of the nearest known one on that day."""
    filled = status.reshape(-1, status.shape[-1]).copy()
    cities = [theatre.index[city] for city in theatre.parts]
    follow: dict[bytes, NDArray[np.int_]] = {}
    for row in filled:
        known = row != -1
        known[cities] = True
        key = known.tobytes()
        if key not in follow:
            follow[key] = nearest_known(theatre, known)
        row[:] = row[follow[key]]
    return filled.reshape(status.shape)


def _bases(theatre: Theatre, side: str) -> list[int]:
    """Return the positions of a side's bases; raise when it has none."""
    bases = [theatre.index[base.place] for base in theatre.side(side).bases]
    if not bases:
        raise TheatreError(f"side {side!r} has no bases; encirclement needs some")
    return bases


def _shut_links(histories: Ensemble, side: str) -> NDArray[np.bool_]:
    """
    Return which links are shut to `side`, shape (days, links), by the last claim about each.

    What another side cuts, or has open to itself (a road it secured), is shut; what this side cuts or has open is not.
    """
    theatre, days = histories.theatre, histories.days
    shut = np.zeros((len(days), len(theatre.links)), dtype=bool)
    if histories.ledger is None:
        return shut
    place = {link.id: i for i, link in enumerate(theatre.links)}
    for claim in in_order(c for c in histories.ledger.claims if c.kind in ("cuts", "opens")):
        if claim.quantifier in ("part", "most"):
            continue
        closing = claim.kind == "cuts" if claim.side is None else claim.side != side
        for id in theatre.link_members(claim.place):
            shut[days >= np.datetime64(claim.effective), place[id]] = closing
    return shut


def _open_graph(theatre: Theatre, shut: NDArray[np.bool_]) -> dict[int, list[int]]:
    """Return the neighbours of each place over links that are not shut."""
    graph: dict[int, list[int]] = {}
    for link, closed in zip(theatre.links, shut, strict=True):
        if not closed:
            a, b = theatre.index[link.a], theatre.index[link.b]
            graph.setdefault(a, []).append(b)
            graph.setdefault(b, []).append(a)
    return graph


def _reached(graph: dict[int, list[int]], bases: Sequence[int], passable: NDArray[np.bool_]) -> set[int]:
    """Return every place that a side reaches from its bases through places it can pass."""
    seen, todo = set(bases), list(bases)
    while todo:
        for neighbour in graph.get(todo.pop(), ()):
            if neighbour not in seen and passable[neighbour]:
                seen.add(neighbour)
                todo.append(neighbour)
    return seen


def _disjoint_routes(
    theatre: Theatre, targets: Sequence[int], bases: Sequence[int], passable: NDArray[np.bool_], shut: NDArray[np.bool_]
) -> Exits:
    """Return place-disjoint routes from the passable targets to the bases."""
    import networkx as nx

    graph: nx.Graph[str] = nx.Graph()
    ends = {theatre.places[t].id: "inside" for t in targets if passable[t]} | {theatre.places[base].id: "outside" for base in bases}
    last: dict[str, tuple[float, str]] = {}
    for link, closed in zip(theatre.links, shut, strict=True):
        if closed or not (passable[theatre.index[link.a]] and passable[theatre.index[link.b]]):
            continue
        for here, there in ((link.a, link.b), (link.b, link.a)):
            graph.add_edge(ends.get(here, here), ends.get(there, there))
            if ends.get(there) == "outside":
                last[here] = min(last.get(here, (np.inf, "")), (link.length_km, there))
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    if "inside" not in graph or "outside" not in graph or not nx.has_path(graph, "inside", "outside"):
        return Exits(())
    routes = [tuple(path[1:-1]) for path in nx.node_disjoint_paths(graph, "inside", "outside")]
    found = [
        (*route, last[route[-1]][1]) if route else (min(last[t] for t in ends if t in last and ends[t] == "inside")[1],) for route in routes
    ]
    return Exits(tuple(sorted(found, key=lambda route: (len(route), route))))
