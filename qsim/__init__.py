"""qsim: who held what on each day, how sure we are, who says so, and what could have gone otherwise."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qsim import belief, draw, exchange, geography, record, simulation
    from qsim.belief import scores
    from qsim.belief.influence import influence
    from qsim.belief.reconstruct import as_known, reconstruct, told_by
    from qsim.belief.replay import Replay
    from qsim.belief.timeline import Ensemble, Snapshot, Timeline, TimelineError
    from qsim.belief.why import why
    from qsim.draw.render import render
    from qsim.geography import metrics
    from qsim.geography.conditioning import ring
    from qsim.geography.encirclement import encirclement, ways_out
    from qsim.record.casualties import casualties
    from qsim.record.conflicts import conflicts
    from qsim.record.dates import Window
    from qsim.record.ledger import Claim, Ledger, LedgerError, Source
    from qsim.record.new import new
    from qsim.record.scenario import ScenarioError, check, load
    from qsim.record.settings import Model
    from qsim.record.theatre import Link, Place, Side, Theatre, TheatreError
    from qsim.simulation.differences import difference
    from qsim.simulation.fitting import fit
    from qsim.simulation.forecasts import forecast
    from qsim.simulation.model import Simulation, simulate
    from qsim.simulation.rules import Rules

__version__ = "0.1.0"

# What most work begins with; the rest is reached through its room: `qsim.simulation.interventions.Hold`, `qsim.metrics.exits`.
__all__ = [
    "Claim", "Ensemble", "Ledger", "LedgerError", "Link", "Model", "Place", "Replay", "Rules", "ScenarioError", "Side", "Simulation",
    "Snapshot", "Source", "Theatre", "TheatreError", "Timeline", "TimelineError", "Window", "as_known", "belief", "casualties", "check",
    "conflicts", "difference", "draw", "encirclement", "exchange", "fit", "forecast", "geography", "influence", "load",
    "metrics", "new", "reconstruct", "record", "render", "ring", "scores", "simulate", "simulation", "told_by", "ways_out", "why",
]  # fmt: skip

# Everything is imported when it is first asked for, so that `import qsim` takes no time: the module of each name.
_LATER = {
    "Claim": "record.ledger",
    "Ensemble": "belief.timeline",
    "Ledger": "record.ledger",
    "LedgerError": "record.ledger",
    "Link": "record.theatre",
    "Model": "record.settings",
    "Place": "record.theatre",
    "Replay": "belief.replay",
    "Rules": "simulation.rules",
    "ScenarioError": "record.scenario",
    "Side": "record.theatre",
    "Simulation": "simulation.model",
    "Snapshot": "belief.timeline",
    "Source": "record.ledger",
    "Theatre": "record.theatre",
    "TheatreError": "record.theatre",
    "Timeline": "belief.timeline",
    "TimelineError": "belief.timeline",
    "Window": "record.dates",
    "as_known": "belief.reconstruct",
    "casualties": "record.casualties",
    "check": "record.scenario",
    "conflicts": "record.conflicts",
    "difference": "simulation.differences",
    "encirclement": "geography.encirclement",
    "fit": "simulation.fitting",
    "forecast": "simulation.forecasts",
    "influence": "belief.influence",
    "load": "record.scenario",
    "new": "record.new",
    "reconstruct": "belief.reconstruct",
    "render": "draw.render",
    "ring": "geography.conditioning",
    "simulate": "simulation.model",
    "told_by": "belief.reconstruct",
    "ways_out": "geography.encirclement",
    "why": "belief.why",
}
_MODULES = {
    "belief": "belief",
    "draw": "draw",
    "exchange": "exchange",
    "geography": "geography",
    "metrics": "geography.metrics",
    "page": "page",
    "record": "record",
    "scores": "belief.scores",
    "simulation": "simulation",
    "terminal": "terminal",
}


def __getattr__(name: str) -> Any:
    """Import a name, or a module, when it is first asked for."""
    if name in _LATER:
        found = getattr(import_module(f"qsim.{_LATER[name]}"), name)
    elif name in _MODULES:
        found = import_module(f"qsim.{_MODULES[name]}")
    else:
        raise AttributeError(f"module 'qsim' has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Return everything public, and nothing else, for tab completion."""
    return [*__all__, "__version__"]
