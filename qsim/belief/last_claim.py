"""The `last_claim` policy: the scripted replay, in which the last claim stands until the next."""

import numpy as np
from numpy.typing import NDArray

from qsim.belief.estimate import Estimate
from qsim.belief.evidence import other_side, reading
from qsim.belief.statements import distinct
from qsim.belief.store import Store
from qsim.record.dates import Days
from qsim.record.ledger import Claim, Ledger
from qsim.record.packed import Claims, Ints
from qsim.record.progress import MANY, tracked
from qsim.record.scope import place_apart, reach, rows_in_order
from qsim.record.theatre import CONTESTED, Theatre

LEANING_HALF_LIFE_DAYS = 7.0


def last_claim(theatre: Theatre, ledger: Ledger, days: Days, *, progress: bool = False) -> Estimate:
    """
    Return the scripted replay: for each place the last control claim stands until the next; with `progress` a bar follows the days, where claims are many.

    The rules. An event (takes, loses, repulses) counts from the last day of its window, a state (holds, contests, share, denies)
    from the first. Claims of one day are applied the worse attested first, then by line of the documents, so that the best
    attested, and then the later line, stands; what an origin says again counts once; shares come after the day's other claims. A claim about a group, or a city, sets all
    of its places and the buildings in them, but

    - fighting in it, or an attack on it beaten off, sets none: it does not say where;
    - *part* of it makes, where the side has no foothold yet, one place contested (its own, where nothing was known);
    - *most* of it is a share of more than half;
    - a share moves the fewest places that make it true, rounded to whole places of equal weight. Places go to a side in the order
      in which other claims place it there: those about a sector or building that put the side there count for it, those that put
      another side there against it, half as much with every week; ties go to the place nearest to one that the side holds, then by the order of ids. A place
      that a falling share takes from a side goes to the other (contested, where there are several).

    Of a single place, *part* of it held makes it contested where another side was, and fighting at its edge changes nothing known.

    What no claim has named yet is unknown: a flat belief.
    """
    claims = distinct(ledger)
    claims = claims.take(claims.of_control)
    claims = claims.take(rows_in_order(claims))
    # The shares of a day come last.
    claims = claims.take(np.lexsort((claims.column("kind").each(lambda kind: kind == "share", bool), claims.effective)))
    history = np.empty((len(days), len(theatre.places)), dtype=np.int8)
    story, news = _Story(theatre, claims), np.unique(claims.effective)
    begins = np.searchsorted(claims.effective, news)
    done, told = 0, np.searchsorted(news, days.astype("datetime64[D]").astype(np.int64), "right").tolist()
    for d, upto in enumerate(tracked(told, "last claims", shown=progress and len(claims) > MANY)):
        for n in range(done, upto):
            passed = int(news[n] - news[max(0, n - 1)])
            story.goes_on(passed, int(begins[n]), int(begins[n + 1]) if n + 1 < len(news) else len(claims))
        done = upto
        history[d] = story.map_now
    return Estimate(certain(history, len(theatre.statuses)), history)


class _Story:
    """The map as it was last said to be, and where claims about sectors and buildings lean; claims of one place alone are taken in together."""

    def __init__(self, theatre: Theatre, claims: Claims) -> None:
        self.theatre, self.claims = theatre, claims
        self.map_now = np.full(len(theatre.places), -1, dtype=np.int8)
        self.leaning = np.zeros((len(theatre.sides), len(theatre.places)))
        self.place, self.code, apart = _of_places_apart(theatre, claims)
        others = np.flatnonzero(~apart)
        few, of = claims.take(others).alike("place", "kind", "quantifier", "side")
        alone = np.array([_is_of_one_place(theatre, claim) for claim in few], dtype=bool)
        said = [_says(theatre, claim) if single else (-1, -1) for claim, single in zip(few, alone.tolist(), strict=True)]
        self.place[others], self.code[others] = np.array(said, dtype=np.int64).reshape(-1, 2)[of].T
        self.together, self.leans = others[~alone[of]], _leaning(theatre, claims, others)

    def goes_on(self, days: int, first: int, after: int) -> None:
        """Take in the claims `first` to `after`, of one day, so many days after the last."""
        self.leaning *= 0.5 ** (days / LEANING_HALF_LIFE_DAYS)
        for n in _between(self.leans, first, after):
            _lean(self.theatre, self.claims[n], self.leaning)
        for n in _between(self.together, first, after):
            self._stand(first, n)
            _apply(self.theatre, self.claims[n], self.map_now, self.leaning)
            first = n + 1
        self._stand(first, after)

    def _stand(self, first: int, after: int) -> None:
        """Take in claims about single places: of several the last stays."""
        place, code = self.place[first:after], self.code[first:after]
        self.map_now[place[code >= 0]] = code[code >= 0]


def _between(rows: Ints, first: int, after: int) -> list[int]:
    """Return the rows from `first` to before `after`."""
    found: list[int] = rows[slice(*np.searchsorted(rows, (first, after)))].tolist()
    return found


def _of_places_apart(theatre: Theatre, claims: Claims) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Return the place that each claim sets, to what, -1 for none, and which of them set one place that stands for itself, all (claims,)."""
    place = place_apart(theatre, claims)
    few, of = claims.alike("kind", "quantifier", "side")
    plain = np.array([claim.kind != "share" and claim.quantifier != "part" for claim in few], dtype=bool)[of]
    codes = [-1 if (said := reading(theatre, claim)) is None else theatre.statuses.index(said) for claim in few]
    apart, code = (place >= 0) & plain, np.array(codes, dtype=np.int64)[of]
    known = apart & (code >= 0)
    return np.where(known, place, -1), np.where(known, code, -1), apart


def _is_of_one_place(theatre: Theatre, claim: Claim) -> bool:
    """Return whether a claim sets one place, whatever it was."""
    return len(theatre.members(claim.place)) <= 1 and claim.kind != "share" and claim.quantifier != "part"


def _says(theatre: Theatre, claim: Claim) -> tuple[int, int]:
    """Return the place that a claim about one place sets, and to what; -1 for none."""
    said, members = reading(theatre, claim), theatre.members(claim.place)
    return (members[0], theatre.statuses.index(said)) if said is not None and members else (-1, -1)


def _leaning(theatre: Theatre, claims: Claims, others: Ints) -> Ints:
    """Return the rows of claims that may lean a place that some claim about several places, or a part of one, speaks of: nobody asks of others."""
    several = [claim for claim in claims.take(others).alike("place", "kind", "quantifier")[0] if not _is_of_one_place(theatre, claim)]
    asked = {place for claim in several for place in theatre.members(claim.place)}
    if not asked:
        return np.empty(0, dtype=np.int64)
    few, of = claims.alike("place")
    return np.flatnonzero(np.array([not asked.isdisjoint(theatre.members(_about(theatre, claim))) for claim in few], dtype=bool)[of])


def _about(theatre: Theatre, claim: Claim) -> str:
    """Return what a claim leans: its place, or the part that its building stands in."""
    return (theatre.place(claim.place).within if claim.place in theatre.index else None) or claim.place


def _apply(theatre: Theatre, claim: Claim, map_now: NDArray[np.int8], leaning: NDArray[np.float64]) -> None:
    """Change the map as one claim says."""
    said = reading(theatre, claim)
    members = np.array(sorted(theatre.members(claim.place), key=lambda i: theatre.places[i].id), dtype=int)  # no tie rests on an order
    if said is None or members.size == 0:
        return
    code = theatre.statuses.index(said)
    contested = theatre.statuses.index(CONTESTED)
    alone = len(members) == 1
    if claim.kind == "share":
        _apply_share(theatre, claim, members, map_now, leaning)
    elif alone and claim.quantifier == "part" and claim.kind == "contests":
        map_now[members] = np.where(map_now[members] == -1, code, map_now[members])
    elif alone and claim.quantifier == "part":
        map_now[members] = code if map_now[members[0]] in (-1, code) else contested
    elif alone:
        map_now[members] = code
    elif claim.kind in ("contests", "repulses"):
        return
    elif claim.quantifier == "part":
        _give_foothold(code, contested, members, map_now, leaning)
    elif claim.quantifier == "most":
        _give(theatre, said, members, len(members) // 2 + 1, map_now, leaning, at_least=True)
    else:
        map_now[list(reach(theatre, claim))] = code


def _apply_share(
    theatre: Theatre, claim: Claim, members: NDArray[np.int_], map_now: NDArray[np.int8], leaning: NDArray[np.float64]
) -> None:
    """Change the map so that a reported share is true, to the nearest whole place."""
    assert claim.side is not None
    assert claim.value is not None
    wanted = round(claim.value * len(members))
    if claim.bound == "at_least":
        _give(theatre, claim.side, members, wanted, map_now, leaning, at_least=True)
    elif claim.bound == "at_most":
        held = int((map_now[members] == theatre.statuses.index(claim.side)).sum())
        _give(theatre, claim.side, members, min(wanted, held) if held else wanted, map_now, leaning)
    else:
        _give(theatre, claim.side, members, wanted, map_now, leaning)


def _give(
    theatre: Theatre,
    side: str,
    members: NDArray[np.int_],
    wanted: int,
    map_now: NDArray[np.int8],
    leaning: NDArray[np.float64],
    *,
    at_least: bool = False,
) -> None:
    """Let `side` hold `wanted` of the members: take those that lean to it most, give up those that lean to it least."""
    code = theatre.statuses.index(side)
    order = members[np.lexsort((_distance(theatre, members, map_now == code), -leaning[code, members]))]
    held = map_now[order] == code
    missing = wanted - int(held.sum())
    if missing > 0:
        map_now[order[~held][:missing]] = code
    elif missing < 0 and not at_least:
        map_now[order[held][missing:]] = theatre.statuses.index(other_side(theatre, side))
    rest = members[map_now[members] == -1]
    if not at_least:
        map_now[rest] = theatre.statuses.index(other_side(theatre, side))


def _distance(theatre: Theatre, members: NDArray[np.int_], held: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return how far each member lies from the nearest place that is held, in degrees of latitude; 0 where none is held."""
    if not held.any():
        return np.zeros(len(members))
    apart = theatre.points[members][:, None] - theatre.points[held][None]
    return np.asarray(np.sqrt((apart**2).sum(axis=-1)).min(axis=1).round(6))


def _give_foothold(code: int, contested: int, members: NDArray[np.int_], map_now: NDArray[np.int8], leaning: NDArray[np.float64]) -> None:
    """Let a side into the member that leans to it most, unless it is in one already."""
    if not np.isin(map_now[members], (code, contested)).any():
        first = members[np.argmax(leaning[code, members])]
        map_now[first] = code if map_now[first] == -1 else contested


def _lean(theatre: Theatre, claim: Claim, leaning: NDArray[np.float64]) -> None:
    """Note where a claim about a sector or a building of a city places the sides."""
    said = reading(theatre, claim)
    if said is None or said == CONTESTED or claim.kind == "share" or claim.place in theatre.parts:
        return
    members = list(theatre.members(_about(theatre, claim)))
    if members:
        code = theatre.statuses.index(said)
        leaning[:, members] -= 1
        leaning[code, members] += 2


def certain(history: NDArray[np.int8], statuses: int) -> NDArray[np.float64]:
    """Return the belief of a history that is taken at its word: 1 for its status, flat where it is unknown; in single precision where it is large."""
    shape = (*history.shape, statuses)
    belief = np.empty(shape, dtype=Store().precision(shape))
    sure = np.concatenate([np.eye(statuses), np.full((1, statuses), 1 / statuses)]).astype(belief.dtype)
    for held, told in zip(belief, history, strict=True):
        held[:] = sure[told]  # what is unknown, -1, has the last row
    return belief
