"""
Graph kernels against their peers: the same graphs, the same answers (asserted), one run, ratios of the best of several times.

    python benchmarks/graph.py

networkx and scipy come with qsim. igraph (GPL), rustworkx and OR-tools are asked too where they are installed: keep them in an environment
of the benchmark's own. What is timed runs on one core.
"""

import os
import platform
from importlib.util import find_spec
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay
from timing import best

import qsim
from qsim.belief.timeline import Ensemble
from qsim.geography.encirclement import encirclement
from qsim.geography.kernels import graph, routes
from qsim.geography.reachability import Network, mask, passage

PLACES, DAYS, SEED = 33_000, 5, 7
NEVER = np.zeros((1, DAYS, 0), dtype=bool)


def delaunay(places: int) -> tuple[NDArray[np.int_], NDArray[np.float64]]:
    """Return the links (links, 2) of a Delaunay graph of random points, and the points."""
    points = np.random.default_rng(SEED).random((places, 2))
    corners = Delaunay(points).simplices
    pairs = np.sort(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]), axis=1)
    return np.unique(pairs, axis=0), points


def held(points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which places (days, places) a side holds: 7 in 10, at random, others each day."""
    return np.random.default_rng(SEED + 1).random((DAYS, len(points))) < 0.7


def left_of(pairs: NDArray[np.int_], alive: NDArray[np.bool_]) -> NDArray[np.int_]:
    """Return the links between places that are alive."""
    return pairs[alive[pairs].all(axis=1)]


def networkx_day(pairs: NDArray[np.int_], alive: NDArray[np.bool_]) -> tuple[int, set[int]]:
    """Return the number of parts and the articulation points of one day, the graph built anew."""
    day: nx.Graph[int] = nx.Graph()
    day.add_nodes_from(np.flatnonzero(alive).tolist())
    day.add_edges_from(left_of(pairs, alive).tolist())
    return nx.number_connected_components(day), set(nx.articulation_points(day))


def scipy_labels(pairs: NDArray[np.int_], alive: NDArray[np.bool_], *, times: int) -> tuple[float, float, NDArray[np.int32]]:
    """Return the seconds with and without building the matrix, and the labels."""

    def built() -> Any:
        left = left_of(pairs, alive)
        return coo_array((np.ones(len(left), dtype=np.int8), (left[:, 0], left[:, 1])), shape=(len(alive), len(alive))).tocsr()

    building, matrix = best(built, times)
    asking, (_, labels) = best(lambda: connected_components(matrix, directed=False), times)
    return building + asking, asking, labels


def igraph_labels(pairs: NDArray[np.int_], alive: NDArray[np.bool_], *, times: int) -> tuple[float, float, NDArray[np.int32]] | None:
    """Return what `scipy_labels` does by igraph; None where it is not installed."""
    if find_spec("igraph") is None:
        return None
    import igraph

    building, day = best(lambda: igraph.Graph(n=len(alive), edges=left_of(pairs, alive)), times)
    asking, found = best(day.connected_components, times)
    return building + asking, asking, np.array(found.membership)


def joints_by_peers(pairs: NDArray[np.int_], alive: NDArray[np.bool_], *, times: int) -> dict[str, tuple[float, float, set[int]] | None]:
    """Return the seconds with and without building the graph, and the articulation points, by igraph and rustworkx where installed."""
    found: dict[str, tuple[float, float, set[int]] | None] = dict.fromkeys(("igraph", "rustworkx"))
    if find_spec("igraph") is not None:
        import igraph

        building, day = best(lambda: igraph.Graph(n=len(alive), edges=left_of(pairs, alive)), times)
        asking, joints = best(day.articulation_points, times)
        found["igraph"] = building + asking, asking, set(joints)
    if find_spec("rustworkx") is not None:
        import rustworkx

        def built() -> Any:
            day = rustworkx.PyGraph()
            day.add_nodes_from(range(len(alive)))
            day.add_edges_from_no_data(list(map(tuple, left_of(pairs, alive).tolist())))
            return day

        building, day = best(built, times)
        asking, joints = best(lambda: rustworkx.articulation_points(day), times)
        found["rustworkx"] = building + asking, asking, set(joints)
    return found


def same_parts(mine: NDArray[np.int32], theirs: NDArray[np.int32], alive: NDArray[np.bool_]) -> bool:
    """Return whether two labellings make the same parts of the places that are alive."""
    pairs = np.unique(np.column_stack([mine[alive], theirs[alive]]), axis=0)
    return len(pairs) == len(np.unique(mine[alive])) == len(np.unique(theirs[alive]))


def parts_and_joints() -> None:
    """Components and articulation points of 33,000 places, a day at a time for the peers, all days in one call here."""
    pairs, points = delaunay(PLACES)
    network = Network.of(PLACES, pairs[:, 0], pairs[:, 1], np.ones(len(pairs)))
    alive = held(points)[None]
    labels, joint = np.empty(alive.shape, dtype=np.int32), np.empty(alive.shape, dtype=bool)
    graph.components(*network.rows, NEVER, alive, labels)
    graph.articulation(*network.rows, NEVER, alive, labels, joint)
    both = best(lambda: graph.articulation(*network.rows, NEVER, alive, labels, joint), 7)[0] / DAYS
    only = best(lambda: graph.components(*network.rows, NEVER, alive, labels), 7)[0] / DAYS
    theirs, answers = best(lambda: [networkx_day(pairs, alive[0, d]) for d in range(DAYS)], 2)
    for d, (parts, joints) in enumerate(answers):
        assert labels[0, d].max() + 1 == parts
        assert set(np.flatnonzero(joint[0, d]).tolist()) == joints
    print(f"{PLACES:,} places, {len(pairs):,} links, {alive[0].mean():.0%} of them alive; per day:")
    print(
        f"  components + articulation points  qsim {both * 1e3:7.2f} ms  networkx {theirs / DAYS * 1e3:8.1f} ms  x {theirs / DAYS / both:.0f}"
    )
    peers = {"scipy": scipy_labels(pairs, alive[0, 0], times=7), "igraph": igraph_labels(pairs, alive[0, 0], times=7)}
    for name, told in peers.items():
        if told is None:
            print(f"  components                        {name} is not installed")
            continue
        assert same_parts(labels[0, 0], told[2], alive[0, 0])
        ratios = f"x {told[0] / only:.1f}, without building its graph {told[1] * 1e3:.2f} ms x {told[1] / only:.1f}"
        print(f"  components                        qsim {only * 1e3:7.2f} ms  {name} {told[0] * 1e3:8.2f} ms  {ratios}")
    for name, joints_told in joints_by_peers(pairs, alive[0, 0], times=7).items():
        if joints_told is None:
            print(f"  articulation points               {name} is not installed")
            continue
        assert joints_told[2] == set(np.flatnonzero(joint[0, 0]).tolist())
        ratios = f"x {joints_told[0] / both:.1f}, without building its graph {joints_told[1] * 1e3:.2f} ms x {joints_told[1] / both:.1f}"
        print(f"  articulation points (ours: both)  qsim {both * 1e3:7.2f} ms  {name} {joints_told[0] * 1e3:8.2f} ms  {ratios}")


def smallest_cut() -> None:
    """The smallest set of places that cuts a small pocket from the bases: 300 places hang together in the middle of 33,000."""
    pairs, points = delaunay(PLACES)
    network = Network.of(PLACES, pairs[:, 0], pairs[:, 1], np.ones(len(pairs)))
    order = np.argsort(((points - 0.5) ** 2).sum(axis=1))
    alive, town = mask(order[:300], PLACES), int(order[0])
    beside = set(network.heads[network.start[town] : network.start[town + 1]].tolist())
    bases = np.array([p for p in order[280:300] if p not in beside])
    inside, base = mask([town], PLACES), mask(bases, PLACES)
    after, before = np.empty(PLACES, dtype=np.int32), np.empty(PLACES, dtype=np.int32)
    cut, work = np.empty(PLACES, dtype=bool), routes.workspace(PLACES)
    no_length, none_shut = network.length, NEVER[0, 0]
    asked = (*network.rows, no_length, none_shut, alive, inside, base, False, work, after, before, cut)
    routes.disjoint(*asked)
    mine, found = best(lambda: routes.disjoint(*asked), 200)
    theirs, cut_by_networkx = best(lambda: networkx_cut(left_of(pairs, alive), town, set(bases.tolist())), 7)
    assert found == cut.sum() == len(cut_by_networkx)
    for places in (set(np.flatnonzero(cut).tolist()), cut_by_networkx):
        assert separates(left_of(pairs, alive), town, bases, places)
    print(f"Smallest cut of a pocket of {alive.sum()} places from {len(bases)} bases: {found} places")
    print(f"  qsim {mine * 1e3:.3f} ms  networkx, given only the pocket and its graph built, {theirs * 1e3:.1f} ms  x {theirs / mine:.0f}")
    if find_spec("ortools") is not None:
        their, flow = best(lambda: ortools_cut(left_of(pairs, alive), [town], bases.tolist()), 20)
        assert flow == found
        print(f"  qsim {mine * 1e3:.3f} ms  OR-tools, the same, {their * 1e3:.2f} ms  x {their / mine:.1f}")
    else:
        print("  OR-tools is not installed")


def whole_map_cut() -> None:
    """The smallest set of places that cuts the middle of the map, 300 places, from 300 at its rim, on all 33,000."""
    pairs, points = delaunay(PLACES)
    network = Network.of(PLACES, pairs[:, 0], pairs[:, 1], np.ones(len(pairs)))
    order = np.argsort(((points - 0.5) ** 2).sum(axis=1))
    inside, base, alive = mask(order[:300], PLACES), mask(order[-300:], PLACES), np.ones(PLACES, dtype=bool)
    after, before = np.empty(PLACES, dtype=np.int32), np.empty(PLACES, dtype=np.int32)
    cut, work = np.empty(PLACES, dtype=bool), routes.workspace(PLACES)
    asked = (*network.rows, network.length, NEVER[0, 0], alive, inside, base, False, work, after, before, cut)
    routes.disjoint(*asked)
    mine, found = best(lambda: routes.disjoint(*asked), 5)
    print(f"Smallest cut of the middle of the whole map, {PLACES:,} places: {found} places\n  qsim {mine * 1e3:.0f} ms")
    if find_spec("ortools") is not None:
        their, flow = best(lambda: ortools_cut(pairs, order[:300].tolist(), order[-300:].tolist()), 3)
        assert flow == found
        print(f"  OR-tools, its graph built, {their * 1e3:.0f} ms  x {their / mine:.2f}")


def networkx_cut(left: NDArray[np.int_], town: int, bases: set[int]) -> set[int]:
    """Return networkx's smallest cut between the town and its bases, which are joined to one place beyond."""
    pocket: nx.Graph[int] = nx.Graph(left.tolist())
    contracted = nx.Graph((-1 if a in bases else a, -1 if b in bases else b) for a, b in pocket.edges if not (a in bases and b in bases))
    return set(nx.minimum_node_cut(contracted, town, -1))


def separates(left: NDArray[np.int_], town: int, bases: NDArray[np.int_], places: set[int]) -> bool:
    """Return whether the town reaches no base without these places."""
    pocket: nx.Graph[int] = nx.Graph(left.tolist())
    pocket.remove_nodes_from(places)
    return not nx.node_connected_component(pocket, town) & set(bases.tolist())


def ortools_cut(left: NDArray[np.int_], town: list[int], bases: list[int]) -> int:
    """Return the size of the smallest cut by OR-tools' maximum flow, every place split into its entry and its exit."""
    from ortools.graph.python import max_flow

    places, ends = np.unique(left, return_inverse=True)
    a, b = ends.reshape(left.shape).T
    starts, ends_at = np.flatnonzero(np.isin(places, town)), np.flatnonzero(np.isin(places, bases))
    free, count = np.isin(places, [*town, *bases]), len(places)
    tails = np.concatenate([np.arange(count), a + count, b + count, ends_at + count, np.full(len(starts), 2 * count + 1)])
    heads = np.concatenate([np.arange(count) + count, b, a, np.full(len(ends_at), 2 * count), starts + count])
    capacity = np.concatenate([np.where(free, 10_000, 1), np.full(2 * len(a) + len(ends_at) + len(starts), 10_000)])
    flow = max_flow.SimpleMaxFlow()
    flow.add_arcs_with_capacity(tails, heads, capacity)
    flow.solve(2 * count + 1, 2 * count)
    return int(flow.optimal_flow())


def many_histories() -> None:
    """Encirclement of one town on 10,000 histories of 66 days."""
    theatre, ledger = qsim.load("qusayr")
    timeline = qsim.reconstruct(theatre, ledger, start="2013-04-04", end="2013-06-08", policy="hmm")
    histories = timeline.sample(10_000, seed=SEED)
    encirclement(histories[:1], "qusayr", "opposition")
    encirclement(histories, "qusayr", "opposition")
    mine, found = best(lambda: encirclement(histories, "qusayr", "opposition"))
    some = histories[:50]
    theirs, told = best(lambda: scipy_encirclement(some, "qusayr", "opposition"), 1)
    assert np.array_equal(found[:50], told)
    runs, days, places = histories.status.shape
    each = theirs / 50 * runs
    print(f"Encirclement of one town, {runs:,} histories x {days} days x {places} places")
    print(f"  qsim {mine:.2f} s  a loop over scipy's connected_components {each:.0f} s (measured on 50 histories)  x {each / mine:.0f}")


def scipy_encirclement(histories: Ensemble, place: str, side: str) -> NDArray[np.bool_]:
    """Return the same by a matrix and a call of scipy for each run and day; what can be passed is given."""
    ways = passage(histories, side)
    ends = np.array([(histories.theatre.index[link.a], histories.theatre.index[link.b]) for link in histories.theatre.links])
    targets, places = ways.targets(place), ways.open.shape[2]
    cut = np.ones(ways.open.shape[:2], dtype=bool)
    for run, d in np.ndindex(*cut.shape):
        passable = ways.open[run, d]
        a, b = ends[passable[ends].all(axis=1) & ~ways.shut[min(run, len(ways.shut) - 1), d]].T
        matrix = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(places, places)).tocsr()
        labels = connected_components(matrix, directed=False)[1]
        cut[run, d] = not np.isin(labels[targets[passable[targets]]], labels[ways.bases[passable[ways.bases]]]).any()
    return cut


def machine() -> str:
    """Return the processor and the versions that the figures belong to."""
    model = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo", encoding="utf-8") as told:
            model = next((line.partition(":")[2].strip() for line in told if line.startswith("model name")), model)
    return (
        f"{model}, {os.cpu_count()} cores, one used; Python {platform.python_version()}, networkx {nx.__version__}, numpy {np.__version__}"
    )


if __name__ == "__main__":
    print(machine())
    parts_and_joints()
    smallest_cut()
    whole_map_cut()
    many_histories()
