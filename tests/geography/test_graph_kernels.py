"""Each graph kernel against a plain twin and networkx, on random planar graphs, many runs and days in one call."""

from itertools import pairwise
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from qsim.geography.kernels import graph, routes
from qsim.geography.reachability import Network, mask

RUNS, DAYS = 70, 3  # more runs than bits in a word


class Planar:
    """A random planar graph with masks: which links are shut on each day, in each run `alone` or in all alike, and which places can be passed."""

    def __init__(self, seed: int, places: int, *, runs: int = RUNS, living: float = 0.7, alone: bool = True) -> None:
        draw = np.random.default_rng(seed)
        points = draw.random((places, 2))
        corners = Delaunay(points).simplices
        pairs = np.unique(np.sort(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]), axis=1), axis=0)
        pairs = pairs[draw.random(len(pairs)) < 0.8]
        self.places, self.pairs = places, pairs
        self.length = np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1)
        self.network = Network.of(places, pairs[:, 0], pairs[:, 1], self.length)
        self.shut = draw.random((runs if alone else 1, DAYS, len(pairs))) < 0.15
        self.alive = draw.random((runs, DAYS, places)) < living
        chosen = draw.permutation(places)
        self.inside, self.bases = np.sort(chosen[:2]), np.sort(chosen[2:4])
        self.alive[..., self.bases] = True

    def graph(self, run: int, d: int) -> "nx.Graph[int]":
        """Return what is left on one day of one run."""
        left: nx.Graph[int] = nx.Graph()
        left.add_nodes_from(np.flatnonzero(self.alive[run, d]).tolist())
        for link, (a, b) in enumerate(self.pairs.tolist()):
            if not self.shut[min(run, len(self.shut) - 1), d, link] and a in left and b in left:
                left.add_edge(a, b, km=float(self.length[link]))
        return left


planar = st.builds(Planar, st.integers(0, 10_000), st.integers(6, 24), alone=st.booleans())
few = st.builds(Planar, st.integers(0, 10_000), st.integers(6, 24), runs=st.just(4), living=st.sampled_from([0.5, 0.8, 1.0]))


def plain_reach(graph: "nx.Graph[int]", sources: list[int]) -> set[int]:
    """Return what is reached from the sources, by a stack."""
    seen, todo = set(sources), list(sources)
    while todo:
        fresh = set(graph[todo.pop()]) - seen
        seen |= fresh
        todo += fresh
    return seen


def plain_articulation(graph: "nx.Graph[int]") -> set[int]:
    """Return the places without which there are more parts than before, by trying each."""
    parts = nx.number_connected_components(graph)
    return {p for p in graph if nx.number_connected_components(graph.subgraph(set(graph) - {p})) > parts - (not graph[p]) if len(graph) > 1}


def contracted(graph: "nx.Graph[int]", inside: list[int], bases: list[int]) -> "tuple[nx.Graph[Any], int]":
    """Return the graph with all places inside as one and all bases as one, and how many links join the two straight."""
    whole: nx.Graph[Any] = nx.Graph()
    whole.add_nodes_from(["in", "out"])
    name = {**dict.fromkeys(bases, "out"), **{p: "in" for p in inside if p not in bases}}
    direct = 0
    for a, b in graph.edges:
        ends = {name.get(a, a), name.get(b, b)}
        direct += ends == {"in", "out"}
        if len(ends) == 2 and ends != {"in", "out"}:
            whole.add_edge(*ends)
    return whole, direct


@settings(deadline=None, max_examples=25)
@given(planar)
def test_what_is_reached_is_what_networkx_joins_to_a_source(toy: Planar) -> None:
    found, cut = np.empty(toy.alive.shape, dtype=bool), np.empty(toy.alive.shape[:2], dtype=bool)
    graph.reach(*toy.network.rows, toy.shut, toy.alive, toy.bases, found)
    graph.cut_off(*toy.network.rows, toy.shut, toy.alive, toy.inside, toy.bases, cut)
    for run in (0, 1, 63, 64, RUNS - 1):
        for d in range(DAYS):
            left = toy.graph(run, d)
            joined = set().union(*(nx.node_connected_component(left, base) for base in toy.bases.tolist()))
            assert set(np.flatnonzero(found[run, d]).tolist()) == joined == plain_reach(left, toy.bases.tolist())
            assert cut[run, d] == (not joined & set(toy.inside.tolist()))


@settings(deadline=None, max_examples=25)
@given(few)
def test_parts_and_joints_are_those_of_networkx(toy: Planar) -> None:
    labels, again = np.empty(toy.alive.shape, dtype=np.int32), np.empty(toy.alive.shape, dtype=np.int32)
    joint = np.empty(toy.alive.shape, dtype=bool)
    graph.components(*toy.network.rows, toy.shut, toy.alive, labels)
    graph.articulation(*toy.network.rows, toy.shut, toy.alive, again, joint)
    assert np.array_equal(labels, again)
    for run, d in np.ndindex(*toy.alive.shape[:2]):
        left = toy.graph(run, d)
        parts = sorted((sorted(part) for part in nx.connected_components(left)), key=lambda part: part[0])
        assert [np.flatnonzero(labels[run, d] == i).tolist() for i in range(len(parts))] == parts
        assert (labels[run, d] == -1).tolist() == (~toy.alive[run, d]).tolist()
        assert set(np.flatnonzero(joint[run, d]).tolist()) == set(nx.articulation_points(left)) == plain_articulation(left)


@settings(deadline=None, max_examples=60)
@given(few)
def test_routes_are_as_many_as_networkx_finds_and_share_no_place(toy: Planar) -> None:
    inside, base = mask(toy.inside, toy.places), mask(toy.bases, toy.places)
    count = np.empty(toy.alive.shape[:2], dtype=np.int64)
    routes.count_routes(*toy.network.rows, toy.length, toy.shut, toy.alive, inside, base, count)
    for run, d in np.ndindex(*count.shape):
        left = toy.graph(run, d)
        whole, direct = contracted(left, toy.inside.tolist(), toy.bases.tolist())
        assert count[run, d] == direct + nx.node_connectivity(whole, "in", "out")
        found, after, before, cut = one_flow(toy, run, d, inside, base)
        assert found == count[run, d]
        assert cut.sum() == found - direct
        whole.remove_nodes_from(np.flatnonzero(cut).tolist())
        assert not nx.has_path(whole, "in", "out")
        used = [place for route in followed(after, before) for place in route]
        assert len(used) == len(set(used))
        assert all(left.has_edge(a, b) for route in followed(after, before) for a, b in pairwise(route))


@settings(deadline=None, max_examples=40)
@given(few)
def test_routes_are_together_as_short_as_can_be(toy: Planar) -> None:
    inside, base = mask(toy.inside, toy.places), mask(toy.bases, toy.places)
    left = toy.graph(0, 0)
    _, direct = contracted(left, toy.inside.tolist(), toy.bases.tolist())
    found, after, before, _ = one_flow(toy, 0, 0, inside, base)
    km = 0.0
    for route in followed(after, before):
        km += min(left.edges[p, route[0]]["km"] for p in toy.inside.tolist() if left.has_edge(p, route[0]))
        km += min(left.edges[route[-1], b]["km"] for b in toy.bases.tolist() if left.has_edge(route[-1], b))
        km += sum(left.edges[a, b]["km"] for a, b in pairwise(route))
    assert km == pytest.approx(least_km(left, toy, found - direct), abs=1e-3)


@settings(deadline=None, max_examples=25)
@given(few)
def test_shortest_ways_are_those_of_networkx(toy: Planar) -> None:
    far, back = np.empty(toy.alive.shape), np.empty(toy.alive.shape, dtype=np.int32)
    lost = int(toy.bases[0])
    routes.shortest(*toy.network.rows, toy.length, toy.shut, toy.alive, toy.inside, lost, far, back)
    for run, d in np.ndindex(*toy.alive.shape[:2]):
        left = toy.graph(run, d)
        left.remove_node(lost)
        sources = {p for p in toy.inside.tolist() if p in left}
        known = nx.multi_source_dijkstra_path_length(left, sources, weight="km") if sources else {}
        assert {p: far[run, d, p] for p in np.flatnonzero(np.isfinite(far[run, d])).tolist()} == pytest.approx(known)
        for p in np.flatnonzero(back[run, d] >= 0).tolist():
            assert far[run, d, back[run, d, p]] + left.edges[p, int(back[run, d, p])]["km"] == pytest.approx(far[run, d, p])


def test_a_graph_of_which_nothing_is_ever_shut_needs_no_mask() -> None:
    toy = Planar(3, 20)
    never, open_mask = np.zeros((1, DAYS, 0), dtype=bool), np.zeros_like(toy.shut)
    one, other = np.empty(toy.alive.shape, dtype=np.int32), np.empty(toy.alive.shape, dtype=np.int32)
    graph.components(*toy.network.rows, never, toy.alive, one)
    graph.components(*toy.network.rows, open_mask, toy.alive, other)
    assert np.array_equal(one, other)


def test_known_places_are_told_alike_or_not() -> None:
    status = np.zeros((3, 2, 4), dtype=np.int8)
    status[:, 1, 2] = -1
    known, alike = graph.known_alike(status)
    assert alike
    assert known.tolist() == (status[0] != -1).tolist()
    status[2, 0, 0] = -1
    assert not graph.known_alike(status)[1]


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=20)
def test_looking_up_and_keeping_parts_are_their_plain_twins(seed: int) -> None:
    draw = np.random.default_rng(seed)
    status = draw.integers(-1, 3, (5, 3, 7)).astype(np.int8)
    follow, pattern = draw.integers(0, 7, (2, 7)), draw.integers(0, 2, (5, 3))
    answer = np.array([False, True, False, True])
    out = np.empty(status.shape, dtype=bool)
    graph.look_up(status, follow, pattern, answer, out)
    assert np.array_equal(out, answer[1 + np.take_along_axis(status, follow[pattern], axis=2)])
    labels = draw.integers(-1, 3, (5, 3, 7)).astype(np.int32)
    kept = labels.copy()
    graph.keep_parts(kept, out)
    for run, d in np.ndindex(5, 3):
        wanted = set(labels[run, d][out[run, d]].tolist()) - {-1}
        assert kept[run, d].tolist() == [label if label in wanted else -1 for label in labels[run, d].tolist()]


def one_flow(toy: Planar, run: int, d: int, inside: NDArray[np.bool_], base: NDArray[np.bool_]) -> tuple[Any, ...]:
    after, before = np.empty(toy.places, dtype=np.int32), np.empty(toy.places, dtype=np.int32)
    cut, work = np.empty(toy.places, dtype=bool), routes.workspace(toy.places)
    asked = (*toy.network.rows, toy.length, toy.shut[run, d], toy.alive[run, d], inside, base, True, work, after, before, cut)
    return routes.disjoint(*asked), after, before, cut


def followed(after: NDArray[np.int32], before: NDArray[np.int32]) -> list[list[int]]:
    """Return the routes by their places."""
    found = []
    for first in np.flatnonzero(before == -2).tolist():
        route = [first]
        while after[route[-1]] >= 0:
            route.append(int(after[route[-1]]))
        found.append(route)
    return found


def least_km(left: "nx.Graph[int]", toy: Planar, routes: int) -> float:
    """Return the least km that so many place-disjoint routes need, by networkx's minimum cost flow on the split graph, in whole metres of 1e-6."""
    split: nx.DiGraph[Any] = nx.DiGraph()
    split.add_node("in", demand=-routes)
    split.add_node("out", demand=routes)
    inside, bases = set(toy.inside.tolist()) - set(toy.bases.tolist()), set(toy.bases.tolist())
    for p in set(left) - inside - bases:
        split.add_edge((p, 0), (p, 1), capacity=1, weight=0)
    for a, b, data in [*left.edges(data=True), *((b, a, data) for a, b, data in left.edges(data=True))]:
        if (a in inside and b in inside | bases) or a in bases or b in inside:
            continue
        tail, head = "in" if a in inside else (a, 1), "out" if b in bases else (b, 0)
        weight = min(round(data["km"] * 1e6), split.edges[tail, head]["weight"] if split.has_edge(tail, head) else 10**12)
        split.add_edge(tail, head, capacity=1, weight=weight)
    return float(nx.min_cost_flow_cost(split)) / 1e6
