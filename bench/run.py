"""The benchmark: run the plan, check the answers, write bench/results.json and bench/RESULTS.md.

`make bench` runs it. Speed is shown, never required: the only thing that makes this program fail is a wrong answer.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench import plan, report, runner
from bench.check import disagreement

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "results.json"
PAGE = FOLDER / "RESULTS.md"

Results = dict[str, Any]


def main(argv: Sequence[str] | None = None) -> int:
    """Run what was asked for; 1 when an answer is wrong."""
    parser = argparse.ArgumentParser(description="Measure the speed of Headroom and of other simulators.")
    parser.add_argument("--full", action="store_true", help="also the long runs: some minutes more")
    parser.add_argument("--date", default=f"{datetime.now(UTC):%Y-%m-%d}", help="date to write down (today)")
    arguments = parser.parse_args(argv)
    results: Results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    results["default"] = _part(plan.DEFAULT, arguments.date)
    if arguments.full:
        results["full"] = _part(plan.FULL, arguments.date)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(report.render(results), encoding="utf-8")
    wrong = report.wrong_answers(results)
    print(f"{PAGE.relative_to(runner.ROOT)} is written.", *wrong, sep="\n")
    return 1 if wrong else 0


def _part(tasks: Sequence[plan.Task], date: str) -> Results:
    """One part of the results: where and when, and the rows by group."""
    stamp = {"date": date, **machine()}
    groups: dict[str, list[runner.Row]] = {}
    for task in tasks:
        row = runner.run(task)
        groups.setdefault(task.group, []).append(row)
        print(f"{task.group}: {task.title}: {report.speed(row)}", flush=True)
    for group, rows in groups.items():
        for row in rows:
            row["disagreement"] = disagreement(group, row, rows)
    return {"stamp": stamp, "groups": groups}


def machine() -> dict[str, Any]:
    """Return on what and at which commit a measurement is made."""
    pages, page_size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "commit": _commit(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(pages * page_size / 2**30),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "numba": version("numba"),
        "load_before": round(os.getloadavg()[0], 1),
    }


def _commit() -> str:
    """The commit, with a plus sign when files differ from it; "unknown" outside a repository."""

    def git(*words: str) -> str:
        command = ["git", *words]
        done = subprocess.run(command, cwd=runner.ROOT, capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else ""

    commit = git("rev-parse", "--short=10", "HEAD")
    changed = git("status", "--porcelain", "--untracked-files=no", "--", "simulator", "headroom", "bench/ours")
    return commit + ("+" if changed else "") if commit else "unknown"


def _processor() -> str:
    """The processor's name as Linux tells it, else what Python knows."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


if __name__ == "__main__":
    sys.exit(main())
