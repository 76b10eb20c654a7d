"""What to choose, and why. Pure; the only place where simulator and pricing meet."""
