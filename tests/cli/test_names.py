"""Names stand for ids wherever a command asks for a side or a place."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

import qsim
from qsim.belief.reconstruct import told_by
from qsim.cli.app import app
from qsim.exchange.spans import positions
from qsim.geography.encirclement import whose
from qsim.record.theatre import TheatreError
from qsim.simulation.interventions import Cut, Hold, read_intervention, with_ids


@pytest.fixture
def valley(tmp_path: Path) -> Path:
    return qsim.new(tmp_path / "valley")


def told(*words: object) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_side_is_found_by_its_id_or_its_name(valley: Path) -> None:
    theatre, _ = qsim.load(valley)
    assert [theatre.side_id(name) for name in ("south", "The South", "the  south")] == ["south"] * 3
    with pytest.raises(TheatreError, match="unknown side 'East'; expected one of north, south"):
        theatre.side_id("East")


def test_a_ring_is_asked_and_a_scenario_told_by_the_name_of_a_side(valley: Path) -> None:
    theatre, ledger = qsim.load("example")
    timeline = qsim.reconstruct(theatre, ledger, policy="last_claim")
    for side in theatre.sides:
        assert whose(timeline, "Tarnby", side.name.upper()) == ("tarnby", side.id)
    side = next(theatre.side(source.side) for source in ledger.sources.values() if source.side)
    assert told_by(theatre, ledger, side.name)[1].claims == told_by(theatre, ledger, side.id)[1].claims


def test_what_is_supposed_names_places_and_sides(valley: Path) -> None:
    theatre, _ = qsim.load(valley)
    asked = with_ids(theatre, read_intervention('hold "Lowmead" "The South" 2090-05-06'))
    assert isinstance(asked, Hold)
    assert (asked.place, asked.side) == ("Lowmead", "south")
    assert with_ids(theatre, Hold("lowmead", "contested", None, None)) == Hold("lowmead", "contested", None, None)
    assert with_ids(theatre, Cut("road", by="The North")).by == "north"  # type: ignore[union-attr]
    assert read_intervention("hold Dar'a rebels") == Hold("Dar'a", "rebels", None, None)
    words = ("whatif", valley, "hold Lowmead 'The South' 2090-05-06/..", "--place", "Lowmead", "--policy", "last_claim", "--runs", 1000)
    assert "Lowmead had been held by The South" in told(*words, "--side", "The North")


def test_a_group_is_exported_by_its_name(valley: Path) -> None:
    theatre, ledger = qsim.load(valley)
    timeline = qsim.reconstruct(theatre, ledger, policy="last_claim")
    group = theatre.groups[0]
    assert positions(timeline, [group.name]) == positions(timeline, [group.id]) == list(theatre.members(group.id))
