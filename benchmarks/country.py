"""
A made-up war of a whole country, of any size, from its files to a picture: seconds of processor, memory, and peers in the same run.

    python benchmarks/country.py [--places 1000 --days 400 --claims 40000] [--against 4000] [--store] [--peer-python VENV/bin/python]

Steps in order: the country is made and written as CSV and as Parquet; ways, cells and borders are drawn between its places; both are loaded and checked, beside pandas reading the same file;
`hmm`; `last_claim`, `vote`, beside the same rule as a pandas group-by, its winners asserted equal; Brier scores of all of them over the same places and
days, all over and near the front, and how far they are from right where they are sure; `hmm` by one thread; hmmlearn's smoothing of as many chains of
the same days (timed on a hundred of them), and, by the Python given, crowd-kit's Dawid-Skene in windows of 28 days; why one place is believed; the encirclement of a pocket; a picture; export to Parquet. Memory is the
most that the process has held by then. With `--against` all is done again in a process of its own with that many places and as many
claims a place, and the exponents of growth are printed: 1 is linear in the number of claims.
"""

import argparse
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
import countries

import qsim
from qsim.belief.timeline import FLAT, Timeline
from qsim.belief.vote import HALF_LIFE_DAYS
from qsim.exchange.export import export
from qsim.record import threads
from qsim.record.geometry import cells, shared_borders, suggest_links
from qsim.record.threads import processors

POCKET, RUNS, LAST_DAYS, BLOCK, CHAINS = 300, 20, 60, 1000, 100
VOTE_DAYS, BIN_DAYS = 7, 28
DAWID_SKENE = Path(__file__).resolve().parent / "dawid_skene.py"


class Told:
    """What each step took: seconds of this process's processor time, and on the clock, and the most memory by then."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.clock: dict[str, float] = {}
        self.notes: dict[str, str] = {}

    def __call__(self, name: str, work: Callable[[], Any], note: Callable[[Any], str] = lambda _: "") -> Any:
        begin, clock = time.process_time(), time.perf_counter()
        answer = work()
        self.seconds[name], self.clock[name] = time.process_time() - begin, time.perf_counter() - clock
        held = _most_memory_mb()
        print(f"| {name} | {self.seconds[name]:.2f} s | {held:,.0f} MB | {note(answer)} |", flush=True)
        return answer


def _most_memory_mb() -> float:
    """Return the most memory that this process has held; `getrusage` would count what its parent held as well."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(next(line for line in status.read_text().splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def peers(folder: Path, days: int, places: list[str]) -> pd.DataFrame:
    """Return the claims as pandas reads them, in codes: place, origin, status, day; in the order in which they count; copies are not `first`."""
    claims, sources = pd.read_parquet(folder / "claims.parquet"), pd.read_parquet(folder / "sources.parquet").set_index("id")
    origin = sources.origin.where(sources.origin != "", sources.index.to_series())
    said = pd.DataFrame({
        "place": pd.Categorical(claims.place, places).codes.astype(np.int32),
        "origin": pd.Categorical(claims.source.map(origin)).codes,
        "status": pd.Categorical(claims.side.where(claims.kind != "contests", "contested"), countries.STATUSES).codes,
        "day": (pd.to_datetime(claims.start) - pd.Timestamp(countries.START)).dt.days,
    })  # fmt: skip
    said["source"], said["kind"], said["copy"] = claims.source, claims.kind, claims.source.map(sources.origin) != ""
    said = said[said.day < days].sort_values("copy", kind="stable")
    said["first"] = ~said.duplicated(["origin", "place", "kind", "status", "day"])
    said = said.sort_values(["day", "source", "place", "kind"], kind="stable", ignore_index=True)
    return said.drop(columns=["source", "kind", "copy"]).assign(row=np.arange(len(said)))


def newest(said: pd.DataFrame, by: list[str], days: int) -> pd.DataFrame:
    """Return the row of the newest claim on each day, (days, groups), NaN where there was none yet."""
    last = said.drop_duplicates([*by, "day"], keep="last")
    return last.pivot(index="day", columns=by, values="row").reindex(range(days)).ffill()


def last_claim_by_pandas(said: pd.DataFrame, days: int, places: int) -> np.ndarray:
    """Return what the last claim of each place says on each day, (days, places), -1 before the first."""
    wide, status = newest(said[said["first"]], ["place"], days), said.sort_values("row").status.to_numpy()
    found = np.full((days, places), -1, dtype=np.int8)
    rows = wide.to_numpy()
    found[:, wide.columns.get_level_values(0)] = np.where(np.isnan(rows), -1, status[np.nan_to_num(rows).astype(int)])
    return found


def vote_by_pandas(said: pd.DataFrame, days: int, places: int) -> np.ndarray:
    """Return each status's part of the votes, (days, places, statuses): a group-by over origins, by blocks of places; flat for a tie."""
    found, by_row = np.full((days, places, 3), 1 / 3), said.sort_values("row")
    status, day = by_row.status.to_numpy(), by_row.day.to_numpy()
    for first in range(0, places, BLOCK):
        wide = newest(said[said.place.between(first, first + BLOCK - 1)], ["place", "origin"], days)
        rows = np.nan_to_num(wide.to_numpy()).astype(int)
        weight = np.where(wide.isna(), 0.0, 0.5 ** ((np.arange(days)[:, None] - day[rows]) / HALF_LIFE_DAYS))
        sums = [pd.DataFrame((weight * (status[rows] == s)).T, wide.columns).groupby(level="place").sum() for s in range(3)]
        votes = np.stack([each.to_numpy().T for each in sums], axis=-1)
        total = votes.sum(axis=-1, keepdims=True)
        parts = np.divide(votes, total, out=np.full_like(votes, 1 / 3), where=total > 0)
        ranked = np.sort(parts, axis=-1)
        found[:, sums[0].index] = np.where((ranked[..., -1] - ranked[..., -2] < FLAT)[..., None], 1 / 3, parts)
    return found


def scores(made: countries.Country, belief: np.ndarray) -> str:
    """Return the Brier scores of a belief, 0..2, of all places and days and of those near the front, and its calibration error."""
    wrong, near, bins = np.zeros(2), np.zeros(2), np.zeros((3, 10))
    for d, true in enumerate(made.status):
        distance = ((belief[d] - np.eye(3, dtype=np.float32)[true]) ** 2).sum(axis=-1)
        for total, some in ((wrong, distance), (near, distance[made.near[d]])):
            total += some.sum(), some.size
        top = belief[d].max(axis=-1)
        which = np.minimum((top * 10).astype(int), 9)
        bins += [np.bincount(which, each, 10) for each in (np.ones_like(top), top, belief[d].argmax(axis=-1) == true)]
    off = np.abs(bins[1] - bins[2]).sum() / bins[0].sum()
    return f"Brier {wrong[0] / wrong[1]:.3f}, near the front {near[0] / near[1]:.3f}, calibration error {off:.3f}"


def vote_of_a_week(said: pd.DataFrame, days: int, places: int) -> np.ndarray:
    """Return each status's part of the claims of the seven days up to each day, (days, places, statuses), flat where there are none."""
    counts = np.zeros((days, places, 3), dtype=np.float32)
    np.add.at(counts, (said.day.to_numpy(), said.place.to_numpy(), said.status.to_numpy()), 1)
    counts = counts.cumsum(axis=0, dtype=np.float32)
    counts[VOTE_DAYS:] -= counts[:-VOTE_DAYS].copy()
    total = counts.sum(axis=-1, keepdims=True)
    return np.divide(counts, total, out=np.full_like(counts, 1 / 3), where=total > 0)


def dawid_skene(said: pd.DataFrame, days: int, places: int, python: str, root: Path) -> tuple[np.ndarray, float]:
    """Return crowd-kit's belief, (days, places, statuses), and the seconds that it took, each window of 28 days a task of each place."""
    table, answer = root / "said.npz", root / "answer.npz"
    task = said.day.to_numpy() // BIN_DAYS * places + said.place.to_numpy()
    np.savez(table, task=task, worker=said.origin.to_numpy(), label=said.status.to_numpy())
    subprocess.run([python, str(DAWID_SKENE), str(table), str(answer)], check=True)
    found = np.load(answer)
    belief = np.full((-(-days // BIN_DAYS) * places, 3), 1 / 3, dtype=np.float32)
    belief[found["task"]] = found["belief"]
    return belief.reshape(-1, places, 3)[np.arange(days) // BIN_DAYS], float(found["seconds"])


def smoothing_by_hmmlearn(days: int) -> None:
    """Smooth a hundred chains of so many days of which most are silent, by hmmlearn, one after another as it takes them."""
    from hmmlearn.hmm import CategoricalHMM

    model = CategoricalHMM(n_components=3, n_features=4)
    model.startprob_, model.transmat_ = np.full(3, 1 / 3), np.full((3, 3), 0.005) + 0.985 * np.eye(3)
    model.emissionprob_ = np.hstack([np.full((3, 1), 0.96), 0.04 * (0.1 + 0.7 * np.eye(3))])
    heard = np.random.default_rng(1).choice(4, (CHAINS, days, 1), p=[0.96, 0.02, 0.01, 0.01])
    heard[:, :4, 0] = np.arange(4)
    for each in heard:
        model.predict_proba(each)


def told_of(places: int, days: int, claims: int, seed: int, *, store: bool = False, python: str = "") -> dict[str, float]:
    """Do all of it, print the table, and return the seconds of each step."""
    told = Told()
    print(
        f"\n{places:,} places, {days:,} days, {claims:,} claims by 20 sources\n\n| what | processor | most memory by then | |\n|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        made = told("make the country", lambda: countries.country(places, days, claims, seed=seed), lambda it: f"{len(it.links):,} links")
        size = min(POCKET, places // 3)
        folders = [countries.write(made, root / name, parquet=name == "parquet", pocket_size=size) for name in ("csv", "parquet")]
        _geometry(told, made)
        _read(told, *folders)
        theatre, ledger = told("qsim.load, Parquet", lambda: qsim.load(folders[1]))
        kept = root / "belief" if store else None
        believed = told(
            "hmm, sources learned",
            lambda: qsim.reconstruct(theatre, ledger, store=kept),
            lambda it: f"{_rest(it)}; {scores(made, it.belief)}",
        )
        said = _by_rules(told, made, folders[1], theatre, ledger)
        _beside(told, made, said, believed, python, root)
        _threads(told, theatre, ledger, believed, root / "again" if store else None)
        _use(told, believed, root)
    return told.seconds


def _geometry(told: Told, made: countries.Country) -> None:
    told("suggest_links", lambda: suggest_links(made.places, countries.FRAME), lambda it: f"{len(it):,}")
    polygons = told("cells", lambda: cells(made.places, countries.FRAME))
    told("shared_borders", lambda: shared_borders(polygons), lambda it: f"{len(it):,}")


def _read(told: Told, csv: Path, parquet: Path) -> None:
    told("pandas.read_csv of claims.csv", lambda: pd.read_csv(csv / "claims.csv", parse_dates=["start", "reported"]))
    told("pandas.read_parquet of claims.parquet", lambda: pd.read_parquet(parquet / "claims.parquet"))
    told("qsim.load, CSV: read, checked, built", lambda: qsim.load(csv))


def _by_rules(told: Told, made: countries.Country, folder: Path, theatre: Any, ledger: Any) -> pd.DataFrame:
    days, places = made.status.shape
    said = told("pandas: read and code the claims", lambda: peers(folder, days, list(theatre.index)))
    last = told("last_claim", lambda: qsim.reconstruct(theatre, ledger, policy="last_claim"), lambda it: scores(made, it.belief))
    same = told("last_claim by pandas", lambda: last_claim_by_pandas(said, days, places), lambda _: "equal")
    assert (last.history == same).all()
    voted = told("vote", lambda: qsim.reconstruct(theatre, ledger, policy="vote"), lambda it: scores(made, it.belief))
    same = told("vote by pandas, a group-by", lambda: vote_by_pandas(said, days, places), lambda _: "equal")
    assert np.allclose(voted.belief, same, atol=1e-6)  # of so many numbers single precision
    return said


def _beside(told: Told, made: countries.Country, said: pd.DataFrame, believed: Timeline, python: str, root: Path) -> None:
    """Time and score the peers of `hmm`, and print how much longer they take."""
    days, places = made.status.shape
    took = told.seconds["hmm, sources learned"]
    told(f"a vote of {VOTE_DAYS} days", lambda: vote_of_a_week(said, days, places), lambda it: scores(made, it))
    told(f"hmmlearn, {CHAINS} chains smoothed once", lambda: smoothing_by_hmmlearn(days))
    rounds, slower = int(believed.model["rounds"]), told.seconds[f"hmmlearn, {CHAINS} chains smoothed once"] * places / CHAINS
    print(
        f"| smoothing all chains by hmmlearn, by these: once; {rounds} rounds | {slower:.0f} s; {slower * rounds:.0f} s | | {slower / took:.1f}; {slower * rounds / took:.0f} times as long as all of hmm |"
    )
    if python:
        belief, seconds = dawid_skene(said, days, places, python, root)
        print(
            f"| Dawid-Skene by crowd-kit, {BIN_DAYS} days a window | {seconds:.2f} s | | {seconds / took:.1f} times as long; {scores(made, belief)} |"
        )


def _threads(told: Told, theatre: Any, ledger: Any, believed: Timeline, kept: Path | None) -> None:
    """Do the same by one thread, to the same bits, and print how much longer that takes by the clock."""
    several, threads.processors = threads.processors, lambda: 1
    alone = told("hmm by one thread", lambda: qsim.reconstruct(theatre, ledger, store=kept))
    threads.processors = several
    assert np.array_equal(alone.history, believed.history)
    one, many = told.clock["hmm by one thread"], told.clock["hmm, sources learned"]
    print(f"| {processors()} threads, by the clock | {many:.2f} s | | one takes {one:.2f} s, {one / many:.2f} times as long |")


def _rest(timeline: Timeline) -> str:
    found = timeline.model
    moved = f"the last moved {float(str(found['moving'])):.1e} of the beliefs by more than the tolerance, one by {float(str(found['moved'])):.1e}"
    return f"{found['rounds']} rounds, {'converged' if found['converged'] else 'not converged'}: {moved}"


def _use(told: Told, timeline: Timeline, root: Path) -> None:
    moment, place = timeline.days[len(timeline) // 2], timeline.theatre.places[len(timeline.theatre.places) // 2].id
    replay = qsim.Replay(timeline, moment)
    told("why, the first place", lambda: str(replay.why(place)))
    told("why, another", lambda: str(replay.why(timeline.theatre.places[0].id)))
    late = timeline[str(timeline.days[-LAST_DAYS]) :]
    told(
        f"encirclement of the pocket, {RUNS} histories of {LAST_DAYS} days",
        lambda: qsim.encirclement(late.sample(RUNS, seed=1), "pocket", "west"),
        lambda cut: f"cut off on {cut.mean():.0%} of the days",
    )
    told("one picture (.png)", lambda: qsim.render(timeline, root / "country.png", day=moment))
    told("export to Parquet", lambda: export(timeline, root / "country.parquet"), lambda path: f"{path.stat().st_size / 1e6:.1f} MB")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("places", 1000), ("days", 400), ("claims", 40_000), ("seed", 1), ("against", 0)):
        asked.add_argument(f"--{name}", type=int, default=value)
    asked.add_argument("--store", action="store_true", help="keep the belief of hmm in files")
    asked.add_argument("--peer-python", default="", help="a Python in which crowd-kit is installed")
    asked.add_argument("--seconds", help="a file for the seconds of each step")
    given = asked.parse_args()
    _warm(given.seed)
    small = told_of(given.places, given.days, given.claims, given.seed, store=given.store, python=given.peer_python)
    if given.seconds:
        Path(given.seconds).write_text(json.dumps(small), encoding="utf-8")
    if given.against:
        _grown(small, given)


def _warm(seed: int) -> None:
    """Compile, and load what is imported where used, on a country of a hundred places."""
    with tempfile.TemporaryDirectory() as temporary:
        theatre, ledger = qsim.load(countries.write(countries.country(100, 80, 800, seed=seed), Path(temporary) / "a", parquet=True))
        timeline = qsim.reconstruct(theatre, ledger)
        qsim.encirclement(timeline.sample(2, seed=1), "pocket", "west")


def _grown(small: dict[str, float], given: argparse.Namespace) -> None:
    """Do all again, larger, in a process of its own, and print the exponents of growth."""
    ratio = given.against / given.places
    with tempfile.TemporaryDirectory() as temporary:
        seconds = Path(temporary) / "seconds.json"
        sizes = ["--places", str(given.against), "--days", str(given.days), "--claims", str(round(given.claims * ratio))]
        subprocess.run([sys.executable, __file__, *sizes, "--seed", str(given.seed), "--seconds", str(seconds)], check=True)
        large = json.loads(seconds.read_text(encoding="utf-8"))
    print("\n| what | exponent of growth |\n|---|---|")
    for name, taken in large.items():
        if small.get(name, 0) > 0.05:
            print(f"| {name} | {math.log(taken / small[name]) / math.log(ratio):.2f} |")


if __name__ == "__main__":
    main()
