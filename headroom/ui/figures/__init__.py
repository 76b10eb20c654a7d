"""Figures as pure functions from values to a `Drawing`: no Streamlit, NumPy arrays, at most 2,000 points a line."""
