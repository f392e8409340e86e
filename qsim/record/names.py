"""Names as people type them: folded for comparing, made into ids, and looked up whatever their case, accents, hyphens or script's variants."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

_APOSTROPHES = dict.fromkeys(map(ord, "'‘’‚‛`´ʻʼʽʾʿˈ′＇"))  # modifier letters of transliteration as well as quotes
_BLANKS = re.compile(r"[\s\u00a0\u2000-\u200f\u202a-\u202f\u2060-\u2069\ufeff_‐‑‒–—―−-]+")
# Letters that one script writes in several ways (Arabic alef, yeh, teh marbuta; Persian and Urdu kaf and yeh), and Latin letters with no accent to drop.
_LETTERS = str.maketrans(
    {
        **dict.fromkeys("أإآٱ", "ا"), **dict.fromkeys("ىیئ", "ي"), "ة": "ه", "ک": "ك", "ؤ": "و", "ـ": None,
        "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "þ": "th", "æ": "ae", "œ": "oe", "ŋ": "n", "ə": "e",
    }
)  # fmt: skip


@lru_cache(maxsize=131072)
def folded(name: str) -> str:
    """
    Return the name as it is compared: case, accents, apostrophes, kinds of blanks and hyphens, and variants of Arabic letters aside.

    Examples
    --------
    >>> folded("Kafr al-Ma’in") == folded("kafr al Ma'in") == folded("KAFR\u00a0AL‑MAIN")
    True
    """
    if name.isascii() and name.isalnum():
        return name.casefold()
    if name.isascii():
        return _BLANKS.sub(" ", name.casefold().replace("'", "").replace("`", "")).strip() or name.casefold().strip()
    letters = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    bare = "".join(c for c in letters if not unicodedata.combining(c)).translate(_APOSTROPHES).translate(_LETTERS)
    return _BLANKS.sub(" ", bare).strip() or name.casefold().strip()


@lru_cache(maxsize=131072)
def slug(name: str) -> str:
    """
    Return an id made of a name: its letters and digits, in lower case, joined by underscores; letters of any script are kept.

    Examples
    --------
    >>> slug("Tall al-Nabi Mindō (hill)")
    'tall_al_nabi_mindo_hill'
    """
    like = folded(name)
    return like if like.isalnum() and like.isascii() else re.sub(r"\W+", "_", like).strip("_")


def scenario_name(folder: str) -> str:
    """
    Return the name of a scenario that is called after its folder, of letters, digits, `_`, `-` and `.`.

    Examples
    --------
    >>> scenario_name("My valley (2)"), scenario_name(".hidden"), scenario_name("?")
    ('My_valley_2', 'hidden', 'scenario')
    """
    return re.sub(r"[^\w.-]+", "_", folder)[:100].strip("_.-") or "scenario"


class Fresh:
    """Ids that are not taken: the one asked for, or the first of `id_2`, `id_3`, ... that is free; each is then taken."""

    def __init__(self, taken: Iterable[str | None] = ()) -> None:
        self._taken = set(taken)
        self._next: dict[str, int] = {}

    def made(self, id: str) -> str:
        """Return a free id like this one."""
        found, n = id, self._next.get(id, 1)
        while found in self._taken:
            n += 1
            found = f"{id}_{n}"
        self._next[id] = n
        self._taken.add(found)
        return found


class Index:
    """Ids by every name they bear; built once, so that a look-up costs the same however many there are."""

    def __init__(self, named: Iterable[tuple[str, Iterable[str]]]) -> None:
        self.named = list(named)
        self.ids = dict.fromkeys([id for id, _ in self.named])
        self._bearers: dict[str, dict[str, None]] = {}
        self._hints: dict[str, str] = {}

    def __contains__(self, id: str) -> bool:
        return id in self.ids

    def find(self, name: str) -> tuple[str, ...]:
        """Return the id itself, or the ids of all that bear the name; none where nothing does."""
        if name in self.ids:
            return (name,)
        if not self._bearers:  # made when a name is first asked for: most files give ids alone
            for id, names in self.named:
                for each in (id, *filter(None, names)):
                    self._bearers.setdefault(folded(each), {})[id] = None
        return tuple(self._bearers.get(folded(name), ()))

    def hint(self, name: str) -> str:
        """Return `; did you mean '...'?`, or the known ids where they are few; looked for once for each name."""
        if name not in self._hints:
            few = f"; expected one of {', '.join(self.ids)}" if 0 < len(self.ids) < 9 else ""
            most = 50 if len(self.ids) < 1000 else 5  # of thousands of names the nearest takes a second to find
            spelt = [*self.ids, *(each for _, names in self.named for each in names if each)]
            near = spelt if len(self._hints) < most else ()
            self._hints[name] = _with_part(name, near) or nearest(name, near) or few
        return self._hints[name]


def _with_part(name: str, spelt: Iterable[str]) -> str:
    """Return `; did you mean 'Vukovar, Mitnica'?` of `Mitnica`: a known name of which a part between commas is the name; blank where none has."""
    wanted = folded(name)
    return next((f"; did you mean {each!r}?" for each in spelt if "," in each and wanted in map(folded, each.split(","))), "")


def nearest(name: str, known: Sequence[str] | Mapping[str, Any] | set[str]) -> str:
    """Return `; did you mean '...'?` with the known name closest to `name`, or nothing where none is close."""
    close = closest(name, known)
    return f"; did you mean {close!r}?" if close else ""


def closest(name: str, known: Iterable[str], likeness: float = 0.6) -> str:
    """Return the known name that is most like `name`, at least so much (0..1); blank where none is."""
    lowered: dict[str, str] = {}
    for each in known:
        lowered.setdefault(folded(each), each)
    close = get_close_matches(folded(name), lowered, n=1, cutoff=likeness)
    return lowered[close[0]] if close else ""
