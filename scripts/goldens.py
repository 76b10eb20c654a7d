"""Everything the command line prints for the presets, kept and compared byte for byte.

    python scripts/goldens.py write DIRECTORY [--full] [--program 'python -m headroom']
    python scripts/goldens.py check DIRECTORY [--full] [--program ...]

A change that moves code and no number writes the goldens of the commit before and checks those of the commit after, on
the same machine (the last digit of a float may differ between processors). A result carries its scenario: fields of it
that hold the frozen defaults of the format are left out of the comparison, so a new one is no difference. --full adds
the presets with hundreds of millions of requests and the portfolio: some ten minutes on two cores.
"""

from __future__ import annotations

import argparse
import difflib
import json
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from headroom.sharing.schema import difference as scenario_difference

ROOT = Path(__file__).resolve().parents[1]
QUICK = ("dashboard", "documents", "bursty-function", "classification-api", "nightly-profiles")
LARGE = ("fraud", "fraud-measured")
SHOWN_LINES = 20


def commands(*, full: bool) -> Iterator[tuple[str, list[str]]]:
    """Name of the file that holds what a command prints, and the command's words."""
    for preset in (*QUICK, *(LARGE if full else ())):
        file = f"scenarios/{preset}.toml"
        for command in ("validate", "compare", "plan"):
            yield f"{preset}.{command}.txt", [command, file]
        for command in ("compare", "plan"):
            yield f"{preset}.{command}.json", [command, file, "--json"]
        names = [deployment["name"] for deployment in tomllib.loads((ROOT / file).read_text())["deployments"]]
        for number, name in enumerate(names[:1] if preset in LARGE else names):
            yield f"{preset}.simulate-{number}.txt", ["simulate", file, "--deployment", name]
            yield f"{preset}.simulate-{number}.json", ["simulate", file, "--deployment", name, "--json"]
    if full:
        yield "portfolio.txt", ["portfolio"]
        yield "portfolio.json", ["portfolio", "--json"]


def printed(program: list[str], words: list[str]) -> bytes:
    """Standard output and the exit code."""
    done = subprocess.run([*program, *words], cwd=ROOT, capture_output=True, check=False)
    return done.stdout + f"exit code {done.returncode}\n".encode()


def same(before: bytes, after: bytes) -> bool:
    """Whether they are equal, but for fields of the scenario inside that hold their defaults."""
    return before == after or (before.lstrip()[:1] == after.lstrip()[:1] == b"{" and _bare(before) == _bare(after))


def _bare(text: bytes) -> tuple[str, bytes]:
    """The document with only what its scenario changes of the defaults, as text, and what follows it."""
    end = text.rindex(b"exit code")
    document = json.loads(text[:end])
    for holder in (document, document.get("comparison", {})):
        if "scenario" in holder:
            holder["scenario"] = scenario_difference(holder["scenario"])
    return json.dumps(document), text[end:]


def difference(before: bytes, after: bytes) -> str:
    """The first lines that differ."""
    lines = difflib.unified_diff(
        before.decode().splitlines(), after.decode().splitlines(), "before", "after", lineterm="", n=1
    )
    return "\n".join(line[:200] for _, line in zip(range(SHOWN_LINES), lines, strict=False))


def main() -> int:
    """Write or check every golden; 1 when one differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("do", choices=("write", "check"))
    parser.add_argument("directory", type=Path)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--program", default=f"{shlex.quote(sys.executable)} -m headroom")
    parser.add_argument("--only", default="", help="names that contain this")
    arguments = parser.parse_args()
    arguments.directory.mkdir(parents=True, exist_ok=True)
    differing = 0
    for name, words in commands(full=arguments.full):
        if arguments.only not in name:
            continue
        golden, after = arguments.directory / name, printed(shlex.split(arguments.program), words)
        if arguments.do == "write":
            golden.write_bytes(after)
        elif not same(golden.read_bytes(), after):
            differing += 1
            print(f"{name} differs:\n{difference(golden.read_bytes(), after)}", flush=True)
    print(f"{differing} differ" if arguments.do == "check" else f"written to {arguments.directory}")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
