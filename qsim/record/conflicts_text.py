"""Contradictions for reading: each claim with who says so and where, and the limits within which they were sought."""

import textwrap
from collections.abc import Sequence

from qsim.record.conflicts import NEAR_DAYS, RING_DAYS, SHARE_DAYS, SUBJECTS, Conflict
from qsim.record.ledger import Claim, Ledger
from qsim.record.progress import tracked
from qsim.record.signs import visible
from qsim.record.theatre import Theatre
from qsim.record.words import told

_MANY = 5000  # contradictions, from which on it takes seconds to put them in words
SOUGHT = (
    f"Sought among what is told of one place: two sides that hold it at most {NEAR_DAYS} days apart, or one that holds it so soon after another"
    f" took it; two captures by one side with no loss between, any time apart; shares at most {SHARE_DAYS} days apart; a ring closed and open"
    f" within {RING_DAYS} days. What lies further apart may have changed between."
)


def conflicts_text(theatre: Theatre, ledger: Ledger, found: Sequence[Conflict], *, progress: bool = False) -> str:
    """
    Return contradictions for reading, at most 80 columns wide: by subject, then by day, each claim with who says so and where.

    With `progress` a bar on the standard error follows them, where they are many.
    """
    lines = []
    for subject, heading in SUBJECTS.items():
        mine = [conflict for conflict in found if conflict.subject == subject]
        if mine:
            lines += [f"{heading} ({len(mine)})", "=" * len(f"{heading} ({len(mine)})")]
        for conflict in tracked(mine, "in words", shown=progress and len(mine) > _MANY):
            lines += ["", *_wrap(f"{theatre.named(conflict.place)}, {conflict.window}: {conflict.reason}")]
            lines += [line for claim in conflict.claims for line in _claim_lines(theatre, ledger, claim)]
            if conflict.beside:
                lines += ["  beside:", *(line for claim in conflict.beside for line in _claim_lines(theatre, ledger, claim))]
        lines += [""] if mine else []
    counted = f"{len(found)} contradiction{'s' if len(found) != 1 else ''}, by subject and then by day."
    return visible("\n".join([*lines, counted, "", *_wrap(SOUGHT)]))


def claim_text(theatre: Theatre, ledger: Ledger, claim: Claim) -> str:
    """Return the bare statement of a claim in a few words: `Government up to 80 %`, `300 reinforcements`, `Abil taken by Opposition`."""
    where = theatre.named(claim.place)
    target = ledger.claim(claim.denies) if claim.denies is not None and claim.denies in ledger else None
    if claim.kind == "share":
        bound = {"approx": "about ", "at_least": "at least ", "at_most": "up to "}.get(claim.bound or "", "")
        return f"{_side(theatre, claim.side)} {bound}{claim.value:.0%}".replace("%", " %")
    if claim.kind in ("casualties", "strength"):
        return f"{claim.figure} {claim.of}"
    if target is not None:
        return f"denies: {claim_text(theatre, ledger, target)}"
    return told(claim.kind, where, claim.side and _side(theatre, claim.side))


def _side(theatre: Theatre, side: str | None) -> str:
    """Return the name of a side."""
    return next((each.name for each in theatre.sides if each.id == side), side or "neutral")


def _claim_lines(theatre: Theatre, ledger: Ledger, claim: Claim) -> list[str]:
    """Return one claim as wrapped lines: its days, what it says, who says so and how firmly, in our words, and where."""
    source = ledger.source(claim.source)
    reported = f", reported {claim.reported}" if claim.reported and claim.reported != claim.window else ""
    voice = f"{source.name} ({_side(theatre, source.side)}), {claim.confidence}"
    line = f"{claim.window}{reported}  {claim_text(theatre, ledger, claim)} - {voice}"
    line += f": {claim.note}" * bool(claim.note) + f" [{'; '.join(claim.cites)}]" * bool(claim.cites)
    return _wrap(line, "  ", "      ")


def _wrap(text: str, first: str = "", rest: str = "  ") -> list[str]:
    return textwrap.wrap(text, 80, initial_indent=first, subsequent_indent=rest, break_long_words=True, break_on_hyphens=False)
