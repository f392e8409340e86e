"""Which fonts a picture needs: one that is asked for, the usual one, and those of the machine that have the letters it lacks."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from logging import ERROR, getLogger
from pathlib import Path
from warnings import catch_warnings, filterwarnings, warn

from matplotlib.font_manager import findSystemFonts, fontManager, get_font

from qsim.record.names import nearest
from qsim.record.signs import visible

FAMILY = "DejaVu Sans"  # comes with matplotlib; has Latin, Greek, Cyrillic, Arabic and more
_PLAIN = 0x300  # every letter below is in it
_MOST_SHOWN = 3  # letters that a warning shows
_NO_TEXT = "Last Resort"  # a font whose letters are boxes
_CALLED = {"CJK": "Chinese"}
_HALF = re.compile("[\ud800-\udfff]")  # of a pair that is one letter in UTF-16
_STYLES = {"normal": 0, "italic": 1, "oblique": 1}


class FontWarning(UserWarning):
    """Letters that no font of the machine has."""


class FontError(ValueError):
    """A font that is asked for and not there, or a text that no font can write."""


def families(texts: Iterable[str], chosen: str | None = None) -> tuple[str, ...]:
    """
    Return the names of the fonts that write these texts, in the order in which each letter is looked for.

    `chosen` is a font's name or a file; it comes first, then the usual one, then as few of the machine's as have the letters that are left.

    Raises
    ------
    FontError
        When there is no font `chosen`, or a text holds half of a letter, as one made in Python can.

    Warns
    -----
    FontWarning
        Once, with the scripts, when there are letters that no font has: they are drawn as boxes.

    Examples
    --------
    >>> families(["Al-Qusayr", "القصير", "Часів Яр"])
    ('DejaVu Sans',)
    """
    texts = list(texts)
    if halved := [text for text in texts if _HALF.search(text)]:
        raise FontError(f"{visible(halved[0])[:100]!r} holds half of a letter (U+D800 to U+DFFF), which no font can write; mend the text")
    found = [*([_chosen(chosen)] if chosen else []), FAMILY]
    missing = {ord(letter) for text in texts for letter in text if ord(letter) >= _PLAIN and letter.isprintable()}
    missing = {code for code in missing if not unicodedata.category(chr(code)).startswith("C")}
    for family in found:
        missing -= _letters(_file(family))
    candidates = _installed() if missing else {}
    while missing and candidates:
        most = max(candidates, key=lambda name: len(missing & _letters(candidates[name])))
        if not missing & _letters(candidates[most]):
            break
        missing -= _letters(candidates.pop(most))
        found.append(most)
    if missing:
        warn(_missing(missing), FontWarning, stacklevel=4)
    return tuple(dict.fromkeys(found))


@contextmanager
def told_once(texts: Iterable[str]) -> Iterator[None]:
    """Keep matplotlib from telling of each letter of these texts that no font has, which `families` told before."""
    if all(ord(letter) < _PLAIN for text in texts for letter in text):
        yield
        return
    log = getLogger("matplotlib.font_manager")  # where it tells that a font has no bold letters
    level = log.level
    try:
        log.setLevel(ERROR)
        with catch_warnings():
            filterwarnings("ignore", message="Glyph .* missing from font")
            yield
    finally:
        log.setLevel(level)


def _missing(codes: Iterable[int]) -> str:
    """Tell which letters no font has, by script."""
    scripts: dict[str, list[str]] = {}
    for code in sorted(codes):
        letter = chr(code)
        scripts.setdefault(_CALLED.get(script := unicodedata.name(letter, "other").split()[0], script.capitalize()), []).append(letter)
    named = ", ".join(f"{script} ({' '.join(letters[:_MOST_SHOWN])})" for script, letters in scripts.items())
    return f"no font of this machine has these letters, which become boxes: {named}; install one that has, or name its file by font="


def _chosen(name: str) -> str:
    """Return the name of the font that is asked for by name or file."""
    if Path(name).suffix.lower() in (".ttf", ".otf", ".ttc"):
        try:
            family = str(get_font(name).family_name)
            if not any(entry.fname == name for entry in fontManager.ttflist):
                fontManager.addfont(name)
        except (OSError, RuntimeError) as error:
            raise FontError(f"font {name!r}: cannot be read as a font ({error}); expected a .ttf, .otf or .ttc file") from error
        return family
    known = {entry.name: entry.name for entry in fontManager.ttflist}
    if name not in known:
        raise FontError(f"font {name!r}: not on this machine{nearest(name, [*known])}; expected the name of a font, or a file")
    return name


def _file(family: str) -> str:
    """Return the file of a font's plain style."""
    return _plainest([entry for entry in fontManager.ttflist if entry.name == family])


def _plainest(entries: list) -> str:  # type: ignore[type-arg]
    """Return the file of the entry that is neither slanted, bold nor narrow, as far as there is one."""
    return str(min(entries, key=lambda entry: (_STYLES.get(entry.style, 1), abs(_weight(entry.weight) - 400), entry.fname)).fname)


def _weight(weight: object) -> int:
    return weight if isinstance(weight, int) else 400 if weight in ("normal", "regular", "book") else 700


def _installed() -> dict[str, str]:
    """Return the plain file of each font of the machine, by name; those that came after matplotlib looked are looked for."""
    known = {entry.fname for entry in fontManager.ttflist}
    for path in sorted(set(findSystemFonts()) - known):
        try:
            fontManager.addfont(path)
        except (OSError, RuntimeError, ValueError):  # not a font, or none that can be read
            continue
    by_name: dict[str, list[object]] = {}
    for entry in fontManager.ttflist:
        if not entry.name.startswith(_NO_TEXT):
            by_name.setdefault(entry.name, []).append(entry)
    return {name: _plainest(by_name[name]) for name in sorted(by_name, key=lambda name: ("Sans" not in name, "Mono" in name, name))}


@lru_cache(maxsize=512)
def _letters(path: str) -> frozenset[int]:
    """Return the letters of a font, as code points."""
    try:
        return frozenset(get_font(path).get_charmap())
    except (OSError, RuntimeError, ValueError):
        return frozenset()
