"""qsim: who held what on each day, how sure we are, who says so, and what could have gone otherwise."""

from qsim.dates import DateError, Window
from qsim.ensemble import Ensemble
from qsim.ledger import Claim, Ledger, LedgerError, Source
from qsim.metrics import Exits, encirclement, exits
from qsim.reconstruct import reconstruct
from qsim.replay import Replay, Why, why
from qsim.scenario import ScenarioError, check, load
from qsim.theatre import Link, Place, Side, Theatre, TheatreError
from qsim.timeline import Change, Snapshot, Timeline, TimelineError

__version__ = "0.1.0"
