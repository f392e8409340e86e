"""One check of a claim: the same words from `check`, `load` and `Ledger.plus`, and as many steps a claim however many there are."""

import gc
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import qsim
from qsim.record.dates import parse_edtf
from qsim.record.ledger import Claim, LedgerError

GOOD: dict[str, Any] = {
    "place": "mossford",
    "kind": "holds",
    "side": "north",
    "start": "2090-05-06",
    "source": "reporter",
    "cites": "report:3#1",
}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "place": ({"place": "mosford"}, r"place: unknown place 'mosford'; did you mean 'mossford'\?"),
    "kind": ({"kind": "holdz"}, r"kind: unknown kind 'holdz'; did you mean 'holds'\?; expected one of holds, "),
    "side": ({"side": "nroth"}, r"side: unknown side 'nroth'; did you mean 'north'\?"),
    "source": ({"source": "reportr"}, r"source: unknown source 'reportr'; did you mean 'reporter'\?"),
    "actor": ({"actor": "north_gard"}, r"actor: unknown actor 'north_gard'; did you mean 'north_guard'\?"),
    "actor of another": ({"side": "south", "actor": "north_guard"}, r"actor: actor 'north_guard' is of north, and the claim of 'south'; one of the two"),
    "confidence": ({"confidence": "sure"}, r"confidence: unknown confidence 'sure'; expected one of unconfirmed, claimed, stated, confirmed"),
    "share of 60": ({"kind": "share", "value": 60, "bound": "exact"}, r"value: 60 lies outside 0\.\.1; a share is a fraction, so 60 % is 0\.6"),
    "share without a value": ({"kind": "share", "bound": "exact"}, r"value: a share needs a value, and only a share has one"),
    "no side": ({"side": None}, r"side: a claim that says 'holds' needs a side"),
    "document": ({"cites": "raport:3#1"}, r"cites: raport:3#1 names document 'raport'; expected one of report"),
    "sentence": ({"cites": "report:3#9"}, r"cites: report:3#9 points past the end of line 3; it has 2 sentences"),
    "century": ({"start": "2190-05-06"}, r"start: 2190-05-06 lies 100 years outside the scenario, 2090-05-01 to 2090-05-10"),
    "way": ({"place": "mill_road"}, r"place: 'mill_road' is a way; only cuts and opens speak of ways"),
}  # fmt: skip


@pytest.fixture
def valley(tmp_path: Path) -> Path:
    """Return a small sound scenario that a test may change."""
    return qsim.new(tmp_path / "valley")


def in_python(**said: Any) -> Claim:
    start, cites, actor = (said.pop(name, None) for name in ("start", "cites", "actor"))
    return Claim("new", window=parse_edtf(start), cites=(cites,), actors=(actor,) if actor else (), **said)


def in_file(folder: Path, **said: Any) -> None:
    path = folder / "claims.csv"
    header = path.read_text(encoding="utf-8").splitlines()[0].split(",")
    row = ",".join(str(said.get(name) or "") for name in header)
    path.write_text(path.read_text(encoding="utf-8") + row + "\n", encoding="utf-8")


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_a_claim_is_said_alike_at_every_door(name: str, valley: Path) -> None:
    changes, what = WRONG[name]
    _, ledger = qsim.load(valley)
    with pytest.raises(LedgerError, match=what):
        ledger.plus(in_python(**{**GOOD, **changes}))
    in_file(valley, id="new", **{**GOOD, **changes})
    assert len(qsim.check(valley)) == 1
    with pytest.raises(LedgerError, match="row 10, " + what):
        qsim.load(valley)


def test_what_is_right_goes_through_every_door(valley: Path) -> None:
    _, ledger = qsim.load(valley)
    more = ledger.plus(in_python(**GOOD))
    in_file(valley, id="new", **GOOD)
    assert more == qsim.load(valley)[1]
    assert ledger.plus(replace(more.claims[-1], cites=("Keegan, p. 7",))).claims[-1].cites == ("Keegan, p. 7",)


def test_several_claims_are_told_of_at_once(valley: Path) -> None:
    _, ledger = qsim.load(valley)
    with pytest.raises(LedgerError, match=r"claim 'new' has 2 problems\n  place: .*\n  side: .*\nclaim 'new' has 1 problem\n  id: "):
        ledger.plus(in_python(**{**GOOD, "place": "x", "side": "y"}), in_python(**GOOD))


def calls_of_a_check(folder: Path) -> int:
    """Return how many functions a check calls; the searching of garbage, which has its own time, calls some as well and waits."""
    count = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    gc.collect()
    gc.disable()
    sys.setprofile(counted)
    try:
        assert qsim.check(folder) == []
    finally:
        sys.setprofile(None)
        gc.enable()
    return count


def test_a_check_takes_as_many_steps_a_claim_however_many_there_are(valley: Path) -> None:
    rows = "".join(f"c{n},mossford,holds,north,,,,,,,,,2090-05-0{1 + n % 9},,,reporter,,,,,\n" for n in range(2000))
    text = (valley / "claims.csv").read_text(encoding="utf-8")
    steps = []
    for many in (500, 1000, 2000):
        (valley / "claims.csv").write_text(text + "".join(rows.splitlines(keepends=True)[:many]), encoding="utf-8")
        steps.append(calls_of_a_check(valley))
    assert (steps[2] - steps[1]) == pytest.approx(2 * (steps[1] - steps[0]), rel=0.05)
