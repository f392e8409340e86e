"""
Blocks of places that no claim ties to places of others: each is believed by itself, but for what is learned of sources.

A block is `Observations` of some places, with the claims about them. Its rounds need nothing of the others but what is learned, and tell
sums; these are added in the order of the blocks, so that neither threads nor machines change a bit.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from qsim.belief.columns import Ints, Shares, Statements, Wholes, as_run
from qsim.belief.going import NOTHING
from qsim.belief.statements import Observations
from qsim.record.packed import Claims, stable_order

Groups = TypeVar("Groups", Wholes, Shares)
PLACES = 1024  # of a block, or as many more as its claims tie together


@dataclass(frozen=True, eq=False, slots=True)
class Block:
    """What is said of some `places` and by which `claims`, as positions in the whole; in `said` both are numbered anew."""

    places: Ints
    claims: Ints
    said: Observations


def blocks_of(said: Observations) -> list[Block]:
    """Return the blocks of all places that are spoken of: one alone where these are few."""
    spoken = said.speaks_of()
    if len(spoken) <= PLACES:
        return [Block(np.arange(said.moves.codes.shape[1]), np.arange(len(said.voice)), said)]
    piece = _tied(said)
    names, first, sizes = np.unique(piece[spoken], return_index=True, return_counts=True)
    order = np.argsort(first, kind="stable")
    number = np.empty(len(names), dtype=np.int64)
    number[order] = _packed(sizes[order])
    of_place = np.full(len(piece), -1)
    of_place[spoken] = number[np.searchsorted(names, piece[spoken])]
    of_claim = np.full(len(said.voice), -1)
    for claim, place in _pairs(said):
        of_claim[claim] = of_place[place]
    count = int(number.max()) + 1
    rows = zip(*(_sorted(of_claim[each], count) for each in _claim_of(said)), strict=True)
    return [
        _part(said, places, claims, each)
        for places, claims, each in zip(_sorted(of_place, count), _sorted(of_claim, count), rows, strict=True)
    ]


def sample_of(said: Observations) -> Block:
    """Return a block of places from all over, some `PLACES` of those spoken of, or all of fewer, with the claims about them."""
    spoken, piece = said.speaks_of(), _tied(said)
    pieces = np.unique(piece[spoken])
    some = pieces[:: max(1, len(spoken) // PLACES)]
    places = spoken[np.isin(piece[spoken], some)]
    rows = tuple(np.flatnonzero(np.isin(piece[of], some)) for of in _place_of(said))
    claims = np.unique(np.concatenate([of[each] for of, each in zip(_claim_of(said), rows, strict=True)]))
    return _part(said, places, claims, rows)


def but_words(said: Observations) -> Observations:
    """Return observations without what is said in them, which blocks have: of who speaks and how places move all is there."""
    none = np.empty(0, dtype=np.int64)
    words = _statements(said.statements, none, none, none), _groups(said.wholes, none, none, none), _groups(said.shares, none, none, none)
    return replace(said, statements=words[0], wholes=words[1], shares=words[2])


def _claim_of(said: Observations) -> tuple[Ints, Ints, Ints]:
    """Return the claim of each statement, whole and share."""
    return said.statements.claim, said.wholes.claim, said.shares.claim


def _place_of(said: Observations) -> Iterator[Ints]:
    """Yield a place of each statement, whole and share."""
    yield said.statements.place
    for of in (said.wholes, said.shares):
        yield of.members[of.start[:-1]]


def _sorted(block: Ints, count: int) -> list[Ints]:
    """Return the positions of each block's, in order."""
    order = np.argsort(block, kind="stable")
    return np.split(order, np.searchsorted(block[order], np.arange(count + 1)))[1:-1]


def _packed(sizes: Ints) -> Ints:
    """Return the number of the block of each piece, in order, so that a block has at least `PLACES` places where as many are left."""
    found, block, held = np.empty(len(sizes), dtype=np.int64), 0, 0
    for i, size in enumerate(sizes.tolist()):
        if held >= PLACES:
            block, held = block + 1, 0
        found[i], held = block, held + size
    return found


def _pairs(said: Observations) -> Iterator[tuple[Ints, Ints]]:
    """Yield which claims speak of which places, as positions side by side."""
    yield said.statements.claim, said.statements.place
    for of in (said.wholes, said.shares):
        yield np.repeat(of.claim, np.diff(of.start)), of.members


def _tied(said: Observations) -> Ints:
    """Return the piece of each place, shape (places,): two that one claim speaks of are of one."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    claims, places = (np.concatenate(each) for each in zip(*_pairs(said), strict=True))
    order = np.argsort(claims, kind="stable")
    same = claims[order][1:] == claims[order][:-1]
    a, b, count = places[order][:-1][same], places[order][1:][same], said.moves.codes.shape[1]
    ties = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), (count, count))
    return np.asarray(connected_components(ties, directed=False)[1], dtype=np.int64)


def _part(said: Observations, places: Ints, claims: Ints, rows: tuple[Ints, ...]) -> Block:
    """Return the block of these places and claims, whose statements, wholes and shares are these rows; statements place after place, as chains lie."""
    by_place = stable_order(said.statements.place[rows[0]], said.moves.codes.shape[1])
    moves = replace(said.moves, codes=said.moves.codes[:, as_run(places)], initial=said.moves.initial[places], going=NOTHING)
    at = _at(claims, len(said.voice)), _at(places, said.moves.codes.shape[1])
    part = replace(
        said,
        claims=Claims(),
        voice=said.voice[claims],
        trust=said.trust[claims],
        gain=said.gain[claims],
        against=said.against[claims],
        first_hand=said.first_hand[claims],
        statements=_statements(said.statements, rows[0][by_place], *at),
        wholes=_groups(said.wholes, rows[1], *at),
        shares=_groups(said.shares, rows[2], *at),
        moves=moves,
    )
    return Block(places, claims, part)


def _at(chosen: Ints, count: int) -> Ints:
    """Return the number among those chosen of each of all, shape (count,); -1 for the others."""
    at = np.full(count, -1)
    at[chosen] = np.arange(len(chosen))
    return at


def _cut(start: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """Return the starts of some rows of a ragged table by themselves, and the positions of all that they have."""
    sizes = np.diff(start)[rows]
    after = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return after, np.arange(after[-1]) + np.repeat(start[rows] - after[:-1], sizes)


def _statements(of: Statements, rows: Ints, claim_at: Ints, place_at: Ints) -> Statements:
    start, inside = _cut(of.start, rows)
    return Statements(
        claim_at[of.claim[rows]], place_at[of.place[rows]], of.form[rows], of.weight[rows], start, of.day[inside], of.eve[inside]
    )


def _groups(of: Groups, rows: Ints, claim_at: Ints, place_at: Ints) -> Groups:
    start, inside = _cut(of.start, rows)
    columns = {name: getattr(of, name)[rows] for name in type(of).__slots__ if name not in ("claim", "start", "members")}
    return type(of)(**columns, claim=claim_at[of.claim[rows]], start=start, members=place_at[of.members[inside]])
