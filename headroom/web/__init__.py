"""What is served around the app: names it answers to, headers, compressed files, titles for chat programs, short links.

`headroom serve` puts it around Streamlit's own server (`serve.py`); `streamlit run app.py` is the app without it.
"""
