"""The router: `streamlit run app.py`. Pages are listed in ui/registry.py, drawn by the files in pages/."""

from ui import nav

nav.run()
