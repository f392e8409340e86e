"""What could have gone otherwise: rules, their fit, interventions, runs and forecasts."""

from qsim.record.lazy import modules_of

__getattr__, __dir__ = modules_of(__name__, __path__)
