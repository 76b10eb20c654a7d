"""The smaller icon font has every icon that is drawn, and takes the place of the one that it was made from."""

from __future__ import annotations

import io

from fontTools.ttLib import TTFont

from headroom.web import smaller_icons
from headroom.web.page_html import STATIC
from scripts.pack_icons import ROOT, names_of_product, names_of_streamlit

REMEDY = "run `python -m scripts.pack_icons`"
NAMES = set(smaller_icons.NAMES.read_text().split())


def test_it_takes_the_place_of_the_font_of_the_installed_streamlit_and_of_no_other(tmp_path):
    ((path, content),) = smaller_icons.instead(STATIC / "static").items()
    assert (STATIC / "static" / path).is_file()
    assert content == smaller_icons.FONT.read_bytes()
    assert len(content) < 80_000
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "MaterialSymbols-Rounded.other.woff2").write_bytes(b"another font")
    assert smaller_icons.instead(tmp_path) == {}


def test_every_icon_in_use_is_in_it():
    assert names_of_product() - NAMES == set(), REMEDY
    assert names_of_streamlit() - NAMES == set(), REMEDY


def test_no_name_of_an_icon_is_put_together():
    """Whoever packs the font looks for whole names."""
    files = [*(ROOT / "headroom").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
    assert [file.name for file in files if ":material/{" in file.read_text(encoding="utf-8")] == []


def test_the_font_draws_the_names_that_it_lists():
    font = TTFont(io.BytesIO(smaller_icons.FONT.read_bytes()))
    letters = {glyph: chr(code) for code, glyph in font.getBestCmap().items()}
    drawn = set()
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            for first, ligatures in getattr(table, "ExtSubTable", table).ligatures.items():
                drawn |= {"".join(letters[glyph] for glyph in (first, *it.Component)) for it in ligatures}
    assert NAMES - drawn == set()
