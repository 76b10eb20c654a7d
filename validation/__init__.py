"""The proof: predictions held against theory, other simulators and measurements. `make validate` writes the report."""
