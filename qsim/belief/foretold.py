"""What policies expected of claims that they had not seen, as columns; a prediction is made when somebody asks for it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from qsim.record.ledger import Claim
from qsim.record.packed import Claims, Ints, Rows

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Prediction:
    """
    What a policy that had not seen a claim expected it to say: `p` (statuses,) by reading, `belief` (statuses,) where it speaks of.

    `said` is the position of what it did say. `turning` and `quiet` tell what else is reported of its place about that time. `end`
    (statuses,) is what was expected of it on the last day of the record, where it is the last word on its place: what nobody has
    contradicted should still stand then.
    """

    claim: Claim
    said: int
    p: tuple[float, ...]
    belief: tuple[float, ...]
    turning: bool = False
    quiet: bool = False
    end: tuple[float, ...] | None = None

    @property
    def log_score(self) -> float:
        """The natural logarithm of the probability given to what was said; larger is better."""
        return float(np.log(self.p[self.said]))

    @property
    def brier(self) -> float:
        """The squared distance between the prediction and what was said, 0..2; smaller is better."""
        return float(sum((p - (i == self.said)) ** 2 for i, p in enumerate(self.p)))


@dataclass(frozen=True, eq=False, slots=True)
class Foretold(Sequence[Prediction]):
    """
    Predictions, immutable: the claims, and the fields of `Prediction` as columns, `said`, `turning`, `quiet` (claims,), `p`, `belief`, `end`
    (claims, statuses); an `end` that is not asked is not a number.
    """

    claims: Claims
    said: Ints
    p: Floats
    belief: Floats
    turning: NDArray[np.bool_]
    quiet: NDArray[np.bool_]
    end: Floats

    @classmethod
    def of(cls, predictions: Iterable[Prediction]) -> "Foretold":
        """Return these predictions: themselves, where they are columns already."""
        if isinstance(predictions, Foretold):
            return predictions
        made = list(predictions)
        statuses = len(made[0].p) if made else 0
        p, belief, end = (
            np.array(each, dtype=np.float64).reshape(len(made), statuses)
            for each in ([m.p for m in made], [m.belief for m in made], [m.end or [np.nan] * statuses for m in made])
        )
        said = np.array([each.said for each in made], dtype=np.int64)
        turning, quiet = (np.array(each, dtype=bool) for each in ([m.turning for m in made], [m.quiet for m in made]))
        return cls(Claims(each.claim for each in made), said, p, belief, turning, quiet, end)

    def __len__(self) -> int:
        return len(self.said)

    def __repr__(self) -> str:
        return f"Foretold({len(self):,} claims)"

    @overload
    def __getitem__(self, key: int) -> Prediction: ...

    @overload
    def __getitem__(self, key: slice) -> "Foretold": ...

    def __getitem__(self, key: int | slice) -> "Prediction | Foretold":
        if isinstance(key, slice):
            return self.take(np.arange(len(self))[key])
        (one,) = self.take(np.array([range(len(self))[key]]))
        return one

    def __iter__(self) -> Iterator[Prediction]:
        asked = self._at_end
        rows = zip(
            self.claims, self.said.tolist(), self.p.tolist(), self.belief.tolist(), self.turning.tolist(), self.quiet.tolist(),
            self.end.tolist(), asked.tolist(), strict=True,
        )  # fmt: skip
        for claim, said, p, belief, turning, quiet, end, at_end in rows:
            yield Prediction(claim, said, tuple(p), tuple(belief), turning, quiet, tuple(end) if at_end else None)

    def take(self, rows: Rows) -> "Foretold":
        """Return some of the predictions, by position or by a mask."""
        of = self.claims.take(rows), self.said[rows], self.p[rows], self.belief[rows]
        return Foretold(*of, self.turning[rows], self.quiet[rows], self.end[rows])

    @property
    def _at_end(self) -> NDArray[np.bool_]:
        return np.asarray(~np.isnan(self.end).any(axis=1))

    def of_the_end(self) -> "Foretold":
        """Return those that are asked of the last day, with what was expected then."""
        last = self.take(self._at_end)
        return Foretold(last.claims, last.said, last.end, last.belief, last.turning, last.quiet, last.end)

    @property
    def log_scores(self) -> Floats:
        """`Prediction.log_score` of each, (claims,)."""
        return np.asarray(np.log(self.p[np.arange(len(self)), self.said]))

    @property
    def briers(self) -> Floats:
        """`Prediction.brier` of each, (claims,)."""
        found = np.zeros(len(self))
        for status, p in enumerate(self.p.T):
            found += (p - (self.said == status)) ** 2
        return found
