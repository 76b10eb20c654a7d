"""Cut the icon font that Streamlit serves down to the icons in use: `python -m scripts.pack_icons`.

In use is what the product names as `:material/name:`, and every name of an icon that stands as a text in Streamlit's
scripts: more than it draws, and a tenth of the font.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from streamlit.material_icon_names import ALL_MATERIAL_ICONS

from headroom.web.page_html import STATIC
from headroom.web.smaller_icons import FONT, NAMES, is_known_font

ROOT = Path(__file__).resolve().parents[1]
_OF_PRODUCT = re.compile(r":material/([a-z0-9_]+):")
_OF_SCRIPTS = re.compile(r"[`\"']([a-z0-9_]{2,40})[`\"']|:material/([a-z0-9_]+)")


def names_of_product() -> set[str]:
    """Return the icons that the pages, forms and figures name."""
    files = [*(ROOT / "headroom").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
    return {name for file in files for name in _OF_PRODUCT.findall(file.read_text(encoding="utf-8"))}


def names_of_streamlit() -> set[str]:
    """Return the names of icons that stand as texts in Streamlit's scripts."""
    scripts = (STATIC / "static" / "js").glob("*.js")
    words = (words for script in scripts for words in _OF_SCRIPTS.findall(script.read_text(encoding="utf-8")))
    return {word for pair in words for word in pair if word} & set(ALL_MATERIAL_ICONS)


def main() -> int:
    """Write the font and the names that it has; 1 when Streamlit's font is another one than that of smaller_icons."""
    (original,) = (STATIC / "static" / "media").glob("MaterialSymbols-Rounded.*.woff2")
    if not is_known_font(original):
        print(f"{original.name} is another font: put its digest into headroom/web/smaller_icons.py.", file=sys.stderr)
        return 1
    names = names_of_product() | names_of_streamlit()
    FONT.write_bytes(smaller(original, names))
    NAMES.write_text("\n".join(sorted(names)) + "\n", encoding="utf-8")
    return 0


def smaller(original: Path, names: set[str]) -> bytes:
    """Return a font with the letters and with the ligatures of these names only."""
    font = TTFont(original)
    letters = {glyph: chr(code) for code, glyph in font.getBestCmap().items()}
    for table in _ligature_tables(font):
        for first, ligatures in list(table.ligatures.items()):
            kept = [it for it in ligatures if "".join(letters[glyph] for glyph in (first, *it.Component)) in names]
            table.ligatures[first] = kept
            if not kept:
                del table.ligatures[first]
    options = subset.Options()
    options.layout_features = ["*"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(sorted(set("".join(names)))))
    subsetter.subset(font)
    font.flavor = "woff2"
    font["head"].modified = font["head"].created  # the same icons give the same bytes on every day
    font.recalcTimestamp = False
    packed = io.BytesIO()
    font.save(packed)
    return packed.getvalue()


def _ligature_tables(font: TTFont) -> Iterator[subset.otTables.LigatureSubst]:
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            inner = getattr(table, "ExtSubTable", table)
            if hasattr(inner, "ligatures"):
                yield inner


if __name__ == "__main__":
    sys.exit(main())
