"""`python -m validation` runs everything and writes docs/validation.json, the page made from it and its figures.

`python -m validation PART...` runs only these parts and keeps the rest of the report; `page` runs none and only makes
the page and the figures again.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from simulator.simulate import ENGINE_VERSION
from validation import lambda_logs, llm, page, peers, provisioning, sensitivity, theory

DOCS = Path(__file__).resolve().parents[1] / "docs"
PARTS = {
    "theory": theory.report,
    "sensitivity": sensitivity.report,
    "peers": peers.report,
    "lambda": lambda_logs.report,
    "provisioning": provisioning.report,
    "llm": llm.report,
}


def run(name: str) -> tuple[str, dict[str, object], float]:
    """One part: its name, its report and how long it took."""
    began = time.perf_counter()
    return name, PARTS[name](), time.perf_counter() - began


def reports(parts: Iterable[str]) -> dict[str, object]:
    """The reports of these parts, two at a time."""
    found: dict[str, object] = {"engine": ENGINE_VERSION}
    with ProcessPoolExecutor(2) as pool:
        for name, report, took_s in pool.map(run, parts):
            print(f"{name}: {took_s:.0f} s", flush=True)
            found[name] = report
    return found


def rounded(value: object) -> object:
    """Floats to seven digits: more is noise of the machine."""
    if isinstance(value, float):
        return float(f"{value:.7g}")
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(part) for part in value]
    return value


def write_page(found: dict[str, object]) -> None:
    """docs/validation.md and its figures."""
    for name, text in page.files(found, *page.texts()).items():
        (DOCS / name).parent.mkdir(parents=True, exist_ok=True)
        (DOCS / name).write_text(text, encoding="utf-8")


def main(arguments: list[str]) -> int:
    """The program."""
    report = DOCS / "validation.json"
    if arguments != ["page"]:
        parts = arguments or list(PARTS)
        unknown = [part for part in parts if part not in PARTS]
        if unknown:
            print(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)} and page", file=sys.stderr)
            return 2
        before = json.loads(report.read_text(encoding="utf-8")) if arguments else {}
        whole = before | {name: rounded(value) for name, value in reports(parts).items()}
        if "llm" in parts:
            llm.write_data(whole["llm"])
        report.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    write_page(json.loads(report.read_text(encoding="utf-8")))
    print(f"{DOCS / 'validation.md'} is written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
