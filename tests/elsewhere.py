"""Somebody else's battle: another continent, names in three scripts, a city of twelve sectors, three sides, four years, hardly a claim a month."""

from dataclasses import replace
from typing import cast

import numpy as np
import shapely
import toys

import qsim
from qsim.belief.timeline import Timeline
from qsim.record.ledger import Ledger
from qsim.record.theatre import Base, Feature, Place, Side, Theatre

SECTORS = (
    "Puerto Viejo", "Estación", "Мельничный", "حي الميناء", "Alameda", "Cementerio Norte",
    "Заречье", "سوق القمح", "Hospital", "Universidad", "Старый Рынок", "Matadero",
)  # fmt: skip
VILLAGES = ("Ñandubay", "Красный Яр", "عين الزرقاء", "Bañado Grande", "تلّ السُّكَّر", "Villa Esperanza de los Molinos")
SIDES = (
    Side("red", "Северный союз", "#0072B2", {}, (Base("v0"),)),
    Side("blue", "Frente del Sur", "#E69F00", {}, (Base("v3"),)),
    Side("green", "لواء الشرق", "#6CA854", {}, (Base("v5"),)),
)


def theatre() -> Theatre:
    """A city in the middle of three by two villages; beyond the border in the east lie `v2` and `v5`."""
    west, south = -63.0, -16.0
    sectors = [
        Place(f"sector_{i:02d}", name, west + 1.0 + 0.1 * (i % 4), south + 0.75 + 0.1 * (i // 4), kind="sector", parent="city")
        for i, name in enumerate(SECTORS)
    ]
    boxes = [
        replace(each, polygon=shapely.box(each.lon - 0.05, each.lat - 0.05, each.lon + 0.05, each.lat + 0.05), area_km2=100)
        for each in sectors
    ]
    city = Place("city", "San Roque del Río", west + 1.15, south + 0.85, kind="city", name_ar="سان روكي", local_names={"ru": "Сан-Роке"})
    whole = shapely.union_all([each.polygon for each in boxes])
    villages = []
    for i, name in enumerate(VILLAGES):
        x, y = west + 0.8 * (i % 3), south + 0.85 * (i // 3)
        cell = cast(shapely.Polygon, shapely.difference(shapely.box(x, y, x + 0.8, y + 0.85), whole))
        villages.append(Place(f"v{i}", name, x + 0.4, y + 0.42 if i != 1 else y + 0.3, polygon=cell, area_km2=1000))
    border = Feature("b", "", "border", geometry=shapely.LineString([(west + 1.9, south - 1), (west + 1.9, south + 3)]))
    frame = (west, south, west + 2.4, south + 1.7)
    return Theatre("rio", "San Roque, 2031 - 2034", (city, *boxes, *villages), (), SIDES, frame=frame, backdrop=(border,), city="city")


def timeline() -> Timeline:
    """Return four years of it, told by the last claim; nobody speaks of what lies beyond the border."""
    where = theatre()
    spoken = [place.id for place in where.places if place.id not in ("city", "v2", "v5")]
    moments = np.datetime64("2031-01-05") + np.arange(0, 1400, 37).astype("timedelta64[D]")
    claims = [
        toys.claim(spoken[(7 * n) % len(spoken)], "takes", ("red", "blue", "green")[n % 3], str(when), note=f"Взят: {n}")
        for n, when in enumerate(moments)
    ]
    ledger = Ledger(toys.SOURCES, [replace(claim, id=f"c{n}") for n, claim in enumerate(claims)])
    return qsim.reconstruct(where, ledger, start="2031-01-01", end="2034-12-31", policy="last_claim")
