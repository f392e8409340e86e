"""Who says so, and what: one source, one claim."""

from dataclasses import dataclass, field
from datetime import date

from qsim.record.dates import Window, parse_edtf
from qsim.record.words import CONTROL, EVENTS, SOURCE_ALIASES


@dataclass(frozen=True, slots=True)
class Source:
    """
    Who says so: `kind` of voice, the `side` it belongs to (none when neutral), and its `origin` where it merely repeats another.

    `variants` are the words by which the documents call the voice. A kind under another name (`government_media`) is kept under its own.
    """

    id: str
    name: str
    kind: str
    side: str | None = None
    origin: str | None = None
    variants: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", SOURCE_ALIASES.get(self.kind, self.kind))

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Claim:
    """
    One source saying one thing of one place, group or link (`place`) and one window of days.

    `window` is what the claim speaks of, `reported` when it was said (none: the same day); both may be given as in the files,
    `"2013-05-17/2013-05-19"`, or as a single day. Numbers: `value` is a fraction 0..1 of a share, `low`, `best`, `high` count casualties or strength `of` someone. `row` is the line of the file it was read from.
    """

    id: str
    place: str
    kind: str
    window: Window
    source: str
    side: str | None = None
    actors: tuple[str, ...] = ()
    quantifier: str | None = None
    value: float | None = None
    bound: str | None = None
    low: int | None = None
    best: int | None = None
    high: int | None = None
    of: str = ""
    reported: Window | None = None
    confidence: str = "stated"
    denies: str | None = None
    cites: tuple[str, ...] = ()
    implied: tuple[str, ...] = ()
    note: str = ""
    row: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        for name in ("window", "reported"):
            given = getattr(self, name)
            if given is not None and not isinstance(given, Window):
                object.__setattr__(self, name, parse_edtf(given) if isinstance(given, str) else Window(given, given))
        for name in ("actors", "cites", "implied"):
            object.__setattr__(self, name, tuple(getattr(self, name)))

    def __repr__(self) -> str:
        return f"Claim({self.id!r}: {self.source} says {self.side or 'someone'} {self.kind} {self.place}, {self.window})"

    @property
    def known(self) -> date:
        """The first day on which the claim was known: the last day of its report window, or of its own (the first, where that is open)."""
        window = self.reported or self.window
        return window.start if window.open_end else window.end

    @property
    def of_control(self) -> bool:
        """Whether the claim is evidence on who held the place."""
        return self.kind in CONTROL

    @property
    def numbers(self) -> tuple[float, float] | None:
        """The lowest and the highest number that a count allows, infinite where it is open above; none where no figure is given."""
        if self.low is None and self.best is None and self.high is None:
            return None
        low = next(float(n) for n in (self.low, self.best, 0) if n is not None)
        return low, next(float(n) for n in (self.high, self.best, float("inf")) if n is not None)

    @property
    def figure(self) -> str:
        """The number of a count as a reader writes it: `431-500`, `1,257`, `500 or more`, `up to 40`, `no figure`."""
        if self.numbers is None:
            return "no figure"
        low, high = self.numbers
        if high == float("inf"):
            return f"{low:,.0f} or more"
        if low == 0 and high > 0:
            return f"up to {high:,.0f}"
        return f"{low:,.0f}" if low == high else f"{low:,.0f}-{high:,.0f}"

    @property
    def effective(self) -> date:
        """The day from which the claim counts: an event from the last day of its window, a state from the first."""
        return self.window.end if self.kind in EVENTS else self.window.start

    @property
    def until(self) -> date:
        """The last day that the claim speaks of; where it stands until further notice, the day from which it was known."""
        return max(self.window.start, self.known) if self.window.open_end else self.window.end
