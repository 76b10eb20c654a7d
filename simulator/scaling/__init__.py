"""Application Auto Scaling: metrics become alarms, alarms become decisions, decisions become instances."""
