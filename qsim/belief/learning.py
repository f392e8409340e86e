"""What is learned of sources from round to round: their reliability and their readings of states, and how rounds are made fewer."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qsim.belief.columns import Floats
from qsim.record.ledger import Ledger
from qsim.record.settings import Model

DEPTH = 8  # as many earlier rounds as are heeded
_RIDGE = 1e-9  # of the mean square: rounds that differ by rounding alone are not told apart


@dataclass(frozen=True, eq=False, slots=True)
class Learned:
    """The reliability of each voice, (voices,), and its readings of states, (voices, statuses, readings)."""

    theta: Floats
    readings: Floats


@dataclass(frozen=True, eq=False, slots=True)
class Heard:
    """
    What a round tells: how far it `moved` a belief at most, how many beliefs are `moving` still, more than the tolerance, of how many `beliefs`; and of each voice the sums that are learned from: how many claims were `informed` of how
    many in all (`weight`), (voices,), and how often each reading was said in each status, `counts` (voices, statuses, readings).
    """

    moved: float
    moving: int
    beliefs: int
    informed: Floats
    weight: Floats
    counts: Floats

    def plus(self, other: "Heard") -> "Heard":
        """Return what two rounds of different places tell together."""
        return Heard(
            max(self.moved, other.moved),
            self.moving + other.moving,
            self.beliefs + other.beliefs,
            self.informed + other.informed,
            self.weight + other.weight,
            self.counts + other.counts,
        )


@dataclass(frozen=True, eq=False, slots=True)
class Prior:
    """What is believed of voices before they are heard: the `mean` and `strength` of each, (voices,), and the readings of all."""

    mean: Floats
    strength: Floats
    readings: Floats
    readings_strength: float

    @classmethod
    def of(cls, ledger: Ledger, model: Model, voices: tuple[str, ...], sides: int) -> "Prior":
        """Return the prior of these voices of a ledger."""
        mean, strength = np.array([model.reliability_of(ledger.sources[id].kind) for id in voices]).reshape(-1, 2).T
        return cls(mean, strength, model.saying(sides, taken=False), model.readings_strength)

    def of_part(self, share: float) -> "Prior":
        """Return the same for what is heard of a share of the claims, which stand for all: in proportion weaker."""
        return replace(self, strength=self.strength * share, readings_strength=self.readings_strength * share)

    def begin(self) -> Learned:
        """Return what is taken for learned before anything is."""
        return Learned(self.mean.copy(), np.tile(self.readings, (len(self.mean), 1, 1)))

    def learn(self, heard: Heard) -> Learned:
        """Return what is learned by what a round tells."""
        readings = self.readings_strength * self.readings + heard.counts
        theta = (self.strength * self.mean + heard.informed) / (self.strength + heard.weight)
        return Learned(theta, readings / readings.sum(axis=-1, keepdims=True))


class Ahead:
    """
    Anderson's mixing of the last rounds: where they lead is guessed, so that fewer are needed.

    Each round gives g(x) for x; the next x is the g's combination whose g(x) - x would vanish were g linear between them, in log odds and
    logarithms (Walker and Ni, Anderson acceleration for fixed-point iterations, 2011).
    """

    def __init__(self) -> None:
        self._given: list[NDArray[np.float64]] = []
        self._moved: list[NDArray[np.float64]] = []

    def __call__(self, before: Learned, after: Learned) -> Learned:
        """Return what to go on with, where a round has made `after` of `before`."""
        given = _flat(after)
        moved = given - _flat(before)
        if self._moved and np.abs(moved).max() > 2 * np.abs(self._moved[-1]).max():  # led astray: begin anew from here
            self._given, self._moved = [], []
        self._given, self._moved = [*self._given[-DEPTH:], given], [*self._moved[-DEPTH:], moved]
        by = np.diff(self._moved, axis=0)
        scale = float((by**2).sum())
        if scale <= 0:
            return after
        normal = by @ by.T + _RIDGE * scale * np.eye(len(by))
        return _shaped(given - np.linalg.solve(normal, by @ moved) @ np.diff(self._given, axis=0), after)


def _flat(learned: Learned) -> Floats:
    return np.concatenate([np.log(learned.theta / (1 - learned.theta)), np.log(learned.readings).ravel()])


def _shaped(flat: Floats, like: Learned) -> Learned:
    theta = 1 / (1 + np.exp(-flat[: len(like.theta)]))
    readings = np.exp(flat[len(theta) :]).reshape(like.readings.shape)
    return Learned(theta, readings / readings.sum(axis=-1, keepdims=True))
