"""Runs are the snapshots and nothing else: expanded, they give back what was shown, whatever was missing and in whatever order."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from qsim.exchange.report import Report
from qsim.exchange.runs import Run, Stretch, agreed, joined, runs
from qsim.exchange.wikimap import Mark

FIRST = datetime(2031, 5, 1, tzinfo=UTC)
SHOWN = st.lists(st.sampled_from(["red", "blue", "contested", None]), min_size=1, max_size=40)


def days(gaps: list[int]) -> list[datetime]:
    found = [FIRST]
    for gap in gaps:
        found.append(found[-1] + timedelta(days=gap))
    return found


@given(SHOWN, st.data())
def test_runs_expand_to_what_was_shown(shown: list[str | None], data: st.DataObject) -> None:
    snapshots = days(data.draw(st.lists(st.integers(1, 60), min_size=len(shown) - 1, max_size=len(shown) - 1)))
    seen = [(moment, status, 1) for moment, status in zip(snapshots, shown, strict=True) if status]
    found = runs(data.draw(st.permutations(seen)), snapshots)
    expanded = {moment: run.status for run in found for moment in snapshots if run.start <= moment <= run.end}
    assert expanded == {moment: status for moment, status, _ in seen}
    assert sum(run.seen for run in found) == len(seen)
    for run, after in pairwise(found):
        between = [moment for moment in snapshots if run.end < moment < after.start]
        assert run.status != after.status or between or after.start - run.end > timedelta(days=31)


@given(SHOWN, st.randoms())
def test_stretches_join_in_any_order(shown: list[str | None], random: object) -> None:
    snapshots = days([1] * (len(shown) - 1))
    single = [Stretch(i, i, status, 1) for i, status in enumerate(shown) if status]
    whole = joined([Stretch(each.first, each.last, each.status, 1) for each in single], snapshots)
    random.shuffle(single)  # type: ignore[attr-defined]
    assert joined(single, snapshots) == whole


def test_a_gap_of_a_month_is_no_interval() -> None:
    snapshots = days([31, 32])
    assert runs([(moment, "red", 1) for moment in snapshots], snapshots) == [
        Run("red", snapshots[0], snapshots[1], 2, 1),
        Run("red", snapshots[2], snapshots[2], 1, 1),
    ]


def test_where_one_snapshot_contradicts_itself_neither_record_counts() -> None:
    marks = [Mark(("a", row), FIRST, "", "", "m.gov", "Alton") for row in (2, 3, 4)]
    report = Report("wikimap")
    report.tally("mark").read += 3
    shown = {FIRST: [("red", marks[0]), ("blue", marks[1])], FIRST + timedelta(days=1): [("red", marks[2])]}
    assert list(agreed(shown, report, "mark")) == [FIRST + timedelta(days=1)]
    assert report.holds
    assert [each.row for each in report.quarantined] == [2, 3]
