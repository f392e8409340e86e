"""Timelines as one block of bytes for a page: a JSON head, then arrays; belief to a byte, and only where it changes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim import __version__
from qsim.belief.enclosure import ring_claims
from qsim.belief.events import Event
from qsim.belief.timeline import Ensemble, Timeline
from qsim.draw.borders import bounded, spoken
from qsim.draw.charts.series import SEED, course, reported
from qsim.draw.multiples import method
from qsim.draw.palette import LIKELY, SURE, areas_told, bands, strengths
from qsim.draw.style import attribution
from qsim.geography import metrics
from qsim.geography.conditioning import closed_by_map, draws_given, exits_told, without_word, words_alone
from qsim.geography.encirclement import Exits, likely_exits, whose
from qsim.page.bidi import plain, short
from qsim.page.blobs import Blobs, heard, states, track
from qsim.page.claims import Told, addresses, claims_told, quotes, told_by
from qsim.page.ground import MOST_CELLS, ground
from qsim.page.ring import ring_drawn
from qsim.page.story import events_shown
from qsim.page.toll import toll_of
from qsim.record.dates import Day
from qsim.record.packed import Claims
from qsim.record.theatre import Theatre

RUNS = 1000  # histories, as many as `qsim metrics` draws, so that page and table give one number
_MOST_TOLD = 400  # letters of what is told of an event
_NO_WEIGHT = 255


def recorded(
    tellings: Mapping[str, Timeline],
    *,
    title: str,
    chapters: Sequence[tuple[date, str]],
    events: Sequence[Event] | None = None,
    place: str | None = None,
    side: str | None = None,
    progress: bool = False,
) -> tuple[dict[str, Any], Blobs]:
    """
    Return everything that a page shows; `place` and `side` pick the ways out, as `qsim.page.write` has it.

    `events` are those of the first telling (`events_shown`), where they are at hand.
    """
    blobs, some = Blobs(), next(iter(tellings.values()))
    told = {
        name: events if timeline is some and events is not None else events_shown(timeline, progress=progress)
        for name, timeline in tellings.items()
    }
    return _head(tellings, title, chapters, whose(some, place, side), told, blobs, progress=progress), blobs


def _head(
    tellings: Mapping[str, Timeline],
    title: str,
    chapters: Sequence[tuple[date, str]],
    asked: tuple[str | None, str | None],
    told: Mapping[str, Sequence[Event]],
    blobs: Blobs,
    *,
    progress: bool,
) -> dict[str, Any]:
    some = next(iter(tellings.values()))
    theatre = some.theatre
    said = told_by(tellings)
    seen = _seen(tellings)
    map_ = ground(seen)
    if map_["raster"] is not None:
        rows, columns = map_["raster"].shape
        map_["raster"] = {"rows": rows, "columns": columns, "cells": blobs.add("i", map_["raster"])}
    voices = {source.id: source for timeline in tellings.values() if timeline.ledger for source in timeline.ledger.sources.values()}
    return {
        "format": 1,
        "title": title,
        "summary": theatre.summary,
        "start": str(some.start),
        "days": len(some),
        "statuses": list(theatre.statuses),
        "sides": [{"id": side.id, "name": short(side.name, side.id), "colour": side.colour} for side in theatre.sides],
        "look": {
            "sure": SURE,
            "likely": LIKELY,
            "tints": _shares(theatre, asked[1], strengths),
            "bands": _shares(theatre, asked[1], bands),
        },
        "figure": asked[1],
        "map": map_,
        "notes": [
            *areas_told(theatre),
            attribution(theatre),
            f"Picture of the ground: {theatre.picture.credit or 'source not stated'}." if theatre.picture else "",
        ],
        "made": {
            "version": __version__,
            "documents": [{"id": d.id, "origin": d.origin, "licence": d.licence} for d in theatre.documents.values()],
        },
        "documents": {document.id: short(document.title, document.id) for document in theatre.documents.values()},
        "sources": {id: {"name": short(voice.name, id), "side": voice.side} for id, voice in voices.items()},
        "claims": claims_told(tellings, said, blobs, progress=progress),
        "toll": toll_of(tellings.values(), said.claims),
        "quotes": quotes(theatre.documents, said.claims),
        "addresses": addresses(theatre.documents, said.claims),
        "chapters": [[_position(some, when), text] for when, text in chapters],
        "tellings": [
            _telling(name, timeline, seen, said, asked, told[name], blobs, progress=progress) for name, timeline in tellings.items()
        ],
    }


def _seen(tellings: Mapping[str, Timeline]) -> Theatre:
    """Return the theatre as pictures have it: cells end at borders, and beyond one are those that the telling of most places speaks of; names have room."""
    theatre = bounded(max(tellings.values(), key=lambda timeline: int(spoken(timeline).sum())))
    named = (replace(place, name=short(plain(place.name), place.id), name_ar=short(place.name_ar)) for place in theatre.places)
    return replace(theatre, places=tuple(named))


def _shares(theatre: Theatre, figure: str | None, of: Callable[..., tuple[float, ...]]) -> list[tuple[float, ...]]:
    """Return the share of each side's colour in each step of tint: on a map of a ring the besieged side's ground alone is strong."""
    return [of(theatre, side.id, figure) for side in theatre.sides]


def _position(timeline: Timeline, moment: Day) -> int:
    return timeline.position(moment)


def _telling(
    name: str,
    timeline: Timeline,
    seen: Theatre,
    said: Told,
    asked: tuple[str | None, str | None],
    told: Sequence[Event],
    blobs: Blobs,
    *,
    progress: bool,
) -> dict[str, Any]:
    """Return one timeline: what is believed, what changed, who was heard; what cannot be computed is not there."""
    as_known = bool(timeline.model.get("as_known"))
    rows = said.of.get(name)
    changed = [
        {
            "day": timeline.position(event.day),
            "places": [timeline.theatre.index[id] for id in event.places],
            "text": short(event.text, most=_MOST_TOLD),
            "by": short(event.said_by),
        }
        for event in told
    ]
    return {
        "name": name,
        "policy": timeline.policy,
        "method": method(timeline),
        "known": as_known,
        "state": track(states(timeline, progress=progress), "u", blobs),
        "heard": track(heard(timeline), "s", blobs),
        "events": changed,
        "reports": None if rows is None else _reports(timeline, said.claims.take(rows), as_known),
        "claims": None if rows is None else blobs.add("i", np.diff(rows, prepend=0)),
        "weights": None if rows is None or not timeline.informed else blobs.add("u", _weights(timeline, said.claims.take(rows))),
        "city": _city(timeline),
        "ring": _ring(timeline, seen, *asked, as_known),
    }


def _reports(timeline: Timeline, claims: Claims, as_known: bool) -> list[int]:
    """Return the number of claims of control a day: those that count from it, or as it was known those reported on it."""
    days = (claims.known if as_known else claims.effective)[claims.of_control] - timeline.days[0].astype(np.int64)
    return [*map(int, np.bincount(days[(days >= 0) & (days < len(timeline))], minlength=len(timeline)))]


def _weights(timeline: Timeline, claims: Claims) -> NDArray[np.uint8]:
    """Return how likely each claim was informed, per cent, (claims,); where nobody knows `_NO_WEIGHT`."""
    weights = timeline.informed
    return np.array([round(100 * round(weights[id], 2)) if id in weights else _NO_WEIGHT for id in claims.column("id")], dtype=np.uint8)


def _city(timeline: Timeline) -> dict[str, Any] | None:
    """Return the share of the place in question, where it has parts, with its band as far as that can be told, and what was reported of it."""
    theatre = timeline.theatre
    city = theatre.in_question
    if city is None or city not in theatre.parts:
        return None
    shares = course(timeline, city, theatre.sides[0].id, runs=RUNS, seed=SEED)
    found: dict[str, Any] = {"place": theatre.index[city], "share": _percent(shares.expected)}
    if shares.low is not None and shares.high is not None:
        found |= {"low": _percent(shares.low), "high": _percent(shares.high)}
    found["reported"] = [
        [timeline.position(each.day), round(100 * each.value), each.told, each.source.name, each.citation]
        for each in reported(timeline, city, theatre.sides[0].id)
    ]
    return found


def _ring(timeline: Timeline, seen: Theatre, place: str | None, side: str | None, as_known: bool) -> dict[str, Any] | None:
    """Return the ways out of a place for a side, and the ring around it, as far as they can be told."""
    if place is None or side is None:
        return None
    theatre = timeline.theatre
    found: dict[str, Any] = {"place": theatre.index[place], "side": [each.id for each in theatre.sides].index(side)}
    given = draws_given(timeline, place, side, RUNS, SEED) if _sampled(timeline, as_known) else None
    told = _exits(timeline, place, side, as_known) if given is None else likely_exits(given, place, side)
    found["exits"] = [[[theatre.index[id] for id in route] for route in each.routes] for each in told]
    cells = sum(each.polygon is not None for each in seen.places)
    if 0 < cells <= MOST_CELLS:
        found |= ring_drawn(timeline, place, side, seen, given)
    spoken = bool(timeline.ledger and not as_known and ring_claims(theatre, timeline.ledger, place))
    if given is not None:
        found["open"] = [[round(100 * share) for share in each.open] for each in told]
        found["cut_off"] = [None if each.cut_off is None else round(100 * each.cut_off) for each in told]
        found["cut_off_if"] = [_percent(each) for each in without_word(timeline, given, place, side)]
        if spoken:
            found["by_map"] = _percent(closed_by_map(timeline, place, side, RUNS, SEED))
    if spoken:
        found["by_words"] = [None if np.isnan(each) else round(100 * each) for each in words_alone(timeline, place).tolist()]
    return found


def _sampled(timeline: Timeline, as_known: bool) -> bool:
    """Return whether histories can be drawn."""
    return timeline.chains is not None and not as_known


def _exits(timeline: Timeline, place: str, side: str, as_known: bool) -> list[Exits]:
    """Return the ways out on each day, by most histories where these can be drawn; as known, by the claims reported by then."""
    ledger = timeline.ledger
    if not as_known or ledger is None:
        return exits_told(timeline, place, side, runs=RUNS, seed=SEED)
    ways = []
    for i, moment in enumerate(timeline.days):
        today = Ensemble(timeline.theatre, ledger.known_by(moment), timeline.days[i : i + 1], timeline.history[None, i : i + 1])
        ways += metrics.exits(today, place, side)
    return ways


def _percent(shares: NDArray[np.float64]) -> list[int | None]:
    return [None if np.isnan(share) else round(100 * share) for share in shares.tolist()]
