"""What `headroom serve` runs: the app with what is served around it (headroom/web). `streamlit run app.py` is the app
alone.
"""

import streamlit as st

from headroom.locations import location_of
from headroom.web import around

app = st.App(location_of("app.py"), routes=around.routes(), middleware=around.middleware())
