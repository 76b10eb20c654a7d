"""Several workloads of one account together: what each runs on, what they cost, and what they share."""
