"""A copy of the program in which PATTERNS has one more line, and nothing else differs.

Every file of it is a link to the program's own, but for `simulator/patterns/registry.py`.
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REGISTRY = Path("simulator/patterns/registry.py")
LISTED = "PATTERNS: tuple[Pattern, ...] = ("
IMPORTED = "from simulator.patterns.protocol import Pattern\n"


def registry() -> str:
    """The text of the registry with the relay in its list."""
    text = (ROOT / REGISTRY).read_text(encoding="utf-8")
    assert text.count(LISTED) == 1
    assert text.count(IMPORTED) == 1
    text = text.replace(IMPORTED, f"{IMPORTED}from tests.fifth_pattern.pattern import RELAY\n")
    return text.replace(LISTED, f"{LISTED}RELAY, ")


def build(house: Path) -> None:
    """Make the copy in this empty directory."""
    _linked(ROOT, house, REGISTRY.parts)
    (house / REGISTRY).write_text(registry(), encoding="utf-8")


def _linked(there: Path, here: Path, own: tuple[str, ...]) -> None:
    """Link everything of a directory but `own`, the way to the file that is written."""
    here.mkdir(exist_ok=True)
    for entry in there.iterdir():
        if entry.name != own[0] and not entry.name.startswith((".", "__pycache__")):
            (here / entry.name).symlink_to(entry)
    if len(own) > 1:
        _linked(there / own[0], here / own[0], own[1:])
