"""
The `hmm` policy: one hidden Markov chain a place, tied by claims about groups and shares; what sources are worth is learned from others.

Each place's status is a chain whose daily chance to change follows what was reported to go on there (`qsim.belief.activity`). A source k
says r, informed, with the chances T_k(r | s) of what is so, s; or not. A statement has the likelihood

    l(s) = theta g T(r|s) / mean over s of T(r|s) + 1 - theta

with theta its source's reliability and g = 3 against the speaker's interest: at an even belief a statement tells nothing of its source. A
place reported taken was not the taker's on the eve: 1 - .9 theta. Claims about a whole group send each part log(1 + z (t(s) - 1)), with z
how likely they are informed by the other parts; a figure of a share is compared with the number of parts held (`kernels.chain`).
Inference is mean field over exact forward-backward chains (Ghahramani and Jordan, Factorial hidden Markov models, 1997), damped by half.

Every second round (every one, where no claim ties places together) sources are judged by what *others* say: z of a statement is its
probability to be informed where the chain of its place is passed over without that source, and theta itself where nobody else speaks; theta = (n mean + sum w z) / (n + sum w), and the
readings of states T_k = 30 T + the expected counts w z, by rows. Copies speak with their origin's voice and are not counted again.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from qsim.belief.blocks import Block, blocks_of, but_words
from qsim.belief.columns import Floats, as_run
from qsim.belief.estimate import Chains, Estimate, OfClaims, Reliability
from qsim.belief.evidence import first_day_of_rings
from qsim.belief.learning import Learned, Prior
from qsim.belief.leave_out import LeaveOut, Mentions
from qsim.belief.pace import at_its_pace
from qsim.belief.resting import until_at_rest
from qsim.belief.rounds import Rest
from qsim.belief.statements import Observations, observations
from qsim.belief.store import Store
from qsim.belief.workers import workers_of
from qsim.record.dates import Days, day, day_range
from qsim.record.ledger import Ledger
from qsim.record.settings import Model
from qsim.record.theatre import Theatre
from qsim.record.values import sealed

_MOST_KEPT = 400_000_000  # numbers of chains, beyond which they are of the days asked for alone
_QUICK = 20_000  # as many claims are believed within two seconds


def hmm(
    theatre: Theatre,
    ledger: Ledger,
    days: Days,
    *,
    model: Model | None = None,
    store: Store | None = None,
    cluster: str | None = None,
    progress: bool = False,
) -> Estimate:
    """
    Return belief, most likely history, chains, reliabilities and which claims were informed, for the days asked for.

    The chains run over the whole ledger, so that what is believed of a day does not depend on the window it is asked in. A place
    that no claim speaks of stays flat. Deterministic, and independent of the order of claims and of sides. `model` is the scenario's where
    none is given: `Model()` but for its `[model]` table. The options of the estimate tell the model, the `rounds` it took, whether beliefs
    had `converged` by then, how far the last round `moved` one and the share that was `moving`; and the learned `hazard` of a quiet day, `detection` of
    changes, and the `pace` (`qsim.belief.pace`).
    `store`, `cluster` and `progress` are those of `reconstruct`.
    """
    model = model or Model.from_settings(theatre.model)
    reach = _reach(theatre, ledger, days)
    said = observations(theatre, ledger, model, start=reach[0], end=reach[-1])
    if len(said.speaks_of()):
        from qsim.record.kernels.compiled import need_compiler

        need_compiler("the policy hmm", "the policies last_claim and vote do without")
    prior = Prior.of(ledger, model, said.voices, len(theatre.sides))
    said, learned = at_its_pace(model, prior, said)
    blocks, begin = blocks_of(said), int((reach[0] - said.start).astype(int))
    first = int((days[0] - reach[0]).astype(int))
    found = _Found(slice(first, first + len(days)), len(reach), len(theatre.places), len(theatre.statuses), said, blocks, store or Store())
    if len(found.spoken) == 0:
        return Estimate(found.belief, found.history, _no_chains(days, said.moves.matrices), options={"model": model})
    progress, tied, said = progress and len(said.voice) > _QUICK, said.tied(), but_words(said)
    with workers_of(model, blocks, learned, cluster) as work:
        ended = until_at_rest(model, prior, work, learned, tied=tied, progress=progress)
        work.rest(ended.learned, begin, len(reach), found.belief.dtype.type, found.take, progress=progress)
    first_day = int(reach[0].astype(int))
    chains = Chains(found.spoken, sealed(found.filtered), found.last, sealed(found.codes), said.moves.matrices, first_day)
    return Estimate(
        found.belief,
        found.history,
        chains,
        _reliabilities(ledger, model, said, ended.learned, found),
        OfClaims(said.claims, found.informed),
        {
            "model": model,
            "rounds": ended.rounds,
            "converged": ended.at_rest,
            "moved": ended.moved,
            "moving": ended.moving,
            "hazard": float(said.moves.hazard * said.moves.pace.quiet),
            "detection": float(said.moves.detection),
            "pace": said.moves.pace._asdict(),
            "delays": said.delays,
        },
        LeaveOut(theatre, model, said, Mentions.all(found.mentions), slice(begin + first, begin + first + len(days))),
    )


def _reach(theatre: Theatre, ledger: Ledger, days: Days) -> Days:
    """
    Return the days that chains are kept of: those asked for, and where rings are spoken of all from the first on which they are to the record's end.

    What was said of a ring on other days bears on these. Where that would be too many to keep, they are those asked for alone.
    """
    first = first_day_of_rings(ledger)
    if first is None:
        return days
    ends = [days[-1], np.datetime64(int(ledger.columns.end.max()), "D"), *([] if theatre.end is None else [np.datetime64(theatre.end)])]
    reach = day_range(day(min(days[0], first)), day(max(ends)))
    return reach if len(reach) * len(theatre.places) * len(theatre.statuses) <= _MOST_KEPT else days


class _Found:
    """What is found in blocks, put together: belief and history of all places, what is filtered and the kind of day of those spoken of."""

    def __init__(
        self, window: slice, reach: int, places: int, statuses: int, said: Observations, blocks: Sequence[Block], store: Store
    ) -> None:
        self.window, self.blocks, self.spoken, self.store = window, blocks, said.speaks_of(), store
        shape = window.stop - window.start, places, statuses
        self.belief, self.history = store.array("belief", shape, store.precision(shape)), store.array("history", shape[:2], np.int8)
        silent = np.setdiff1d(np.arange(places), self.spoken)
        self.belief[:, silent], self.history[:, silent] = 1 / statuses, -1
        spoken = reach, len(self.spoken)
        self.last = np.empty((len(self.spoken), statuses), dtype=self.belief.dtype)
        self.filtered = store.array("filtered", (*spoken, statuses), self.belief.dtype)
        self.codes = store.array("activity", spoken, np.int16)
        self.informed, self.right = np.full(len(said.voice), np.nan), np.full(len(said.voice), np.nan)
        self.mentions: list[Mentions | None] = [None] * len(blocks)

    def take(self, n: int, rest: Rest) -> None:
        """Take in what is found in a block."""
        block = self.blocks[n]
        places = as_run(block.places[rest.places])
        column = as_run(np.searchsorted(self.spoken, block.places[rest.places]))
        self.belief[:, places], self.history[:, places] = rest.belief[self.window], rest.path[self.window]
        self.filtered[:, column], self.codes[:, column], self.last[column] = rest.filtered, rest.codes, rest.belief[-1]
        self.informed[block.claims], self.right[block.claims] = rest.informed, rest.right
        self.mentions[n] = rest.mentions.within(block.claims, block.places)
        self.store.let_go()


def _no_chains(days: Days, moving: Floats) -> Chains:
    """Return the chains of a ledger that speaks of no place: histories can be drawn, and say nothing."""
    none, statuses = np.empty(0, dtype=np.int64), moving.shape[1]
    nothing = np.empty((len(days), 0, statuses))
    return Chains(none, nothing, nothing[-1], np.empty((len(days), 0), dtype=np.int16), moving, int(days[0].astype(int)))


def _reliabilities(ledger: Ledger, model: Model, said: Observations, learned: Learned, found: _Found) -> Mapping[str, Reliability]:
    """Return what was learned of each source; a copy has its origin's."""
    sides = said.forms.told.shape[1] - 1
    right, informed, chance = found.right, found.informed, 1 / (sides + 1)
    told = float(np.diag(model.saying(sides, taken=False)).mean())
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
            float(learned.theta[i]),
            float(informed[heard].sum()),
            float((right[heard] * (1 - right[heard])).sum()),
            len(mine) - against if ledger.sources[id].side is not None else 0,
            against,
        )
    return {source: by_voice[ledger.origin_of(source)] for source in said.claims.column("source").counts()}
