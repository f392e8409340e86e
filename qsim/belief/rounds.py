"""The rounds of inference over a block: beliefs at the knots, what each statement and message says there, what is heard of sources."""

import copy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.belief.activity import Moves
from qsim.belief.columns import Floats, Ints, Statements
from qsim.belief.knots import Knots, knots_of, steps_of
from qsim.belief.learning import Heard, Learned
from qsim.belief.leave_out import Mentions
from qsim.belief.statements import Observations
from qsim.record.packed import firsts, stable_order
from qsim.record.settings import Model


@dataclass(frozen=True, eq=False, slots=True)
class Rows:
    """
    The different ways of saying something, as columns: the voice, its trust beside its reliability, its gain, and the form; `of` is the
    row of each statement.
    """

    of: Ints
    voice: Ints
    trust: Floats
    gain: Floats
    form: Ints


@dataclass(frozen=True, eq=False, slots=True)
class Rest:
    """
    Where the rounds have come to rest: of the block's `places`, those with a chain, `belief` and `filtered` (days, places, statuses), `path`
    (days, places), `codes` (days, places); of its claims `informed` and `right`, (claims,); and all its `mentions`.
    """

    places: Ints
    belief: Floats
    filtered: Floats
    path: NDArray[np.int8]
    codes: NDArray[np.int16]
    informed: Floats
    right: Floats
    mentions: Mentions


def _rows(said: Observations) -> Rows:
    """Return the different ways of saying something, and which each statement is."""
    st = said.statements
    trust, gain = np.unique(said.trust), np.unique(said.gain)
    trusted, gained = np.searchsorted(trust, said.trust), np.searchsorted(gain, said.gain)
    size = max(1, len(said.voices)), max(1, len(trust)), max(1, len(gain)), max(1, len(said.forms.told))
    keys = np.ravel_multi_index((said.voice[st.claim], trusted[st.claim], gained[st.claim], st.form), size)
    first, of = firsts(keys, int(np.prod(size)))
    voice, trusted, gained, form = np.unravel_index(keys[first], size)
    return Rows(of, voice, trust[trusted], gain[gained], form)


class Run:
    """The rounds of one block; what is `learned` of sources comes from outside, where all blocks are heard."""

    def __init__(self, model: Model, said: Observations, learned: Learned) -> None:
        self.model, self.said, self.learned = model, said, learned
        self.knots, self.rows = knots_of(said), _rows(said)
        n, st, knots = said.forms.told.shape[1], said.statements, self.knots
        self.step, self.initial = steps_of(said, knots), said.moves.initial[knots.places]
        place = np.repeat(st.place, np.diff(st.start))
        self.at, self.eve = knots.at(place, st.day), knots.at(place, st.eve)
        self.length = _lengths(st)
        several = np.diff(st.start) > 1
        self.leaning = np.repeat(several, np.diff(st.start))[:, None].astype(float)  # what each says there depends on the belief
        self.members = [knots.at(of.members, np.repeat(of.day, np.diff(of.start))) for of in (said.wholes, said.shares)]
        self.said_at, self.said_before = np.zeros((len(self.at), n)), np.zeros((len(self.at), n))
        self.messages = [np.zeros((len(each), n)) for each in self.members]
        self.of_rows = [np.zeros(len(of.claim)) for of in (said.wholes, said.shares)]
        self.evidence = np.zeros((len(knots.day), n))
        self.gamma = np.zeros((len(knots.day), n))
        self.pairs = _pairs(said, knots, self.members)
        self._smooth()

    def copied(self) -> "Run":
        """Return the same, so that what changes from round to round is its own."""
        other = copy.copy(self)
        for name in ("said_at", "said_before", "evidence", "gamma"):
            setattr(other, name, getattr(self, name).copy())
        other.messages = [each.copy() for each in self.messages]
        other.of_rows = [each.copy() for each in self.of_rows]
        return other

    def round(self, learned: Learned, *, keep: float, hear: bool) -> Heard:
        """Go round once with what is learned, keeping a part of what was said before, and return what is heard of sources where asked."""
        self.learned = learned
        self._listen(keep=keep)
        likely, _, moved, moving = self._smooth()
        voices = len(self.said.voices)
        nothing = np.zeros(voices), np.zeros(voices), np.zeros_like(learned.readings)
        return Heard(moved, moving, len(self.gamma), *(self._hear(likely) if hear else nothing))

    def days_nearest(self) -> Floats:
        """Return how many days of its place are nearer to each knot on which something is said than to another, (knots,); 0 for those without."""
        told, days = np.flatnonzero(self.evidence.any(axis=1)), np.zeros(len(self.evidence))
        days[told] = self.knots.nearest(told)
        return days

    def likelihoods(self) -> Floats:
        """Return how likely what is said at each knot is under each status, as it was heard in the last round, the greatest 1, (knots, statuses)."""
        from qsim.belief.kernels import chain

        likely = np.empty_like(self.evidence)
        chain.likelihoods(self.evidence, likely)
        return likely

    def log_likelihood(self, moves: Moves, likely: Floats, days: Floats) -> float:
        """
        Return the logarithm of how likely what is said is, each knot as `likely` (knots, statuses) as that, were this how places move, but for a
        constant: each knot weighs so many `days`, (knots,).
        """
        from qsim.belief.kernels import chain

        step = steps_of(replace(self.said, moves=moves), self.knots)
        return float(chain.log_likelihood(self.knots.start, step, likely, self.initial, days))

    def _smooth(self) -> tuple[Floats, Floats, float, int]:
        """Pass over the chains by the evidence; return it as a likelihood, the filtered belief, how far the last belief moved, and how many did."""
        from qsim.belief.kernels import chain

        likely, alpha = np.empty_like(self.evidence), np.empty_like(self.evidence)
        knots = self.knots.start, self.step, self.evidence, self.initial
        moved, moving = chain.smooth(*knots, self.model.tolerance, likely, alpha, self.gamma)
        return likely, alpha, moved, moving

    def _listen(self, *, keep: float) -> None:
        """Renew the evidence by all that is said, keeping a part of the old; of what leans on no belief, nothing, where no claim ties places."""
        from qsim.belief.kernels import chain

        said, rows = self.said, self.rows
        like, kept, _, _ = self._tables()
        st, damped = said.statements, keep if said.tied() else self.leaning * keep
        old = (self.said_at.copy(), self.said_before.copy()) if np.any(damped) else ()
        chain.weigh(
            rows.of, st.start, self.at, self.eve, st.weight, self.length, like, kept, np.log(like), np.log(kept),
            self.gamma, self.said_at, self.said_before,
        )  # fmt: skip
        for now, then in zip((self.said_at, self.said_before), old, strict=False):
            now *= 1 - damped
            now += damped * then
        trust = self.learned.theta[said.voice] * said.trust
        wholes, shares = said.wholes, said.shares
        chain.weigh_wholes(
            wholes.start, self.members[0], wholes.told, wholes.weight, trust[wholes.claim], said.gain[wholes.claim],
            self.gamma, self.messages[0], keep, self.of_rows[0],
        )  # fmt: skip
        chain.weigh_shares(
            shares.start, self.members[1], shares.value, shares.bound, shares.sd, shares.side, shares.bluff, shares.weight,
            trust[shares.claim], self.gamma, self.messages[1], keep, self.of_rows[1],
        )  # fmt: skip
        self.evidence[:] = 0.0
        chain.gather(self.at, self.said_at, self.evidence)
        chain.gather(self.eve, self.said_before, self.evidence)
        for members, messages in zip(self.members, self.messages, strict=True):
            chain.gather(members, messages, self.evidence)

    def _tables(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Return of each row how likely it is said, by the status that day and on the eve; T / mean T; and its trust."""
        rows, forms, model = self.rows, self.said.forms, self.model
        told, reading = forms.told[rows.form], forms.reading[rows.form]
        own = np.flatnonzero(reading >= 0)
        told[own] = self.learned.readings[rows.voice[own], :, reading[own]]
        told = told / told.mean(axis=1, keepdims=True)
        trust = (self.learned.theta[rows.voice] * rows.trust)[:, None]
        like = trust * rows.gain[:, None] * told + 1 - trust
        kept = np.where(forms.meant[rows.form], 1 - model.not_before * trust, 1.0)
        return like, kept, told, trust[:, 0]

    def _hear(self, likely: Floats) -> tuple[Floats, Floats, Floats]:
        """Return of each voice how many of its claims were informed by what others say of the same places, of how many, and its readings."""
        from qsim.belief.kernels import voices

        said, st, rows = self.said, self.said.statements, self.rows
        _, _, told, trust = self._tables()
        informed = trust[rows.of]  # where nobody else speaks, a statement tells nothing of its source
        counts = np.zeros_like(self.learned.readings)
        pairs, spoken, sent = self.pairs
        voices.overhear(
            (0,) * told.shape[1],
            (self.knots.start, self.step, self.initial),
            pairs,
            spoken,
            (np.concatenate(self.members), sent),
            (rows.of, st.start, self.at, self.eve, st.weight, self.length, self.said_at, self.said_before, np.concatenate(self.messages)),
            trust,
            told,
            said.forms.reading[rows.form],
            self.evidence,
            likely,
            informed,
            counts,
        )
        trusted, weight = self._by_claim(informed, *self.of_rows)
        theta = self.learned.theta[said.voice]
        # an unconfirmed report that was not informed may be one that a good source passed on
        trusted = trusted + (1 - trusted) * theta * (1 - said.trust) / np.maximum(1 - theta * said.trust, 1e-12)
        weight = weight * said.first_hand
        known = weight * np.where(weight > 0, trusted, 0.0)
        sums = [np.bincount(said.voice, each, len(said.voices)).astype(float) for each in (known, weight)]
        return sums[0], sums[1], counts

    def _by_claim(self, of_statements: Floats, of_wholes: Floats, of_shares: Floats) -> tuple[Floats, Floats]:
        """Return the mean of something over what each claim says (NaN for nothing), and its weight, at most 1, shapes (claims,)."""
        said, number = self.said, len(self.said.voice)
        parts = ((said.statements, of_statements), (said.wholes, of_wholes), (said.shares, of_shares))
        weight = sum(np.bincount(of.claim, of.weight, number) for of, _ in parts)
        known = sum(np.bincount(of.claim, of.weight * z, number) for of, z in parts)
        with np.errstate(invalid="ignore"):
            return np.asarray(known / weight), np.asarray(np.minimum(1.0, weight))

    def rest(self, learned: Learned, begin: int, days: int, precision: type[np.floating[Any]]) -> Rest:
        """Return what is believed on the `days` days from the position `begin`, in a precision, and of each claim by what was learned in the end."""
        from qsim.belief.kernels import chain

        self.learned = learned
        said, knots = self.said, self.knots
        shape = (days, len(knots.places), self.gamma.shape[1])
        belief, filtered, path = np.empty(shape, dtype=precision), np.empty(shape, dtype=precision), np.empty(shape[:2], dtype=np.int8)
        codes = np.ascontiguousarray(said.moves.codes[:, knots.places])
        chain.unroll(
            (0,) * shape[2], knots.day, knots.start, codes, said.moves.matrices, self.evidence, self._smooth()[1], self.initial,
            said.first, said.last, begin, belief, filtered, path,
        )  # fmt: skip
        at, adds = (self.at, self.eve, *self.members), (self.said_at, self.said_before, *self.messages)
        mentions = Mentions.of(said, at, adds, np.repeat(knots.places, np.diff(knots.start)), knots.day, precision)
        span = codes[begin : begin + days]
        return Rest(knots.places, belief, filtered, path, span, self.informed(), self.right(), mentions)

    def informed(self) -> Floats:
        """Return how likely each claim was informed, by all that is believed, shape (claims,); NaN where it says nothing of a place."""
        like, _, told, trust = self._tables()
        share = trust[:, None] * self.rows.gain[:, None] * told / like
        return self._by_claim(self._heard(share[self.rows.of]), *self.of_rows)[0]

    def right(self) -> Floats:
        """Return how likely what each claim says was so, shape (claims,): a share or whole group where it was informed."""
        return self._by_claim(self._heard(self.said.forms.meant[self.said.statements.form].astype(float)), *self.of_rows)[0]

    def _heard(self, of: Floats) -> Floats:
        """Return the expectation of `of` (statements, statuses) where each statement speaks of, shape (statements,)."""
        count = len(of)
        first = np.repeat(np.arange(count), np.diff(self.said.statements.start))
        known = (self.gamma[self.at] * of[first]).sum(axis=1)
        return np.asarray(np.bincount(first, known * self.length, count) / np.maximum(1e-12, np.bincount(first, self.length, count)))


def _lengths(st: Statements) -> Floats:
    """Return how many days each mention of a statement stands for: those since the mention before, or its eve."""
    length = np.ones(len(st.day))
    dated = st.eve >= 0
    length[dated] = st.day[dated] - st.eve[dated]
    return length


def _pairs(said: Observations, knots: Knots, members: list[Ints]) -> tuple[Ints, Ints, Ints]:
    """
    Return for every voice at a place of which another speaks too: the place, the voice, and its ranges in the statements and messages
    ordered by place and voice, shape (pairs, 6); and those two orders.
    """
    st, many = said.statements, max(1, len(said.voices))
    of_places = [of.members for of in (said.wholes, said.shares)]
    of_voices = [np.repeat(said.voice[of.claim], np.diff(of.start)) for of in (said.wholes, said.shares)]
    keys = [
        np.searchsorted(knots.places, place) * many + voice
        for place, voice in ((st.place, said.voice[st.claim]), (np.concatenate(of_places), np.concatenate(of_voices)))
    ]
    orders = [stable_order(each, len(knots.places) * many) for each in keys]
    both = np.unique(np.concatenate(keys))
    alone = np.bincount(both // many, minlength=len(knots.places)) < 2
    spoken = np.unique(keys[0])
    spoken = spoken[~alone[spoken // many]]
    ranges = [
        np.searchsorted(each[order], spoken, side=side) for each, order in zip(keys, orders, strict=True) for side in ("left", "right")
    ]
    pairs = np.stack([spoken // many, spoken % many, *ranges], axis=1).astype(np.int64)
    return pairs, orders[0], orders[1]
