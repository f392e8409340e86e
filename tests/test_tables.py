"""
The tables of the ledger's page are what the program says now.

`QSIM_UPDATE=1 pytest tests/test_tables.py` writes them, and the charts beside them, anew.
"""

import os
import re
from functools import cache
from pathlib import Path

import pytest

import qsim
from qsim.belief.verdict import report, verdict
from qsim.draw.charts.forecast import forecast_chart
from qsim.draw.charts.plain import reliability_chart, ring_chart, share_chart, share_table
from qsim.geography.metrics import encirclement, share
from qsim.geography.tables import ring_table
from qsim.simulation import forecasts
from qsim.simulation.model import simulate

FOLDER = Path(__file__).parent.parent / "scenarios" / "qusayr"
UPDATE = bool(os.environ.get("QSIM_UPDATE"))
THEATRE, LEDGER = qsim.load(FOLDER)
RECORD = qsim.reconstruct(THEATRE, LEDGER, start="2011-11-01", end="2013-06-08")
FORECASTS = {  # by day: the first day of the phase whose tempo is learned, and the horizons
    "2012-04-20": ("2012-02-10", (3, 7, 14, 28)),
    "2013-05-18": ("2013-04-04", (3, 7, 14, 21)),
    "2013-05-24": ("2013-04-04", (3, 7, 14)),
    "2013-05-29": ("2013-04-04", (3, 7, 10)),
}


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
    told = verdict(THEATRE, LEDGER)
    stands("scores", report(told))
    hmm, *others = told.questions[0].scores
    assert all(other.behind_interval[0] > 0 for other in others)
    assert all(abs(level.said - level.right) <= 0.05 for level in hmm.levels if level.above == 0.85)
    if UPDATE:
        reliability_chart(THEATRE, told.charted, FOLDER / "figures" / "reliability.svg")


@pytest.mark.parametrize(
    ("name", "start", "end"), [("shares 2012", "2012-02-20", "2012-04-30"), ("shares 2013", "2013-05-15", "2013-06-08")]
)
def test_the_share_of_the_city_beside_every_reported_share(name: str, start: str, end: str) -> None:
    timeline = qsim.reconstruct(THEATRE, LEDGER, start=start, end=end)
    stands(name, share_table(timeline, "qusayr", "government"))
    if UPDATE:
        share_chart(timeline, "qusayr", "government", FOLDER / "figures" / f"{name.replace(' ', '_')}.svg")


def test_the_ring_by_the_map_and_the_words() -> None:
    timeline = qsim.reconstruct(THEATRE, LEDGER, start="2013-04-04", end="2013-06-08")
    stands("ring", ring_table(timeline, "qusayr", "opposition"))
    if UPDATE:
        ring_chart(timeline, "qusayr", "opposition", FOLDER / "figures" / "ring_2013.svg")


@cache
def foretold(day: str) -> forecasts.Forecast:
    since, ahead = FORECASTS[day]
    return forecasts.forecast(THEATRE, LEDGER, day, since=since, days=max(ahead))


def test_the_scores_of_forecasts_by_what_was_known() -> None:
    found = [each for day, (_, ahead) in FORECASTS.items() for each in forecasts.outcomes(foretold(day), RECORD, ahead_days=ahead)]
    stands("forecasts", forecasts.report(found))
    above = {(str(each.day), each.ahead_days): each.above["persistence"] for each in found if not each.changing}
    assert all(above["2012-04-20", ahead][0] < 0 for ahead in (3, 7, 14))  # what the page says in words
    assert all(better > 0 for (day, _), (better, _) in above.items() if day > "2013")
    assert all(above[key][0] > 2 * above[key][1] for key in (("2013-05-18", 21), ("2013-05-24", 14), ("2013-05-29", 10)))
    assert all(abs(each.above["average pace"][0]) < 0.1 for each in found)
    if UPDATE:
        diagrams = {
            foretold(day).day: {way: forecasts.reliability(foretold(day), RECORD, way=way, ahead_days=ahead) for way in forecasts.WAYS}
            for day, (_, ahead) in FORECASTS.items()
        }
        forecast_chart(THEATRE, diagrams, FOLDER / "figures" / "forecasts.svg")


def test_the_battle_foretold_on_its_eve_beside_the_record() -> None:
    eve = foretold("2013-05-18")
    rules = eve.fitted.draw(40, seed=7)
    battle = simulate(eve.known.at(eve.day), rules, days=21, runs=10_000, seed=7, interventions=eve.cuts)
    histories = RECORD["2013-05-18":"2013-06-08"].sample(10_000, seed=7)
    checks = forecasts.predictive_checks(battle, histories, place="qusayr", inside="opposition", by="government", on="2013-05-29")
    stands("checks", forecasts.checks_report(checks))
    ring = [encirclement(each, "qusayr", "opposition")[:, 0].mean() for each in (battle, histories)]
    assert ring == pytest.approx([0.38, 0.38], abs=0.08)  # a third or more, as the page says
    fallen = (share(battle, "qusayr", "government") > forecasts.WHOLLY).any(axis=1).mean()
    assert 0 <= fallen < 0.02  # as the page says
    assert checks[2].below > 0.9
