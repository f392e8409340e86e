"""What leans on the model's defaults: each halved and doubled in turn, and what would then be believed otherwise."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.belief.hmm import hmm
from qsim.belief.reconstruct import reconstruct
from qsim.belief.statuses import status_names
from qsim.belief.timeline import Timeline
from qsim.record.dates import Day, day, long_day
from qsim.record.ledger import Ledger
from qsim.record.settings import Model, ModelError
from qsim.record.theatre import Theatre, nearest

FACTORS: Mapping[str, float] = {"halved": 0.5, "doubled": 2.0}


@dataclass(frozen=True, slots=True)
class Effect:
    """
    What one default of the model does: `parameter` changed as `how` says, from `was` to `became`, and what is then believed otherwise.

    `moved` is by how much belief moves, the total variation distance averaged over the place-days of places that claims speak of.
    `otherwise` are the places that are something else on the last day, with what they are and would be; `place_days` counts all days. Most
    moved is `place` on `day`, where `status` is believed `belief` and would be `instead`. `problem` says why a model cannot be so changed.
    """

    parameter: str
    how: str
    was: str
    became: str
    moved: float = 0.0
    otherwise: tuple[tuple[str, str, str], ...] = ()
    place_days: int = 0
    place: str = ""
    day: date | None = None
    status: str = ""
    belief: float = 0.0
    instead: float = 0.0
    problem: str = ""


def defaults(
    theatre: Theatre,
    ledger: Ledger,
    *,
    start: Day | None = None,
    end: Day | None = None,
    only: Sequence[str] = (),
    progress: Callable[[str], None] | None = None,
) -> list[Effect]:
    """
    Return what belief by `hmm` leans on: every default of the model halved and doubled in turn, the weightiest first.

    A chance is halved and doubled in its odds, so that it stays one: .9 becomes .82 and .95. Counts and days are rounded, from 1.

    Parameters
    ----------
    theatre, ledger, start, end
        As for `qsim.reconstruct`. The model is the scenario's.
    only
        Names of parameters; all where none is given.
    progress
        Called with what was just done.

    Raises
    ------
    ModelError
        When a parameter is unknown.
    DateError, TimelineError
        As `qsim.reconstruct` does.
    """
    model = Model.from_settings(theatre.model)
    known = [each.name for each in fields(model)]
    if wrong := [name for name in only if name not in known]:
        raise ModelError("; ".join(f"unknown parameter {name!r}{nearest(name, known)}" for name in wrong))
    run = partial(reconstruct, theatre, ledger, start=start, end=end)
    base = run(policy=partial(hmm, model=model))
    found = []
    for name, how, was, became, changed in changes(model, only or known):
        found.append(
            Effect(name, how, was, became, problem=changed)
            if isinstance(changed, str)
            else _effect(base, run(policy=partial(hmm, model=changed)), name, how, was, became)
        )
        if progress:
            progress(f"{name} {how}")
    return sorted(found, key=lambda each: (bool(each.problem), -round(each.moved, 9), each.parameter, each.how))


def tries(theatre: Theatre, only: Sequence[str] = ()) -> int:
    """Return how many changes `defaults` tries of the parameters asked for, each of which its `progress` is told of."""
    known = [field.name for field in fields(Model)]
    return sum(1 for _ in changes(Model.from_settings(theatre.model), [name for name in only or known if name in known]))


def changes(model: Model, names: Sequence[str]) -> Iterator[tuple[str, str, str, str, "Model | str"]]:
    """Yield (parameter, how, was, became, the model so changed, or why there is none) for every number of a model that can be changed."""
    for name in names:
        value = getattr(model, name)
        for part, read, put in _numbers(value):
            for how, factor in FACTORS.items():
                became = _scaled(read, factor)
                if became != read:
                    told = f"{name} ({part})" if part else name
                    try:
                        changed: Model | str = replace(model, **{name: put(became)})
                    except ModelError as problem:
                        changed = str(problem).splitlines()[-1].strip()
                    yield told, how, _written(read), _written(became), changed


def effects_text(theatre: Theatre, found: Sequence[Effect], *, most: int = 12) -> str:
    """Return what leans on the defaults in sentences: those that change what is drawn or move a belief by a tenth, `most` of them."""
    names = status_names(theatre)
    weighty = [each for each in found if not each.problem and (each.otherwise or abs(each.instead - each.belief) >= 0.1)]
    lines = [line for each in weighty[:most] for line in (_sentence(theatre, each, names), "")]
    if len(weighty) > most:
        lines.append(f"... and {len(weighty) - most} more that change something.")
    lines.append(
        f"{len(found) - len(weighty)} of {len(found)} changes leave every place what it is on the last day, and move no belief by a tenth."
    )
    lines += [f"{each.parameter} cannot be {each.how}: {each.problem}" for each in found if each.problem]
    return "\n".join(lines)


def _sentence(theatre: Theatre, each: Effect, names: Mapping[str, str]) -> str:
    where = ", ".join(f"{theatre.place(id).name} ({names.get(a, a)}, would be {names.get(b, b)})" for id, a, b in each.otherwise[:3])
    more = f" and {len(each.otherwise) - 3} more" if len(each.otherwise) > 3 else ""
    last = f"On the last day other: {where}{more}."
    if not each.otherwise:
        before = (
            f"; before, {each.place_days:,} days of single places would be something else"
            if each.place_days
            else ", and on all days before"
        )
        last = f"On the last day every place stays what it is{before}."
    most = ""
    if each.day is not None:
        most = (
            f" Most moved: {theatre.place(each.place).name} on {long_day(each.day)}, "
            f"{names.get(each.status, each.status)} {each.belief:.0%}, would be {each.instead:.0%}."
        )
    return f"{each.parameter} {each.how} ({each.was} to {each.became}): belief moves by {each.moved:.1%} on average. {last}{most}"


def _effect(base: Timeline, other: Timeline, name: str, how: str, was: str, became: str) -> Effect:
    """Return what differs between two timelines of the same days and places."""
    spoken = np.flatnonzero((np.ptp(base.belief, axis=-1) > 1e-9).any(axis=0))
    if len(spoken) == 0:
        return Effect(name, how, was, became)
    apart = np.abs(base.belief - other.belief).sum(axis=-1)[:, spoken] / 2
    d, p = np.unravel_index(int(np.argmax(apart)), apart.shape)
    s = int(np.argmax(base.belief[d, spoken[p]]))
    one, two = (_status(timeline)[:, spoken] for timeline in (base, other))
    places = base.theatre.places
    otherwise = tuple(
        (places[spoken[i]].id, _name(base, one[-1, i]), _name(base, two[-1, i])) for i in np.flatnonzero(one[-1] != two[-1]).tolist()
    )
    return Effect(
        name, how, was, became, float(apart.mean()), otherwise, int((one != two).sum()),
        places[spoken[p]].id, day(base.days[d]), base.statuses[s],
        float(base.belief[d, spoken[p], s]), float(other.belief[d, spoken[p], s]),
    )  # fmt: skip


def _status(timeline: Timeline) -> NDArray[np.int64]:
    """Return what has more than half of the belief, (days, places), -1 for undecided."""
    return np.where(timeline.belief.max(axis=-1) > 0.5, timeline.belief.argmax(axis=-1), -1)


def _name(timeline: Timeline, code: int) -> str:
    return timeline.statuses[code] if code >= 0 else "undecided"


def _numbers(value: Any) -> Iterator[tuple[str, float | int | tuple[float, ...], Callable[[Any], Any]]]:
    """Yield the numbers of a parameter that are changed together: their name where there are several, they, and how to put them back."""
    if isinstance(value, Mapping):
        means, strengths = (tuple(pair[i] for pair in value.values()) for i in (0, 1))
        yield "means", means, lambda new: {kind: (mean, pair[1]) for (kind, pair), mean in zip(value.items(), new, strict=True)}
        yield "strengths", strengths, lambda new: {kind: (pair[0], n) for (kind, pair), n in zip(value.items(), new, strict=True)}
    elif not isinstance(value, bool) and isinstance(value, int | float | tuple):
        yield "", value, lambda new: new


def _scaled(value: Any, factor: float) -> Any:
    """Return a number times a factor: a chance in its odds, a whole number rounded and at least 1, each of several."""
    if isinstance(value, tuple):
        return tuple(_scaled(each, factor) for each in value)
    if isinstance(value, int):
        return max(1, round(value * factor)) if value else 0
    return factor * value / (1 - value + factor * value) if 0 < value < 1 else value * factor if value > 1 else value


def _written(value: Any) -> str:
    if isinstance(value, tuple):
        shown = [_written(each) for each in value[:4]]
        return ", ".join([*shown, "..."] if len(value) > 4 else shown)
    return f"{value:.3g}"
