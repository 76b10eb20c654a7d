r"""The shape of the house, executable: who may import whom, and what the pure core may not touch.

    kernels <- simulator \
                          advisor <- ui, cli, deploy, sharing <- pages, app.py
                pricing  /

`ZONES` is the whole law. Everything is read with `ast`, nothing is run, so a violation is found even in a branch that
no test takes. If a rule makes the house worse, change it here and write down why in docs/decisions/.
"""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOT_PRODUCT = {"tests", "bench", "scripts", "docs", "scenarios", "build", "dist"}
MOST_LINES = 600


@dataclass(frozen=True)
class Zone:
    """Files under `prefix` (the longest matching prefix wins) and what they may import beside the standard library."""

    prefix: str
    may_import: frozenset[str]
    pure: bool = False
    most_lines: int = MOST_LINES
    why: str = ""


def zone(prefix: str, may_import: str, *, pure: bool = False, most_lines: int = MOST_LINES, why: str = "") -> Zone:
    return Zone(prefix, frozenset(may_import.split()), pure, most_lines, why)


_CORE = "the core knows nothing of the app, of AWS or of its callers"
_SIMULATOR = f"pricing and simulator meet only in advisor, numba stays in simulator/kernels, and {_CORE}"
_EDGE = "boto3 stays in deploy/aws.py and pricing/refresh, streamlit and plotly in ui, pages and app.py"

ZONES = (
    zone("errors.py", "", pure=True, why="everything imports errors, so errors imports nothing"),
    zone("simulator/", "simulator errors numpy pydantic", pure=True, why=_SIMULATOR),
    zone("simulator/kernels/", "simulator errors numpy pydantic numba", pure=True, why=_SIMULATOR),
    zone("simulator/kernels/warm.py", "simulator errors numpy numba", why="a program: compiles the kernels ahead"),
    zone("pricing/", "pricing errors", pure=True, why=f"pricing turns usage into money and {_CORE}"),
    zone("pricing/load.py", "pricing errors pydantic", pure=True, why="it reads text that it is given, no files"),
    zone("pricing/refresh/", "pricing errors boto3 botocore", why="the one part of pricing that talks to AWS"),
    zone("advisor/", "advisor simulator pricing errors numpy", pure=True, why=f"advisor joins the two, and {_CORE}"),
    zone(
        "advisor/evaluation.py",
        "advisor simulator pricing errors numpy pydantic",
        pure=True,
        why="an evaluation holds a deployment, which pydantic turns into JSON and back; the rest of advisor needs none",
    ),
    # pydantic_core holds the types of pydantic's own error lists; pydantic brings exactly its version.
    zone("sharing/", "sharing advisor simulator pricing errors pydantic pydantic_core", why=_EDGE),
    zone("deploy/", "deploy advisor simulator pricing sharing errors pydantic", why=_EDGE),
    zone("deploy/aws.py", "deploy errors boto3 botocore", why="the only file of deploy that talks to AWS"),
    zone(
        "ui/",
        "ui executors deploy sharing advisor simulator pricing errors numpy pandas pydantic streamlit plotly",
        why=_EDGE,
    ),
    zone(
        "ui/figures/",
        "ui sharing advisor simulator pricing errors numpy plotly",
        why="a figure is a value made from values; showing it is the page's work",
    ),
    zone(
        "pages/",
        "ui deploy sharing advisor simulator pricing errors streamlit",
        most_lines=79,
        why="a page reads like a sentence: arithmetic belongs to the core, figures to ui/figures",
    ),
    zone("app.py", "ui errors streamlit", most_lines=39, why="the router only: registry of pages, navigation, run"),
    zone(
        "validation/",
        "validation advisor sharing simulator errors numpy simpy",
        why="a shell around the engine: reads its packaged data, writes docs/validation.*; nothing imports it",
    ),
    zone(
        "cli.py",
        "cli_portfolio cli_text executors deploy sharing advisor simulator pricing errors",
        why="the same program without a browser",
    ),
    zone("cli_portfolio.py", "cli_text advisor simulator errors", pure=True, why="text made from values, as cli_text"),
    zone("cli_text.py", "advisor simulator errors", pure=True, why="text made from values; printing it is cli's work"),
    zone("executors.py", "distributed errors", why="where work is done; what is done, its callers know"),
)

# What would make two runs of the pure core differ, or let it reach outside.
IMPURE_MODULES = {
    "a clock": {"time", "sched"},
    "global randomness": {"random", "secrets", "uuid"},
    "the environment": {"os", "sys", "platform", "locale", "argparse", "getpass"},
    "files": {"pathlib", "shutil", "tempfile", "glob", "fileinput", "sqlite3", "importlib", "pkgutil", "pickle"},
    "the network": {"socket", "ssl", "http", "urllib", "ftplib", "smtplib"},
    "other processes": {"subprocess", "multiprocessing", "threading", "asyncio", "concurrent", "signal"},
    "logging": {"logging", "warnings"},
}
IMPURE_BUILTINS = {"open", "print", "input", "eval", "exec", "breakpoint", "__import__"}
IMPURE_METHODS = {
    "the clock: take the date or time as an argument": {"now", "utcnow", "today"},
    "a file: take its content as an argument": {"open", "read_text", "read_bytes", "write_text", "write_bytes"},
}
NUMPY_FILES = {"load", "save", "savez", "savez_compressed", "loadtxt", "savetxt", "genfromtxt", "fromfile", "memmap"}
NUMPY_STREAMS = {"default_rng", "Generator", "SeedSequence", "BitGenerator", "PCG64", "PCG64DXSM", "Philox", "SFC64"}


@dataclass(frozen=True)
class Violation:
    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


def product_files(root: Path) -> Iterator[str]:
    """Paths relative to `root` of every Python file that ships."""
    for file in sorted(root.rglob("*.py")):
        path = file.relative_to(root)
        if path.parts[0] not in NOT_PRODUCT and not any(part.startswith(".") for part in path.parts):
            yield path.as_posix()


def zone_of(path: str) -> Zone | None:
    fitting = [candidate for candidate in ZONES if path.startswith(candidate.prefix)]
    return max(fitting, key=lambda candidate: len(candidate.prefix), default=None)


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and dotted name of each absolute import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module


def form_of_imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield node.lineno, "relative import: write the full name, so that a reader sees which room it comes from"
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            yield node.lineno, "star import: name what is used"


def wrong_imports(tree: ast.AST, home: Zone) -> Iterator[tuple[int, str]]:
    for line, name in imports(tree):
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names and top not in home.may_import:
            allowed = ", ".join(sorted(home.may_import)) or "nothing"
            yield line, f"imports {name}; {home.prefix} may import {allowed} (and the standard library): {home.why}"


def impure_imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for line, name in imports(tree):
        for what, modules in IMPURE_MODULES.items():
            if name.partition(".")[0] in modules:
                yield line, f"imports {name} ({what}): the core is a function of its arguments; do this in a shell"


def dotted(node: ast.expr) -> str:
    """`a.b.c` of an attribute chain; "" for the part that is not a plain name."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def impure_numpy(owner: str, last: str, call: ast.Call) -> str:
    if owner in {"np", "numpy"} and last in NUMPY_FILES:
        return "a file: take the array as an argument"
    if owner in {"np.random", "numpy.random"} and last not in NUMPY_STREAMS:
        return "global randomness: draw from a numpy Generator that was passed in"
    if last == "default_rng" and not call.args and not call.keywords:
        return "a random stream without a seed: two runs would differ"
    return ""


def impure_call(call: ast.Call) -> str:
    """What is wrong with one call in the pure core; "" if nothing is."""
    name = dotted(call.func)
    owner, _, last = name.rpartition(".")
    if name in IMPURE_BUILTINS:
        return f"calls {name}(): the core returns values; reading, writing and showing are done in a shell"
    wrong = next((what for what, methods in IMPURE_METHODS.items() if owner and last in methods), "")
    wrong = wrong or impure_numpy(owner, last, call)
    return f"calls {name}() ({wrong})" if wrong else ""


def impure_calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            wrong = impure_call(node)
            if wrong:
                yield node.lineno, wrong


def size(source: str, home: Zone) -> Iterator[tuple[int, str]]:
    lines = len(source.splitlines())
    if lines > home.most_lines:
        yield lines, f"has {lines} lines, at most {home.most_lines}: one file, one idea; move a part out ({home.why})"


def violations_in(path: str, source: str) -> Iterator[Violation]:
    home = zone_of(path)
    if home is None:
        prefixes = " ".join(known.prefix for known in ZONES)
        yield Violation(
            path, 1, f"belongs to no room of the house ({prefixes}); add a zone to tests/test_architecture.py"
        )
        return
    tree = ast.parse(source, path)
    found = [*form_of_imports(tree), *wrong_imports(tree, home), *size(source, home)]
    if home.pure:
        found += [*impure_imports(tree), *impure_calls(tree)]
    yield from (Violation(path, line, text) for line, text in sorted(found))


def violations(root: Path) -> list[Violation]:
    """Everything wrong with the tree at `root`."""
    return [
        violation
        for path in product_files(root)
        for violation in violations_in(path, (root / path).read_text(encoding="utf-8"))
    ]


def test_the_house_keeps_its_shape() -> None:
    found = violations(ROOT)
    assert not found, "\n" + "\n".join(map(str, found))


def test_the_house_is_looked_at() -> None:
    files = set(product_files(ROOT))
    assert {"errors.py", "simulator/__init__.py"} <= files
    assert not any(path.startswith(("tests/", ".venv/")) for path in files)


PLANTED = {
    # path: (source, words that the message must hold)
    "simulator/a.py": ("import streamlit", "may import"),
    "simulator/b.py": ("from pricing.book import PriceBook", "meet only in advisor"),
    "simulator/patterns/c.py": ("import numba", "numba stays in simulator/kernels"),
    "simulator/d.py": ("from . import scenario", "relative import"),
    "simulator/e.py": ("from numpy import *", "star import"),
    "simulator/f.py": ("import time", "a clock"),
    "simulator/g.py": ("def f():\n    import random", "global randomness"),
    "simulator/h.py": ("text = open('x').read()", "calls open()"),
    "simulator/i.py": ("import numpy as np\nnp.random.seed(1)", "global randomness"),
    "simulator/j.py": ("import numpy as np\nr = np.random.default_rng()", "without a seed"),
    "simulator/k.py": ("import numpy as np\na = np.load('x.npy')", "a file"),
    "simulator/kernels/l.py": ("print('here')", "calls print()"),
    "pricing/a.py": ("import simulator.usage", "pricing turns usage into money"),
    "pricing/b.py": ("import datetime\nd = datetime.date.today()", "the clock"),
    "pricing/c.py": ("import boto3", "may import"),
    "pricing/load.py": ("from pathlib import Path", "files"),
    "advisor/a.py": ("import os", "the environment"),
    "advisor/c.py": ("import pydantic", "may import"),
    "advisor/b.py": ("import sharing.links", "may import"),
    "sharing/a.py": ("import streamlit as st", "streamlit and plotly in ui"),
    "ui/a.py": ("import boto3", "boto3 stays in"),
    "ui/figures/a.py": ("import streamlit as st", "a figure is a value"),
    "pages/a.py": ("import plotly.graph_objects as go", "reads like a sentence"),
    "pages/b.py": ("x = 1\n" * 80, "has 80 lines, at most 79"),
    "app.py": ("x = 1\n" * 40, "has 40 lines, at most 39"),
    "cli.py": ("import ui.words", "without a browser"),
    "errors.py": ("import numpy", "errors imports nothing"),
    "simulator/long.py": ("x = 1\n" * 601, "has 601 lines"),
    "helpers/a.py": ("x = 1", "no room of the house"),
    "worker.py": ("x = 1", "no room of the house"),
}
FINE = {
    "simulator/a.py": "import math\nimport numpy as np\nfrom errors import HeadroomError\nr = np.random.default_rng(7)",
    "simulator/kernels/a.py": "import numba\nimport numpy as np",
    "simulator/kernels/warm.py": "import sys\nimport time\nprint(time.perf_counter())",
    "pricing/a.py": "from datetime import date\nfrom decimal import Decimal\nd = date(2026, 11, 1)",
    "pricing/refresh/a.py": "import boto3\nfrom pathlib import Path",
    "advisor/a.py": "import simulator\nimport pricing\nx = {}.get('today')",
    "sharing/a.py": "import sqlite3\nfrom pathlib import Path\nt = Path('x').read_text()",
    "ui/figures/a.py": "import plotly.graph_objects as go",
    "pages/a.py": "import streamlit as st\nfrom ui import nav",
    "cli.py": "import argparse\nprint('fine')",
    "tests/test_a.py": "import anything",
    ".venv/a.py": "import anything",
}


def plant(root: Path, path: str, source: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(source)


@pytest.mark.parametrize("path", PLANTED)
def test_a_planted_violation_is_found_once_and_explained(tmp_path: Path, path: str) -> None:
    source, words = PLANTED[path]
    plant(tmp_path, path, source)
    found = [str(violation) for violation in violations(tmp_path)]
    assert len(found) == 1, found
    assert found[0].startswith(f"{path}:")
    assert words in found[0]


def test_what_is_allowed_passes(tmp_path: Path) -> None:
    for path, source in FINE.items():
        plant(tmp_path, path, source)
    assert violations(tmp_path) == []


def core_modules() -> list[str]:
    core = ("errors.py", "simulator/", "pricing/", "advisor/", "sharing/")
    paths = [path for path in product_files(ROOT) if path.startswith(core)]
    return [path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in paths]


@pytest.mark.parametrize("name", core_modules())
def test_every_module_of_the_core_can_be_imported(name: str) -> None:
    importlib.import_module(name)
