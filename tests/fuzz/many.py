"""
Try many spoilt folders and tell a summary: how many were sound, how many were told what is wrong, what broke and where, how long it took.

`PYTHONPATH=tests python tests/fuzz/many.py 100000` takes hours; a run with another `--seed` tries other folders, so that several may run beside each other.
What broke is written as cases for `corpus.json`, one of each kind, the shortest found.
"""

import argparse
import json
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

import matplotlib
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from spoiling import judged, spoilt

BATCH = 500  # folders that one run of hypothesis makes; it slows down when it has to remember many more
SLOW = 10.0  # seconds of work after which a folder counts as one that hangs


class Summary:
    """What became of the folders tried so far."""

    def __init__(self) -> None:
        self.ended: Counter[str] = Counter()
        self.broke: dict[str, dict[str, Any]] = {}
        self.since = time.monotonic()

    def judge(self, base: str, files: list[tuple[str, bytes]], *, drawn: bool) -> None:
        began = time.process_time()
        try:
            ended = "sound" if judged(base, files, further="written" if drawn else "") else "told"
        except Exception as error:
            ended = "broke"
            self.keep(f"{type(error).__name__} at {place_of(error)}", base, files, str(error)[:300])
        if time.process_time() - began > SLOW:
            ended = "slow"
            self.keep(f"over {SLOW:.0f} s", base, files, "")
        self.ended[ended] += 1
        self.ended["drawn"] += drawn and ended == "sound"

    def keep(self, what: str, base: str, files: list[tuple[str, bytes]], message: str) -> None:
        size = sum(len(data) for _, data in files)
        found = self.broke.get(what)
        times = 1 + (found["times"] if found else 0)
        if found is None or size < found["size"]:
            text = [{"file": file, "text": data.decode("utf-8", "surrogateescape")} for file, data in files]
            found = {"what": what, "base": base, "message": message, "files": text, "size": size}
        self.broke[what] = found | {"times": times}

    def __str__(self) -> str:
        tried = sum(self.ended[word] for word in ("sound", "told", "broke", "slow"))
        told = ", ".join(f"{self.ended[word]:,} {word}" for word in ("sound", "told", "broke", "slow"))
        return f"{tried:,} folders tried in {time.monotonic() - self.since:,.0f} s: {told}; {self.ended['drawn']:,} drawn"


def place_of(error: BaseException) -> str:
    """Return the last line of qsim's own, or of the test's, in a traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "qsim" in Path(frame.filename).parts] or list(frames)
    return f"{Path(own[-1].filename).name}:{own[-1].lineno} {own[-1].name}"


def run(folders: int, first_seed: int, log: Path | None) -> Summary:
    summary = Summary()
    for n in range(-(-folders // BATCH)):
        count = min(BATCH, folders - n * BATCH)

        @seed(first_seed * 1_000_000 + n)
        @settings(max_examples=count, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        @given(st.data(), st.integers(0, 59), st.integers(0, 9))
        def tried(data: st.DataObject, draw: int, larger: int) -> None:
            base = "example" if larger == 9 else "template"
            summary.judge(base, data.draw(st.lists(spoilt(base), min_size=1, max_size=2)), drawn=draw == 59)

        tried()
        print(summary, file=sys.stderr, flush=True)
        if log is not None:
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text(json.dumps(list(summary.broke.values()), indent=1), encoding="utf-8")
    return summary


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folders", type=int, nargs="?", default=100_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--found", type=Path, help="a file for what broke")
    options = asked.parse_args()
    matplotlib.use("agg")
    for base in ("template", "example"):  # what is compiled once is no folder's doing
        judged(base, [], further="written")
    summary = run(options.folders, options.seed, options.found)
    print(summary)
    for case in sorted(summary.broke.values(), key=lambda case: -case["times"]):
        print(f"  {case['times']:,} times {case['what']} {case['message']}")
    sys.exit(bool(summary.broke))


if __name__ == "__main__":
    main()
