"""What was said, and the map: dates, documents, the theatre, the ledger, their files and checks."""

from qsim.record.lazy import modules_of

__getattr__, __dir__ = modules_of(__name__, __path__)
