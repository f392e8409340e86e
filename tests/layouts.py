"""Small invented files in other people's layouts, and how each is read; full samples lie where QSIM_SAMPLES says."""

import os
from pathlib import Path
from typing import Any

from qsim import exchange
from qsim.exchange.imported import Imported

DATA = Path(__file__).parent / "exchange" / "data"
SAMPLES = Path(os.environ.get("QSIM_SAMPLES", "/nowhere"))
HOLDERS = {"place": "Name", "day": "Datum", "status": "Held by", "lon": "Lon", "lat": "Lat"}
ICONS = {"legend": DATA / "icons.toml"}
LEGEND = {"legend": DATA / "legend.toml"}
SIDES = {"sides": DATA / "sides.toml"}
PLACES = {"places": DATA / "places.csv"}
MAPS = ("map_2031-05-01.geojson", "map_2031-05-02.geojson")
CASES: dict[str, tuple[str, tuple[str, ...], dict[str, Any], dict[str, tuple[int, int]]]] = {
    "wide": ("viina", ("control_wide.csv",), {}, {"cell": (42, 25)}),
    "long": ("viina", ("control_long.csv", "control_places.csv"), {}, {"cell": (28, 23)}),
    "wikilist": ("wikilist", ("cities.csv",), SIDES, {"row": (16, 9)}),
    "wikimap": ("wikimap", ("examplia_2031-05-01.lua", "examplia_2031-05-09.lua"), ICONS, {"mark": (12, 7)}),
    "polygons": ("polygons", MAPS, LEGEND | PLACES, {"polygon": (5, 3), "look-up": (10, 9)}),
    "ucdp": ("ucdp", ("ged.csv",), SIDES, {"row": (9, 5)}),
    "acled": ("acled", ("acled.csv",), SIDES, {"row": (8, 6)}),
    "events": ("events", ("events.csv",), {}, {"row": (7, 4)}),
    "eventreport": ("eventreport", ("reports.csv",), PLACES, {"row": (6, 2)}),
    "table": ("table", ("holders.csv",), {"columns": HOLDERS} | SIDES, {"row": (6, 4)}),
}


def read(case: str, **more: Any) -> Imported:
    format, files, wanted, _ = CASES[case]
    found: Imported = exchange.read(format, *(DATA / file for file in files), **(wanted | more))
    return found
