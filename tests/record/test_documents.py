import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import qsim
from qsim.record.documents import Citation, CitationError, Document, quote, repair, sentences
from qsim.record.scenario import data_root

DOCUMENTS = qsim.load("qusayr")[0].documents
HASHES = {
    "000_859234d135559809.txt": "3b32bff71c731070fe85301c4da68374d472c7453270b757a8c1f29b8b79ae3a",
    "001_0ec5ce9be92ef564.txt": "5091f119f9a7b68941dc86efd36f57e251e09e967046b1df10d7b52432a7986a",
    "002_fc61555072250386.txt": "6f8cbed0bfac828a1248178d0736390cb2fb109a298b2a68dda353be0f862b5b",
    "003_a6f26b3a840e0080.txt": "4b8152006f749b24aca240f5eafe9b63150dd7ca5e3caffab1c3f4a9422bb436",
    "004_1c3851fee6ae9130.txt": "9ba4c916b428c13ed90f0de611a4a45a56e741f519207fc7f0e5c576b1db4fe7",
}


@pytest.mark.parametrize(("name", "sha256"), HASHES.items())
def test_the_documents_are_byte_for_byte_as_given(name: str, sha256: str) -> None:
    assert hashlib.sha256((data_root() / "seeds" / name).read_bytes()).hexdigest() == sha256


def test_every_document_stands_in_the_readme() -> None:
    page = Path(data_root() / "seeds" / "README.md").read_text(encoding="utf-8")
    for document in DOCUMENTS.values():
        assert f"`{document.id}` | {document.title}" in page


def test_a_citation_reads_a_line_or_a_sentence() -> None:
    assert quote(DOCUMENTS, "003:190#1") == "SOHR reported clashes near the villages of Shamsi and A'rjoun villages."
    assert quote(DOCUMENTS, "004:109").startswith("On 31 May, the Army captured the village of Jawadiyeh")


def test_double_encoding_is_repaired_for_reading() -> None:
    assert quote(DOCUMENTS, "003:29") == "text: 19 May – 5 June 2013"
    assert not any("â€" in line for line in DOCUMENTS["003"].lines)


@pytest.mark.parametrize(
    ("citation", "what"),
    [
        ("004", "not a citation"),
        ("004:0", "not a citation"),
        ("009:3", "names document"),
        ("004:9999", "past the end"),
        ("004:2", "empty line"),
        ("004:105#99", "it has 4 sentences"),
    ],
)
def test_a_citation_to_nowhere_says_so(citation: str, what: str) -> None:
    with pytest.raises(CitationError, match=what):
        quote(DOCUMENTS, citation)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("One. Two! Three? Four", 4),
        ('He said, "It fell." Then they left.', 2),
        ("Gen. Idris and Lt. Col. Zain met J. Smith at 5 p.m. today.", 1),
        ('Abdul said "they hold 3.5 km." 40 died[2]. On 3 June it rained.', 3),
        ("66 habitants perdront la vie[1]. À la suite, rien.", 2),
        ("", 0),
    ],
)
def test_sentences_end_where_the_rule_says(line: str, expected: int) -> None:
    assert len(sentences(line)) == expected


@given(st.text(alphabet='Ab. !?"5Éé[]1', max_size=60))
def test_sentences_lose_nothing_but_white_space(line: str) -> None:
    assert "".join("".join(sentences(line)).split()) == "".join(line.split())


@given(st.text(alphabet="abcéüñ–€’", max_size=20))
def test_repair_undoes_double_encoding_and_leaves_good_text(text: str) -> None:
    assert repair(text) == text
    assert repair(text.encode().decode("cp1252")) == text


def test_citations_count_every_sentence_once() -> None:
    cited = [str(citation) for document in DOCUMENTS.values() for citation in document.citations()]
    assert len(cited) == len(set(cited)) > 800
    assert Citation.parse("003:192#4") == Citation.of("003", 192, 4)


def test_a_document_that_is_elsewhere_is_cited_without_its_words() -> None:
    documents = {"a": Document("a", "A page", "en", "", "", (), "https://example.org/a", "2024-05-01")}
    assert quote(documents, "a:33#2") == ""
    assert repr(documents["a"]) == "Document('a', 'A page', en, https://example.org/a)"
    assert not documents["a"].citations()
