"""What could have gone otherwise: rules, their fit, interventions, runs and forecasts."""
