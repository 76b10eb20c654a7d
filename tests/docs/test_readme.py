"""What README says is so: its example is what the program prints, its links lead somewhere, its commands exist."""

from __future__ import annotations

import json
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


def test_the_figures_on_exactness_are_those_of_the_validation_report():
    found = json.loads((ROOT / "docs" / "validation.json").read_text(encoding="utf-8"))
    theory, peers, rates = found["theory"], found["peers"], found["lambda"]["rates"]["all"]
    rows, bounds = theory["rows"], theory["bounds"]
    inside, agree = sum(row["inside"] for row in rows), sum(row["agrees"] for row in peers["rows"])
    for said in (
        f"{inside} of {len(rows)} closed forms",
        f"All {len(bounds)} bounds hold",
        f"{agree} of {len(peers['rows'])} figures agree",
        f"{rates['cold_fixed']:.1%} off on average".replace("%", " %"),
        f"{rates['cold_three']:.1%} with the three rules".replace("%", " %"),
        f"own error is {rates['noise']:.1%}".replace("%", " %"),
    ):
        assert said in " ".join(README.split()), said


def test_the_figures_on_speed_are_those_of_the_bench():
    groups = json.loads((ROOT / "bench" / "results.json").read_text(encoding="utf-8"))["default"]["groups"]
    rates = {row["title"]: row["requests"] / row["cpu_s"] for row in groups["mmc"]}
    assert f"some {rates['Headroom'] / 1e6:.0f} million requests per CPU-second" in README
    assert f"{rates['Headroom'] / rates['SimPy']:.0f} times SimPy" in README
