"""The documents that claims cite: their text, its numbered sentences, and citations such as `004:41` or `003:192#4`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from qsim.record.citations import Citation, CitationError
from qsim.record.signs import visible

__all__ = ["Citation", "CitationError", "Document", "quote", "read_document", "repair", "sentences"]


# A sentence ends after . ! or ? (and closing quotes, brackets, footnote marks) where white space and then a capital,
# a digit or an opening quote follow; not after an abbreviation or an initial.
_END = re.compile(r"[.!?][\"”’»)]*(?:\[[^\]\s]{1,4}\])*\s+(?=[\"“«(]?[A-ZÀ-ÖØ-Þ0-9])|[.!?][\"”’»)]*\s+(?=\.\.\.\s)")
_ABBREVIATION = re.compile(r"(?:\b(?:lt|col|gen|maj|capt|brig|dr|mr|mrs|st|no|vs|e\.g|i\.e)|\b[A-Z])\.$", re.IGNORECASE)

# UTF-8 bytes that were read as Windows-1252 show as a lead character followed by continuation characters. Only the leads of
# Latin letters, dashes, quotes and pictures count (Â Ã â ð): others, such as é before dashes, are as likely meant.
_CONTINUATION = "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in range(0x80, 0xC0))
_MANGLED = re.compile(f"[\u00c2\u00c3\u00e2\u00f0][{re.escape(_CONTINUATION)}]{{1,3}}")


@dataclass(frozen=True, slots=True)
class Document:
    """
    One source document: its id, what is known of it, and its text, a string a line, repaired for reading.

    A document that may not be copied has no lines, and a `url` where it could be read when it was `accessed`: a citation of it counts its
    paragraphs instead, and its words are blank here.
    """

    id: str
    title: str
    language: str
    origin: str
    licence: str
    lines: tuple[str, ...]
    url: str = ""
    accessed: str = ""

    def __repr__(self) -> str:
        held = f"{len(self.lines)} lines" if self.lines else self.url
        return f"Document({self.id!r}, {self.title!r}, {self.language}, {held})"

    @property
    def elsewhere(self) -> str:
        """Where a document without lines can be read, in words; blank for one whose text is here."""
        return (
            ""
            if self.lines
            else f"{self.title}, by paragraph and sentence: {self.url}" + (f" (as of {self.accessed})" if self.accessed else "")
        )

    def quote(self, citation: Citation) -> str:
        """
        Return the cited sentence, or the whole line where the citation names none; blank where the document is elsewhere.

        Raises
        ------
        CitationError
            When the document has no such line, or the line no such sentence.
        """
        if not self.lines:
            return ""
        if not 1 <= citation.line <= len(self.lines):
            raise CitationError(f"{citation} points past the end of document {self.id}; it has {len(self.lines)} lines")
        line = self.lines[citation.line - 1].strip()
        if not line:
            raise CitationError(f"{citation} points at an empty line of document {self.id}")
        if citation.sentence is None:
            return line
        found = sentences(line)
        if citation.sentence > len(found):
            raise CitationError(f"{citation} points past the end of line {citation.line}; it has {len(found)} sentences")
        return found[citation.sentence - 1]

    def citations(self) -> tuple[Citation, ...]:
        """Return a citation for every sentence of the document, in order."""
        return tuple(
            Citation.of(self.id, number, n) for number, line in enumerate(self.lines, 1) for n in range(1, len(sentences(line)) + 1)
        )


def read_document(
    path: Path, *, id: str, title: str = "", language: str = "", origin: str = "", licence: str = "", url: str = "", accessed: str = ""
) -> Document:
    """
    Return the document in the UTF-8 text file `path`, with double-encoded characters repaired in memory and signs that nobody sees shown.

    Raises
    ------
    OSError, UnicodeDecodeError
        When the file cannot be read, or is not UTF-8.
    """
    text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    lines = tuple(visible(repair(line)) for line in text.removesuffix("\n").split("\n"))
    return Document(id, title or path.stem, language, origin, licence, lines, url, accessed)


def quote(documents: Mapping[str, Document], citation: str) -> str:
    """
    Return the words that `citation` points at; blank for what no document of the scenario holds, such as a page of a book.

    Raises
    ------
    CitationError
        When the citation is malformed, or names a document, line or sentence that does not exist.
    """
    cited = Citation.parse(citation)
    if cited.kind != "sentence":
        return ""
    if cited.document not in documents:
        raise CitationError(f"{citation} names document {cited.document!r}; expected one of {', '.join(sorted(documents)) or 'none'}")
    return documents[cited.document].quote(cited)


def sentences(line: str) -> tuple[str, ...]:
    """
    Return the sentences of one line of a document; joined by spaces they are the line again, white space apart.

    Examples
    --------
    >>> sentences('Gen. Idris spoke. "It fell." The army took Abel.')
    ('Gen. Idris spoke.', '"It fell."', 'The army took Abel.')
    """
    found, start = [], 0
    for end in _END.finditer(line):
        words = line[start : end.end()].rstrip()
        if not _ABBREVIATION.search(words):
            found.append(words.lstrip())
            start = end.end()
    rest = line[start:].strip()
    return (*found, rest) if rest else tuple(found)


def repair(text: str) -> str:
    """
    Return `text` with characters restored that were UTF-8, were read as Windows-1252, and were encoded again.

    Examples
    --------
    >>> repair("5,000â€“6,000, opération")
    '5,000–6,000, opération'
    """
    return _MANGLED.sub(lambda match: _as_utf8(match[0]), text)


def _as_utf8(mangled: str) -> str:
    """Return the text whose UTF-8 bytes `mangled` shows one by one, or `mangled` itself where they are not UTF-8."""
    data = b"".join(c.encode("cp1252") if c.encode("cp1252", "ignore") else c.encode("latin-1") for c in mangled)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return mangled
