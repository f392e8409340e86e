"""The example of three sides, on which everything a scenario can say is tried; its toll; and its three tellings."""

from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import qsim
from qsim.cli.app import app
from qsim.draw.charts.plain import ChartError, toll_chart, toll_figure
from qsim.draw.multiples import differing
from qsim.draw.render import RenderError
from qsim.record.casualties import OTHERS, casualties_text
from qsim.record.ledger import LedgerError
from qsim.record.scope import bears_on


@cache
def example() -> tuple[qsim.Theatre, qsim.Ledger]:
    return qsim.load("example")


@cache
def replayed(policy: str = "last_claim") -> qsim.Timeline:
    return qsim.reconstruct(*example(), start="2091-03-01", end="2091-03-30", policy=policy)


@cache
def tellings() -> dict[str, qsim.Timeline]:
    sides = ("league", "company", "neutral")
    return {s: qsim.reconstruct(*qsim.told_by(*example(), s), start="2091-03-15", end="2091-03-17", policy="last_claim") for s in sides}


def status(place: str, day: int, policy: str = "last_claim") -> str:
    return replayed(policy).at(f"2091-03-{day:02}").most_likely(place)


def test_it_is_sound_and_uses_what_the_format_can_say() -> None:
    theatre, ledger = example()
    assert qsim.check("example") == []
    assert len(theatre.sides) == 3
    assert len(theatre.parts["tarnby"]) == 4
    assert all(any(theatre.place(base.place).gateway for base in side.bases) for side in theatre.sides)
    assert {group.of for group in theatre.groups} == {"places", "links"}
    assert {"denies", "share", "cuts", "opens", "encircles", "casualties", "withdraws"} <= set(ledger.counts())
    assert {claim.confidence for claim in ledger.claims} == {"unconfirmed", "claimed", "stated", "confirmed"}
    assert any(source.origin for source in ledger.sources.values())
    assert any(place.within for place in theatre.places)


def test_what_the_chronicle_tells() -> None:
    assert [status("quillon", day) for day in (5, 6, 7)] == ["unknown", "contested", "wardens"]
    assert [status("tarnby_mill", day) for day in (8, 9, 18)] == ["league", "company", "league"]
    assert [status("tarnby", day) for day in (8, 11, 24, 25)] == ["league", "contested", "contested", "league"]
    assert status("esk_hollow", 30) == "unknown"
    assert status("brackwater", 28) == "contested"


def test_a_loss_among_three_sides_leaves_a_place_contested() -> None:
    assert status("tarnby_ne", 24) == "contested"


@pytest.mark.parametrize("policy", ["last_claim", "vote", "hmm"])
def test_every_policy_knows_three_sides(policy: str) -> None:
    timeline = replayed(policy)
    assert timeline.belief.shape == (30, len(example()[0].places), 4)
    assert np.allclose(timeline.belief.sum(axis=-1), 1)
    assert status("highcairn", 10, policy) == "wardens"
    assert status("esk_hollow", 10, policy) == "unknown"


def test_the_clerks_denial_stood_until_the_deserter_spoke() -> None:
    theatre, ledger = example()
    assert len(ledger.known_by("2091-03-20")) > len(ledger.known_by("2091-03-19"))
    known = qsim.as_known(theatre, ledger, start="2091-03-01", end="2091-03-30", policy="last_claim")
    assert known.at("2091-03-14").most_likely("brackwater") == "league"
    assert status("brackwater", 14) == "wardens"
    assert {claim.reported for claim in ledger.claims if claim.place == "west_bank"} != {None}


def test_the_cut_road_and_what_hangs_on_a_rumour() -> None:
    theatre, ledger = example()
    heard = qsim.metrics.exits(replayed().most_likely(), "tarnby", "league")
    unheard = qsim.reconstruct(theatre, ledger.without("ferryman"), start="2091-03-01", end="2091-03-30", policy="last_claim").most_likely()
    assert [len(heard[day - 1]) for day in (11, 13, 26)] == [1, 0, 0]
    assert [len(qsim.metrics.exits(unheard, "tarnby", "league")[day - 1]) for day in (13, 26)] == [0, 1]


def test_what_contradicts_in_the_example() -> None:
    subjects = {conflict.subject for conflict in qsim.conflicts(*example())}
    assert subjects == {"control", "share", "ring", "casualties"}


def test_every_place_but_one_is_named_by_some_claim() -> None:
    theatre, ledger = example()
    inside = [p.id for p in theatre.places if not p.gateway]
    assert [id for id in inside if not any(bears_on(theatre, c, id) for c in ledger.claims if c.of_control)] == ["esk_hollow"]


def test_a_telling_holds_one_sides_claims_and_says_whose() -> None:
    theatre, told = qsim.told_by(*example(), "neutral")
    assert theatre.title.endswith("told by: neutral voices")
    assert {told.source(claim.source).side for claim in told.claims} == {None}
    with pytest.raises(LedgerError, match="no source belongs to side 'moon'"):
        qsim.told_by(*example(), "moon")


def test_the_commands_take_a_teller() -> None:
    run = CliRunner().invoke
    told = run(app, ["why", "example", "tarnby_mill", "2091-03-10", "--told-by", "league"])
    assert "Clerk" in told.output
    assert "Herald" not in told.output
    assert "told by: Salt Company" in run(app, ["replay", "example", "--told-by", "company"], input="q\n").output.replace("\n", " ")
    assert run(app, ["replay", "example", "--told-by", "moon"], input="q\n").exit_code == 1


def test_the_toll_is_told_by_speaker_and_never_added() -> None:
    theatre, ledger = example()
    found = qsim.casualties(theatre, ledger)
    assert [(toll.civilian, toll.side, toll.claim.figure) for toll in found] == [
        (True, None, "12"), (False, "league", "25-30"), (False, "company", "40"), (False, "company", "15"),
    ]  # fmt: skip
    text = casualties_text(theatre, found)
    assert max(map(len, text.splitlines())) <= 80
    assert text.startswith("Civilians\n")
    assert "55" not in text
    assert qsim.casualties(theatre, ledger, end="2091-03-08") == []


def test_the_toll_of_the_record_keeps_both_counts() -> None:
    theatre, ledger = qsim.load("qusayr")
    text = casualties_text(theatre, qsim.casualties(theatre, ledger, start="2013-05-19", end="2013-06-08"))
    for figure in ("431-500", "1,257", "500 or more", "no figure"):
        assert figure in text
    assert max(map(len, text.splitlines())) <= 80
    assert "killed or;" not in text


@pytest.mark.parametrize(
    ("script", "first", "last"), [("pincer_2013", "2013-05-25", "2013-06-01"), ("campaign", "2012-07-28", "2012-08-05")]
)
def test_a_story_tells_the_toll_as_the_verb_does(
    script: str, first: str, last: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QSIM_QUICK", "1")
    monkeypatch.chdir(tmp_path)
    told = CliRunner().invoke(app, ["run", script]).output
    verb = CliRunner().invoke(app, ["casualties", "qusayr", "--from", first, "--to", last]).output
    sides = ("\nGovernment and allies\n", "\nOpposition\n", "\n\n\n")
    toll = verb[: min(verb.index(name) for name in sides if name in verb)].rstrip()
    assert toll.startswith(("Civilians\n", OTHERS))
    assert toll in told
    assert max(map(len, told.splitlines())) <= 80


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_the_chart_is_written_the_same_each_time(tmp_path: Path, suffix: str) -> None:
    theatre, ledger = example()
    found = qsim.casualties(theatre, ledger)
    first, second = (toll_chart(theatre, found, tmp_path / name / f"toll{suffix}").read_bytes() for name in "ab")
    assert first == second
    if suffix == ".svg":
        assert all(words in first.decode() for words in ("Herald of the Salt Company", "25-30", "Civilians: killed", "not to be added"))


def test_no_label_of_the_chart_overlaps_another() -> None:
    theatre, ledger = qsim.load("qusayr")
    drawn = toll_figure(theatre, qsim.casualties(theatre, ledger, start="2013-05-19", end="2013-06-08"))
    drawn.draw_without_rendering()
    boxes = [label.get_window_extent() for label in drawn.axes[0].get_yticklabels() if label.get_text()]
    assert not any(a.overlaps(b) for a, b in pairwise(boxes))


def test_a_chart_of_nothing_or_of_an_unknown_kind_fails(tmp_path: Path) -> None:
    theatre, ledger = example()
    with pytest.raises(ChartError, match="no claim of these days"):
        toll_chart(theatre, [], tmp_path / "toll.png")
    with pytest.raises(ChartError, match="unknown suffix"):
        toll_chart(theatre, qsim.casualties(theatre, ledger), tmp_path / "toll.doc")
    assert list(tmp_path.iterdir()) == []
    assert CliRunner().invoke(app, ["casualties", "example", "--chart", str(tmp_path / "toll.doc")]).exit_code == 1


def test_several_timelines_stand_side_by_side(tmp_path: Path) -> None:
    made = qsim.render(tellings(), tmp_path / "tellings.gif", fps=2)
    with Image.open(made) as movie, Image.open(qsim.render(tellings(), tmp_path / "day.png", day="2091-03-16")) as picture:
        assert movie.n_frames == 3  # type: ignore[attr-defined]
        assert movie.size == picture.size
    folder = qsim.render(tellings(), tmp_path / "frames")
    assert sorted(path.name for path in folder.iterdir())[0] == "0001_2091-03-15.png"
    assert len(list(folder.iterdir())) == 3


def test_what_the_tellings_differ_on() -> None:
    apart = differing(tellings(), 2)
    told = {name: timeline.at("2091-03-17").most_likely("tarnby_mill") for name, timeline in tellings().items()}
    assert told["company"] == "company"
    assert "tarnby_mill" in apart
    assert "tarnby" not in apart
    assert "esk_hollow" not in apart


@pytest.mark.parametrize(("path", "fps", "message"), [("x.bmp", 3, "unknown suffix"), ("x.gif", 0, "fps=0")])
def test_what_cannot_be_written_side_by_side(tmp_path: Path, path: str, fps: float, message: str) -> None:
    with pytest.raises(RenderError, match=message):
        qsim.render(tellings(), tmp_path / path, fps=fps)
    assert list(tmp_path.iterdir()) == []


def test_side_by_side_stand_the_same_days_and_places(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="days and places of the others"):
        qsim.render({**tellings(), "longer": replayed()}, tmp_path / "x.gif")
    with pytest.raises(RenderError, match="no timeline"):
        qsim.render({}, tmp_path / "x.gif")
