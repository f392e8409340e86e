"""The days of a scenario: its first and last where it tells none, relative dates worked out, open ends bounded."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from qsim.record.claims import FAR_YEARS
from qsim.record.columnar import Columnar
from qsim.record.contents import Contents, joined
from qsim.record.dates import DateError, Relative, Window
from qsim.record.names import Index
from qsim.record.packed import Coded
from qsim.record.problems import Table


def fill_days(contents: Contents) -> None:
    """Work out relative dates, the scenario's own days where it tells none, and open ends by them."""
    rows = contents.claim_rows
    _work_out_relative(contents.tables["claims"], rows)
    first, last = (contents.settings[name] for name in ("start", "end"))
    settings = contents.tables["scenario"]
    windows = _not_astray(rows) if first is None or last is None else {}
    if first is None and not settings.spoilt(0, "start"):
        first = _widest(min, (w.start for w in windows if not w.open_start), (w.end for w in windows if w.open_start and not w.open_end))
        settings.default(f"start is taken to be {first}, the first day that a claim speaks of", column="start")
    if last is None and not settings.spoilt(0, "end"):
        last = _widest(max, (w.end for w in windows if not w.open_end), (w.start for w in windows if w.open_end and not w.open_start))
        settings.default(f"end is taken to be {last}, the last day that a claim speaks of", column="end")
    contents.settings |= {"start": first, "end": last}
    for name in ("start", "end", "reported"):
        rows.change(name, lambda window: _bounded(window, first, last))


def _widest(which: Callable[..., Any], days: Iterable[date], others: Iterable[date]) -> date | None:
    """Return the first or last of some days, and of others, at the closed end of open windows, that do not lie decades away; None for none."""
    found: date | None = which(days, default=None)
    if found is None:
        return None
    near = [each for each in others if abs((each - found).days) <= FAR_YEARS * 365.25]
    return which(found, *near) if near else found


def _not_astray(rows: Columnar) -> Counter[Window]:
    """
    Return the windows that claims speak of, and how often: without those that lie decades apart from more than half of them.

    A scenario does not begin with a mistyped year: such a claim is asked about in its own row.
    """
    windows: Counter[Window] = Counter()
    for name in ("start", "end"):
        windows.update({each: count for each, count in rows.columns[name].counts().items() if isinstance(each, Window)})
    whole = sorted(each for each in windows if not (each.open_start or each.open_end))
    parted: list[list[Window]] = []
    until = date.min
    for each in whole:
        if not parted or (each.start - until).days > FAR_YEARS * 365.25:
            parted.append([])
        parted[-1].append(each)
        until = max(until, each.end)
    many = sum(windows[each] for each in whole)
    most = max(parted, key=lambda some: sum(windows[each] for each in some), default=whole)
    if 2 * sum(windows[each] for each in most) <= many:
        return windows
    return Counter({each: count for each, count in windows.items() if each in most or each.open_start or each.open_end})


def _bounded(window: Any, first: date | None, last: date | None) -> Any:
    if window == "..":
        window = Window(date.min, date.max, open_end=True)
    if not (isinstance(window, Window) and first and last and first <= last):
        return window
    try:
        return window.within(first, last)
    except DateError:
        return window


def _work_out_relative(table: Table, claims: Columnar) -> None:
    """Put days in the place of `2 days after CLAIM`; tell those that lean on each other in a circle, or on no claim."""
    names = ("start", "end", "reported")
    if not any(isinstance(when, Relative) for name in names for when in claims.columns[name].values):
        return
    each_row = list(claims.named("id", *names))
    rows = {cells["id"]: (row, cells) for row, cells in each_row if cells["id"]}
    for row, cells in each_row:
        for name in names:
            if isinstance(cells[name], Relative):
                cells[name] = _beside(cells[name], rows, table, row, name, {(cells["id"], name)})
    for name in names:
        claims.columns[name] = Coded.of(cells[name] for _, cells in each_row)


def _beside(when: Relative, rows: dict[str, Any], table: Table, row: int, column: str, asked: set[tuple[str, str]]) -> Window | None:
    """Return the window that a relative date means, following the claims that it leans on."""
    chain: list[Relative] = [when]
    while True:
        if when.claim not in rows:
            hint = Index((id, ()) for id in rows).hint(when.claim)
            table.problem(f"{str(when)!r} leans on claim {when.claim!r}, which is not there{hint}", row, column)
            return None
        cells = rows[when.claim][1]
        if not isinstance(cells["start"], Relative):
            break
        if (when.claim, "start") in asked:
            table.problem(f"{str(chain[0])!r} runs in a circle: {when.claim!r} is dated by it in turn", row, column)
            return None
        asked.add((when.claim, "start"))
        when = cells["start"]
        chain.append(when)
    end = cells["end"] if isinstance(cells["end"], Window) else None
    try:
        window = joined(cells["start"], end) if cells["start"] else None
        for step in reversed(chain):
            window = step.beside(window) if window else None
    except DateError as problem:
        table.problem(str(problem), row, column)
        return None
    return window
