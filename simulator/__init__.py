"""What happens: scenario and seed in, outcome out. Pure: no clock, no files, no global randomness, no money."""
