"""How scenarios and results travel: links, files, presets, packaged data, and the store behind short links.

Reading and writing files happens here, and nowhere below.
"""
