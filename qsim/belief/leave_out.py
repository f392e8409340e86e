"""
What `hmm` would believe of a place without one claim, in one step from where its rounds came to rest.

What the claim says there, and the kind of day it makes, is taken out of the chain of the place, which is then passed over once more. What
other places, other claims and the reliabilities of sources would come to be without it is not worked out again, as in the first-order
terms of leaving one out (Giordano and others, A Swiss army infinitesimal jackknife, 2019).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.belief.activity import is_busy, lasting, matrix_of, plausible
from qsim.belief.going import Kind, strength_of
from qsim.belief.statements import Observations
from qsim.record.settings import Model
from qsim.record.theatre import Theatre

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Mentions:
    """
    All that is said of places as columns: the `claim`, the `place`, the `day` (positions), and what is added to the log-likelihood of the
    place's statuses on that day, `adds` (mentions, statuses).
    """

    claim: NDArray[np.int32]
    place: NDArray[np.int32]
    day: NDArray[np.int32]
    adds: NDArray[np.floating[Any]]

    @classmethod
    def of(cls, said: Observations, at: Sequence[Ints], adds: Sequence[Floats], column: Ints, days: Ints, precision: Any) -> "Mentions":
        """
        Return what statements say of their days and of the eves of these, wholes and shares of their members: `at` (four) the knots, -1 for
        none, and what each `adds`, kept in a precision; a knot is of the place `column` (knots,) and the day `days` (knots,).
        """
        of_statements = np.repeat(said.statements.claim, np.diff(said.statements.start))
        of_groups = [np.repeat(of.claim, np.diff(of.start)) for of in (said.wholes, said.shares)]
        claim = np.concatenate([of_statements, of_statements, *of_groups])
        knot, more = np.concatenate(at), np.concatenate(adds)
        told = knot >= 0
        claim, place, day = (each.astype(np.int32) for each in (claim[told], column[knot[told]], days[knot[told]]))
        return cls(claim, place, day, more[told].astype(precision))

    def within(self, claims: Ints, places: Ints) -> "Mentions":
        """Return the same, where claims and places are numbered as in the whole that these are of."""
        return Mentions(claims[self.claim].astype(np.int32), places[self.place].astype(np.int32), self.day, self.adds)

    @classmethod
    def all(cls, parts: Sequence["Mentions | None"]) -> "Mentions":
        """Return what is said in all parts."""
        there = [each for each in parts if each is not None]
        return cls(*(np.concatenate([getattr(each, name) for each in there]) for name in cls.__slots__))


class LeaveOut:
    """Belief without one claim: called with its id and a place (a position), it returns that of the days asked for, (days, statuses)."""

    def __init__(self, theatre: Theatre, model: Model, said: Observations, mentions: Mentions, days: slice) -> None:
        self._said, self._mentions, self._days, self._model = said, mentions, days, model
        self._theatre = theatre
        self._spans: dict[int, list[tuple[int, Kind, int, int]]] = {}  # what was going on, by place

    @cached_property
    def _weights(self) -> Floats:
        return np.where(plausible(self._theatre, self._said.claims), 1.0, self._model.elsewhere)

    def __call__(self, id: str, place: int) -> Floats:
        """Return the belief in a place without a claim; as it is, where the claim says nothing that the policy hears."""
        from qsim.belief.kernels import chain

        told, moves = self._mentions, self._said.moves
        number = self._said.claims.row_of(id)
        kept = np.flatnonzero((told.place == place) & (told.claim != number))
        evidence = np.zeros((self._said.days, told.adds.shape[1]))
        np.add.at(evidence, told.day[kept], told.adds[kept])
        step = moves.matrices[moves.codes[:, place]]
        if place not in self._spans:
            self._spans[place] = moves.going.at(place)
        for _, _, a, b in (span for span in self._spans[place] if span[0] == number):
            self._calm(place, number, range(a, min(b, len(step) - 1) + 1), step)
        likely = np.exp(evidence - evidence.max(axis=1, keepdims=True))
        alpha, gamma = np.empty_like(evidence), np.empty_like(evidence)
        chain.pass_over(0, len(evidence), step, likely, moves.initial[place], alpha, gamma)
        return gamma[self._days]

    def _calm(self, place: int, number: int, days: range, step: Floats) -> None:
        """Let a place move on some days, in place, as it would without a claim: as others say, or as on the nearest day of which nobody does."""
        spans, moves = self._spans[place], self._said.moves
        others = [(kind, a, b) for n, kind, a, b in spans if n != number]
        for d in days:
            kinds = [kind for kind, a, b in others if a <= d <= b]
            if kinds:
                kind = max(kinds, key=strength_of)
                ends = moves.pace.ends if is_busy(self._model, kind) else 1.0
                step[d] = lasting(matrix_of(self._model, kind, self._weights[place]), ends)
            else:
                step[d] = moves.matrices[moves.codes[self._quiet(d, spans), place]]

    def _quiet(self, day: int, spans: Sequence[tuple[int, Kind, int, int]]) -> int:
        """Return the day nearest to one on which no claim says that anything was going on; the day itself where there is none."""
        going = np.zeros(self._said.days, dtype=bool)
        for _, _, a, b in spans:
            going[a : b + 1] = True
        calm = np.flatnonzero(~going)
        return int(calm[np.abs(calm - day).argmin()]) if len(calm) else day
