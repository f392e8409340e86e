"""
The simulation against its peers: the rules reduced to an SIS epidemic, the same graph and rates, one run on one core, ratios of best times.

Times are processor time of this process, bound to one core.

    python benchmarks/ensemble.py

NDlib (BSD; the same daily model) and EoN (MIT; the continuous process, event by event) are asked where they are installed: keep them in an
environment of the benchmark's own. A third, hyperSIS (exact as EoN, in Fortran, some 64 to 80 such runs a second where it was tried by itself),
compiles itself and is not asked here. The models must agree to compare: where a peer is installed, the means of infected places must lie within
1 % and three standard errors of each other, and the counts of runs must not differ in distribution (Kolmogorov and Smirnov, p > 0.001).
"""

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import networkx as nx
import numba
import numpy as np
from numpy.typing import NDArray
from scipy.stats import ks_2samp
from timing import best as least

import qsim
from qsim.belief.timeline import Ensemble
from qsim.record.theatre import Base, Link, Place, Side, Theatre
from qsim.simulation.model import Simulation, expected, simulate
from qsim.simulation.rules import Rules

SIDE, DAYS, BETA, GAMMA, RUNS, SEED = 32, 100, 0.15, 0.2, 2048, 7
SIS = Rules(tempo={"healthy": 1.0, "none": 0.0}, resolve=GAMMA, spill=BETA).without("supply", "defence", "pocket")


def best(work: Callable[[], Any], times: int = 3) -> tuple[float, Any]:
    """Return the least processor time that some work took, and its last answer."""
    return least(work, times, time.process_time)


def grid() -> tuple[Theatre, "nx.Graph[str]", list[int]]:
    """Return the grid as a theatre and as a graph, and the positions of those infected first: a row of 32."""
    graph: nx.Graph[str] = nx.Graph([(f"{a}-{b}", f"{c}-{d}") for (a, b), (c, d) in nx.grid_2d_graph(SIDE, SIDE).edges])
    ids = [f"{a}-{b}" for a in range(SIDE) for b in range(SIDE)]
    places = tuple(Place(id, id, 0.0, 0.0) for id in ids)
    links = tuple(Link(f"{a}_{b}", "", a, b) for a, b in graph.edges)
    sides = (Side("healthy", "Healthy", "#0072B2", {}, (Base(ids[0]),)), Side("none", "Nobody", "#E69F00", {}, (Base(ids[0]),)))
    return Theatre("grid", "A grid", places, links, sides), graph, [i for i, id in enumerate(ids) if id.startswith("16-")]


def start(where: Theatre, first: list[int]) -> Ensemble:
    """Return the first map: infected is contested, everybody else healthy."""
    status = np.zeros((1, 1, len(where.places)), dtype=np.int8)
    status[..., first] = 2
    return Ensemble(where, None, np.array(["2001-01-01"], dtype="datetime64[D]"), status)


def ndlib_run(graph: "nx.Graph[str]", first: list[str]) -> int:
    """Return how many are infected after one run of NDlib's SIS."""
    from ndlib.models.epidemics import SISModel
    from ndlib.models.ModelConfig import Configuration

    model = SISModel(graph)
    config = Configuration()
    config.add_model_parameter("beta", float(1 - np.exp(-BETA)))
    config.add_model_parameter("lambda", float(1 - np.exp(-GAMMA)))
    config.add_model_initial_configuration("Infected", first)
    model.set_initial_status(config)
    count = 0
    for _ in range(DAYS + 1):
        count = model.iteration()["node_count"][1]
    return count


def eon_run(graph: "nx.Graph[str]", first: list[str]) -> int:
    """Return how many are infected after one run of EoN's fast_SIS."""
    import EoN

    return int(EoN.fast_SIS(graph, BETA, GAMMA, initial_infecteds=first, tmax=DAYS)[2][-1])


def peer(name: str, run: Callable[[], int], ours: float, infected: NDArray[np.int_], runs: int) -> None:
    """Print the time of a peer's run and how many times longer it takes; stop where its answers are others."""
    if find_spec(name) is None:
        print(f"{name:<24} not installed")
        return
    taken, counts = [], []
    for _ in range(runs):
        seconds, count = best(run, times=1)
        taken.append(seconds)
        counts.append(count)
    mean, error = float(np.mean(counts)), float(np.std(counts, ddof=1) / np.sqrt(runs))
    told = f"{min(taken) * 1e3:>12.3f} ms a run {min(taken) / ours:>9,.0f} x"
    print(f"{name:<24}{told}   {mean:7.1f} ± {error:.1f} infected on the last day")
    p = float(ks_2samp(infected, counts).pvalue)
    assert abs(mean - infected.mean()) < 0.01 * mean + 3 * error, "the means differ"
    assert p > 0.001, f"the distributions differ, p = {p:.2g}"


def sis() -> None:
    """Race the SIS epidemic on a 32 x 32 grid, 100 days: daily against NDlib, at eight steps a day against EoN."""
    where, graph, first = grid()
    begin, ids = start(where, first), [where.places[i].id for i in first]
    for steps, name, run, runs in ((1, "ndlib", ndlib_run, 12), (8, "EoN", eon_run, 200)):
        simulate(begin, SIS, days=1, runs=256, seed=SEED, steps=steps)
        seconds, found = best(lambda steps=steps: simulate(begin, SIS, days=DAYS, runs=RUNS, seed=SEED, steps=steps))
        infected = (found.status[:, -1] == 2).sum(axis=1)
        error = infected.std(ddof=1) / np.sqrt(RUNS)
        print(
            f"{f'qsim, {steps} a day':<24}{seconds / RUNS * 1e3:>12.3f} ms a run {'':>11}   {infected.mean():7.1f} ± {error:.1f} infected on the last day"
        )
        peer(name, lambda run=run: run(graph, ids), seconds / RUNS, infected, runs)
    fine = simulate(begin, SIS, days=DAYS, runs=RUNS, seed=SEED, steps=64).status[:, -1] == 2
    print(f"{'qsim, 64 a day':<24}{'':>32}   {fine.sum(axis=1).mean():7.1f} ± {fine.sum(axis=1).std(ddof=1) / np.sqrt(RUNS):.1f}")


def qusayr() -> None:
    """Time the whole rules on the theatre of al-Qusayr: 10,000 runs of 66 days, kept and streamed."""
    theatre, ledger = qsim.load("qusayr")
    eve = qsim.reconstruct(theatre, ledger.known_by("2013-04-04"), start="2013-04-01", end="2013-04-04").at("2013-04-04")
    rules = Rules(tempo={"government": 0.05, "opposition": 0.01}, unprovoked=0.01, spill=0.01, surrender=0.02)
    asked = Simulation(eve, rules, days=66, runs=10_000, seed=SEED)
    for name, run in (("kept", lambda: simulate(eve, rules, days=66, runs=10_000, seed=SEED)), ("streamed", lambda: expected(asked))):
        seconds, _ = best(run)
        print(f"qusayr, 10,000 runs x 66 days, all rules, {name}: {seconds:.2f} s")


FIRST = """
import time
import ensemble
where, _, first = ensemble.grid()
begin = time.process_time()
found = ensemble.simulate(ensemble.start(where, first), ensemble.SIS, days=1, runs=1, seed=7)
print(time.process_time() - begin, found.status.shape)
"""


def compiling() -> None:
    """Time what the first call of an installation takes longer than a later one: it compiles."""
    told = []
    with tempfile.TemporaryDirectory() as cache:
        paths = os.pathsep.join([os.path.dirname(os.path.abspath(__file__)), *sys.path])
        environment = {**os.environ, "NUMBA_CACHE_DIR": cache, "PYTHONPATH": paths}
        for _ in range(2):
            told.append(subprocess.run([sys.executable, "-c", FIRST], env=environment, capture_output=True, text=True, check=True).stdout)
    assert all(each.partition(" ")[2].strip() == "(1, 2, 1024)" for each in told)
    first, later = (float(each.partition(" ")[0]) for each in told)
    print(f"the first call of an installation, which compiles: {first - later:.1f} s")


if __name__ == "__main__":
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, numba {numba.__version__}, one thread\n")
    sis()
    qusayr()
    compiling()
