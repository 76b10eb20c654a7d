"""The app's rooms beside its pages: shell, widgets, figures, and a folder for each page. `figures` imports no
Streamlit.
"""
