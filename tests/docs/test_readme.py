"""What README says is so: its example is what the program prints, its links lead somewhere, its commands exist."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from headroom.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.slow
def test_the_example_is_what_the_program_prints(monkeypatch, capsys):
    block = re.search(r"```\n\$ (headroom [^\n]*)\n(.*?)```", README, re.DOTALL)
    assert block is not None
    monkeypatch.chdir(ROOT)
    assert main(block[1].split()[1:]) == 0
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
    theory, peers = found["theory"], found["peers"]
    rates, unseen = found["lambda"]["rates"]["all"], found["lambda"]["rates"]["without_logs"]
    rows, bounds = theory["rows"], theory["bounds"]
    inside, agree = sum(row["inside"] for row in rows), sum(row["agrees"] for row in peers["rows"])
    for said in (
        f"{inside} of {len(rows)} closed forms",
        f"All {len(bounds)} bounds hold",
        f"{agree} of {len(peers['rows'])} figures agree",
        f"{rates['cold_three']:.1%} off on average with nothing set".replace("%", " %"),
        f"{unseen['cold_three']:.1%} on the 15 rates".replace("%", " %"),
        f"{rates['cold_fixed']:.1%} with a fixed 600 s".replace("%", " %"),
        f"{rates['cold_five']:.1%} with a fixed 300 s".replace("%", " %"),
        f"own error is {rates['noise']:.1%}".replace("%", " %"),
        f"{0.95 * len(rows):.0f} are expected",
        f"{0.95 * len(peers['rows']):.0f} are expected",
    ):
        assert said in " ".join(README.split()), said


def test_the_figures_on_language_models_are_those_of_the_report():
    found = json.loads((ROOT / "docs" / "validation.json").read_text(encoding="utf-8"))["llm"]
    figures = {(kind, figure): value for kind, figure, value in found["figures"]}
    text = " ".join(README.split())
    for value, words in (
        (found["benchmarks"], "the time per token is {} off in the median on {} rows of benchmarks"),
        (found["endpoints"], "{} on {} of SageMaker endpoints"),
        (figures["same", "ttft"], "the time to the first token {};"),
        (figures["new GPU", "token"], "with a GPU left out, the time per token is {} off"),
    ):
        assert words.format(f"{100 * value['median']:.1f} %", value["n"]) in text


def test_the_figures_on_speed_are_those_of_the_bench():
    groups = json.loads((ROOT / "bench" / "results.json").read_text(encoding="utf-8"))["default"]["groups"]
    rates = {row["title"]: row["requests"] / row["cpu_s"] for row in groups["mmc"]}
    assert f"some {rates['Headroom'] / 1e6:.0f} million requests per CPU-second" in README
    assert f"{rates['Headroom'] / rates['SimPy']:.0f} times SimPy" in README
    [low, high] = re.findall(r"and (\d+) to (\d+) million on fleets", README)[0]
    fleets = [row["requests"] / row["cpu_s"] / 1e6 for row in groups["fleet"]]
    assert int(low) - 0.5 <= min(fleets) <= max(fleets) <= int(high) + 0.5


def test_the_figures_on_the_long_day_are_those_of_the_bench():
    full = json.loads((ROOT / "bench" / "results.json").read_text(encoding="utf-8"))["full"]["groups"]
    day = next(row for row in full["long"] if row["title"].startswith("fraud"))
    [(millions, seconds)] = re.findall(r"a day of (\d+)\s+million\s+requests takes (\d+) CPU-seconds", README)
    assert int(millions) == round(day["requests"] / 1e6)
    assert int(seconds) == round(day["cpu_s"])


def test_every_page_of_the_docs_can_be_reached_from_the_readme():
    reached, todo = set(), [ROOT / "README.md"]
    while todo:
        page = todo.pop()
        reached.add(page)
        todo += [found for found in _linked(page) if found not in reached]
    assert sorted({*PAGES, *(ROOT / "docs").rglob("*.md")} - reached) == []


def _linked(page: Path) -> set[Path]:
    """The pages that a page links to; a folder stands for the pages in it."""
    targets = {
        (page.parent / target).resolve()
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    }
    return {
        found for one in targets for found in (one.glob("*.md") if one.is_dir() else [one]) if found.suffix == ".md"
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_headings_that_links_name_exist(page):
    for target, heading in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", page.read_text(encoding="utf-8")):
        other = (page.parent / target) if target else page
        assert heading in _anchors(other), f"{page.name} links to {target}#{heading}"


def _anchors(page: Path) -> set[str]:
    """Of headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
