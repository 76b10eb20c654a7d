"""The Workload page: where a scenario comes from, and its forms."""
