"""What usage costs: a dated, sourced price book and itemised, exact bills. Knows nothing of the simulator."""
