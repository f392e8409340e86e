"""Charts say in their texts and artists what the record and the belief say; files are whole or not there."""

import os
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

import qsim
from qsim import scores
from qsim.dates import parse_edtf
from qsim.draw import charts
from qsim.draw.shares import claims_a_day, course, reported
from qsim.ledger import Claim, Ledger
from qsim.scores import Prediction


@pytest.fixture(scope="module")
def timeline() -> qsim.Timeline:
    theatre, ledger = qsim.load("qusayr")
    return qsim.reconstruct(theatre, ledger, start="2013-05-17", end="2013-06-09", policy="hmm")


@pytest.fixture(scope="module")
def figure(timeline: qsim.Timeline) -> Figure:
    return charts.share_figure(timeline, "qusayr", "government", runs=50)


def texts(figure: Figure) -> str:
    return " ".join(text.get_text() for text in figure.findobj(Text))


def drawn(axes: Axes, gid: str) -> Line2D:
    (found,) = [line for line in axes.get_lines() if line.get_gid() == gid]
    return found


def prediction(p: float, said: int) -> Prediction:
    claim = Claim("c", "a", "holds", parse_edtf("2013-05-19"), "teller")
    return Prediction(claim, said, (p, 1 - p), (p, 1 - p), True)


def test_every_reported_share_of_the_days_is_told_with_who_and_where(figure: Figure, timeline: qsim.Timeline) -> None:
    told = texts(figure)
    reports = reported(timeline, "qusayr", "government")
    assert len(reports) == 13
    assert not [each.citation for each in reports if each.citation not in told]
    assert "28 May 2013, 20 %: Opposition spokesman inside the city, 28 May" in told
    assert "Share of Al-Qusayr held by Government and allies" in told


def test_what_is_said_of_the_other_side_is_turned_round(timeline: qsim.Timeline) -> None:
    mine = {each.claim.id: each for each in reported(timeline, "qusayr", "government")}
    theirs = {each.claim.id: each for each in reported(timeline, "qusayr", "opposition")}
    assert mine["20130531-qusayr-share-doctor"].value == pytest.approx(0.2)
    assert theirs["20130531-qusayr-share-doctor"].told == "80 %"
    official = "20130522-qusayr-share-official"
    assert (mine[official].told, theirs[official].told) == ("at most 80 %", "at least 20 %")


def test_of_three_sides_one_says_nothing_of_another() -> None:
    theatre, ledger = qsim.load("example")
    claim = Claim("x", "tarnby", "share", parse_edtf("2091-03-02"), next(iter(ledger.sources)), side="company", value=0.5)
    timeline = qsim.reconstruct(theatre, ledger.plus(claim), start="2091-03-01", end="2091-03-06", policy="last_claim")
    assert "x" in {each.claim.id for each in reported(timeline, "tarnby", "company")}
    assert "x" not in {each.claim.id for each in reported(timeline, "tarnby", "league")}


def test_reported_shares_stand_on_their_day_in_their_speakers_colour(figure: Figure, timeline: qsim.Timeline) -> None:
    (axes,) = figure.axes
    for number, report in enumerate(reported(timeline, "qusayr", "government"), 1):
        disc = drawn(axes, f"report-{number}")
        colour = timeline.theatre.side(report.source.side).colour if report.source.side else charts.NEUTRAL_GREY
        hollow = report.bound == "approx"
        assert disc.get_markeredgecolor() == (colour if hollow else "#ffffff")
        assert disc.get_markerfacecolor() == ("#ffffff" if hollow else colour)
        x, y = np.ravel(disc.get_xdata()), np.ravel(disc.get_ydata())
        assert (float(x[0]), float(y[0])) == pytest.approx((np.datetime64(report.day).astype(int), report.value))


@pytest.mark.parametrize("start", ["2011-11-01", "2013-05-17"])
def test_no_disc_covers_another(start: str) -> None:
    theatre, ledger = qsim.load("qusayr")
    timeline = qsim.reconstruct(theatre, ledger, start=start, end="2013-06-09", policy="last_claim")
    (axes,) = charts.share_figure(timeline, "qusayr", "government").axes
    discs = [line for line in axes.get_lines() if str(line.get_gid()).startswith("report-")]
    at = axes.transData.transform([(float(np.ravel(d.get_xdata())[0]), float(np.ravel(d.get_ydata())[0])) for d in discs])
    apart = np.hypot(*(at[:, None] - at).transpose(2, 0, 1)) + 99 * np.eye(len(at))
    assert apart.min() > discs[0].get_markersize() * 100 / 72


def test_the_list_of_reports_does_not_overlap(figure: Figure) -> None:
    rows = sorted((text.get_window_extent() for text in figure.texts if len(text.get_text()) > 2), key=lambda box: (box.x0, box.y0))
    assert not [(a, b) for a, b in pairwise(rows) if a.padded(-0.5).overlaps(b.padded(-0.5))]
    assert max(box.x1 for box in rows) < figure.bbox.x1


def test_the_line_is_the_expected_share_with_a_band_and_ticks_where_history_changes(figure: Figure, timeline: qsim.Timeline) -> None:
    (axes,) = figure.axes
    expected = drawn(axes, "expected")
    assert np.asarray(expected.get_ydata()) == pytest.approx(timeline.share("qusayr", "government"))
    assert [c for c in axes.collections if c.get_gid() == "band"]
    squares = {timeline.theatre.places[i].id for i in timeline.theatre.members("qusayr")} | {"qusayr"}
    days = sorted({change.day for change in timeline.changes() if change.place in squares})
    assert np.asarray(drawn(axes, "changes").get_xdata()).astype("datetime64[D]").astype(object).tolist() == days


def test_a_policy_without_histories_has_no_band() -> None:
    theatre, ledger = qsim.load("qusayr")
    timeline = qsim.reconstruct(theatre, ledger, start="2013-05-28", end="2013-05-31", policy="last_claim")
    assert course(timeline, "qusayr", "government", runs=10, seed=1).low is None
    (axes,) = charts.share_figure(timeline, "qusayr", "government").axes
    assert not [c for c in axes.collections if c.get_gid() == "band"]


def test_claims_are_counted_on_the_day_from_which_they_count(timeline: qsim.Timeline) -> None:
    counts = claims_a_day(timeline)
    assert timeline.ledger is not None
    first = [c for c in timeline.ledger.claims if c.of_control and c.effective == timeline.start]
    assert counts.shape == (len(timeline),)
    assert counts[0] == len(first)
    assert not claims_a_day(timeline.sample(2, seed=1).mean()).any()


def test_the_table_tells_what_was_said_and_how_it_was_weighed(timeline: qsim.Timeline) -> None:
    table = charts.share_table(timeline, "qusayr", "government", runs=50).splitlines()
    assert table[0] == "| day | Government and allies: expected | reported | by | citation | weighed |"
    assert len(table) == 2 + 13
    (row,) = [line for line in table if "Opposition spokesman inside the city" in line]
    informed = timeline.informed["20130528-qusayr-share-rebel-spokesman"]
    assert row.startswith("| 2013-05-28 | ")
    assert row.endswith(f"| 20 % | Opposition spokesman inside the city, 28 May (opposition) | 003:176#2 | {informed:.2f} |")
    assert all(line.count("|") == 7 for line in table)


def test_the_reliability_diagram_has_a_mark_a_bin_and_a_diagonal() -> None:
    theatre, _ = qsim.load("example")
    found = {"hmm": [prediction(0.85, 0)] * 3 + [prediction(0.85, 1)], "vote": [prediction(0.55, 0)]}
    figure = charts.reliability_figure(theatre, found)
    (axes,) = figure.axes
    hmm, vote = (c for c in axes.collections if isinstance(c, PathCollection))
    rows = scores.reliability(found["hmm"])
    rows = rows[rows[:, 2] > 0]
    assert np.asarray(hmm.get_offsets()) == pytest.approx(rows[:, :2])
    assert np.asarray(hmm.get_sizes()).max() > np.asarray(vote.get_sizes()).max()
    assert np.asarray(drawn(axes, "diagonal").get_xydata()).tolist() == [[0, 0], [1, 1]]
    told = texts(figure)
    assert "left-out claims" in told
    assert "hmm: off by 0.100 on average" in told


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_files_are_written_whole_and_twice_the_same(tmp_path: Path, suffix: str) -> None:
    theatre, _ = qsim.load("example")
    found = {"hmm": [prediction(0.85, 0)]}
    first, second = (charts.reliability_chart(theatre, found, tmp_path / f"{name}.{suffix}") for name in "ab")
    assert first.read_bytes() == second.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"a.{suffix}", f"b.{suffix}"]


def test_the_share_chart_carries_its_text_as_text(timeline: qsim.Timeline, tmp_path: Path) -> None:
    path = charts.share_chart(timeline, "qusayr", "government", tmp_path / "new" / "share.svg", runs=20)
    root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    written = " ".join(element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}text"))
    assert "Reuters (003:192#8)" in written


def test_what_cannot_be_drawn_is_told_and_leaves_nothing(timeline: qsim.Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(charts.ChartError, match=r"'share\.gif'.*\.png, \.svg, \.pdf"):
        charts.share_chart(timeline, "qusayr", "government", tmp_path / "share.gif")
    with pytest.raises(charts.ChartError, match="no prediction"):
        charts.reliability_chart(timeline.theatre, {}, tmp_path / "r.png")
    with pytest.raises(ValueError, match="nobody"):
        charts.share_chart(timeline, "qusayr", "nobody", tmp_path / "share.png")

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="no space"):
        charts.reliability_chart(timeline.theatre, {"hmm": [prediction(0.85, 0)]}, tmp_path / "r.png")
    assert not list(tmp_path.iterdir())


def test_a_timeline_without_ledger_reports_nothing(timeline: qsim.Timeline) -> None:
    assert reported(timeline.sample(2, seed=1).mean(), "qusayr", "government") == []
    assert isinstance(timeline.ledger, Ledger)
