"""qsim: who held what on each day, how sure we are, who says so, and what could have gone otherwise."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from qsim.belief.enclosure import enclosure
from qsim.belief.influence import Influence, influence
from qsim.belief.reconstruct import as_known, reconstruct, told_by
from qsim.belief.replay import Replay
from qsim.belief.sensitivity import Disagreement, sensitivity
from qsim.belief.timeline import Change, Ensemble, Snapshot, Timeline, TimelineError
from qsim.belief.why import Why, why
from qsim.record.casualties import Toll, casualties
from qsim.record.conflicts import Conflict, conflicts
from qsim.record.dates import DateError, Window
from qsim.record.ledger import Claim, Ledger, LedgerError, Source
from qsim.record.new import new
from qsim.record.scenario import ScenarioError, check, load
from qsim.record.settings import Model, ModelError
from qsim.record.theatre import Link, Place, Side, Theatre, TheatreError

if TYPE_CHECKING:
    from qsim import draw
    from qsim.belief import scores
    from qsim.draw.render import render
    from qsim.geography import metrics
    from qsim.geography.conditioning import Ring, RingWarning, ring
    from qsim.geography.encirclement import Exits, Way, encirclement, exits, spread, ways_out
    from qsim.geography.metrics import first_day
    from qsim.simulation.differences import Difference, difference
    from qsim.simulation.fitting import fit
    from qsim.simulation.forecasts import forecast
    from qsim.simulation.interventions import Cut, Hold, Open, Reinforce, Take
    from qsim.simulation.model import Simulation, expected, simulate
    from qsim.simulation.rules import Rules, RulesError

__version__ = "0.1.0"

__all__ = [
    "Change",
    "Claim",
    "Conflict",
    "Cut",
    "DateError",
    "Difference",
    "Disagreement",
    "Ensemble",
    "Exits",
    "Hold",
    "Influence",
    "Ledger",
    "LedgerError",
    "Link",
    "Model",
    "ModelError",
    "Open",
    "Place",
    "Reinforce",
    "Replay",
    "Ring",
    "RingWarning",
    "Rules",
    "RulesError",
    "ScenarioError",
    "Side",
    "Simulation",
    "Snapshot",
    "Source",
    "Take",
    "Theatre",
    "TheatreError",
    "Timeline",
    "TimelineError",
    "Toll",
    "Way",
    "Why",
    "Window",
    "as_known",
    "casualties",
    "check",
    "conflicts",
    "difference",
    "draw",
    "encirclement",
    "enclosure",
    "exits",
    "expected",
    "first_day",
    "fit",
    "forecast",
    "influence",
    "load",
    "metrics",
    "new",
    "reconstruct",
    "render",
    "ring",
    "scores",
    "sensitivity",
    "simulate",
    "spread",
    "told_by",
    "ways_out",
    "why",
]  # fmt: skip

# What is imported when it is first asked for, so that `import qsim` stays quick: the module of each name.
_LATER = {
    "render": "draw.render",
    "first_day": "geography.metrics",
    "fit": "simulation.fitting",
    "forecast": "simulation.forecasts",
    **dict.fromkeys(("Ring", "RingWarning", "ring"), "geography.conditioning"),
    **dict.fromkeys(("Exits", "Way", "encirclement", "exits", "spread", "ways_out"), "geography.encirclement"),
    **dict.fromkeys(("Cut", "Hold", "Open", "Reinforce", "Take"), "simulation.interventions"),
    **dict.fromkeys(("Rules", "RulesError"), "simulation.rules"),
    **dict.fromkeys(("Difference", "difference"), "simulation.differences"),
    **dict.fromkeys(("Simulation", "expected", "simulate"), "simulation.model"),
}
_MODULES = {"metrics": "geography.metrics", "scores": "belief.scores", "draw": "draw"}


def __getattr__(name: str) -> Any:
    """Import a name, or a module, when it is first asked for."""
    if name in _LATER:
        return getattr(import_module(f"qsim.{_LATER[name]}"), name)
    if name in _MODULES:
        return import_module(f"qsim.{_MODULES[name]}")
    raise AttributeError(f"module 'qsim' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return everything public, and nothing else, for tab completion."""
    return [*__all__, "__version__"]
