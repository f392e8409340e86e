"""What can be asked of a sound scenario, whatever it is of: every policy, why, contradictions, measures, histories; every picture and every format."""

import csv
import json
import xml.dom.minidom
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

import qsim
from qsim.belief.events import events
from qsim.belief.reconstruct import POLICIES
from qsim.belief.timeline import Timeline
from qsim.draw.charts.plain import ring_chart, toll_chart
from qsim.draw.files import ChartError
from qsim.draw.render import SUFFIXES
from qsim.exchange.export import FORMATS, export
from qsim.exchange.spans import positions
from qsim.geography.encirclement import whose
from qsim.geography.tables import metrics_by_day, metrics_table, witnesses
from qsim.page.report import report
from qsim.record.conflicts_text import conflicts_text
from qsim.simulation.rules import RulesError

SMALL: dict[str, Any] = {"size": (960, 600), "scale": 0.5}


def asked(folder: Path) -> Timeline:
    """Ask of a sound scenario what can be asked of any; return what the last policy believes."""
    theatre, ledger = qsim.load(folder)
    conflicts_text(theatre, ledger, qsim.conflicts(theatre, ledger))
    qsim.casualties(theatre, ledger)
    theatre.graph()
    for policy in POLICIES:
        timeline = qsim.reconstruct(theatre, ledger, policy=policy)
        assert np.isfinite(timeline.belief).all()
        str(timeline.at(timeline.end))
        events(timeline)
        for place in theatre.places[:3]:
            str(qsim.why(timeline, place.id, timeline.end))
        place_asked, side = whose(timeline)
        if place_asked and side:
            histories = timeline.most_likely() if timeline.chains is None else timeline.sample(5, seed=1)
            qsim.encirclement(histories, place_asked, side)
            qsim.metrics.share(histories, place_asked, side)
    if place_asked and side:
        heard = witnesses(timeline, place_asked, side, runs=5)
        metrics_table(timeline, heard, place_asked, side, rows=metrics_by_day(timeline, heard, place_asked, side))
    qsim.simulate(timeline.at(timeline.start), qsim.Rules(), days=3, runs=2, seed=1)
    return timeline


def drawn(timeline: Timeline, into: Path) -> None:
    """Draw one day of a belief and its page, small; fit rules to it, where there is something to fit."""
    with suppress(RulesError):  # a day alone, or nothing known of any place
        qsim.fit(timeline)
    for suffix in (".png", ".svg", ".html"):
        qsim.render(timeline, into / f"small{suffix}", **({} if suffix == ".html" else SMALL))


def written(timeline: Timeline, into: Path) -> None:
    """Draw a belief in every way and export it in every format, a few days of it, and read again what can be read."""
    few = timeline[: timeline.days[min(3, len(timeline)) - 1]]
    for suffix in (*SUFFIXES, ""):
        qsim.render(few, into / f"map{suffix}", **({} if suffix == ".html" else SMALL))
    for name, (suffix, _) in FORMATS.items():
        assert export(few, into / f"made{suffix}", format=name)
    for file in ("map.svg", "made.kml", "made.graphml"):
        xml.dom.minidom.parse(str(into / file))
    for file in ("made.geojson", "made.fg.json", "made.lpf.json", "made.graph.json", "made.prov.json", "made.datapackage/datapackage.json"):
        json.loads((into / file).read_text(encoding="utf-8"))
    rows = list(csv.DictReader((into / "made.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) == len(few) * len(positions(few, None)) * len(few.statuses)
    again = Timeline.load(into / "made.qsim")
    assert np.array_equal(again.belief, few.belief)
    assert again.theatre.places == few.theatre.places
    assert not qsim.check(into / "made.xlsx")
    theatre, ledger = timeline.theatre, timeline.ledger
    assert ledger is not None
    report(theatre, ledger, into / "report.html", runs=5, folds=2)
    place, side = whose(timeline)
    if place and side:
        ring_chart(timeline, place, side, into / "ring.svg", runs=5)
    with suppress(ChartError):  # no claim has a figure
        toll_chart(theatre, qsim.casualties(theatre, ledger), into / "toll.svg")
