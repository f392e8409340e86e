"""Who said what: sources, claims, and the ledger that holds them all and keeps their contradictions."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from qsim.record.claim import Claim, Source
from qsim.record.claims import Vocabulary, wrong_with
from qsim.record.dates import Day, day
from qsim.record.names import nearest
from qsim.record.packed import Claims, day_number
from qsim.record.values import by_fields, equal, keep
from qsim.record.words import (
    BOUNDS,
    CONFIDENCES,
    CONTEXT,
    CONTROL,
    ENCLOSURE,
    EVENTS,
    KINDS,
    NEUTRAL,
    OUTCOMES,
    QUANTIFIERS,
    SOURCE_KINDS,
)

__all__ = [
    "BOUNDS",
    "CONFIDENCES",
    "CONTEXT",
    "CONTROL",
    "ENCLOSURE",
    "EVENTS",
    "KINDS",
    "NEUTRAL",
    "OUTCOMES",
    "QUANTIFIERS",
    "SOURCE_KINDS",
    "Claim",
    "Ledger",
    "LedgerError",
    "Source",
]  # fmt: skip
_FEW = 100_000  # claims among which an id is looked for that is like one
_TELLING = ("holds", "takes", "loses", "repulses", "encircles", "cuts", "share", "denies")  # kinds that favour one side


class LedgerError(ValueError):
    """A claim or source that is not in the ledger, or that cannot be added to it."""


@dataclass(frozen=True, eq=False, repr=False)
class Ledger:
    """All sources and claims, immutable; every selection is a new ledger. A container of its claims, by id and by position."""

    sources: Mapping[str, Source]
    claims: Sequence[Claim]
    known: Vocabulary | None = field(default=None, repr=False, compare=False)

    __eq__ = equal
    __reduce__ = by_fields

    def __post_init__(self) -> None:
        keep(self, "sources")
        object.__setattr__(self, "claims", Claims.of(self.claims))

    def __hash__(self) -> int:
        return hash((len(self.sources), *self.columns.column("id")))

    def __iter__(self) -> Iterator[Claim]:
        return iter(self.claims)

    @overload
    def __getitem__(self, key: str | int) -> Claim: ...

    @overload
    def __getitem__(self, key: slice) -> "Ledger": ...

    def __getitem__(self, key: str | int | slice) -> "Claim | Ledger":
        """Return a claim by its id or position, or the ledger of a slice of them; raise `LedgerError` when no claim has the id."""
        if isinstance(key, slice):
            return replace(self, claims=self.claims[key])
        return self.claims[key] if isinstance(key, int) else self.claim(key)

    def __contains__(self, claim: object) -> bool:
        """Return whether there is a claim with this id, or this very claim."""
        return self.columns.row_of(claim) >= 0 if isinstance(claim, str) else claim in self.claims

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.columns.column("id"))

    def __repr__(self) -> str:
        control = self.columns.of_control.sum()
        return f"Ledger({len(self.claims)} claims, {control} of them of control, by {len(self.sources)} sources)"

    def __len__(self) -> int:
        return len(self.claims)

    @property
    def columns(self) -> Claims:
        """The claims as columns: what is asked of all of them is asked here."""
        assert isinstance(self.claims, Claims)
        return self.claims

    def claim(self, id: str) -> Claim:
        """Return the claim with this id; raise `LedgerError` when there is none."""
        if not isinstance(id, str):
            raise LedgerError(f"{id!r} is no id of a claim; expected text, or a position in the ledger")
        if (row := self.columns.row_of(id)) < 0:
            raise LedgerError(f"unknown claim {id!r}{self._hint(id, ())}")
        return self.claims[row]

    def _hint(self, id: str, added: Iterable[str]) -> str:
        """Return what id was likely meant; among many thousands nobody looks."""
        return nearest(id, [*self.columns.column("id"), *added]) if len(self.claims) <= _FEW else ""

    def source(self, id: str) -> Source:
        """Return the source with this id; raise `LedgerError` when there is none."""
        if id not in self.sources:
            raise LedgerError(f"unknown source {id!r}{nearest(id, self.sources)}")
        return self.sources[id]

    def origin(self, claim: Claim) -> str:
        """Return the id of the source that a claim goes back to, through every repetition; raise `LedgerError` where these go in a circle."""
        return self.origin_of(claim.source)

    def origin_of(self, source: str) -> str:
        """Return the id of the source that one goes back to, through every repetition; raise `LedgerError` where these go in a circle."""
        passed = [source]
        while (origin := self.sources[passed[-1]].origin) is not None:
            if origin in passed:
                raise LedgerError(f"the sources {', '.join([*passed, origin])} repeat each other in a circle; expected one to be the first")
            passed.append(origin)
        return passed[-1]

    def against_interest(self, claim: Claim) -> bool:
        """
        Return whether the claim favours the enemy of its source's own side.

        A share favours its side where it is a lower bound, and the other where it is an upper one; a figure of the enemy's admits
        something where it is more than half, one of the speaker's own side nothing: "a quarter is still ours" is no admission, nor is "up
        to four fifths". That the enemy holds part of a place, or no more than a place (`at_most`), is said of one who is confined to it.
        """
        speaker = self.sources[claim.source].side
        if speaker is None or claim.side is None or claim.kind not in _TELLING:
            return False
        own = claim.side == speaker
        if claim.kind in ("loses", "denies"):
            return own
        if claim.kind == "share" and own:
            return claim.bound == "at_most" and (claim.value or 0) < 0.5
        if claim.kind == "share":
            return claim.bound == "at_least" or (claim.bound != "at_most" and (claim.value or 0) > 0.5)
        return not own and not (claim.kind == "holds" and (claim.quantifier == "part" or claim.bound == "at_most"))

    def known_by(self, moment: Day) -> "Ledger":
        """Return what could be known at the end of that day: the claims reported by then."""
        return self._only(self.columns.known <= day_number(day(moment)))

    def by_side(self, side: str | None) -> "Ledger":
        """Return what the sources of one side said; `None` or `"neutral"` for those that belong to none."""
        wanted = None if side == NEUTRAL else side
        if wanted is not None and wanted not in {source.side for source in self.sources.values()}:
            sides = sorted({source.side for source in self.sources.values() if source.side})
            raise LedgerError(f"no source belongs to side {side!r}; expected one of {', '.join([*sides, NEUTRAL])}")
        return self._only(self.columns.column("source").each(lambda id: self.sources[id].side == wanted, bool))

    def without(self, *ids: str) -> "Ledger":
        """Return the ledger without some claims, or without all claims of some sources; raise `LedgerError` when an id is neither."""
        gone = {id if id in self.sources else self.claim(id).id for id in ids}
        names, voices = self.columns.column("id"), self.columns.column("source")
        return self._only(~(names.each(gone.__contains__, bool) | voices.each(gone.__contains__, bool)))

    def plus(self, *claims: Claim) -> "Ledger":
        """
        Return the ledger with more claims.

        Raises
        ------
        LedgerError
            When an id is taken, or anything in a claim is wrong; the message tells all of it, in the words of `qsim check`.
        """
        added: set[str] = set()
        lines = []
        for claim in claims:
            problems = list(self._wrong_with(claim, added))
            added.add(claim.id)
            if problems:
                lines.append(f"claim {claim.id!r} has {len(problems)} problem{'s' if len(problems) > 1 else ''}")
                lines += [f"  {column}: {what}" for column, what in problems]
        if lines:
            raise LedgerError("\n".join(lines))
        return replace(self, claims=self.columns.plus(self._bounded(claim) for claim in claims))

    def _bounded(self, claim: Claim) -> Claim:
        """Return the claim with the open ends of its window at the first and last day of the scenario, where they are known."""
        if self.known is None or self.known.first is None or self.known.last is None:
            return claim
        return replace(claim, window=claim.window.within(self.known.first, self.known.last))

    def _wrong_with(self, claim: Claim, added: set[str]) -> Iterator[tuple[str, str]]:
        """Yield (field, what is wrong) for a claim that is to be added, beside those that are so already."""
        yield from wrong_with(claim, self.known)
        if claim.id in added or claim.id in self:
            yield "id", f"the id {claim.id!r} is taken"
        if claim.source not in self.sources and self.known is None:
            yield "source", f"unknown source {claim.source!r}{nearest(claim.source, list(self.sources))}"
        if claim.denies is not None and claim.denies not in added and claim.denies not in self:
            yield "denies", f"unknown claim {claim.denies!r}{self._hint(claim.denies, added)}"

    def replace(self, id: str, /, **changes: Any) -> "Ledger":
        """
        Return the ledger with one claim changed, in its place: `ledger.replace("0311-tarnby-share", value=0.4)`.

        Raises
        ------
        LedgerError
            When there is no such claim, no such field of a claim, or what it becomes could not be added either.
        """
        known = [field.name for field in fields(Claim)]
        wrong = [f"a claim has no {name!r}{nearest(name, known)}" for name in changes if name not in known]
        if wrong:
            raise LedgerError("; ".join(wrong))
        changed = replace(self.claim(id), **changes)
        self.without(id).plus(changed)
        at, claims = self.columns.row_of(id), self.columns
        order = np.arange(len(claims))
        order[at] = len(claims)
        return replace(self, claims=claims.plus([changed]).take(order))

    def to_dataframe(self) -> Any:
        """Return the claims as a pandas data frame, a row a claim: see `qsim.exchange.tables.ledger_to_dataframe`."""
        from qsim.exchange.tables import ledger_to_dataframe

        return ledger_to_dataframe(self)

    def from_dataframe(self, frame: Any) -> "Ledger":
        """Return a ledger with these sources and the claims of a data frame: see `qsim.exchange.tables.ledger_from_dataframe`."""
        from qsim.exchange.tables import ledger_from_dataframe

        return ledger_from_dataframe(frame, self)

    def counts(self) -> Counter[str]:
        """Return the number of claims of each kind."""
        return Counter(self.columns.column("kind").counts())

    def _only(self, keep: NDArray[np.bool_]) -> "Ledger":
        return replace(self, claims=self.columns.take(keep))
