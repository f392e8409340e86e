"""A belief that was worked out before, and what it rests on, kept on disk by all that they were made of: another picture is not another reconstruction."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim import __version__
from qsim.belief.estimate import Chains, Reliability
from qsim.belief.influence import Influence, influence
from qsim.belief.timeline import Timeline
from qsim.record.dates import Day, Days, day
from qsim.record.kept import cached, code_of, digest
from qsim.record.ledger import Ledger
from qsim.record.progress import Moved, unmoved
from qsim.record.settings import Model
from qsim.record.theatre import Theatre

_OF_TIMELINE, _OF_CHAINS = ("belief", "history"), ("places", "filtered", "last", "activity", "moving")
_MOST, _MOST_CLAIMS = 20_000_000, 20_000  # numbers and claims, above which a belief is not kept


def kept_belief(theatre: Theatre, ledger: Ledger, days: Days, policy: str, make: Callable[[], Timeline]) -> Timeline:
    """
    Return what `make` returns for these days and this policy, from disk where it was made of the same theatre and claims before.

    The two are equal. Where it was made, and which folder that is, is told of in `qsim.record.kept`.
    """
    if len(days) * len(theatre.places) * len(theatre.statuses) > _MOST or len(ledger) > _MOST_CLAIMS:
        return make()
    fresh: list[Timeline] = []

    def made() -> dict[str, NDArray[Any]]:
        fresh.append(make())
        return _arrays(fresh[0])

    name = digest(theatre, tuple(ledger.claims), dict(ledger.sources), days, policy, __version__, code_of("record", "belief"))
    found = cached(f"belief-{name}", made, (*_OF_TIMELINE, "rest"))
    return fresh[0] if fresh else _read(found, theatre, ledger, days, policy)


def kept_influence(theatre: Theatre, ledger: Ledger, place: str, moment: Day, *, policy: str, moved: Moved = unmoved) -> list[Influence]:
    """Return `qsim.belief.influence.influence`, from disk where it was asked before of the same theatre and claims; `moved` is told how far it has come."""
    if len(ledger) > _MOST_CLAIMS:
        return influence(theatre, ledger, place, moment, policy=policy, moved=moved)

    def made() -> dict[str, NDArray[Any]]:
        found = influence(theatre, ledger, place, moment, policy=policy, moved=moved)
        told = [[each.claim.id, dict(each.belief), dict(each.without), each.moved, each.exact] for each in found]
        return {"told": np.frombuffer(json.dumps(told).encode(), dtype=np.uint8)}

    asked = theatre.id_of(place), day(moment), policy
    name = digest(theatre, tuple(ledger.claims), dict(ledger.sources), asked, __version__, code_of("record", "belief"))
    claims = {claim.id: claim for claim in ledger.claims}
    told = json.loads(cached(f"influence-{name}", made, ("told",))["told"].tobytes())
    return [Influence(claims[id], *rest) for id, *rest in told]


def _arrays(timeline: Timeline) -> dict[str, NDArray[Any]]:
    """Return a timeline as arrays by name."""
    chains = timeline.chains
    rest: dict[str, Any] = {
        "model": {name: value for name, value in timeline.model.items() if not isinstance(value, Model)},
        "settings": {name: asdict(value) for name, value in timeline.model.items() if isinstance(value, Model)},
        "sources": {id: asdict(each) for id, each in timeline.sources.items()},
        "informed": dict(timeline.informed),
        "first_day": None if chains is None else chains.first_day,
    }
    arrays = {name: getattr(timeline, name) for name in _OF_TIMELINE}
    arrays |= {} if chains is None else {f"chains_{name}": getattr(chains, name) for name in _OF_CHAINS}
    return arrays | {"rest": np.frombuffer(json.dumps(rest).encode(), dtype=np.uint8)}


def _read(found: dict[str, NDArray[Any]], theatre: Theatre, ledger: Ledger, days: Days, policy: str) -> Timeline:
    """Return the timeline of such arrays."""
    rest = json.loads(found["rest"].tobytes())
    settings = {name: Model(**{key: _tuples(value) for key, value in each.items()}) for name, each in rest["settings"].items()}
    chains = None
    if rest["first_day"] is not None:
        chains = Chains(**{name: found[f"chains_{name}"] for name in _OF_CHAINS}, first_day=rest["first_day"])
    sources = {id: Reliability(**each) for id, each in rest["sources"].items()}
    belief, history, model = found["belief"], found["history"], settings | rest["model"]
    return Timeline(theatre, ledger, days, belief, history, None, policy, model, chains, sources, rest["informed"])


def _tuples(value: Any) -> Any:
    """Return lists as the tuples that they were."""
    if isinstance(value, dict):
        return {key: _tuples(each) for key, each in value.items()}
    return tuple(value) if isinstance(value, list) else value
