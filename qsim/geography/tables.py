"""Tables of the ring around a place, as text: by day, beside what was reported, how it leans on single links and claims, and what if."""

import csv
import io
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qsim.belief.draws import Draws
from qsim.belief.enclosure import ring_claims
from qsim.belief.evidence import reading
from qsim.belief.timeline import Ensemble, Timeline, TimelineError
from qsim.geography.conditioning import DRAWS, Ring, draws_given, map_alone, ring, unheard
from qsim.geography.metrics import chokepoints, closure, encirclement, exit_counts, first_day, spread, supply
from qsim.geography.reachability import UNREPORTED, by_month
from qsim.geography.shares import share_by_day
from qsim.geography.ways_said import not_on_the_ring
from qsim.record.dates import Day, day
from qsim.record.ledger import Claim, Ledger
from qsim.record.scope import bearing, in_order, reach
from qsim.record.signs import inert, visible
from qsim.record.theatre import CONTESTED, Theatre

Row = Mapping[str, str | float]
RUNS, SEED = 1000, 7
BY = ("day", "week", "change")
MOST_ROWS = 92  # of days; a longer table is by week where it is not said
_WIDTH = 100
_SHORT = {
    "share_low": "low",
    "share_high": "high",
    "ways_out": "ways",
    "cut_off_map": "map",
    "cut_off_words": "words",
    "cut_off_open": "if open",
    "cut_off_closed": "if closed",
    "cut_off_documented": "documented",
    "cut_off": "cut off",
    "supply_km": "supply km",
}
_COLUMNS = (
    "low, high: between them lies the share in 9 of 10 histories, of a place with parts; ways: out, on average; cut off: probability by the map and the words "
    "together; map, words: by either alone; if open, if closed: together, with all places so of which nobody had spoken by that day; "
    "documented: together, by ways alone of which a document tells; closure: of the compass within 10 km; supply km: to the nearest "
    "base by open ways, the median, none where most histories have no such way; -: not known."
)
WHATIF_COLUMNS = textwrap.fill(
    "exits: ways out, on average; encircled: the share of histories without any; supply_km: to the nearest base by open ways, the median, "
    "none where most histories have no such way; _if: had it been so; more_exits: how many ways out more.",
    _WIDTH,
)


@dataclass(frozen=True, eq=False, slots=True)
class Lean:
    """How the probability that a place is cut off leans on one thing: without it, by each reading, and the change by `nearest`."""

    what: str
    kind: str
    without: Mapping[str, float]
    change: float


@dataclass(frozen=True, eq=False, slots=True)
class Witnesses:
    """
    Histories that are asked of a ring: by the map `alone`, and `given` what was said of it as well; `ring` is what both tell by day.

    `seed` is that of the draws, none where the policy draws no histories and both are the one that it has.
    """

    alone: Ensemble | Draws
    given: Ensemble | Draws
    ring: Ring
    seed: int | None

    def __str__(self) -> str:
        if self.seed is None:
            return "the one history that this policy has"
        return f"{len(self.given)} histories, {worth(self.ring.effective, len(self.given))}, seed {self.seed}"


def witnesses(timeline: Timeline, place: str, side: str, *, runs: int = RUNS, seed: int = SEED) -> Witnesses:
    """Return histories of a timeline to ask of the ring around `place`, in which `side` sits; drawn where its policy draws any."""
    theatre = timeline.theatre
    place, side = theatre.place(place).id, theatre.side_id(side)
    draws = timeline.chains is not None
    given = draws_given(timeline, place, side, runs, seed) if draws else timeline.most_likely()
    alone = map_alone(timeline, given, runs, seed) if draws else given
    return Witnesses(alone, given, ring(timeline, place, side, histories=given, alone=alone), seed if draws else None)


def metrics_by_day(timeline: Timeline, heard: Witnesses, place: str, side: str, *, by: str = "day") -> list[Row]:
    """
    Return a row a day: share of the place by area with its 90 % interval, ways out, the probability of being cut off, closure of the
    compass within 10 km, and median km of supply (inf where most histories have none); nan where nothing is known.

    `cut_off` is by the map and what was said of the ring, both together, and so are ways, closure and supply; `cut_off_map` and
    `cut_off_words` are by either alone (`qsim.ring`), `cut_off_open` and `cut_off_closed` with all places passable, and not, of which nobody
    had spoken by that day, `cut_off_documented` without links that are estimated. `effective` is how many independent histories stand behind it.

    Parameters
    ----------
    timeline, heard
        A belief, and its histories for this place and side.
    place, side
        The place, and the side inside.
    by
        "day", "week" (every seventh day and the last), or "change": days on which a place changes status, the first and the last.

    Raises
    ------
    TheatreError
        When the place or side is not of the theatre, or the side has no bases.
    TimelineError
        When `by` is none of these.
    """
    found, held = heard.ring, share_by_day(timeline, place, side, len(heard.alone), SEED if heard.seed is None else heard.seed)

    def of_month(span: slice, histories: Ensemble) -> list[Row]:
        unknown = np.where(np.isnan(found.by_map[span]), np.nan, 0.0)  # where nothing is known of any place, nothing is of the ring
        ways = exit_counts(histories, place, side).mean(axis=0) + unknown
        reported = ~np.isnat(timeline.last_report[span])
        readings = {name: p + unknown for name, p in spread(histories, place, side, reported=reported).items()}
        hostile = closure(histories, place, side).mean(axis=0) + unknown
        km = np.median(supply(histories, place, side).nearest_km, axis=0) + unknown
        return [
            {"day": str(timeline.days[d]), "share": held[0, d], "share_low": held[1, d], "share_high": held[2, d]}
            | {"ways_out": ways[n], "cut_off": found.both[d], "cut_off_map": found.by_map[d], "cut_off_words": found.by_words[d]}
            | {"cut_off_open": readings["open"][n], "cut_off_closed": readings["closed"][n], "cut_off_documented": found.documented[d]}
            | {"closure": hostile[n], "supply_km": km[n], "effective": found.effective}
            for n, d in enumerate(range(span.start, span.stop))
        ]  # fmt: skip

    return [row for month in by_month(heard.given, of_month, at=days_by(timeline, by)) for row in month]


def metrics_table(timeline: Timeline, heard: Witnesses, place: str, side: str, *, rows: Sequence[Row]) -> str:
    """Return `rows` of `metrics_by_day` as a table, with the first day on which the ring was likely closed, of all days."""
    found = heard.ring
    named = {"map and words together": found.both, "the map alone": found.by_map, "the words alone": found.by_words}
    first = [f"{name} {_first(timeline, each)}" for name, each in named.items()]
    names = timeline.theatre.place(place).name, timeline.theatre.side(side).name
    short: list[Row] = [{_SHORT.get(name, name): value for name, value in row.items() if name != "effective"} for row in rows]
    left = len(timeline) - len(rows)
    which = f"; {left} of {len(timeline)} days are left out" if left else ""
    return (
        visible(f"{names[0]}, {names[1]}")
        + f": {heard}{which}\n{as_text(short)}\n{_filled(_COLUMNS)}\n"
        + _filled(f"First day on which the ring was more likely closed than not: {', '.join(first)}.{unheard(timeline, place)}")
    )


def days_by(timeline: Timeline, by: str) -> list[int]:
    """Return the positions of the days that a table tells: see `metrics_by_day`."""
    if by not in BY:
        raise TimelineError(f"unknown rows {by!r}; expected one of {', '.join(BY)}")
    last = len(timeline) - 1
    if by == "change":
        return sorted({0, last, *(timeline.position(change.day) for change in timeline.changes())})
    return sorted({last, *range(0, last + 1, 7 if by == "week" else 1)})


def worth(effective: float, runs: int) -> str:
    """Tell how many independent histories stand behind a figure that is weighted by what was said of a ring."""
    if effective == runs:
        return "not weighted"
    return f"chosen by what was said of the ring out of {DRAWS:,} that are worth {effective:,.0f} independent ones"


def _first(timeline: Timeline, probability: NDArray[np.float64]) -> str:
    """Return the first day above one half in words; above it from the start is no first day."""
    if probability[0] > 0.5:
        return "already at the start of this window"
    return str(first_day(timeline.days, probability) or "never")


def metrics_csv(rows: Sequence[Row]) -> str:
    """Return `rows` of `metrics_by_day` as CSV text."""
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: round(value, 4) if isinstance(value, float) else inert(value) for key, value in row.items()} for row in rows)
    return out.getvalue()


def enclosure_table(timeline: Timeline, heard: Witnesses, place: str, side: str) -> str:
    """
    Return every claim on the ring around a place with the probability on its day that it is closed, by the map and the words together
    and by either alone, those on ways into it by their name, and what keeps the ring open on the map. Errors are those of `metrics_by_day`.
    """
    if timeline.ledger is None:
        raise TimelineError("this timeline has no ledger, so nobody speaks of a ring")
    found = heard.ring
    told = dict(ring_claims(timeline.theatre, timeline.ledger, place))
    lines = [f"{'day':<22} {'says':<6} both  map   words  who [claim; citation]"]
    for claim in in_order(told):
        if claim.window.meets(timeline.window):
            d = timeline.position(max(claim.effective, timeline.start))
            voice = timeline.ledger.source(claim.source).name
            says = "closed" if told[claim] else "open"
            row = f"{claim.window!s:<22} {says:<6} {found.both[d]:.2f}  {found.by_map[d]:.2f}  {found.by_words[d]:.2f}   "
            who = f"{voice} [{claim.id}; {', '.join(claim.cites)}]"
            lines += textwrap.wrap(row + who, _WIDTH, subsequent_indent=" " * len(row), break_on_hyphens=False)
    head = _filled(f"Closed: by the map and the words together ({heard}), and by either alone.")
    lines = [*(lines if len(lines) > 1 else ["(nothing)"]), *not_on_the_ring(timeline, place)]
    return visible("\n".join([head, *lines, "", _leaks_text(timeline, heard.alone, place, side)]))


def ring_table(timeline: Timeline, place: str, side: str, *, runs: int = 1000, seed: int = 7) -> str:
    """
    Return the probability that `side` is cut off in `place`, as a table in Markdown: by the map and the words together, by either alone,
    and together by documented ways alone; on the first and last day, and on every day of which something was said of the ring.

    Errors are those of `metrics_by_day`.
    """
    found = ring(timeline, place, side, runs=runs, seed=seed)
    told = ring_claims(timeline.theatre, timeline.ledger, place) if timeline.ledger else []
    said: dict[int, list[str]] = {0: [], len(timeline) - 1: []}
    for claim, closed in told:
        if claim.window.meets(timeline.window):
            d = timeline.position(max(claim.effective, timeline.start))
            said.setdefault(d, []).append(f"{'closed' if closed else 'open'} ({claim.cites[0] if claim.cites else claim.source})")
    rows = [
        f"| {timeline.days[d]} | "
        + " | ".join(_figure(p[d]) for p in (found.both, found.by_map, found.by_words, found.documented))
        + f" | {', '.join(said[d])} |"
        for d in sorted(said)
    ]
    head = "| day | both | the map alone | the words alone | both, documented ways alone | said of the ring |\n|---|---|---|---|---|---|"
    return "\n".join([head, *rows, "", f"{runs:,} histories, {worth(found.effective, runs)} (seed {seed})."])


def never_resolved(timeline: Timeline) -> list[str]:
    """Return the places of which the last claim of control up to the timeline's end is that they are contested, in their order."""
    theatre = timeline.theatre
    last: dict[int, str | None] = {}
    claims = timeline.ledger.claims if timeline.ledger else ()
    for claim in in_order(c for c in claims if c.of_control and c.kind != "share" and c.effective <= timeline.end):
        for place in reach(theatre, claim):
            last[place] = reading(theatre, claim)
    return [theatre.places[i].id for i in sorted(last) if last[i] == CONTESTED]


def sensitivities(timeline: Timeline, heard: Witnesses, place: str, side: str, moment: Day) -> list[Lean]:
    """
    Return how P(encircled) on a day, by the map alone, leans on each estimated link, each base and each claim about a way, dropped in turn.

    The first is `all`, with nothing dropped; the rest is in order of the change. Histories are the same throughout.
    """
    [day_of] = by_month(heard.alone, lambda _, day: day, at=[timeline.position(moment)])
    everything = {reading: float(p[0]) for reading, p in spread(day_of, place, side).items()}
    found = []
    for kind, what, theatre, ledger in _dropped(timeline, side):
        changed = replace(day_of, theatre=theatre, ledger=ledger)
        bare = not theatre.side(side).bases
        without = dict.fromkeys(UNREPORTED, 1.0) if bare else {r: float(p[0]) for r, p in spread(changed, place, side).items()}
        found.append(Lean(what, kind, without, without["nearest"] - everything["nearest"]))
    return [Lean("all", "nothing", everything, 0.0), *sorted(found, key=lambda lean: (-abs(lean.change), lean.what))]


def sensitivity_table(timeline: Timeline, heard: Witnesses, place: str, side: str, moment: Day) -> str:
    """Return `sensitivities` as a table of all that moves the probability by 0.01 or more, and name what decides it."""
    everything, *leans = sensitivities(timeline, heard, place, side, moment)
    shown = [lean for lean in leans if max(abs(lean.without[r] - everything.without[r]) for r in UNREPORTED) >= 0.01]
    rows: list[Row] = [
        {"dropped": lean.kind, "which": lean.what} | {r: lean.without[r] for r in UNREPORTED} | {"change": lean.change}
        for lean in (everything, *shown)
    ]
    apart = max(everything.without.values()) - min(everything.without.values())
    decides = f"{shown[0].kind} {shown[0].what} ({shown[0].change:+.2f})" if shown else "no single link, base or claim"
    return f"P({place} encircled) on {day(moment)} by the map alone, {len(heard.alone)} histories\n{as_text(rows)}\n" + _filled(
        f"{len(leans) - len(shown)} more links, bases and claims move it by less than 0.01. "
        f"The readings of places that no claim names lie {apart:.2f} apart. What decides: {decides}."
    )


def whatif_table(timeline: Timeline, supposed: Timeline, place: str, side: str, *, since: Day, runs: int = RUNS, seed: int = SEED) -> str:
    """
    Return by day from `since` on what would have been different had things been as in `supposed`: ways out, P(encircled), supply.

    `supposed` is a `timeline.with_status(...)`: with one seed its histories differ from those of the timeline in that alone. Errors are
    those of `metrics_by_day`.
    """
    days = range(timeline.position(since), len(timeline))

    def of_month(_: slice, month: Ensemble) -> tuple[NDArray[np.int_], NDArray[np.float64]]:
        return exit_counts(month, place, side), np.median(supply(month, place, side).nearest_km, axis=0)

    def asked(each: Timeline) -> tuple[NDArray[np.int_], NDArray[np.float64]]:
        drawn = each.most_likely() if each.chains is None else Draws(each, np.arange(runs), seed)
        counts, km = zip(*by_month(drawn, of_month, at=days), strict=True)
        return np.concatenate(counts, axis=1), np.concatenate(km)

    (ways, km), (ways_if, km_if) = asked(timeline), asked(supposed)
    rows: list[Row] = [
        {"day": str(timeline.days[d]), "exits": ways[:, n].mean(), "exits_if": ways_if[:, n].mean()}
        | {"more_exits": (ways_if - ways)[:, n].mean(), "encircled": (ways[:, n] == 0).mean()}
        | {"encircled_if": (ways_if[:, n] == 0).mean(), "supply_km": km[n], "supply_km_if": km_if[n]}
        for n, d in enumerate(days)
    ]  # fmt: skip
    return as_text(rows)


def as_text(rows: Sequence[Row]) -> str:
    """Return rows as columns of text under their names, numbers with two decimals, a dash for what is not known."""
    if not rows:
        return "(nothing)"
    cells = [list(rows[0]), *([_figure(value) if isinstance(value, float) else str(value) for value in row.values()] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    numbers = [isinstance(value, float) for value in rows[0].values()]
    lines = [
        "  ".join(cell.rjust(width) if right else cell.ljust(width) for cell, width, right in zip(row, widths, numbers, strict=True))
        for row in cells
    ]
    return visible("\n".join(line.rstrip() for line in lines))


def _figure(value: float) -> str:
    return "-" if np.isnan(value) else "none" if np.isinf(value) else f"{value:.2f}"


def _filled(text: str, rest: str = "") -> str:
    return textwrap.fill(text, _WIDTH, subsequent_indent=rest, break_on_hyphens=False)


def _dropped(timeline: Timeline, side: str) -> Iterator[tuple[str, str, Theatre, Ledger | None]]:
    """Yield the theatre and ledger without each estimated link, each base of the side, and each claim that shuts or opens a way."""
    theatre, ledger = timeline.theatre, timeline.ledger
    for link in theatre.links:
        if link.basis == "estimated":
            yield "link", link.id, theatre.without(link.id), ledger
    for base in theatre.side(side).bases:
        sides = tuple(
            replace(each, bases=tuple(b for b in each.bases if b is not base)) if each.id == side else each for each in theatre.sides
        )
        yield "base", base.place, replace(theatre, sides=sides), ledger
    for claim in ledger.columns.only("cuts", "opens") if ledger else ():
        if theatre.link_members(claim.place) and ledger:
            yield "claim", claim.id, theatre, ledger.without(claim.id)


def _leaks_text(timeline: Timeline, histories: Ensemble | Draws, place: str, side: str) -> str:
    """Tell which places contested and never resolved keep the ring open, and what else did on the last day that it was in doubt."""
    leaks = never_resolved(timeline)

    def of_month(_: slice, month: Ensemble) -> NDArray[np.float64]:
        lost = [_without_place(month, place, side, leak) for leak in leaks]
        return np.stack([encirclement(month, place, side).mean(axis=0), *lost])

    base, *without = np.concatenate(by_month(histories, of_month), axis=1)
    lines = [
        _filled(
            "By the map alone. Contested, never resolved, and so passable in some histories (how much likelier the ring were closed with the enemy there, at most):"
        )
    ]
    for leak, closed in zip(leaks, without, strict=True):
        more = closed - base
        if more.max() >= 0.005:
            lines.append(f"  {leak}: {more.max():+.2f} on {timeline.days[int(more.argmax())]}")
    if len(lines) == 1:
        lines.append("  none that matters")
    doubt = np.flatnonzero(base < 0.95)
    if len(doubt):
        moment = day(timeline.days[doubt[-1]])
        [points] = by_month(histories, lambda _, today: chokepoints(today, place, side, moment), at=[int(doubt[-1])])
        lines.append(f"What kept it open on {moment}, the last day on which it was in doubt (P(encircled) {base[doubt[-1]]:.2f}):")
        lines += [_filled(f"  {point}{_last_word(timeline, point.place, moment)}", "    ") for point in points[:5]]
    return "\n".join(lines)


def _without_place(histories: Ensemble, place: str, side: str, lost: str) -> NDArray[np.float64]:
    """Return P(encircled) by day had another side held `lost` throughout; the places that follow it are not moved."""
    theatre = histories.theatre
    enemy = next(i for i, each in enumerate(theatre.sides) if each.id != side)
    status = histories.status.copy()
    status[..., list(theatre.members(lost))] = enemy
    return np.asarray(encirclement(replace(histories, status=status), place, side).mean(axis=0))


def _last_word(timeline: Timeline, place: str, moment: Day) -> str:
    """Tell the last claim of control on a place up to a day."""
    theatre, ledger = timeline.theatre, timeline.ledger
    heard: list[Claim] = []
    if ledger is not None:
        heard = [
            c
            for c in bearing(theatre, ledger.columns, place)
            if c.of_control and c.effective <= day(moment) and theatre.index[place] in reach(theatre, c)
        ]
    if not heard:
        return "; no claim of control by then"
    last = in_order(heard)[-1]
    who = f" ({theatre.side(last.side).name})" if last.side else ""
    return f"; last said of {theatre.named(last.place)}: {last.kind}{who}, {last.window} ({', '.join(last.cites[:1])})"
