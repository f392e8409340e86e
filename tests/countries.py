"""
A seeded made-up war of a country, of any size, as a scenario folder, its truth beside it: made in columns, no loop over claims.

A front sways over jittered points, pockets hold out behind it; reports come mostly from near the front, late, by voices of
their own reliability of which some lean to a side, and four of twenty only repeat another.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from qsim.record.geometry import suggest_links
from qsim.record.theatre import Place

START = np.datetime64("2001-01-01")
STATUSES = ("east", "west", "contested")
VOICES, COPIES, POCKETS = 16, 4, 4
FRAME = (30.0, 46.0, 38.0, 52.0)


@dataclass(frozen=True, eq=False)
class Country:
    """
    A war: `places`, `links` (positions, (links, 2)), the truth `status` (days, places) by `STATUSES`, which is `near` the front
    (days, places), and the columns of its claims, in text.
    """

    places: tuple[Place, ...]
    links: NDArray[np.int64]
    status: NDArray[np.int8]
    near: NDArray[np.bool_]
    sources: dict[str, list[str]]
    claims: dict[str, NDArray[np.str_]]


def country(places: int, days: int, claims: int, *, seed: int = 1) -> Country:
    """Return a war; the same seed gives the same one."""
    random = np.random.default_rng(seed)
    xy = _points(random, places)
    where = tuple(
        Place(f"p{i:05d}", f"Place {i}", FRAME[0] + 8 * x, FRAME[1] + 6 * y, kind="village") for i, (x, y) in enumerate(xy.tolist())
    )
    index = {place.id: i for i, place in enumerate(where)}
    links = np.array([(index[a], index[b]) for a, b in suggest_links(where, FRAME)], dtype=np.int64)
    status = _truth(random, xy, days)
    near = np.array([_near(links, now) for now in status])
    return Country(where, links, status, near, _sources(), _claims(random, status, near, claims))


def _points(random: np.random.Generator, places: int) -> NDArray[np.float64]:
    """Return points (places, 2) in the unit square, on a grid, each moved by chance within its cell."""
    side = int(np.ceil(np.sqrt(places)))
    cells = np.sort(random.choice(side * side, places, replace=False))
    return np.asarray((np.stack(np.divmod(cells, side), axis=1) + random.uniform(0.1, 0.9, (places, 2))) / side)


def _truth(random: np.random.Generator, xy: NDArray[np.float64], days: int) -> NDArray[np.int8]:
    """Return who holds what, (days, places): west and east of a swaying front, fought over along it, with pockets behind it."""
    x, y = xy.T
    centres, radii = random.uniform(0.15, 0.85, (POCKETS, 2)), random.uniform(0.05, 0.09, POCKETS)
    begin = random.integers(0, max(1, days // 2), POCKETS)
    status = np.empty((days, len(xy)), dtype=np.int8)
    for d in range(days):
        front = 0.5 + 0.18 * np.sin(2 * np.pi * d / 300) + 0.07 * np.sin(7 * y + d / 40) + 0.03 * np.sin(23 * y - d / 25)
        depth = x - front
        for (a, b), radius, since in zip(centres, radii, begin, strict=True):
            if since <= d < since + days // 3:
                within = radius * (1 - 0.5 * (d - since) / (days // 3)) - np.hypot(x - a, y - b)
                depth = np.where(within > -0.012, -np.sign(depth) * within, depth)
        status[d] = np.where(np.abs(depth) < 0.012, 2, depth < 0)
    return status


def _near(links: NDArray[np.int64], now: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Return which places are contested or next to one of another status, (places,)."""
    near, other = now == 2, now[links[:, 0]] != now[links[:, 1]]
    near[links[other].ravel()] = True
    return np.asarray(near)


def _sources() -> dict[str, list[str]]:
    ids = [f"s{k:02d}" for k in range(VOICES + COPIES)]
    return {
        "id": ids,
        "name": [f"Voice {k}" for k in range(len(ids))],
        "kind": [("monitor", "press", "activist", "state_media")[k % 4] for k in range(len(ids))],
        "side": [("", "", "west", "east")[k % 4] for k in range(len(ids))],
        "origin": [""] * VOICES + ids[:COPIES],
    }


def _claims(random: np.random.Generator, status: NDArray[np.int8], near: NDArray[np.bool_], number: int) -> dict[str, NDArray[np.str_]]:
    """Return the columns of the claims: of five reports three are from near the front, of five claims one repeats another."""
    own = number - number // 5
    cells = np.where(random.random(own) < 0.6, random.choice(np.flatnonzero(near), own), random.integers(0, status.size, own))
    day, place = np.divmod(cells, status.shape[1])
    voice = random.integers(0, VOICES, own)
    said = _said(random, status[day, place], voice)
    eve = status[np.maximum(day - 1, 0), place]
    took = (said < 2) & (said == status[day, place]) & (eve != said)
    late = random.geometric(0.4, own) - 1
    of = random.choice(np.flatnonzero(voice < COPIES), number // 5)
    row = np.concatenate([np.arange(own), of])
    speaker, reported = voice[row], (day + late)[row]
    speaker[own:] += VOICES
    reported[own:] += random.integers(0, 4, len(of))
    return {
        "id": np.char.add("c", np.char.zfill(np.arange(number).astype(str), 7)),
        "place": np.char.add("p", np.char.zfill(place[row].astype(str), 5)),
        "kind": np.where(said == 2, "contests", np.where(took, "takes", "holds"))[row],
        "side": np.where(said == 2, "", np.array(STATUSES)[said])[row],
        "start": (START + day[row].astype("timedelta64[D]")).astype(str),
        "reported": (START + reported.astype("timedelta64[D]")).astype(str),
        "source": np.char.add("s", np.char.zfill(speaker.astype(str), 2)),
    }


def _said(random: np.random.Generator, true: NDArray[np.int8], voice: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return what voices say of what is so: informed by their own reliability, else by chance, those of a side mostly their own."""
    reliability = np.linspace(0.45, 0.95, VOICES)[random.permutation(VOICES)][voice]
    side = np.array([-1, -1, 1, 0])[voice % 4]
    bluff = np.where((side >= 0) & (random.random(len(true)) < 0.75), side, random.integers(0, 3, len(true)))
    slip = np.where(random.random(len(true)) < 0.08, random.integers(0, 3, len(true)), true)
    return np.asarray(np.where(random.random(len(true)) < reliability, slip, bluff), dtype=np.int64)


def pocket(made: Country, size: int) -> list[str]:
    """Return the ids of the places of a pocket: those nearest to the middle of the country."""
    points = np.array([(place.lon, place.lat) for place in made.places])
    return [made.places[i].id for i in np.argsort(np.hypot(*(points - points.mean(axis=0)).T))[:size]]


def write(made: Country, folder: Path, *, parquet: bool = False, pocket_size: int = 30) -> Path:
    """Write a war as a scenario folder, its tables as CSV or as Parquet, with a group `pocket` in its middle, and return it."""
    import pandas

    folder.mkdir(parents=True)
    (folder / "scenario.toml").write_text(_settings(made), encoding="utf-8")
    features = [
        {"type": "Feature", "properties": {"id": p.id, "name": p.name, "kind": p.kind}, "geometry": json.loads(shapely.to_geojson(shapely.Point(p.lon, p.lat)))}
        for p in made.places
    ]  # fmt: skip
    (folder / "places.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    links = {name: np.array([made.places[i].id for i in ends]) for name, ends in zip("ab", made.links.T, strict=True)}
    groups = {"id": ["pocket"], "name": ["The pocket"], "members": [";".join(pocket(made, pocket_size))]}
    for name, columns in (("sources", made.sources), ("links", links), ("groups", groups), ("claims", made.claims)):
        frame = pandas.DataFrame(columns)
        frame.to_parquet(folder / f"{name}.parquet", index=False) if parquet else frame.to_csv(folder / f"{name}.csv", index=False)
    return folder


def _settings(made: Country) -> str:
    west, east = (made.places[i].id for i in (0, -1))
    return f"""format = 1
name = "country"
title = "A made-up country"
start = "{START}"
end = "{START + np.timedelta64(len(made.status) - 1, "D")}"
frame = [{", ".join(map(str, FRAME))}]

[[sides]]
id = "east"
name = "East"
colour = "#0072B2"
bases = [{{place = "{east}", note = "made up"}}]

[[sides]]
id = "west"
name = "West"
colour = "#E69F00"
bases = [{{place = "{west}", note = "made up"}}]
"""
