"""Many texts as one: their letters one after another and where each begins, in a tenth of the room of as many Python strings."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

_KEY = 8  # letters of a number of 64 bits
_TOGETHER = 65_536  # texts made at a time when all are gone through
_PLAIN = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.+-"


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Texts(Sequence[str]):
    """
    Texts, immutable: text i is the UTF-8 of `letters[begins[i]:begins[i + 1]]`, (texts + 1,). A string is made when it is asked for.

    Examples
    --------
    >>> few = Texts.of(["Tarnby", "", "Ösk"])
    >>> few[2], few.index(""), list(few), "Esk" in few
    ('Ösk', 1, ['Tarnby', '', 'Ösk'], False)
    """

    letters: NDArray[np.uint8]
    begins: NDArray[np.integer[Any]]

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Texts":
        """Return these texts."""
        coded = [text.encode() for text in texts]
        begins = np.concatenate([[0], np.cumsum([len(each) for each in coded], dtype=np.int64)]).astype(np.int64)
        return cls(np.frombuffer(b"".join(coded), dtype=np.uint8), begins)

    def __len__(self) -> int:
        return len(self.begins) - 1

    def __repr__(self) -> str:
        return f"Texts({len(self):,})"

    @overload
    def __getitem__(self, n: int) -> str: ...

    @overload
    def __getitem__(self, n: slice) -> list[str]: ...

    def __getitem__(self, n: int | slice) -> str | list[str]:
        if isinstance(n, slice):
            return [self[i] for i in range(len(self))[n]]
        at = n if n >= 0 else n + len(self)
        if at < 0:
            raise IndexError(f"there is no text {n} of {len(self):,}")
        return self.letters[self.begins[at] : self.begins[at + 1]].tobytes().decode()

    def __iter__(self) -> Iterator[str]:
        for first in range(0, len(self), _TOGETHER):
            begins = self.begins[first : first + _TOGETHER + 1]
            letters = self.letters[begins[0] : begins[-1]].tobytes()
            at = (begins - begins[0]).tolist()
            whole = letters.decode() if letters.isascii() else None
            for a, b in pairwise(at):
                yield letters[a:b].decode() if whole is None else whole[a:b]

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and self.find(text) >= 0

    def index(self, value: str, start: int = 0, stop: int | None = None) -> int:
        """Return where a text first stands; raise `ValueError` where it does not."""
        found = self.find(value)
        if found < 0 or start or stop is not None:
            return list(self).index(value, start, len(self) if stop is None else stop)
        return found

    def find(self, text: str) -> int:
        """Return where a text first stands, -1 where it does not: all are looked at at once."""
        wanted = np.frombuffer(text.encode(), dtype=np.uint8)
        left = np.flatnonzero(np.diff(self.begins) == len(wanted))
        for n in range(len(wanted) - 1, -1, -1):  # the last letters tell numbered ids apart
            left = left[self.letters[self.begins[left] + n] == wanted[n]]
        return int(left[0]) if len(left) else -1

    def finder(self) -> Callable[[str], int]:
        """Return what finds texts as `find` does, one after another: by their last letters, put in order once."""
        sizes, key = np.diff(self.begins), np.zeros(len(self), dtype=np.uint64)
        for n in range(_KEY):
            long = np.flatnonzero(sizes > n)
            key[long] |= self.letters[self.begins[long + 1] - 1 - n].astype(np.uint64) << np.uint64(8 * n)
        order = np.argsort(key, kind="stable")
        key = key[order]

        def find(text: str) -> int:
            wanted = np.uint64(int.from_bytes(text.encode()[-_KEY:], "big"))
            alike = order[np.searchsorted(key, wanted) : np.searchsorted(key, wanted, "right")]
            return next((n for n in alike.tolist() if self[n] == text), -1)

        return find

    @property
    def are_plain(self) -> bool:
        """Whether every text has a letter or digit, and all are of these, of the Latin alphabet, and of `_`, `.`, `+` and `-`."""
        begins, ends = int(self.begins[0]), int(self.begins[-1])
        return bool((np.diff(self.begins) > 0).all()) and not self.letters[begins:ends].tobytes().translate(None, _PLAIN)
