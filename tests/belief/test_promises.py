"""What belief promises a reader: how much a report is worth at once, after months, in a window, among other sides."""

from functools import partial

import numpy as np
import pytest
from toys import SOURCES, claim, grid, ledger, line, theatre

import qsim
from qsim.belief.hmm import hmm
from qsim.record.ledger import Claim, Ledger, Source
from qsim.record.settings import Model
from qsim.record.theatre import Theatre

SQUARES = [f"{row}{column}" for row in "abc" for column in (1, 2, 3)]
DAY = np.datetime64("2001-01-01")


def told(where: Theatre, *claims: Claim, days: int = 150, model: Model | None = None) -> qsim.Timeline:
    """Return belief in the first days of 2001 under these claims."""
    return qsim.reconstruct(where, ledger(*claims), start=DAY, end=DAY + np.timedelta64(days - 1, "D"), policy=partial(hmm, model=model))


def at(found: qsim.Timeline, place: str, status: str) -> np.ndarray:
    """Return the belief in a status of a place on every day, shape (days,)."""
    return found.belief[:, found.theatre.index[place], found.statuses.index(status)]


def date(day: int) -> str:
    """Return the text of a day of 2001, 0 the first."""
    return str(DAY + np.timedelta64(day, "D"))


def towns() -> Theatre:
    """Return twelve towns in a row and one apart, `x`, linked to the sixth."""
    points = {f"p{n:02d}": (0.1 * n, 0.0) for n in range(12)}
    links = [f"p{n:02d}-p{n + 1:02d}" for n in range(11)]
    return theatre({**points, "x": (0.5, 0.1)}, [*links, "p05-x"])


def covered(days: int = 130) -> list[Claim]:
    """Return what a war looks like that is reported: now and then a place is taken, and the press and the teller say so."""
    made = []
    for n, day in enumerate(range(2, days, 9)):
        place, side = f"p{(5 * n) % 12:02d}", ("red", "blue")[n % 2]
        made += [claim(place, "takes", side, date(day), source=source) for source in ("press", "teller")]
        made += [claim(place, "holds", side, date(day + 3), source="press")]
    return made


@pytest.mark.parametrize("source", ["red_voice", "press"])
def test_a_taking_that_nobody_contradicts_is_believed_and_stays_so_where_the_war_is_reported(source: str) -> None:
    found = at(told(towns(), *covered(), claim("x", "takes", "red", date(20), source=source)), "x", "red")
    assert found[20] >= 0.6
    assert found[20:121].min() > found[20] - (0.03 if source == "red_voice" else 0.06)  # what is believed more has more to lose


def test_after_years_without_any_report_belief_is_near_flat() -> None:
    found = told(towns(), *covered(60), claim("x", "takes", "red", date(20)), days=3000).belief[:, 12]
    assert found[20, 0] > 0.8
    assert (np.diff(found[90:, 0]) < 1e-12).all()
    assert found[365 + 90, 0] < found[90, 0] - 0.05
    assert found[-1, :2] == pytest.approx([0.5, 0.5], abs=0.1)


def test_fighting_said_to_last_is_believed_to_last() -> None:
    window = f"{date(10)}/{date(69)}"
    for source in ("press", "red_voice"):
        found = at(told(line(), claim("a", "contests", "red", window, source=source)), "a", "contested")
        assert found[25:55].min() >= 0.8
        held = at(told(line(), claim("a", "holds", "red", window, source=source)), "a", "red")
        assert held[25:55].min() >= (0.9 if source == "press" else 0.8)


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("days", [2, 7, 31])
def test_an_imprecise_date_keeps_the_force_of_an_exact_one(days: int, before: bool) -> None:
    earlier = [claim("a", "holds", "blue", date(2), source="press")] if before else []

    def after(first: int) -> float:
        made = claim("a", "takes", "red", f"{date(first)}/{date(40)}")
        return float(at(told(line(), *earlier, made), "a", "red")[41])

    assert after(41 - days) >= 0.9 * after(40)
    two = told(line(), *earlier, *(claim("a", "takes", "red", f"{date(41 - days)}/{date(40)}", source=s) for s in ("press", "teller")))
    assert at(two, "a", "red")[41] >= after(41 - days)
    exact = claim("a", "takes", "red", date(35 if days > 5 else 40), source="press")
    both = told(line(), *earlier, claim("a", "takes", "red", f"{date(41 - days)}/{date(40)}"), exact)
    assert at(both, "a", "red")[41] >= after(41 - days) - 0.01


def test_within_its_window_a_change_is_spread_and_not_doubted() -> None:
    made = claim("a", "holds", "blue", date(2)), claim("a", "takes", "red", f"{date(20)}/{date(49)}")
    found = told(line(), *made)
    red = at(found, "a", "red")
    assert (np.diff(red[19:50]) > 0).all()
    assert np.diff(red[19:50]).max() < 0.1
    assert at(found, "a", "contested")[19:50].max() < 0.25


def test_an_approximate_date_keeps_its_force() -> None:
    exact, about = (at(told(line(), claim("a", "takes", "red", f"{date(20)}{mark}")), "a", "red") for mark in ("", "~"))
    assert about[23] >= 0.95 * exact[20]


def test_an_interval_and_its_restatements_weigh_alike() -> None:
    whole = told(line(), claim("a", "holds", "red", f"{date(10)}/{date(66)}", source="press"))
    weekly = told(line(), *(claim("a", "holds", "red", date(day), source="press") for day in range(10, 67, 7)))
    assert at(whole, "a", "red")[10:67] == pytest.approx(at(weekly, "a", "red")[10:67], abs=0.02)


def test_a_source_that_nobody_else_speaks_beside_keeps_its_prior() -> None:
    made = [claim(f"p{n % 10:02d}", "takes", "red", date(5 + 3 * n), source="red_voice") for n in range(10)]
    found = told(towns(), *made).sources["red_voice"]
    assert found.trust == pytest.approx(Model().reliability_of("activist")[0], abs=1e-6)


def test_fighting_in_a_city_lowers_no_square_by_much() -> None:
    made = [claim(place, "holds", "red", date(10), source="press") for place in SQUARES]
    found = told(grid(), *made, claim("t", "contests", "blue", date(14), source="press"))
    drop = np.array([at(found, place, "red") for place in SQUARES])
    assert (drop[:, 12] - drop[:, 14]).max() / 2 < 0.06


def test_a_city_said_to_be_held_is_not_shared_out() -> None:
    held = told(grid(), claim("t", "holds", "red", date(10), source="press"), claim("c1", "contests", None, date(30), source="press"))
    assert held.share("t", "blue")[24] < 0.2
    half = claim("t", "share", "red", date(10), value=0.5, bound="approx", source="press")
    shared = told(grid(), half, claim("t", "holds", "red", date(12), source="press")).share("t", "red")
    assert abs(shared[12] - told(grid(), half).share("t", "red")[12]) < 0.2


def test_a_city_that_fell_between_two_figures_fell_as_one() -> None:
    made = claim("t", "share", "red", date(10), value=0.5, bound="approx"), claim("t", "holds", "red", date(90), quantifier="all")
    found = told(grid(), *made)
    assert found.share("t", "red")[10] == pytest.approx(0.5, abs=0.12)
    assert found.share("t", "red")[90] > 0.85


def three() -> Theatre:
    """Return three places in a row, red's, blue's and, far off behind the last, green's, which is neutral and fights nobody."""
    points = {"a": (0.0, 0.0), "b": (0.1, 0.0), "c": (0.2, 0.0), "d": (0.3, 0.0)}
    return theatre(points, ["a-b", "b-c", "c-d"], green=("d",))


def test_a_side_that_nobody_puts_at_a_place_or_next_to_it_keeps_next_to_nothing() -> None:
    made = claim("a", "holds", "red", date(5)), claim("b", "takes", "blue", date(9)), claim("b", "takes", "red", date(30))
    found = told(three(), *made, days=400)
    assert at(found, "a", "green").max() < 0.02
    assert at(found, "b", "green").max() < 0.02
    assert at(found, "a", "blue")[-1] > 0.05


def test_a_withdrawal_is_evidence_of_loss() -> None:
    held = claim("a", "holds", "red", date(5))
    stays, leaves = told(line(), held), told(line(), held, claim("a", "withdraws", "red", date(9), source="red_voice"))
    assert at(leaves, "a", "red")[9] < at(stays, "a", "red")[9] - 0.2
    assert at(leaves, "a", "red")[5] > 0.7


@pytest.mark.parametrize("source", ["teller", "press", "red_voice"])
@pytest.mark.parametrize("before", ["blue", "", "contested"])
def test_part_of_a_place_taken_leaves_contested_highest(source: str, before: str) -> None:
    earlier = {"blue": [claim("a", "holds", "blue", date(5))], "contested": [claim("a", "contests", None, date(5))], "": []}[before]
    found = told(line(), *earlier, claim("a", "takes", "red", date(9), quantifier="part", source=source))
    assert found.belief[9, found.theatre.index["a"]].argmax() == 2


def test_a_denial_speaks_of_its_day_and_is_no_event() -> None:
    made = claim("a", "takes", "red", date(9), source="press", id="gain")
    plain = told(line(), made)
    denied = told(line(), made, claim("a", "denies", "red", date(9), source="blue_voice", denies="gain"))
    assert at(denied, "a", "red")[9] < at(plain, "a", "red")[9] - 0.03
    alone = told(line(), claim("a", "denies", "red", date(9), source="blue_voice", denies="gain")).chains
    assert alone is not None
    assert np.diagonal(alone.moving[alone.activity[9, 0]])[:2].min() > 0.99  # the day stays a quiet one


def test_the_order_of_sides_does_not_matter() -> None:
    made = [
        *covered(),
        claim("x", "takes", "red", f"{date(10)}/{date(40)}"),
        claim("x", "share", "red", date(50), value=0.5, bound="exact"),
    ]
    where = towns()
    other = Theatre(where.name, where.title, where.places, where.links, where.sides[::-1])
    one, two = (qsim.reconstruct(each, ledger(*made), start=DAY, end=DAY + np.timedelta64(140, "D")) for each in (where, other))
    assert one.belief == pytest.approx(two.belief[..., [1, 0, 2]], abs=1e-9)
    assert np.array_equal(one.history, np.array([1, 0, 2, -1], dtype=np.int8)[two.history])


def test_a_copy_has_the_reliability_of_its_origin() -> None:
    sources = {**SOURCES, "echo": Source("echo", "An echo", "activist", origin="press")}
    made = covered()
    copies = [Claim(f"e{c.id}", c.place, c.kind, c.window, "echo", c.side) for c in made if c.source == "press"]
    odd = claim("x", "holds", "blue", date(50), source="echo")
    found = qsim.reconstruct(towns(), Ledger(sources, (*made, *copies, odd)), start=DAY, end=DAY + np.timedelta64(100, "D"))
    assert found.sources["echo"] == found.sources["press"]


def test_convergence_is_told() -> None:
    found = told(line(), claim("a", "holds", "red", date(5)))
    assert found.model["converged"] is True
    assert int(str(found.model["rounds"])) < 20
    short = told(line(), claim("a", "holds", "red", date(5)), claim("a", "holds", "blue", date(5), source="press"), model=Model(rounds=1))
    assert short.model["converged"] is False


def test_a_ledger_without_events_detects_nothing() -> None:
    made = [claim("a", "holds", ("red", "blue")[n % 2], date(10 * n), source="press") for n in range(10)]
    found = told(line(), *made)
    assert found.model["detection"] == 0
    assert float(str(found.model["hazard"])) > Model().quiet_changes / Model().quiet_days


def test_the_city_is_nobody_s_by_arithmetic_alone() -> None:
    """Every voice has al-Qusayr the opposition's on the eve of the battle; from then to the end of May nobody tells of ground lost again."""
    where, told_of_it = qsim.load("qusayr")
    share = qsim.reconstruct(where, told_of_it, start="2013-05-18", end="2013-05-31").share("qusayr", "government")
    assert share[0] <= 0.2
    assert share[1] > 0.4
    assert np.diff(share[1:]).min() > -0.02
    assert share[1:].max() - share[-1] < 0.05
