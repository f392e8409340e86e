"""The toll: who was killed, wounded, captured or driven out, as ranges, by who says so. Figures are never added up."""

import textwrap
from dataclasses import dataclass

from qsim.record.dates import Day
from qsim.record.ledger import OUTCOMES, Claim, Ledger, Source
from qsim.record.signs import visible
from qsim.record.theatre import Theatre

CIVILIANS = "Civilians"
OTHERS = "People for whom no side is given, some of them civilians"
_WIDTH = 80


@dataclass(frozen=True, slots=True)
class Toll:
    """One figure of the toll: the claim, its source, the `people` it counts and their `outcome`; `side` is theirs, none for civilians."""

    claim: Claim
    source: Source
    side: str | None
    people: str
    outcome: str

    @property
    def civilian(self) -> bool:
        """Whether the figure counts civilians by that word, and nobody else."""
        people = self.people.casefold()
        return self.side is None and "civilian" in people and "fighter" not in people

    @property
    def numbers(self) -> tuple[float, float] | None:
        """The lowest and the highest number, infinite where it is open above; none where no figure is given."""
        return self.claim.numbers

    def __str__(self) -> str:
        return f"{self.claim.window}  {self.claim.figure} {self.people} {self.outcome} ({self.source.name})"


def casualties(theatre: Theatre, ledger: Ledger, *, start: Day | None = None, end: Day | None = None) -> list[Toll]:
    """
    Return every figure of the toll that speaks of a day from `start` to `end`, both included.

    Civilians come first, then people for whom no side is given, then side by side. Within these: killed, wounded and so on; then the people counted, then the days. Sources overlap, and contradict each other; some
    figures count single incidents and others whole battles. That is why none is added to another.

    Raises
    ------
    DateError
        When `start` or `end` is not a day, or lies far outside the scenario.
    """
    first, last = (theatre.day(start) if start else None), (theatre.day(end) if end else None)
    found = [
        Toll(claim, ledger.source(claim.source), claim.side, *_people(claim.of))
        for claim in ledger.columns.only("casualties")
        if (first is None or claim.window.end >= first) and (last is None or claim.window.start <= last)
    ]
    sides = [None, *(side.id for side in theatre.sides)]
    return sorted(
        found,
        key=lambda t: (not t.civilian, sides.index(t.side), OUTCOMES.index(t.outcome), t.people.casefold(), t.claim.window, t.claim.id),
    )


def casualties_text(theatre: Theatre, found: list[Toll]) -> str:
    """Return the toll as a table, at most 80 columns wide: a heading a side, a row a figure, with its days, number and speaker."""
    lines: list[str] = []
    for heading in dict.fromkeys(heading_of(theatre, toll) for toll in found):
        mine = [toll for toll in found if heading_of(theatre, toll) == heading]
        lines += [heading, "=" * len(heading)]
        for outcome in OUTCOMES:
            rows = [toll for toll in mine if toll.outcome == outcome]
            if rows:
                lines += ["", f"{outcome}:", *(line for toll in rows for line in _row(theatre, toll))]
        lines.append("")
    note = "Every figure stands alone: sources overlap and contradict each other, and no two of them are added."
    return visible("\n".join([*lines, *textwrap.wrap(f"{len(found)} figure{'s' if len(found) != 1 else ''}. {note}", _WIDTH)]))


def heading_of(theatre: Theatre, toll: Toll) -> str:
    """Return the heading under which a figure stands: civilians, people of no side given, or the side's name."""
    if toll.side is not None:
        return theatre.side(toll.side).name
    return CIVILIANS if toll.civilian else OTHERS


def _people(of: str) -> tuple[str, str]:
    """Return the people and the outcome that a claim counts: `soldiers killed` is (soldiers, killed)."""
    people, _, outcome = of.rpartition(" ")
    together = people.removesuffix(" killed or")
    return (people if together == people else f"{together}, dead and wounded together"), outcome


def _row(theatre: Theatre, toll: Toll) -> list[str]:
    """Return one figure as lines: the number in a column of its own, then who, where, when, by whose word."""
    side = theatre.side(toll.source.side).name if toll.source.side else "neutral"
    told = f"{toll.people}; {theatre.named(toll.claim.place)}, {toll.claim.window}; {toll.source.name} ({side})"
    cited = f" [{toll.claim.cites[0]}]" if toll.claim.cites else ""
    firmness = "" if toll.claim.confidence in ("stated", "claimed") else f", {toll.claim.confidence}"
    return textwrap.wrap(f"{told}{firmness}{cited}", _WIDTH, initial_indent=f"{toll.claim.figure:>13}  ", subsequent_indent=" " * 15)
