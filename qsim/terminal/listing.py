"""What a scenario consists of, as columns: its places, sides, sources, links and groups."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from qsim.record.ledger import Ledger
from qsim.record.names import nearest
from qsim.record.signs import visible
from qsim.record.theatre import Theatre, TheatreError
from qsim.terminal.colours import writable

Rows = Iterable[Sequence[object]]


def list_text(theatre: Theatre, ledger: Ledger, what: str) -> str:
    """Return everything of one kind (`LISTS`) in columns under their names; raise `TheatreError` for a kind there is not."""
    if what not in LISTS:
        raise TheatreError(f"nothing is called {what!r}{nearest(what, LISTS)}; expected one of {', '.join(LISTS)}")
    names, rows = LISTS[what]
    return writable(visible(columns(names, rows(theatre, ledger))))


def columns(names: Sequence[str], rows: Rows) -> str:
    """Return rows under the names of their columns, as wide as they need; numbers stand to the right, None is left out."""
    told = [list(row) for row in rows]
    cells = [list(names), *(["" if cell is None else str(cell) for cell in row] for row in told)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    numbers = [any(isinstance(row[i], int | float) for row in told) for i in range(len(names))]
    lines = [
        "  ".join(cell.rjust(width) if right else cell.ljust(width) for cell, width, right in zip(row, widths, numbers, strict=True))
        for row in cells
    ]
    return "\n".join(line.rstrip() for line in lines)


def _places(theatre: Theatre, ledger: Ledger) -> Rows:
    claims = Counter(ledger.columns.column("place").counts())
    for place in theatre.places:
        yield place.id, place.name, "gateway" if place.gateway else place.kind, place.within or place.parent, claims[place.id]


def _sides(theatre: Theatre, ledger: Ledger) -> Rows:
    for side in theatre.sides:
        yield side.id, side.name, ", ".join(side.actors), ", ".join(base.place for base in side.bases)


def _sources(theatre: Theatre, ledger: Ledger) -> Rows:
    claims = Counter(ledger.columns.column("source").counts())
    for source in ledger.sources.values():
        yield source.id, source.name, source.kind, source.side or "neutral", source.origin, claims[source.id]


def _links(theatre: Theatre, ledger: Ledger) -> Rows:
    for link in theatre.links:
        yield link.id, link.name, link.a, link.b, link.kind, f"{link.length_km:.1f}", link.basis


def _groups(theatre: Theatre, ledger: Ledger) -> Rows:
    for group in theatre.groups:
        yield group.id, group.name, group.of, len(group.members)


# Of each kind: the names of its columns, and its rows.
LISTS: dict[str, tuple[Sequence[str], Callable[[Theatre, Ledger], Rows]]] = {
    "places": (("id", "name", "kind", "part of", "claims"), _places),
    "sides": (("id", "name", "actors", "bases"), _sides),
    "sources": (("id", "name", "kind", "side", "repeats", "claims"), _sources),
    "links": (("id", "name", "from", "to", "kind", "km", "basis"), _links),
    "groups": (("id", "name", "of", "members"), _groups),
}
