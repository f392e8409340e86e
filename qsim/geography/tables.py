"""
Tables of the ring around a place: by day, beside what was reported, how it leans on single links and claims, and what if.

Every table is text; probabilities are shares of sampled histories.
"""

import csv
import io
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from qsim.belief.enclosure import ring_claims
from qsim.belief.evidence import reading
from qsim.belief.timeline import Ensemble, Timeline, TimelineError
from qsim.geography.conditioning import DRAWS, given_ring, ring
from qsim.geography.metrics import chokepoints, closure, encirclement, exit_counts, first_day, interval, share, spread, supply
from qsim.geography.reachability import UNREPORTED
from qsim.record.dates import Day, day
from qsim.record.ledger import Claim, Ledger
from qsim.record.scope import in_order, reach
from qsim.record.theatre import CONTESTED, Theatre

Row = Mapping[str, str | float]
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
    "low, high: between them lies the share in 9 of 10 histories; ways: out, on average; cut off: probability by the map and the words "
    "together; map, words: by either alone; if open, if closed: together, with all places that no claim names so, not as the nearest one "
    "named; documented: together, by ways alone of which a document tells; closure: of the compass within 10 km; supply km: the median."
)


@dataclass(frozen=True, eq=False, slots=True)
class Lean:
    """How the probability that a place is cut off leans on one thing: without it, by each reading, and the change by `nearest`."""

    what: str
    kind: str
    without: Mapping[str, float]
    change: float


def metrics_by_day(timeline: Timeline, place: str, side: str, *, runs: int = 1000, seed: int = 7) -> list[Row]:
    """
    Return a row a day: share of the place by area with its 90 % interval, ways out, the probability of being cut off, closure of the
    compass within 10 km, and median km of supply (inf where most histories have none).

    `cut_off` is by the map and what was said of the ring, both together, and so is all that is counted on histories; `cut_off_map` and
    `cut_off_words` are by either alone (`qsim.ring`), `cut_off_open` and `cut_off_closed` with all places that no claim names passable
    and not, `cut_off_documented` without links that are estimated. `effective` is how many independent histories stand behind it.

    Raises
    ------
    TheatreError
        When the place or side is not of the theatre, or the side has no bases.
    TimelineError
        When the policy draws no histories.
    """
    histories = given_ring(timeline, place, side, runs, seed)
    held = share(histories, place, side)
    low, high = interval(held)
    ways, readings = exit_counts(histories, place, side).mean(axis=0), spread(histories, place, side)
    found = ring(timeline, place, side, runs=runs, seed=seed, histories=histories)
    hostile = closure(histories, place, side).mean(axis=0)
    km = np.median(supply(histories, place, side).nearest_km, axis=0)
    return [
        {"day": str(timeline.days[d]), "share": held[:, d].mean(), "share_low": low[d], "share_high": high[d]}
        | {"ways_out": ways[d], "cut_off": readings["nearest"][d], "cut_off_map": found.by_map[d], "cut_off_words": found.by_words[d]}
        | {"cut_off_open": readings["open"][d], "cut_off_closed": readings["closed"][d], "cut_off_documented": found.documented[d]}
        | {"closure": hostile[d], "supply_km": km[d], "effective": found.effective}
        for d in range(len(timeline))
    ]  # fmt: skip


def metrics_table(timeline: Timeline, place: str, side: str, *, runs: int = 1000, seed: int = 7, rows: Sequence[Row] = ()) -> str:
    """
    Return `metrics_by_day` as a table, with the first day on which the ring was likely closed, computed and reported.

    `rows` are those of `metrics_by_day` for the same question, where they are at hand.
    """
    rows = rows or metrics_by_day(timeline, place, side, runs=runs, seed=seed)
    named = {"cut_off": "map and words together", "cut_off_map": "the map alone", "cut_off_words": "the words alone"}
    first = [f"{name} {_first(timeline, np.array([row[key] for row in rows]))}" for key, name in named.items()]
    names = timeline.theatre.place(place).name, timeline.theatre.side(side).name
    short: list[Row] = [{_SHORT.get(name, name): value for name, value in row.items() if name != "effective"} for row in rows]
    return (
        f"{names[0]}, {names[1]}: {runs} histories, {worth(float(rows[0]['effective']), runs)}, seed {seed}\n{as_text(short)}\n{_filled(_COLUMNS)}\n"
        + _filled(f"First day on which the ring was more likely closed than not: {', '.join(first)}.")
    )


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


def metrics_csv(timeline: Timeline, place: str, side: str, *, runs: int = 1000, seed: int = 7, rows: Sequence[Row] = ()) -> str:
    """Return `metrics_by_day` as CSV text; `rows` as for `metrics_table`."""
    rows = rows or metrics_by_day(timeline, place, side, runs=runs, seed=seed)
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: round(value, 4) if isinstance(value, float) else value for key, value in row.items()} for row in rows)
    return out.getvalue()


def enclosure_table(timeline: Timeline, place: str, side: str, *, runs: int = 1000, seed: int = 7) -> str:
    """
    Return every claim on the ring around a place with the probability on its day that it is closed, by the map and the words together
    and by either alone, and what keeps the ring open on the map. Errors are those of `metrics_by_day`.
    """
    if timeline.ledger is None:
        raise TimelineError("this timeline has no ledger, so nobody speaks of a ring")
    histories, found = timeline.sample(runs, seed=seed), ring(timeline, place, side, runs=runs, seed=seed)
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
    head = _filled(f"Closed: by the map and the words together ({runs} histories, {worth(found.effective, runs)}), and by either alone.")
    return "\n".join([head, *(lines if len(lines) > 1 else ["(nothing)"]), "", _leaks_text(timeline, histories, place, side)])


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
        + " | ".join(f"{p[d]:.2f}" for p in (found.both, found.by_map, found.by_words, found.documented))
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


def sensitivities(timeline: Timeline, place: str, side: str, moment: Day, *, runs: int = 1000, seed: int = 7) -> list[Lean]:
    """
    Return how P(encircled) on a day, by the map alone, leans on each estimated link, each base and each claim about a way, dropped in turn.

    The first is `all`, with nothing dropped; the rest is in order of the change. Histories are the same throughout.
    """
    d = timeline.position(moment)
    histories = timeline.sample(runs, seed=seed)
    day_of = replace(histories, days=timeline.days[d : d + 1], status=np.ascontiguousarray(histories.status[:, d : d + 1]))
    everything = {reading: float(p[0]) for reading, p in spread(day_of, place, side).items()}
    found = []
    for kind, what, theatre, ledger in _dropped(timeline, side):
        changed = replace(day_of, theatre=theatre, ledger=ledger)
        bare = not theatre.side(side).bases
        without = dict.fromkeys(UNREPORTED, 1.0) if bare else {r: float(p[0]) for r, p in spread(changed, place, side).items()}
        found.append(Lean(what, kind, without, without["nearest"] - everything["nearest"]))
    return [Lean("all", "nothing", everything, 0.0), *sorted(found, key=lambda lean: (-abs(lean.change), lean.what))]


def sensitivity_table(timeline: Timeline, place: str, side: str, moment: Day, *, runs: int = 1000, seed: int = 7) -> str:
    """Return `sensitivities` as a table of all that moves the probability by 0.01 or more, and name what decides it."""
    everything, *leans = sensitivities(timeline, place, side, moment, runs=runs, seed=seed)
    shown = [lean for lean in leans if max(abs(lean.without[r] - everything.without[r]) for r in UNREPORTED) >= 0.01]
    rows: list[Row] = [
        {"dropped": lean.kind, "which": lean.what} | {r: lean.without[r] for r in UNREPORTED} | {"change": lean.change}
        for lean in (everything, *shown)
    ]
    apart = max(everything.without.values()) - min(everything.without.values())
    decides = f"{shown[0].kind} {shown[0].what} ({shown[0].change:+.2f})" if shown else "no single link, base or claim"
    return f"P({place} encircled) on {day(moment)} by the map alone, {runs} histories\n{as_text(rows)}\n" + _filled(
        f"{len(leans) - len(shown)} more links, bases and claims move it by less than 0.01. "
        f"The readings of places that no claim names lie {apart:.2f} apart. What decides: {decides}."
    )


def whatif_table(timeline: Timeline, hold: str, *, place: str, side: str, runs: int = 1000, seed: int = 7) -> str:
    """
    Return what would have been different by day had a place been of some status: ways out, P(encircled), supply.

    `hold` is `place:status:first day` or `place:status:first day:last day`, both included. Histories are paired: only the place differs.

    Raises
    ------
    TimelineError
        When `hold` is not of this form, or its days lie outside the timeline.
    """
    where, status, first, end = _held(hold)
    supposed = timeline.with_status(where, status, start=first, end=end)
    both = [each.sample(runs, seed=seed) for each in (timeline, supposed)]
    ways = [exit_counts(each, place, side) for each in both]
    km = [np.median(supply(each, place, side).nearest_km, axis=0) for each in both]
    rows: list[Row] = [
        {"day": str(timeline.days[d]), "exits": ways[0][:, d].mean(), "exits_if": ways[1][:, d].mean()}
        | {"more_exits": (ways[1] - ways[0])[:, d].mean(), "encircled": (ways[0][:, d] == 0).mean()}
        | {"encircled_if": (ways[1][:, d] == 0).mean(), "supply_km": km[0][d], "supply_km_if": km[1][d]}
        for d in range(timeline.position(first), len(timeline))
    ]  # fmt: skip
    until = f" to {end}" if end else ""
    return f"If {timeline.theatre.place(where).name} had been {status} from {first}{until}:\n{as_text(rows)}"


def as_text(rows: Sequence[Row]) -> str:
    """Return rows as columns of text under their names, numbers with two decimals."""
    if not rows:
        return "(nothing)"
    cells = [list(rows[0]), *([f"{value:.2f}" if isinstance(value, float) else str(value) for value in row.values()] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    numbers = [isinstance(value, float) for value in rows[0].values()]
    lines = [
        "  ".join(cell.rjust(width) if right else cell.ljust(width) for cell, width, right in zip(row, widths, numbers, strict=True))
        for row in cells
    ]
    return "\n".join(line.rstrip() for line in lines)


def _filled(text: str, rest: str = "") -> str:
    return textwrap.fill(text, _WIDTH, subsequent_indent=rest, break_on_hyphens=False)


def _held(hold: str) -> tuple[str, str, date, date | None]:
    """Read `place:status:first day[:last day]`."""
    where, _, rest = hold.partition(":")
    status, _, span = rest.partition(":")
    first, _, last = span.partition(":")
    if not (where and status and first):
        raise TimelineError(f"cannot read {hold!r}; expected place:status:first day, such as dabaa_airbase:opposition:2013-05-29")
    return where, status, day(first), day(last) if last else None


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
    for claim in ledger.claims if ledger else ():
        if claim.kind in ("cuts", "opens") and theatre.link_members(claim.place) and ledger:
            yield "claim", claim.id, theatre, ledger.without(claim.id)


def _leaks_text(timeline: Timeline, histories: Ensemble, place: str, side: str) -> str:
    """Tell which places contested and never resolved keep the ring open, and what else did on the last day that it was in doubt."""
    base = encirclement(histories, place, side).mean(axis=0)
    lines = [
        _filled(
            "By the map alone. Contested, never resolved, and so passable in some histories (how much likelier the ring were closed with the enemy there, at most):"
        )
    ]
    for leak in never_resolved(timeline):
        more = _without_place(histories, place, side, leak) - base
        if more.max() >= 0.005:
            lines.append(f"  {leak}: {more.max():+.2f} on {timeline.days[int(more.argmax())]}")
    if len(lines) == 1:
        lines.append("  none that matters")
    doubt = np.flatnonzero(base < 0.95)
    if len(doubt):
        moment = day(timeline.days[doubt[-1]])
        lines.append(f"What kept it open on {moment}, the last day on which it was in doubt (P(encircled) {base[doubt[-1]]:.2f}):")
        lines += [
            _filled(f"  {point}{_last_word(timeline, point.place, moment)}", "    ")
            for point in chokepoints(histories, place, side, moment)[:5]
        ]
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
        heard = [c for c in ledger.claims if c.of_control and c.effective <= day(moment) and theatre.index[place] in reach(theatre, c)]
    if not heard:
        return "; no claim of control by then"
    last = in_order(heard)[-1]
    return f"; last said: {last.side or 'someone'} {last.kind} {last.place}, {last.window} ({', '.join(last.cites[:1])})"
