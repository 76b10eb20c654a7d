"""The router: `streamlit run app.py`. Pages are listed in headroom/ui/shell/menu.py, drawn by the files in pages/."""

from headroom.ui.shell import nav

nav.run()
