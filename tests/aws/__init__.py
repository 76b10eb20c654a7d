"""An AWS on loopback, for tests and for `make demo-aws`: it behaves, refuses, fails and bills as AWS does."""
