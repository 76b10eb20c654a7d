"""What README says is so: its example is what the program prints, its links lead somewhere, its commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import cli

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.slow
def test_the_example_is_what_the_program_prints(monkeypatch, capsys):
    block = re.search(r"```\n\$ (headroom [^\n]*)\n(.*?)```", README, re.DOTALL)
    assert block is not None
    monkeypatch.chdir(ROOT)
    assert cli.main(block[1].split()[1:]) == 0
    assert block[2].strip() in capsys.readouterr().out


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http:", "https:")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_make_targets_exist():
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"make ([a-z-]+)", "".join(page.read_text(encoding="utf-8") for page in PAGES[:2])))
    assert named - {"sure"} <= targets
