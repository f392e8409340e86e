"""What a claim rests on: a sentence of a document, a page of a book, an address, a DOI, a row of somebody's table, or a reference in words."""

import re
from dataclasses import dataclass
from functools import lru_cache

_SENTENCE = re.compile(r"(?P<document>\w[\w-]*):(?P<line>[1-9]\d*)(?:#(?P<sentence>[1-9]\d*))?")
_RECORD = re.compile(r"record:(?P<source>[^/\s]+)/(?P<row>\S.*)")
_DOI = re.compile(r"(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?(?P<doi>10\.\d{4,9}/\S+)(?:,?\s+(?P<page>pp?\.\s*.+))?", re.IGNORECASE)
_WEB = re.compile(
    r"(?P<url>https?://[^\s<>\"]+?)[,.]?(?:\s+\(?accessed\s+(?P<accessed>[\d-]+)\)?)?(?:[,;]?\s+\(?archived(?:\s+at)?:?\s+(?P<archived>https?://[^\s<>\"]+?)\)?)?",
    re.IGNORECASE,
)
_ARCHIVE = re.compile(
    r"https?://(?:web\.archive\.org/web/(?P<stamp>\d{4,14})\w*/(?P<original>\S+)|(?:archive\.(?:today|ph|is|org)|perma\.cc)/\S+)"
)
_PAGE = re.compile(
    r"(?:^|[\s,(])(?P<page>(?:pp?|pages?|fols?|ff?|S|vol)\.?\s*\d[\d\s,–-]*|pp?\.\s*[ivxlc]+(?:\s*[–-]\s*[ivxlc]+)?)(?!\w)", re.IGNORECASE
)
_LINKED = re.compile(r"https?://|doi:|10\.\d{4}", re.IGNORECASE)
_GOES_ON = re.compile(r"\S+(?:\s+\(?(?:accessed|archived)\b.*)?", re.IGNORECASE)  # what may follow a ; inside an address
_PAGE_WORDS = {"page", "pages", "pp", "fol", "fols", "vol", "line", "lines"}


class CitationError(ValueError):
    """A citation that is not well formed, or that points at a line or sentence that does not exist."""


@dataclass(frozen=True, slots=True)
class Citation:
    """
    What a claim rests on; `kind` is one of `sentence`, `web`, `doi`, `page`, `record`, `words`.

    A sentence is `document:line` or `document:line#sentence` (both count from 1); an address may tell when it was `accessed` and where it
    is `archived`; a record is `record:source/row` of a table that somebody else made; anything else names the work in words.
    """

    text: str
    kind: str
    document: str = ""
    line: int = 0
    sentence: int | None = None
    link: str = ""
    accessed: str = ""
    archived: str = ""
    page: str = ""

    @classmethod
    def parse(cls, text: str) -> "Citation":
        """
        Return the citation that `text` spells.

        Raises
        ------
        CitationError
            When it is none of the kinds.

        Examples
        --------
        >>> Citation.parse("003:192#4").sentence
        4
        >>> Citation.parse("https://example.org/a (accessed 2024-05-01)").accessed
        '2024-05-01'
        >>> Citation.parse("doi:10.1017/abc.5").link, Citation.parse("Keegan, Six Armies, p. 134").page
        ('https://doi.org/10.1017/abc.5', 'p. 134')
        """
        return _parse(text.strip())

    @classmethod
    def of(cls, document: str, line: int, sentence: int | None = None) -> "Citation":
        """Return the citation of a line of a document, or of one of its sentences."""
        return cls(f"{document}:{line}" + (f"#{sentence}" if sentence else ""), "sentence", document, line, sentence)

    def __str__(self) -> str:
        return self.text

    @property
    def address(self) -> str:
        """Where a reader can open it now: the archived copy where there is one, else the address; blank for what is no address."""
        return self.archived or self.link

    @property
    def shown(self) -> str:
        """The citation as a reader sees it: as written, with its address where that is not in the words."""
        return self.text if not self.address or self.address in self.text else f"{self.text} <{self.address}>"


def split(text: str) -> tuple[str, ...]:
    """
    Return the citations of one cell, joined by `;`; a `;` inside an address or DOI does not part it.

    Examples
    --------
    >>> split("003:4#1; https://a.org/x;id=5;Beevor, p. 3")
    ('003:4#1', 'https://a.org/x;id=5', 'Beevor, p. 3')
    """
    found: list[str] = []
    for piece in text.split(";"):
        if found and _LINKED.match(found[-1]) and not re.search(r"\s", found[-1]) and _GOES_ON.fullmatch(piece) and not _is_citation(piece):
            found[-1] += ";" + piece
        elif piece.strip():
            found.append(piece.strip())
    return tuple(found)


def _is_citation(piece: str) -> bool:
    """Return whether a piece after a `;` begins a citation of its own."""
    return bool(_LINKED.match(piece) or piece.startswith("record:") or _SENTENCE.fullmatch(piece))


@lru_cache(maxsize=65536)
def _parse(text: str) -> Citation:
    if match := _RECORD.fullmatch(text):
        return Citation(text, "record", document=match["source"], page=match["row"])
    if match := _SENTENCE.fullmatch(text):
        return Citation(text, "sentence", match["document"], int(match["line"]), int(match["sentence"]) if match["sentence"] else None)
    if match := _DOI.fullmatch(text):
        return Citation(text, "doi", link=f"https://doi.org/{match['doi'].rstrip('.,')}", page=match["page"] or "")
    if match := _WEB.fullmatch(text):
        return _address(text, match)
    words = [word for word in re.findall(r"[^\W\d_]{2,}", text) if word.casefold() not in _PAGE_WORDS]
    page = _PAGE.search(text)
    if "://" not in text and ((page and words) or len(words) >= 2):
        return Citation(text, "page" if page else "words", page=page["page"].strip() if page else "")
    raise CitationError(
        f"{text!r} is not a citation; expected document:line or document:line#sentence, such as 004:41 or 003:192#4, "
        "an address, a DOI, a work with its page (Keegan, p. 134), or record:source/row"
    )


def _address(text: str, match: re.Match[str]) -> Citation:
    """Return the citation of a web page; an address of an archive is the archived copy of what it holds."""
    copy = _ARCHIVE.fullmatch(match["url"])
    if copy is None:
        return Citation(text, "web", link=match["url"], accessed=match["accessed"] or "", archived=match["archived"] or "")
    stamp = copy["stamp"] or ""
    taken = f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}" if len(stamp) >= 8 else ""
    return Citation(text, "web", link=copy["original"] or "", accessed=match["accessed"] or taken, archived=match["url"])
