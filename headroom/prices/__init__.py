"""Prices brought up to date: AWS's price list fetched, checked, and written as a catalogue of one's own."""
