"""Asynchronous endpoints."""
