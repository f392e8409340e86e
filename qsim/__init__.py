"""qsim: who held what on each day, how sure we are, who says so, and what could have gone otherwise."""

from typing import TYPE_CHECKING, Any

from qsim.casualties import Toll, casualties
from qsim.conflicts import Conflict, conflicts
from qsim.dates import DateError, Window
from qsim.ensemble import Ensemble
from qsim.influence import Influence, influence
from qsim.ledger import Claim, Ledger, LedgerError, Source
from qsim.metrics import Exits, encirclement, exits, first_day, spread
from qsim.model import Model, ModelError
from qsim.new import new
from qsim.reconstruct import as_known, reconstruct, told_by
from qsim.replay import Replay, Why, why
from qsim.scenario import ScenarioError, check, load
from qsim.sensitivity import Disagreement, sensitivity
from qsim.theatre import Link, Place, Side, Theatre, TheatreError
from qsim.timeline import Change, Snapshot, Timeline, TimelineError

__version__ = "0.1.0"

if TYPE_CHECKING:
    from qsim.draw.tellings import render

__all__ = [
    "Change", "Claim", "Conflict", "DateError", "Disagreement", "Ensemble", "Exits", "Influence", "Ledger", "LedgerError", "Link", "Model", "ModelError", "Place", "Replay",
    "ScenarioError", "Side", "Snapshot", "Source", "Theatre", "TheatreError", "Timeline", "TimelineError", "Toll", "Why", "Window", "as_known",
    "casualties", "check", "conflicts", "encirclement", "exits", "first_day", "influence", "load", "new", "reconstruct", "render", "sensitivity", "spread", "told_by", "why",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import what draws only when it is asked for, so that `import qsim` stays quick."""
    if name == "render":
        from qsim.draw.tellings import render

        return render
    raise AttributeError(f"module 'qsim' has no attribute {name!r}")
