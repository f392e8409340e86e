"""The two records: each sentence accounted for, each claim found in the text it cites, in our own words, counted on their pages."""

import csv
import os
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

import qsim
from qsim.page.report import Asked, filled, sections
from qsim.record.dates import long_day
from qsim.record.documents import Document, quote, read_document
from qsim.record.ledger import Claim, Ledger
from qsim.record.scenario import locate
from qsim.record.theatre import Theatre

WORDS = dict(enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"])) | {
    30: "thirty"
}
MORE_WORDS = {2: "pair", 12: "dozen"}
SHARES = {
    0.33: "third",
    0.5: "half|moitié",
    0.667: "two-thirds",
    0.8125: "16 squares, of which they had captured 13",
    0.99: "350 of the 354",
}
PARTISAN = r"terror|regime|martyr|liberated|massacre|mercenar|thug|cleans|occupied|infidel|puppet"


@dataclass(frozen=True, eq=False)
class Case:
    """A record, and the documents it cites where their text is at hand."""

    theatre: Theatre
    ledger: Ledger
    documents: Mapping[str, Document]

    @property
    def folder(self) -> Path:
        return locate(self.theatre.name)

    def coverage(self) -> list[dict[str, str]]:
        with (self.folder / "coverage.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def __str__(self) -> str:
        return self.theatre.name


def case(name: str, **texts: str) -> Case:
    """Return a bundled case; `texts` are files of documents that are not part of the project, by the document's id."""
    theatre, ledger = qsim.load(name)
    held = {id: document for id, document in theatre.documents.items() if document.lines}
    return Case(theatre, ledger, held | {id: read_document(Path(path), id=id) for id, path in texts.items() if path})


# The article of Kobani is not ours to print: where its text is at hand, one paragraph a line, this says where.
CASES = [case("qusayr"), case("kobani", siege=os.environ.get("QSIM_KOBANI_ARTICLE", ""))]
THEATRE, LEDGER = CASES[0].theatre, CASES[0].ledger
of_each = pytest.mark.parametrize("case", CASES, ids=str)
with_its_text = pytest.mark.parametrize("case", [each for each in CASES if each.documents], ids=str)


def cited_sentences(case: Case, citation: str) -> set[str]:
    """A citation of a line stands for all its sentences."""
    if "#" in citation:
        return {citation}
    return {row["citation"] for row in case.coverage() if row["citation"].startswith(citation + "#")}


def text(case: Case, claim: Claim) -> str:
    return " ".join(quote(case.documents, c) for c in claim.cites).replace("’", "'")


def says(words: str, name: str) -> bool:
    """Whether a name stands in the words; its capitals must be capitals there, its other letters may be either."""
    letters = "".join(f"[{c}{c.upper()}]" if c.islower() else re.escape(c) for c in name)
    return re.search(rf"(?<!\w){letters}(?!\w)", words) is not None


def says_number(words: str, number: int) -> bool:
    spelled = [word for word in (WORDS.get(number), MORE_WORDS.get(number)) if word]
    digits = rf"(?<![\d.])(?<!\d,)(?:{number}|{number:,})(?!\d|[.,]\d)"
    return re.search(digits, words) is not None or any(says(words, word) for word in spelled)


def says_share(words: str, share: float) -> bool:
    return re.search(rf"(?<!\d){100 * share:.0f} ?(?:%|percent)|{SHARES.get(share, '(?!)')}", words) is not None


def names_of(case: Case, place: str) -> tuple[str, ...]:
    """Every name of a place, group or way but its id, which the documents do not know."""
    if place in case.theatre.index:
        return (case.theatre.place(place).name, *case.theatre.place(place).variants)
    groups = {group.id: group for group in case.theatre.groups}
    return (groups[place].name, *groups[place].variants)


def unsaid(case: Case, claim: Claim) -> set[str]:
    """What the cited sentences do not say literally: the place, the source, a number, the day of a claim of one day."""
    words, source, numbers = text(case, claim), case.ledger.source(claim.source), (claim.low, claim.best, claim.high)
    found = {
        "place": any(says(words, name) for name in names_of(case, claim.place)),
        "source": source.kind == "narration" or any(says(words, name) for name in source.variants),
        "number": all(says_number(words, n) for n in numbers if n is not None) and (claim.value is None or says_share(words, claim.value)),
        "date": any(day in words for day in (long_day(claim.window.start)[:-5], f"{claim.window.start:%B} {claim.window.start.day}")),
    }
    if claim.window.length > 1 or claim.window.approximate:
        found["date"] = "date" not in claim.implied
    return {what for what, said in found.items() if not said}


@with_its_text
def test_every_sentence_is_covered_once(case: Case) -> None:
    sentences = [str(c) for document in case.documents.values() for c in document.citations()]
    assert [row["citation"] for row in case.coverage()] == sentences


@of_each
def test_a_sentence_is_cited_or_has_a_reason(case: Case) -> None:
    cited = set().union(*(cited_sentences(case, c) for claim in case.ledger.claims for c in claim.cites))
    assert {row["citation"] for row in case.coverage() if row["use"] == "cited"} == cited
    assert not [
        row
        for row in case.coverage()
        if row["use"] in ("opinion", "background", "forecast", "repeats", "detail", "elsewhere") and not row["note"]
    ]


@with_its_text
def test_the_cited_sentences_say_what_the_claim_says(case: Case) -> None:
    assert not {claim.id: missing for claim in case.ledger.claims if (missing := unsaid(case, claim) - set(claim.implied))}


@with_its_text
def test_nothing_is_called_implied_that_is_said(case: Case) -> None:
    assert not {claim.id: idle for claim in case.ledger.claims if (idle := set(claim.implied) - unsaid(case, claim))}


@of_each
def test_an_id_tells_day_place_and_kind(case: Case) -> None:
    assert not [c.id for c in case.ledger.claims if not c.id.startswith(f"{c.window.start:%Y%m%d}-{c.place}-{c.kind}")]


@with_its_text
def test_notes_are_in_our_own_words(case: Case) -> None:
    def runs(words: str) -> set[tuple[str, ...]]:
        parts = re.findall(r"[\w'-]+", words.lower())
        return {tuple(parts[i : i + 6]) for i in range(len(parts) - 5)}

    theirs = set().union(*(runs(sentence) for document in case.documents.values() for sentence in document.lines))
    assert not {claim.id: copied for claim in case.ledger.claims if (copied := runs(claim.note) & theirs)}


@of_each
def test_a_note_is_one_plain_sentence(case: Case) -> None:
    assert not [
        claim.id
        for claim in case.ledger.claims
        if not re.fullmatch(r"[A-Z0-9].*[^.]\.", claim.note) or re.search(r"[.!?] [A-Z][a-z]", claim.note)
    ]


@of_each
def test_words_take_no_side(case: Case) -> None:
    places = (f"{p.name} {' '.join(p.variants)} {p.note}" for p in case.theatre.places)
    groups = (f"{g.name} {g.note}" for g in case.theatre.groups)
    sources = (f"{s.name} {s.note}" for s in case.ledger.sources.values())
    ours = [*(f"{c.note} {c.of}" for c in case.ledger.claims), *places, *groups, *sources]
    assert not [words for words in ours if re.search(PARTISAN, re.sub('"[^"]*"', "", words), re.IGNORECASE)]


@of_each
def test_every_source_speaks_or_is_repeated(case: Case) -> None:
    heard = {claim.source for claim in case.ledger.claims} | {source.origin for source in case.ledger.sources.values()}
    assert set(case.ledger.sources) <= heard


@of_each
def test_nothing_is_reported_before_it_happens_nor_denied_before_it_is_said(case: Case) -> None:
    assert not [c.id for c in case.ledger.claims if c.reported and c.reported.start < c.window.start]
    denials = [(claim, case.ledger.claim(claim.denies)) for claim in case.ledger.claims if claim.denies]
    assert denials
    assert not [c.id for c, said in denials if c.known < (said.reported or said.window).start or c.source == said.source]


@of_each
def test_no_source_says_one_thing_twice(case: Case) -> None:
    """Rows of one source that agree in all but note and citations are one claim."""
    said = Counter(
        (c.source, c.place, c.kind, c.side, c.quantifier, c.value, c.best, c.low, c.high, c.of, c.window)
        for c in case.ledger.claims
        if c.of_control
    )
    assert not [what for what, count in said.items() if count > 1]


def test_the_correction_of_july_2012_was_known_by_the_29th() -> None:
    for known, held in (("2012-07-10", False), ("2012-07-29", True)):
        timeline = qsim.reconstruct(THEATRE, LEDGER.known_by(known), start="2012-07-10", end="2012-07-10", policy="last_claim")
        assert timeline.at("2012-07-10").most_likely("qusayr") == "opposition"
        assert (timeline.at("2012-07-10").most_likely("qusayr_main_road") == "government") == held


def test_the_page_counts_as_the_ledger_does() -> None:
    page = (CASES[0].folder / "README.md").read_text(encoding="utf-8")
    counted = {name: int(count) for name, count in re.findall(r"`(\w+)` \| (\d+)", page)}
    assert counted == LEDGER.counts() | Counter(claim.source for claim in LEDGER.claims)
    totals = (len(LEDGER.claims), len(LEDGER.sources), len(CASES[0].coverage()), sum(row["use"] == "cited" for row in CASES[0].coverage()))
    assert all(
        said in page for said in ("{} claims** by **{} sources**".format(*totals), f"Of {totals[2]} sentences {totals[3]} are cited")
    )
    sides = Counter(LEDGER.sources[claim.source].side for claim in LEDGER.claims)
    assert (
        f"{sides['opposition']} come from voices of the opposition's side, {sides['government']} from the government's,\n{sides[None]} from none"
        in page
    )
    assert set(re.findall(r"`(\d{8}-[\w-]+)`", page)) <= {claim.id for claim in LEDGER.claims}


def test_the_generated_tables_of_a_page_are_what_the_record_says() -> None:
    page = (CASES[1].folder / "README.md").read_text(encoding="utf-8")
    for section in sections(Asked(CASES[1].theatre, CASES[1].ledger), names=["counts", "contradictions", "toll", "sources"]):
        assert filled(page, section) == page
