"""
The tables of the ledger's page are what the program says now.

`QSIM_UPDATE=1 pytest tests/test_tables.py` writes them, and the charts beside them, anew.
"""

import os
import re
from pathlib import Path

import pytest

import qsim
from qsim import scores
from qsim.draw.charts import reliability_chart, share_chart, share_table

FOLDER = Path(__file__).parent.parent / "scenarios" / "qusayr"
UPDATE = bool(os.environ.get("QSIM_UPDATE"))
THEATRE, LEDGER = qsim.load(FOLDER)


def stands(name: str, text: str) -> None:
    """Check that the page's table of this name is `text`, or write it there."""
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    pattern = re.compile(rf"(<!-- {name} -->\n)(.+?)(\n<!-- end -->)", re.DOTALL)
    found = pattern.search(page)
    assert found, f"the page has no table {name}"
    if UPDATE:
        (FOLDER / "README.md").write_text(pattern.sub(lambda match: match[1] + text + match[3], page), encoding="utf-8")
    else:
        assert found[2] == text


def test_the_scores_of_all_policies_on_left_out_claims() -> None:
    found = {policy: scores.left_out(THEATRE, LEDGER, policy=policy) for policy in scores.POLICIES_SCORED}
    sides = {policy: scores.left_out_sides(THEATRE, LEDGER, policy=policy) for policy in scores.POLICIES_SCORED}
    stands("scores", scores.report(found, sides))
    hmm, *others = scores.score(found)
    assert all(other.behind > 2 * other.behind_se > 0 for other in others)
    assert abs(hmm.said - hmm.right) <= 0.05
    if UPDATE:
        reliability_chart(THEATRE, found, FOLDER / "figures" / "reliability.svg")


@pytest.mark.parametrize(
    ("name", "start", "end"), [("shares 2012", "2012-02-20", "2012-05-01"), ("shares 2013", "2013-05-15", "2013-06-09")]
)
def test_the_share_of_the_city_beside_every_reported_share(name: str, start: str, end: str) -> None:
    timeline = qsim.reconstruct(THEATRE, LEDGER, start=start, end=end)
    stands(name, share_table(timeline, "qusayr", "government"))
    if UPDATE:
        share_chart(timeline, "qusayr", "government", FOLDER / "figures" / f"{name.replace(' ', '_')}.svg")
