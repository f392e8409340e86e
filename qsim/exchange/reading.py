"""
Other people's data, in: one module a format, each with a function `read(files, options)` that returns an `Imported`.

>>> sorted(FORMATS)
['acled', 'eventreport', 'events', 'polygons', 'table', 'ucdp', 'viina', 'wikilist', 'wikimap']
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from qsim.exchange import acled, any_table, eventreport, polygons, ucdp, viina, viina_events, wikilist, wikimap
from qsim.exchange.files import ImportProblem
from qsim.exchange.imported import Imported, Options, options
from qsim.record.names import nearest

FORMATS: Mapping[str, Callable[[Sequence[Path], Options], Imported]] = {
    "viina": viina.read,
    "wikilist": wikilist.read,
    "wikimap": wikimap.read,
    "polygons": polygons.read,
    "ucdp": ucdp.read,
    "acled": acled.read,
    "events": viina_events.read,
    "eventreport": eventreport.read,
    "table": any_table.read,
}


def read(format: str, *files: str | Path, **wanted: Any) -> Imported:
    """
    Return what files of a format say, as the rows of a scenario with a report of every record.

    Parameters
    ----------
    format
        One of `FORMATS`.
    files
        One or several, in the order of their days where that matters.
    wanted
        As `options` takes them: sides, legend, area, start, end, into, places, grid_km, dates, label, columns, kinds, longest_gap_days, source, licence.

    Raises
    ------
    ImportProblem
        When the format is unknown, a file is missing or of another layout, or lacks what must be given as an option.
    """
    if format not in FORMATS:
        raise ImportProblem(f"unknown format {format!r}{nearest(format, list(FORMATS))}; expected one of {', '.join(FORMATS)}")
    if not files:
        raise ImportProblem("no file to import")
    asked = options(**wanted)
    found = FORMATS[format]([Path(file) for file in files], asked)
    found.tell_shared_points()
    found.ask_about_terms()
    return found
