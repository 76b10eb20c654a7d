"""What runs a deployment: replications, the driver, accumulators, the outcome and its statistics."""
