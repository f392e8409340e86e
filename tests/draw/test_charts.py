"""Charts say in their texts and artists what the record and the belief say; files are whole or not there."""

import os
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

import qsim
from qsim.belief import scores
from qsim.belief.scores import Prediction
from qsim.draw.charts import plain
from qsim.draw.charts import ring as ring_chart
from qsim.draw.charts.marks import span_label
from qsim.draw.charts.series import claims_a_day, course, reported
from qsim.geography.conditioning import given_ring
from qsim.geography.encirclement import ways_out
from qsim.geography.metrics import first_day
from qsim.geography.tables import metrics_by_day, witnesses
from qsim.record.dates import long_day, parse_edtf
from qsim.record.ledger import Claim, Ledger


@pytest.fixture(scope="module")
def timeline() -> qsim.Timeline:
    theatre, ledger = qsim.load("qusayr")
    return qsim.reconstruct(theatre, ledger, start="2013-05-17", end="2013-06-08", policy="hmm")


@pytest.fixture(scope="module")
def figure(timeline: qsim.Timeline) -> Figure:
    return plain.share_figure(timeline, "qusayr", "government", runs=50)


@pytest.fixture(scope="module")
def ring(timeline: qsim.Timeline) -> Figure:
    return plain.ring_figure(timeline, "qusayr", "opposition", runs=50)


@pytest.fixture(scope="module")
def rows(timeline: qsim.Timeline) -> Sequence[Mapping[str, str | float]]:
    return metrics_by_day(timeline, witnesses(timeline, "qusayr", "opposition", runs=50), "qusayr", "opposition")


def panel(figure: Figure, name: str) -> Axes:
    (found,) = [axes for axes in figure.axes if axes.get_label() == name]
    return found


def texts(figure: Figure) -> str:
    return " ".join(text.get_text() for text in figure.findobj(Text))


def drawn(axes: Axes, gid: str) -> Line2D:
    (found,) = [line for line in axes.get_lines() if line.get_gid() == gid]
    return found


def prediction(p: float, said: int) -> Prediction:
    claim = Claim("c", "a", "holds", parse_edtf("2013-05-19"), "teller")
    return Prediction(claim, said, (p, 1 - p), (p, 1 - p))


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
    claim = Claim("x", "tarnby", "share", parse_edtf("2091-03-02"), next(iter(ledger.sources)), side="company", value=0.5, bound="exact")
    timeline = qsim.reconstruct(theatre, ledger.plus(claim), start="2091-03-01", end="2091-03-05", policy="last_claim")
    assert "x" in {each.claim.id for each in reported(timeline, "tarnby", "company")}
    assert "x" not in {each.claim.id for each in reported(timeline, "tarnby", "league")}


def test_reported_shares_stand_on_their_day_in_their_speakers_colour(figure: Figure, timeline: qsim.Timeline) -> None:
    (axes,) = figure.axes
    for number, report in enumerate(reported(timeline, "qusayr", "government"), 1):
        disc = drawn(axes, f"report-{number}")
        colour = timeline.theatre.side(report.source.side).colour if report.source.side else plain.NEUTRAL_GREY
        hollow = report.bound == "approx"
        assert disc.get_markeredgecolor() == (colour if hollow else "#ffffff")
        assert disc.get_markerfacecolor() == ("#ffffff" if hollow else colour)
        x, y = np.ravel(disc.get_xdata()), np.ravel(disc.get_ydata())
        assert (float(x[0]), float(y[0])) == pytest.approx((np.datetime64(report.day).astype(int), report.value))


@pytest.mark.parametrize("start", ["2011-11-01", "2013-05-17"])
def test_no_disc_covers_another(start: str) -> None:
    theatre, ledger = qsim.load("qusayr")
    timeline = qsim.reconstruct(theatre, ledger, start=start, end="2013-06-08", policy="last_claim")
    (axes,) = plain.share_figure(timeline, "qusayr", "government").axes
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
    timeline = qsim.reconstruct(theatre, ledger, start="2013-05-28", end="2013-05-30", policy="last_claim")
    assert course(timeline, "qusayr", "government", runs=10, seed=1).low is None
    (axes,) = plain.share_figure(timeline, "qusayr", "government").axes
    assert not [c for c in axes.collections if c.get_gid() == "band"]


def test_claims_are_counted_on_the_day_from_which_they_count(timeline: qsim.Timeline) -> None:
    counts = claims_a_day(timeline)
    assert timeline.ledger is not None
    first = [c for c in timeline.ledger.claims if c.of_control and c.effective == timeline.start]
    assert counts.shape == (len(timeline),)
    assert counts[0] == len(first)
    assert not claims_a_day(timeline.sample(2, seed=1).mean()).any()


def test_the_table_tells_what_was_said_and_how_it_was_weighed(timeline: qsim.Timeline) -> None:
    table = plain.share_table(timeline, "qusayr", "government", runs=50).splitlines()
    assert table[0] == "| day | Government and allies: expected | reported | by | citation | weighed |"
    assert len(table) == 2 + 13
    (row,) = [line for line in table if "Opposition spokesman inside the city" in line]
    informed = timeline.informed["20130528-qusayr-share-rebel-spokesman"]
    assert row.startswith("| 2013-05-28 | ")
    assert row.endswith(f"| 20 % | Opposition spokesman inside the city, 28 May (Opposition) | 003:176#2 | {informed:.2f} |")
    assert all(line.count("|") == 7 for line in table)


def test_the_reliability_diagram_has_a_mark_a_bin_and_a_diagonal() -> None:
    theatre, _ = qsim.load("example")
    found = {"hmm": [prediction(0.85, 0)] * 3 + [prediction(0.85, 1)], "vote": [prediction(0.55, 0)]}
    figure = plain.reliability_figure(theatre, found)
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
    first = plain.reliability_chart(theatre, found, tmp_path / f"a.{suffix}")
    with style.context("dark_background"):  # what a notebook has set
        second = plain.reliability_chart(theatre, found, tmp_path / f"b.{suffix}")
    assert first.read_bytes() == second.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"a.{suffix}", f"b.{suffix}"]


def test_the_share_chart_carries_its_text_as_text(timeline: qsim.Timeline, tmp_path: Path) -> None:
    path = plain.share_chart(timeline, "qusayr", "government", tmp_path / "new" / "share.svg", runs=20)
    root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    written = " ".join(element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}text"))
    assert "Reuters (003:192#8)" in written


def test_what_cannot_be_drawn_is_told_and_leaves_nothing(timeline: qsim.Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(plain.ChartError, match=r"'share\.gif'.*\.png, \.svg, \.pdf"):
        plain.share_chart(timeline, "qusayr", "government", tmp_path / "share.gif")
    with pytest.raises(plain.ChartError, match="no prediction"):
        plain.reliability_chart(timeline.theatre, {}, tmp_path / "r.png")
    with pytest.raises(ValueError, match="nobody"):
        plain.share_chart(timeline, "qusayr", "nobody", tmp_path / "share.png")

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="no space"):
        plain.reliability_chart(timeline.theatre, {"hmm": [prediction(0.85, 0)]}, tmp_path / "r.png")
    assert not list(tmp_path.iterdir())


def test_a_timeline_without_ledger_reports_nothing(timeline: qsim.Timeline) -> None:
    assert reported(timeline.sample(2, seed=1).mean(), "qusayr", "government") == []
    assert isinstance(timeline.ledger, Ledger)


@pytest.mark.parametrize(
    ("name", "gid", "key"),
    [
        ("share", "share", "share"),
        ("cut off", "both", "cut_off"),
        ("cut off", "map", "cut_off_map"),
        ("cut off", "words", "cut_off_words"),
    ],
)
def test_the_lines_of_the_ring_are_the_metrics(ring: Figure, rows: Sequence[Mapping[str, float]], name: str, gid: str, key: str) -> None:
    assert np.asarray(drawn(panel(ring, name), gid).get_ydata()) == pytest.approx([row[key] for row in rows])


@pytest.mark.parametrize("key", ["ways_out"])
def test_ways_out_are_steps_from_midnight_to_midnight(ring: Figure, rows: Sequence[Mapping[str, float]], key: str) -> None:
    line = drawn(panel(ring, "exits"), key)
    assert line.get_drawstyle() == "steps-post"
    assert np.asarray(line.get_ydata())[:-1] == pytest.approx([row[key] for row in rows])
    assert np.diff(np.asarray(line.get_xdata())) == pytest.approx(1)
    assert float(np.asarray(line.get_xdata())[0]) % 1 == 0.5


def test_the_first_days_above_one_half_are_marked_and_named(
    ring: Figure, rows: Sequence[Mapping[str, float]], timeline: qsim.Timeline
) -> None:
    for name, key in (("both", "cut_off"), ("map", "cut_off_map")):
        moment = first_day(timeline.days, np.array([row[key] for row in rows]))
        assert moment is not None
        mark = drawn(panel(ring, "cut off"), f"first-{name}")
        assert float(np.ravel(mark.get_xdata())[0]) == np.datetime64(moment).astype(int)
        assert f"{name}, {moment.day} {moment:%B} 2013" in texts(ring)
    assert np.asarray(drawn(panel(ring, "cut off"), "half").get_ydata()).tolist() == [0.5, 0.5]


def test_the_last_ways_out_are_named_in_words(ring: Figure, rows: Sequence[Mapping[str, float]], timeline: qsim.Timeline) -> None:
    closed = first_day(timeline.days, np.array([float(row["cut_off"]) for row in rows]))
    assert closed is not None
    d = timeline.position(closed) - 1
    way = ways_out(given_ring(timeline, "qusayr", "opposition", 50, 7), "qusayr", "opposition")[d][0]
    told = " ".join(texts(ring).split())
    assert f"On {long_day(timeline.days[d])}, the eve of the first day" in told
    assert " – ".join(timeline.theatre.named(id) for id in way.route) in told
    assert f"open in {100 * way.open:.0f} of 100 histories" in told


def test_claims_on_the_ring_stand_on_their_day_filled_when_closed(ring: Figure, timeline: qsim.Timeline) -> None:
    said, left_out = ring_chart._said(timeline, "qusayr")
    assert (len(said), left_out) == (12, 0)
    for number, each in enumerate(said, 1):
        disc = drawn(panel(ring, "said"), f"said-{number}")
        colour = timeline.theatre.side(each.source.side).colour if each.source.side else plain.NEUTRAL_GREY
        assert disc.get_markerfacecolor() == (colour if each.closed else "#ffffff")
        assert float(np.ravel(disc.get_xdata())[0]) == np.datetime64(each.day).astype(int)
        assert each.claim.cites[0] in texts(ring)
    assert "30 May 2013, closed: Opposition fighters said" in texts(ring)


def test_of_many_claims_the_latest_are_shown_and_the_rest_is_counted() -> None:
    theatre, ledger = qsim.load("qusayr")
    timeline = qsim.reconstruct(theatre, ledger, start="2011-11-01", end="2013-06-08", policy="last_claim")
    said, left_out = ring_chart._said(timeline, "qusayr")
    assert (len(said), left_out) == (ring_chart.MOST_CLAIMS, 7)
    assert said[0].day > timeline.start
    assert "7 earlier claims on the ring left out." in ring_chart._foot(timeline, left_out, 10, 1, 10.0)


@pytest.mark.parametrize("days", [3, 60, 600])
def test_no_disc_of_a_claim_covers_another(days: int) -> None:
    window = np.datetime64("2013-01-01") + np.arange(days).astype("timedelta64[D]")
    x = np.sort(np.resize([0, 0, 0, 1, 1, 2], 14)).astype(float) + window[-3].astype(int)
    spots = ring_chart._spots(x, window)
    wide = days * ring_chart._DISC_IN / ring_chart._PLOT_IN
    assert not [(a, b) for i, a in enumerate(spots) for b in spots[:i] if a[1] == b[1] and abs(a[0] - b[0]) < wide]
    assert spots[0] == (x[0], 0)


@pytest.mark.parametrize(("scenario", "place", "side", "start", "end"), [
    ("qusayr", "qusayr", "opposition", "2013-05-17", "2013-06-08"),
    ("example", "tarnby", "league", "2091-03-01", "2091-03-30"),
    ("example", "tarnby", "league", "2091-03-01", "2091-03-04"),
])  # fmt: skip
def test_no_words_of_the_ring_overlap_or_leave_the_page(scenario: str, place: str, side: str, start: str, end: str) -> None:
    timeline = qsim.reconstruct(*qsim.load(scenario), start=start, end=end, policy="hmm")
    figure = plain.ring_figure(timeline, place, side, runs=20)
    figure.draw_without_rendering()
    marks = {text for axes in figure.axes for text in axes.texts if text.get_text().isdigit()}
    written = [text for text in figure.findobj(Text) if text.get_visible() and len(text.get_text()) > 1 and text not in marks]
    boxes = [(text.get_text(), text.get_window_extent().padded(-1)) for text in written]
    assert not [(a, b) for i, (a, first) in enumerate(boxes) for b, second in boxes[:i] if first.overlaps(second)]
    assert min(box.x0 for _, box in boxes) >= 0
    assert max(box.x1 for _, box in boxes) <= figure.bbox.x1
    assert min(box.y0 for _, box in boxes) >= 0


def test_a_ring_of_which_nobody_speaks_says_so() -> None:
    timeline = qsim.reconstruct(*qsim.load("example"), start="2091-03-01", end="2091-03-04", policy="hmm")
    told = texts(plain.ring_figure(timeline, "tarnby", "league", runs=20))
    assert "nothing in these days" in told
    assert "of 100 histories" in told
    assert "the words alone" not in told  # they are of later days


def test_the_ring_is_written_whole_as_text_or_not_at_all(timeline: qsim.Timeline, tmp_path: Path) -> None:
    path = plain.ring_chart(timeline, "qusayr", "opposition", tmp_path / "ring.svg", runs=20)
    assert "The ring around Al-Qusayr, 17 May – 8 Jun 2013" in path.read_text(encoding="utf-8")
    with pytest.raises(plain.ChartError, match="ring.gif"):
        plain.ring_chart(timeline, "qusayr", "opposition", tmp_path / "ring.gif")
    with pytest.raises(qsim.TheatreError, match="nobody"):
        plain.ring_chart(timeline, "qusayr", "nobody", tmp_path / "no.svg")
    assert [each.name for each in tmp_path.iterdir()] == ["ring.svg"]


def test_a_window_is_told_without_what_repeats() -> None:
    told = {text: span_label(parse_edtf(text)) for text in ("2013-05-19", "2013-05-17/2013-05-19", "2012-12-31/2013-01-01")}
    assert list(told.values()) == ["19 May 2013", "17 – 19 May 2013", "31 Dec 2012 – 1 Jan 2013"]
