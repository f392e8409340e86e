"""Two codings of the same documents: how far they agree, field by field, where they differ, and both in one."""

import csv
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from qsim.exchange.extras import ExportError
from qsim.exchange.tables import claim_row
from qsim.record.files import beside, beside_folder
from qsim.record.ledger import Claim, Ledger
from qsim.record.reading import read_table
from qsim.record.scenario import load, locate
from qsim.record.signs import inert

# The fields that coders decide, and how each is told.
FIELDS: Mapping[str, Callable[[Claim], str]] = {
    "place": lambda claim: claim.place,
    "kind": lambda claim: claim.kind,
    "side": lambda claim: claim.side or "",
    "actors": lambda claim: ";".join(sorted(claim.actors)),
    "quantifier": lambda claim: claim.quantifier or "",
    "value": lambda claim: "" if claim.value is None else f"{claim.value:g}",
    "bound": lambda claim: claim.bound or "",
    "number": lambda claim: "" if claim.numbers is None else claim.figure,
    "outcome": lambda claim: claim.of.rpartition(" ")[2] if claim.kind == "casualties" else "",
    "window": lambda claim: str(claim.window),
    "reported": lambda claim: "" if claim.reported is None or claim.reported.end == claim.window.end else str(claim.reported),
    "source": lambda claim: claim.source,
    "confidence": lambda claim: claim.confidence,
}
_SUBJECT = ("place", "kind", "outcome")  # what makes two claims of one sentence the same statement, before the rest


@dataclass(frozen=True, slots=True)
class Field:
    """
    Agreement on one field over the claims that both coders have: the share that is `equal`, and Cohen's `kappa`.

    Kappa sets that share against what chance alone would give (Cohen, A coefficient of agreement for nominal scales, 1960); it is none
    where both coders always say the same one thing.
    """

    name: str
    claims: int
    equal: float
    kappa: float | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """
    Two codings compared: `pairs` of claims that are the same statement, those that only one has, and the `fields`.

    `found` is the share of all statements that both coders have. `unread` counts the statements of each that are left out, since the
    other coder has not read their sentence.
    """

    pairs: tuple[tuple[Claim, Claim], ...]
    only_first: tuple[Claim, ...]
    only_second: tuple[Claim, ...]
    fields: tuple[Field, ...]
    unread: tuple[int, int] = (0, 0)

    @property
    def found(self) -> float:
        """The share of the statements of either that both have."""
        every = len(self.pairs) + len(self.only_first) + len(self.only_second)
        return len(self.pairs) / every if every else 1.0

    @property
    def differences(self) -> list[tuple[Claim, Claim, str, str, str]]:
        """What the pairs differ in: both claims, the field, and what each says."""
        return [(a, b, name, tell(a), tell(b)) for a, b in self.pairs for name, tell in FIELDS.items() if tell(a) != tell(b)]

    def __str__(self) -> str:
        lines = [
            f"{len(self.pairs)} statements by both, {len(self.only_first)} by the first alone, {len(self.only_second)} by the second alone"
        ]
        if any(self.unread):
            first, second = self.unread
            lines.append(f"left out, of sentences that the other has not read: {first} of the first, {second} of the second")
        lines += [f"found by both: {self.found:.0%}", "", f"{'field':<12} {'equal':>6} {'kappa':>6}"]
        lines += [
            f"{each.name:<12} {each.equal:>6.0%} {'-' if each.kappa is None else format(each.kappa, '.2f'):>6}" for each in self.fields
        ]
        lines += ["", *(f"{a.id} / {b.id}: {name} {one or 'blank'!r}, {other or 'blank'!r}" for a, b, name, one, other in self.differences)]
        lines += [f"only the first: {claim.id}" for claim in self.only_first]
        return "\n".join([*lines, *(f"only the second: {claim.id}" for claim in self.only_second)])


def sentences_read(scenario: str | Path) -> frozenset[str] | None:
    """Return the sentences that a coder has read, as coverage.csv of the folder lists them; None, which is all, where there is no such file."""
    path = locate(scenario) / "coverage.csv"
    if not path.is_file():
        return None
    return frozenset(cite for _, cells in read_table(path).rows for cite in cells["citation"])


def agree(
    first: Ledger, second: Ledger, *, first_read: Collection[str] | None = None, second_read: Collection[str] | None = None
) -> Agreement:
    """
    Return how far two codings of the same documents agree.

    Claims are the same statement where they cite a sentence in common; of several there, those that have most fields alike are paired.
    Where it is known which sentences a coder has read, what the other says of others, by its first citation, is left out: so a sample
    coded again is set beside the whole.
    """
    by_sentence: dict[str, list[Claim]] = defaultdict(list)
    for claim in second.claims:
        for cite in claim.cites:
            by_sentence[str(cite)].append(claim)
    likely = [
        (sum((2 if name in _SUBJECT else 1) * (tell(a) == tell(b)) for name, tell in FIELDS.items()), a, b)
        for a in first.claims
        for b in {claim.id: claim for cite in a.cites for claim in by_sentence.get(str(cite), ())}.values()
    ]
    paired: dict[str, tuple[Claim, Claim]] = {}
    taken: set[str] = set()
    for _, a, b in sorted(likely, key=lambda each: (-each[0], each[1].id, each[2].id)):
        if a.id not in paired and b.id not in taken:
            paired[a.id] = (a, b)
            taken.add(b.id)
    pairs = tuple(paired[claim.id] for claim in first.claims if claim.id in paired)
    alone = [claim for claim in first.claims if claim.id not in paired], [claim for claim in second.claims if claim.id not in taken]
    only_first, only_second = (_of(read, claims) for read, claims in zip((second_read, first_read), alone, strict=True))
    return Agreement(
        pairs,
        only_first,
        only_second,
        tuple(_field(name, tell, pairs) for name, tell in FIELDS.items()) if pairs else (),
        (len(alone[0]) - len(only_first), len(alone[1]) - len(only_second)),
    )


def _of(read: Collection[str] | None, claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """Return the claims whose sentence was read."""
    return tuple(claim for claim in claims if read is None or not claim.cites or str(claim.cites[0]) in read)


def merge(first: str | Path, second: str | Path, out: str | Path) -> Agreement:
    """
    Write both codings as one scenario folder: the first, with the statements that only the second has, and `differences.csv`.

    Where both have a statement the first one's row stands; what the second says otherwise is listed, to be decided by a person.

    Raises
    ------
    ScenarioError
        When one of them cannot be read.
    ExportError
        When the first is a workbook; its folder is needed.
    """
    home = locate(first)
    if not home.is_dir():
        raise ExportError(f"{home.name} is a workbook; merging writes a folder and needs one")
    (_, a), (_, b) = load(first), load(second)
    found = agree(a, b, first_read=sentences_read(first), second_read=sentences_read(second))
    with beside_folder(Path(out), "scenario.toml") as made:
        shutil.copytree(home, made, dirs_exist_ok=True, copy_function=shutil.copyfile)
        _write(made / "claims.csv", [claim_row(claim) for claim in (*a.claims, *_renamed(found.only_second, a))])
        named = ("first", "second", "field", "first_says", "second_says")
        rows = [dict(zip(named, (x.id, y.id, name, one, other), strict=True)) for x, y, name, one, other in found.differences]
        _write(made / "differences.csv", rows or [dict.fromkeys(named, "")])
    return found


def _field(name: str, tell: Callable[[Claim], str], pairs: Sequence[tuple[Claim, Claim]]) -> Field:
    told = [(tell(a), tell(b)) for a, b in pairs]
    equal = sum(a == b for a, b in told) / len(told)
    ones, others = Counter(a for a, _ in told), Counter(b for _, b in told)
    chance = sum(ones[value] * others[value] for value in ones) / len(told) ** 2
    return Field(name, len(told), equal, None if chance >= 1 else (equal - chance) / (1 - chance))


def _renamed(claims: Iterable[Claim], ledger: Ledger) -> list[Claim]:
    """Return claims with ids that the ledger has not."""
    taken = {claim.id for claim in ledger.claims}
    return [replace(claim, id=f"{claim.id}-2" if claim.id in taken else claim.id) for claim in claims]


def _write(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    with beside(path) as made, made.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(
            file, [name for name in rows[0] if name not in ("first_day", "last_day")], extrasaction="ignore", lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows({name: inert(value) for name, value in row.items()} for row in rows)
