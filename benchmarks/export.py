"""
The most memory that an export takes beyond the timeline it is made of: the same for few days and for many.

    python benchmarks/export.py [--places 33000 --days 25 100 400 --formats csv parquet zarr]

A timeline of a made-up country is put together from random numbers and a claim a place; each number of days, and each format, runs in a
process of its own. Beside it stands what pandas takes for the same table, made whole and written by `to_parquet`, of the fewest days only.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

START, CLAIMS_A_PLACE = np.datetime64("2001-01-01"), 6


def most_memory_mb(*, from_now: bool = False) -> float:
    """Return the most memory that this process has held: in its life, or, where the system lets it forget, from now on."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if from_now:
        Path("/proc/self/clear_refs").write_text("5")
    return int(next(line for line in status.read_text().splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def timeline(places: int, days: int):  # type: ignore[no-untyped-def]
    """Return a timeline of that size, with a ledger of a few claims a place."""
    from qsim.belief.timeline import Timeline
    from qsim.record.dates import Window
    from qsim.record.ledger import Claim, Ledger, Source
    from qsim.record.theatre import Place, Side, Theatre
    from qsim.record.values import sealed

    random = np.random.default_rng(1)
    where = tuple(
        Place(f"p{i:05d}", f"Place {i}", *(30 + 8 * xy), licence="CC0", source="made up") for i, xy in enumerate(random.random((places, 2)))
    )
    theatre = Theatre("country", "A country", where, (), (Side("east", "East", "#D55E00"), Side("west", "West", "#0072B2")))
    said = zip(random.integers(0, places, CLAIMS_A_PLACE * places), random.integers(0, days, CLAIMS_A_PLACE * places), strict=True)
    all_days = [(START + np.timedelta64(n, "D")).astype(object) for n in range(days)]
    claims = tuple(
        Claim(f"c{n}", where[i].id, "holds", Window(all_days[d], all_days[d]), "voice", ("east", "west")[n % 2])
        for n, (i, d) in enumerate(said)
    )
    belief = np.empty((days, places, 3))
    for block in belief:  # day by day, so that making it takes no more than it takes
        block[:] = random.dirichlet(np.ones(3), places)
    ledger = Ledger({"voice": Source("voice", "A voice", "press")}, claims)
    history = sealed(np.zeros((days, places), dtype=np.int8))
    return Timeline(theatre, ledger, START + np.arange(days).astype("timedelta64[D]"), sealed(belief), history, None, policy="made up")


def measured(places: int, days: int, format: str) -> None:
    """Export once and print: seconds, what was held before, the most beyond it, and the size of the file."""
    from qsim.exchange.export import FORMATS, export

    made, small = timeline(places, days), timeline(50, 3)
    with tempfile.TemporaryDirectory() as folder:
        if format != "pandas":
            export(small, Path(folder) / f"warm{FORMATS[format][0]}")
        before, begin = most_memory_mb(from_now=True), time.process_time()
        if format == "pandas":
            path = Path(folder) / "x.parquet"
            made.to_dataframe().to_parquet(path)
        else:
            path = Path(folder) / f"x{FORMATS[format][0]}"
            export(made, path)
        taken, beyond = time.process_time() - begin, most_memory_mb() - before
        files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
        size = sum(each.stat().st_size for each in files) / 1e6
    rows = places * days * 3
    print(
        f"| {format} | {days:,} | {rows / 1e6:.1f} million | {made.belief.nbytes / 1e6:,.0f} MB | {beyond:,.0f} MB | {taken:.1f} s | {size:,.0f} MB |"
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--places", type=int, default=33_000)
    asked.add_argument("--days", type=int, nargs="+", default=[25, 100, 400])
    asked.add_argument("--formats", nargs="+", default=["parquet", "csv", "zarr"])
    asked.add_argument("--one", help="a number of days and a format, in this process")
    given = asked.parse_args()
    if given.one:
        days, _, format = given.one.partition(":")
        measured(given.places, int(days), format)
        return
    print("| format | days | rows | belief held | most memory beyond it | processor | file |\n|---|---|---|---|---|---|---|", flush=True)
    tasks = [(days, format) for format in given.formats for days in given.days] + [(min(given.days), "pandas")]
    for days, format in tasks:
        subprocess.run([sys.executable, __file__, "--places", str(given.places), "--one", f"{days}:{format}"], check=True)


if __name__ == "__main__":
    main()
