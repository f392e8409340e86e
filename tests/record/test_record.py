"""The record of al-Qusayr: each sentence accounted for, each claim found in the text it cites, in our own words, counted on its page."""

import csv
import re
from collections import Counter

import qsim
from qsim.record.dates import long_day
from qsim.record.documents import quote
from qsim.record.ledger import Claim
from qsim.record.scenario import locate

FOLDER = locate("qusayr")
THEATRE, LEDGER = qsim.load("qusayr")
DOCUMENTS = THEATRE.documents
WORDS = dict(enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"])) | {
    30: "thirty"
}
MORE_WORDS = {2: "pair", 12: "dozen"}
SHARES = {0.5: "half|moitié", 0.667: "two-thirds", 0.8125: "16 squares, of which they had captured 13"}
PARTISAN = r"terror|regime|martyr|liberated|massacre|mercenar|thug|cleans|occupied|infidel|puppet"


def coverage() -> list[dict[str, str]]:
    with (FOLDER / "coverage.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cited_sentences(citation: str) -> set[str]:
    """A citation of a line stands for all its sentences."""
    if "#" in citation:
        return {citation}
    return {str(c) for d in DOCUMENTS.values() for c in d.citations() if str(c).startswith(citation + "#")}


def text(claim: Claim) -> str:
    return " ".join(quote(DOCUMENTS, c) for c in claim.cites).replace("’", "'")


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


def names_of(place: str) -> tuple[str, ...]:
    """Every name of a place, group or way but its id, which the documents do not know."""
    if place in THEATRE.index:
        return (THEATRE.place(place).name, *THEATRE.place(place).variants)
    groups = {group.id: group for group in THEATRE.groups}
    return (groups[place].name, *groups[place].variants)


def unsaid(claim: Claim) -> set[str]:
    """What the cited sentences do not say literally: the place, the source, a number, the day of a claim of one day."""
    words, source, numbers = text(claim), LEDGER.source(claim.source), (claim.low, claim.best, claim.high)
    found = {
        "place": any(says(words, name) for name in names_of(claim.place)),
        "source": source.kind == "narration" or any(says(words, name) for name in source.variants),
        "number": all(says_number(words, n) for n in numbers if n is not None) and (claim.value is None or says_share(words, claim.value)),
        "date": any(day in words for day in (long_day(claim.window.start)[:-5], f"{claim.window.start:%B} {claim.window.start.day}")),
    }
    if claim.window.length > 1 or claim.window.approximate:
        found["date"] = "date" not in claim.implied
    return {what for what, said in found.items() if not said}


def test_every_sentence_is_covered_once() -> None:
    sentences = [str(c) for document in DOCUMENTS.values() for c in document.citations()]
    assert [row["citation"] for row in coverage()] == sentences


def test_a_sentence_is_cited_or_has_a_reason() -> None:
    cited = set().union(*(cited_sentences(c) for claim in LEDGER.claims for c in claim.cites))
    assert {row["citation"] for row in coverage() if row["use"] == "cited"} == cited
    assert not [row for row in coverage() if row["use"] in ("opinion", "background", "forecast", "repeats", "detail") and not row["note"]]


def test_the_cited_sentences_say_what_the_claim_says() -> None:
    assert not {claim.id: missing for claim in LEDGER.claims if (missing := unsaid(claim) - set(claim.implied))}


def test_nothing_is_called_implied_that_is_said() -> None:
    assert not {claim.id: idle for claim in LEDGER.claims if (idle := set(claim.implied) - unsaid(claim))}


def test_an_id_tells_day_place_and_kind() -> None:
    assert not [c.id for c in LEDGER.claims if not c.id.startswith(f"{c.window.start:%Y%m%d}-{c.place}-{c.kind}")]


def test_notes_are_in_our_own_words() -> None:
    def runs(words: str) -> set[tuple[str, ...]]:
        parts = re.findall(r"[\w'-]+", words.lower())
        return {tuple(parts[i : i + 6]) for i in range(len(parts) - 5)}

    theirs = set().union(*(runs(sentence) for document in DOCUMENTS.values() for sentence in document.lines))
    assert not {claim.id: copied for claim in LEDGER.claims if (copied := runs(claim.note) & theirs)}


def test_a_note_is_one_plain_sentence() -> None:
    assert not [
        claim.id for claim in LEDGER.claims if not re.fullmatch(r"[A-Z].*[^.]\.", claim.note) or re.search(r"[.!?] [A-Z][a-z]", claim.note)
    ]


def test_words_take_no_side() -> None:
    places = (f"{p.name} {' '.join(p.variants)} {p.note}" for p in THEATRE.places)
    groups = (f"{g.name} {g.note}" for g in THEATRE.groups)
    sources = (f"{s.name} {s.note}" for s in LEDGER.sources.values())
    ours = [*(f"{c.note} {c.of}" for c in LEDGER.claims), *places, *groups, *sources]
    assert not [words for words in ours if re.search(PARTISAN, re.sub('"[^"]*"', "", words), re.IGNORECASE)]


def test_every_source_speaks_or_is_repeated() -> None:
    heard = {claim.source for claim in LEDGER.claims} | {source.origin for source in LEDGER.sources.values()}
    assert set(LEDGER.sources) <= heard


def test_nothing_is_reported_before_it_happens_nor_denied_before_it_is_said() -> None:
    assert not [c.id for c in LEDGER.claims if c.reported and c.reported.start < c.window.start]
    denials = [(claim, LEDGER.claim(claim.denies)) for claim in LEDGER.claims if claim.denies]
    assert denials
    assert not [c.id for c, said in denials if c.known < (said.reported or said.window).start or c.source == said.source]


def test_no_source_says_one_thing_twice() -> None:
    """Rows of one source that agree in all but note and citations are one claim."""
    said = Counter(
        (c.source, c.place, c.kind, c.side, c.value, c.best, c.low, c.high, c.of, c.window) for c in LEDGER.claims if c.of_control
    )
    assert not [what for what, count in said.items() if count > 1]


def test_the_correction_of_july_2012_was_known_by_the_29th() -> None:
    for known, held in (("2012-07-10", False), ("2012-07-29", True)):
        timeline = qsim.reconstruct(THEATRE, LEDGER.known_by(known), start="2012-07-10", end="2012-07-10", policy="last_claim")
        assert timeline.at("2012-07-10").most_likely("qusayr") == "opposition"
        assert (timeline.at("2012-07-10").most_likely("qusayr_main_road") == "government") == held


def test_the_page_counts_as_the_ledger_does() -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    counted = {name: int(count) for name, count in re.findall(r"`(\w+)` \| (\d+)", page)}
    assert counted == LEDGER.counts() | Counter(claim.source for claim in LEDGER.claims)
    totals = (len(LEDGER.claims), len(LEDGER.sources), len(coverage()), sum(row["use"] == "cited" for row in coverage()))
    assert all(
        said in page for said in ("{} claims** by **{} sources**".format(*totals), f"Of {totals[2]} sentences {totals[3]} are cited")
    )
    sides = Counter(LEDGER.sources[claim.source].side for claim in LEDGER.claims)
    assert (
        f"{sides['opposition']} come from voices of the opposition's side, {sides['government']} from the government's,\n{sides[None]} from none"
        in page
    )
    assert set(re.findall(r"`(\d{8}-[\w-]+)`", page)) <= {claim.id for claim in LEDGER.claims}
