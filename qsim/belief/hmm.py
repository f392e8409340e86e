"""
The `hmm` policy: one hidden Markov chain a place, tied by claims about groups and shares; what sources are worth is learned from others.

Each place's status is a chain whose daily chance to change follows what was reported to go on there (`qsim.belief.activity`). A source k
says r, informed, with the chances T_k(r | s) of what is so, s; or not. A statement has the likelihood

    l(s) = theta g T(r|s) / mean over s of T(r|s) + 1 - theta

with theta its source's reliability and g = 3 against the speaker's interest: at an even belief a statement tells nothing of its source. A
place reported taken was not the taker's on the eve: 1 - .9 theta. Claims about a whole group send each part log(1 + z (t(s) - 1)), with z
how likely they are informed by the other parts; a figure of a share is compared with the number of parts held (`kernels.chain`).
Inference is mean field over exact forward-backward chains (Ghahramani and Jordan, Factorial hidden Markov models, 1997), damped by half.

Every second round sources are judged by what *others* say: z of a statement is its probability to be informed where the chain of its
place is passed over without that source, and theta itself where nobody else speaks; theta = (n mean + sum w z) / (n + sum w), and the
readings of states T_k = 30 T + the expected counts w z, by rows. Copies speak with their origin's voice and are not counted again.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qsim.belief.columns import Floats, Ints, Statements
from qsim.belief.estimate import Chains, Estimate, Reliability
from qsim.belief.knots import Knots, knots_of, steps_of
from qsim.belief.leave_out import LeaveOut, Mentions
from qsim.belief.statements import Observations, observations
from qsim.record.dates import Days
from qsim.record.ledger import Ledger
from qsim.record.settings import Model
from qsim.record.theatre import Theatre
from qsim.record.values import sealed

_TIE = 1e-4  # beliefs nearer than this are told apart by rounding alone
_THETA_TOLERANCE = 2.0  # times the tolerance of beliefs


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
class Learned:
    """The reliability of each voice, (voices,), and its readings of states, (voices, statuses, readings)."""

    theta: Floats
    readings: Floats


def hmm(theatre: Theatre, ledger: Ledger, days: Days, *, model: Model | None = None) -> Estimate:
    """
    Return belief, most likely history, chains, reliabilities and which claims were informed, for the days asked for.

    The chains run over the whole ledger, so that what is believed of a day does not depend on the window it is asked in. A place
    that no claim speaks of stays flat. Deterministic, and independent of the order of claims and of sides. `model` is the scenario's where
    none is given: `Model()` but for its `[model]` table. The options of the estimate tell the model, the `rounds` it took, whether beliefs
    had `converged` by then and how far the last round `moved` one; and the learned `hazard` of a quiet day and `detection` of changes.
    """
    model = model or Model.from_settings(theatre.model)
    said = observations(theatre, ledger, model, start=days[0], end=days[-1])
    statuses = len(theatre.statuses)
    belief = np.full((len(days), len(theatre.places), statuses), 1 / statuses)
    history = np.full(belief.shape[:2], -1, dtype=np.int8)
    knots = knots_of(said)
    if len(knots.places) == 0:
        return Estimate(belief, history, _no_chains(days, said.moves.matrices), options={"model": model})
    from qsim.belief.kernels import chain

    run = _Run(theatre, ledger, model, said, knots)
    run.until_at_rest()
    begin = int((days[0] - said.start).astype(int))
    shape = (len(days), len(knots.places), statuses)
    smoothed, filtered, path = np.empty(shape), np.empty(shape), np.empty(shape[:2], dtype=np.int8)
    codes = np.ascontiguousarray(said.moves.codes[:, knots.places])
    chain.unroll(
        knots.day, knots.start, codes, said.moves.matrices, run.evidence, run.alpha, run.initial,
        said.first, said.last, begin, smoothed, filtered, path,
    )  # fmt: skip
    belief[:, knots.places] = smoothed
    history[:, knots.places] = _settled(path, smoothed)
    chains = Chains(
        knots.places, sealed(filtered), smoothed[-1], codes[begin : begin + len(days)], said.moves.matrices, int(days[0].astype(int))
    )
    informed = run.informed()
    return Estimate(
        belief,
        history,
        chains,
        _reliabilities(ledger, model, said, run, informed),
        {id: p for id, p in zip(said.claims.column("id"), informed.tolist(), strict=True) if p == p},
        {
            "model": model,
            "rounds": run.rounds,
            "converged": run.at_rest,
            "moved": run.moved,
            "hazard": float(said.moves.hazard),
            "detection": float(said.moves.detection),
            "delays": said.delays,
        },
        LeaveOut(theatre, model, said, run.mentions(), slice(begin, begin + len(days))),
    )


def _no_chains(days: Days, moving: Floats) -> Chains:
    """Return the chains of a ledger that speaks of no place: histories can be drawn, and say nothing."""
    none, statuses = np.empty(0, dtype=np.int64), moving.shape[1]
    nothing = np.empty((len(days), 0, statuses))
    return Chains(none, nothing, nothing[-1], np.empty((len(days), 0), dtype=np.int16), moving, int(days[0].astype(int)))


def _settled(path: NDArray[np.int8], belief: Floats) -> NDArray[np.int8]:
    """Return the histories with -1 where belief is tied between the status they have and another: nothing tells them apart."""
    mine = np.take_along_axis(belief, path[..., None].astype(np.int64), axis=-1)
    tied = (np.abs(belief - mine) < _TIE).sum(axis=-1) > 1
    return np.where(tied, np.int8(-1), path)


def _rows(said: Observations) -> Rows:
    """Return the different ways of saying something, and which each statement is."""
    st = said.statements
    keys = np.stack([said.voice[st.claim], said.trust[st.claim], said.gain[st.claim], st.form], axis=1)
    rows, of = np.unique(keys, axis=0, return_inverse=True)
    return Rows(of.reshape(-1), rows[:, 0].astype(np.int64), rows[:, 1].copy(), rows[:, 2].copy(), rows[:, 3].astype(np.int64))


class _Run:
    """The rounds of inference: beliefs at the knots, what each statement and message says there, and what is learned of sources."""

    def __init__(self, theatre: Theatre, ledger: Ledger, model: Model, said: Observations, knots: Knots) -> None:
        self.model, self.said, self.knots, self.rows = model, said, knots, _rows(said)
        self.sides = len(theatre.sides)
        n, st = self.sides + 1, said.statements
        self.step, self.initial = steps_of(said, knots), said.moves.initial[knots.places]
        place = np.repeat(st.place, np.diff(st.start))
        self.at, self.eve = knots.at(place, st.day), knots.at(place, st.eve)
        self.length = _lengths(st)
        self.members = [knots.at(of.members, np.repeat(of.day, np.diff(of.start))) for of in (said.wholes, said.shares)]
        self.mean, self.strength = np.array([model.reliability_of(ledger.sources[id].kind) for id in said.voices]).reshape(-1, 2).T
        self.prior = model.saying(self.sides, taken=False)
        self.learned = Learned(self.mean.copy(), np.tile(self.prior, (len(said.voices), 1, 1)))
        self.said_at, self.said_before = np.zeros((len(self.at), n)), np.zeros((len(self.at), n))
        self.messages = [np.zeros((len(each), n)) for each in self.members]
        self.of_rows = [np.zeros(len(of.claim)) for of in (said.wholes, said.shares)]
        self.evidence = np.zeros((len(knots.day), n))
        self.gamma, self.alpha, self.likely = (np.zeros((len(knots.day), n)) for _ in range(3))
        self.pairs = _pairs(said, knots, self.members)
        self.rounds, self.moved, self.at_rest = 0, 1.0, False
        self._smooth()

    def until_at_rest(self) -> None:
        """Go round until no belief and no reliability moves any more, or the rounds are up."""
        from qsim.record.kernels.compiled import need_compiler

        need_compiler("the policy hmm", "the policies last_claim and vote do without")
        model = self.model
        for turn in range(model.rounds):
            before, theta = self.gamma.copy(), self.learned.theta
            self._listen(keep=0.5 if turn else 0.0)
            self._smooth()
            if model.learn and turn % 2:
                self.learned = self._learn()
            self.rounds = turn + 1
            self.moved = float(np.abs(self.gamma - before).max())
            learned = not model.learn or turn % 2
            if self.moved < model.tolerance and learned and np.abs(self.learned.theta - theta).max() < _THETA_TOLERANCE * model.tolerance:
                self.at_rest = True
                return

    def _smooth(self) -> None:
        from qsim.belief.kernels import chain

        chain.smooth(self.knots.start, self.step, self.evidence, self.initial, self.likely, self.alpha, self.gamma)

    def _listen(self, *, keep: float) -> None:
        """Renew the evidence by all that is said, keeping a part of the old."""
        from qsim.belief.kernels import chain

        said, rows = self.said, self.rows
        like, kept, _, _ = self._tables()
        st, old = said.statements, (self.said_at.copy(), self.said_before.copy())
        chain.weigh(
            rows.of, st.start, self.at, self.eve, st.weight, self.length, like, kept, np.log(like), np.log(kept),
            self.gamma, self.said_at, self.said_before,
        )  # fmt: skip
        for now, then in zip((self.said_at, self.said_before), old, strict=True):
            now *= 1 - keep
            now += keep * then
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

    def _learn(self) -> Learned:
        """Return what is learned of each voice by what others say of the same places."""
        from qsim.belief.kernels import chain

        said, st, rows = self.said, self.said.statements, self.rows
        _, _, told, trust = self._tables()
        heard = trust[rows.of]  # where nobody else speaks, a statement tells nothing of its source
        counts = np.zeros_like(self.learned.readings)
        pairs, spoken, sent = self.pairs
        scratch = tuple(np.empty_like(self.gamma) for _ in range(4))
        chain.overhear(
            (self.knots.start, self.step, self.initial),
            pairs,
            spoken,
            (np.concatenate(self.members), sent),
            (rows.of, st.start, self.at, self.eve, st.weight, self.length, self.said_at, self.said_before, np.concatenate(self.messages)),
            trust,
            told,
            said.forms.reading[rows.form],
            self.evidence,
            self.likely,
            scratch,
            heard,
            counts,
        )
        trusted, weight = self._by_claim(heard, *self.of_rows)
        theta = self.learned.theta[said.voice]
        # an unconfirmed report that was not informed may be one that a good source passed on
        trusted = trusted + (1 - trusted) * theta * (1 - said.trust) / np.maximum(1 - theta * said.trust, 1e-12)
        weight = weight * said.first_hand
        voices = len(said.voices)
        sums = [np.bincount(said.voice, each, voices) for each in (weight * np.where(weight > 0, trusted, 0.0), weight)]
        readings = self.model.readings_strength * self.prior + counts
        return Learned((self.strength * self.mean + sums[0]) / (self.strength + sums[1]), readings / readings.sum(axis=-1, keepdims=True))

    def _by_claim(self, of_statements: Floats, of_wholes: Floats, of_shares: Floats) -> tuple[Floats, Floats]:
        """Return the mean of something over what each claim says (NaN for nothing), and its weight, at most 1, shapes (claims,)."""
        said, number = self.said, len(self.said.claims)
        parts = ((said.statements, of_statements), (said.wholes, of_wholes), (said.shares, of_shares))
        weight = sum(np.bincount(of.claim, of.weight, number) for of, _ in parts)
        known = sum(np.bincount(of.claim, of.weight * z, number) for of, z in parts)
        with np.errstate(invalid="ignore"):
            return np.asarray(known / weight), np.asarray(np.minimum(1.0, weight))

    def mentions(self) -> Mentions:
        """Return all that is said of places as it was heard last, claim by claim."""
        at, adds = (self.at, self.eve, *self.members), (self.said_at, self.said_before, *self.messages)
        return Mentions.of(self.said, at, adds, np.repeat(self.knots.places, np.diff(self.knots.start)), self.knots.day)

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
    orders = [np.argsort(each, kind="stable") for each in keys]
    both = np.unique(np.concatenate(keys))
    alone = np.bincount(both // many, minlength=len(knots.places)) < 2
    spoken = np.unique(keys[0])
    spoken = spoken[~alone[spoken // many]]
    ranges = [
        np.searchsorted(each[order], spoken, side=side) for each, order in zip(keys, orders, strict=True) for side in ("left", "right")
    ]
    pairs = np.stack([spoken // many, spoken % many, *ranges], axis=1).astype(np.int64)
    return pairs, orders[0], orders[1]


def _reliabilities(ledger: Ledger, model: Model, said: Observations, run: _Run, informed: Floats) -> Mapping[str, Reliability]:
    """Return what was learned of each source; a copy has its origin's."""
    right, chance = run.right(), 1 / (run.sides + 1)
    told = float(np.diag(model.saying(run.sides, taken=False)).mean())
    by_voice: dict[str, Reliability] = {}
    for i, id in enumerate(said.voices):
        mine = np.flatnonzero((said.voice == i) & said.first_hand)
        heard = mine[~np.isnan(right[mine])]
        mean, strength = model.reliability_of(ledger.sources[id].kind)
        prior = mean * told + (1 - mean) * chance
        against = int(said.against[mine].sum())
        by_voice[id] = Reliability(
            float((strength * prior + right[heard].sum()) / (strength + len(heard))),
            prior,
            strength,
            len(heard),
            float(run.learned.theta[i]),
            float(informed[heard].sum()),
            float((right[heard] * (1 - right[heard])).sum()),
            len(mine) - against if ledger.sources[id].side is not None else 0,
            against,
        )
    return {source: by_voice[ledger.origin_of(source)] for source in said.claims.column("source").counts()}
