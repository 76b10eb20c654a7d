"""The controls that stand beside every page of a scenario, and the questions that begin a new one."""
