"""Deployments in a real account: looked at, planned, made, watched and removed. It alone talks to AWS's API."""
