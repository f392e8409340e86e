"""qsim: who held what on each day, how sure we are, who says so, and what could have gone otherwise."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from qsim.casualties import Toll, casualties
from qsim.conflicts import Conflict, conflicts
from qsim.dates import DateError, Window
from qsim.ensemble import Ensemble
from qsim.influence import Influence, influence
from qsim.ledger import Claim, Ledger, LedgerError, Source
from qsim.new import new
from qsim.reconstruct import as_known, reconstruct, told_by
from qsim.replay import Replay, Why, why
from qsim.scenario import ScenarioError, check, load
from qsim.sensitivity import Disagreement, sensitivity
from qsim.theatre import Link, Place, Side, Theatre, TheatreError
from qsim.timeline import Change, Snapshot, Timeline, TimelineError

if TYPE_CHECKING:
    from qsim import metrics, ring, scores
    from qsim.differences import Difference, difference
    from qsim.draw.movie import render
    from qsim.fitting import fit
    from qsim.forecasts import forecast
    from qsim.interventions import Cut, Hold, Open, Reinforce, Take
    from qsim.metrics import first_day
    from qsim.model import Model, ModelError
    from qsim.ring import Exits, encirclement, exits, spread
    from qsim.rules import Rules, RulesError
    from qsim.simulation import expected, simulate

__version__ = "0.1.0"

__all__ = [
    "Change", "Claim", "Conflict", "Cut", "DateError", "Difference", "Disagreement", "Ensemble", "Exits", "Hold", "Influence",
    "Ledger", "LedgerError", "Link", "Model", "ModelError", "Open", "Place", "Reinforce", "Replay", "Rules", "RulesError",
    "ScenarioError", "Side", "Snapshot", "Source", "Take", "Theatre", "TheatreError", "Timeline", "TimelineError", "Toll", "Why",
    "Window", "as_known", "casualties", "check", "conflicts", "difference", "encirclement", "exits", "expected", "first_day", "fit",
    "forecast", "influence", "load", "metrics", "new", "reconstruct", "render", "ring", "scores", "sensitivity", "simulate", "spread",
    "told_by", "why",
]  # fmt: skip

# What is imported when it is first asked for, so that `import qsim` stays quick: the module of each name.
_LATER = {
    "render": "draw.movie",
    "Model": "model",
    "ModelError": "model",
    "Exits": "ring",
    "encirclement": "ring",
    "exits": "ring",
    "spread": "ring",
    "first_day": "metrics",
    "fit": "fitting",
    "forecast": "forecasts",
    **dict.fromkeys(("Cut", "Hold", "Open", "Reinforce", "Take"), "interventions"),
    **dict.fromkeys(("Rules", "RulesError"), "rules"),
    **dict.fromkeys(("Difference", "difference"), "differences"),
    **dict.fromkeys(("expected", "simulate"), "simulation"),
}


def __getattr__(name: str) -> Any:
    """Import a name, or a module, when it is first asked for."""
    if name in _LATER:
        return getattr(import_module(f"qsim.{_LATER[name]}"), name)
    if name in ("metrics", "ring", "scores"):
        return import_module(f"qsim.{name}")
    raise AttributeError(f"module 'qsim' has no attribute {name!r}")
