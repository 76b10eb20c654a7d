r"""The shape of the house, executable: who may import whom, and what the pure core may not touch.

    simulator \
               headroom.advisor <- sharing, work <- ui, cli <- pages, app.py
    pricing   /

`ZONES` is the whole law. Everything is read with `ast`, nothing is run, so a violation is found even in a branch that
no test takes. If a rule makes the house worse, change it here and write down why in docs/decisions/.
"""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOT_PRODUCT = {"tests", "bench", "scripts", "docs", "scenarios", "build", "dist"}
MOST_LINES = 450


@dataclass(frozen=True)
class Zone:
    """Files under `prefix` (the longest matching prefix wins) and the packages that they may import, with all that is
    in these, beside the standard library.
    """

    prefix: str
    may_import: frozenset[str]
    pure: bool = False
    most_lines: int = MOST_LINES
    why: str = ""


def zone(prefix: str, may_import: str, *, pure: bool = False, most_lines: int = MOST_LINES, why: str = "") -> Zone:
    return Zone(prefix, frozenset(may_import.split()), pure, most_lines, why)


_CORE = "the core knows nothing of the app, of AWS or of its callers"
_SIMULATOR = f"pricing and simulator meet only in headroom/advisor, numba stays in simulator/kernels, and {_CORE}"
_ROOMS = (
    "headroom.errors headroom.locations headroom.version headroom.advisor headroom.codec headroom.deploy"
    " headroom.sharing"
)
_PROGRAM = f"{_ROOMS} headroom.traffic_files headroom.work simulator pricing"

ZONES = (
    zone("simulator/", "simulator numpy pydantic", pure=True, why=_SIMULATOR),
    zone(
        "simulator/kernels/",
        "simulator.kernels numpy numba",
        pure=True,
        why=f"arrays in, arrays out; {_SIMULATOR}",
    ),
    zone("simulator/kernels/warm.py", "simulator numpy numba", why="a program: compiles the kernels ahead"),
    zone("pricing/", "pricing", pure=True, why=f"pricing turns usage into money and {_CORE}"),
    zone("pricing/load.py", "pricing pydantic", pure=True, why="it reads text that it is given, no files"),
    zone("headroom/__init__.py", "", pure=True, why="everything imports it"),
    zone("headroom/errors.py", "simulator.errors", pure=True, why="everything imports it"),
    zone("headroom/locations.py", "", why="everything may ask where a file is"),
    zone("headroom/version.py", "", why="everything may ask for the version"),
    zone("setup.py", "setuptools", why="it says what a wheel holds"),
    zone("headroom/__main__.py", "headroom.cli", why="it starts the command line"),
    zone(
        "headroom/advisor/",
        "headroom.advisor simulator pricing numpy",
        pure=True,
        why=f"advisor joins the two, and {_CORE}",
    ),
    zone(
        "headroom/codec.py",
        "headroom.advisor simulator pricing numpy pydantic cattrs",
        pure=True,
        why="one codec for every value, from outside of them: no value knows its own JSON",
    ),
    zone(
        "headroom/deploy/",
        "headroom.deploy headroom.advisor simulator pricing botocore",
        why="one intermediate form of what AWS has to create; of botocore it reads the models of AWS's API",
    ),
    zone(
        "headroom/deploy/live/",
        "headroom.deploy headroom.advisor headroom.locations simulator pricing",
        why="accounts are looked at and changed here, through one door: live/aws.py",
    ),
    zone(
        "headroom/deploy/live/aws.py",
        "headroom.deploy simulator.errors boto3 botocore",
        why="the one file that calls AWS",
    ),
    zone(
        "headroom/deploy/exports/script.py",
        "boto3 botocore",
        why="it leaves the house: deploy.py is this text, which has to run where there is nothing but boto3",
    ),
    # pydantic_core holds the types of pydantic's own error lists; pydantic brings exactly its version.
    zone(
        "headroom/sharing/",
        f"{_ROOMS} simulator pricing pydantic pydantic_core",
        why="how scenarios and results travel; who shows them, it does not know",
    ),
    zone(
        "headroom/sharing/postgres_table.py",
        "headroom.sharing headroom.errors psycopg",
        why="the one file that needs psycopg, which only who has a PostgreSQL database installs",
    ),
    zone(
        "headroom/prices/",
        "headroom.prices headroom.sharing pricing simulator.errors urllib3",
        why="the one room that talks to AWS's price list; it writes what headroom/sharing reads",
    ),
    zone(
        "headroom/prices/query_api.py",
        "headroom.prices pricing simulator.errors boto3 botocore",
        why="the one file of it that needs boto3",
    ),
    zone(
        "headroom/traffic_files/",
        "headroom.traffic_files headroom.errors headroom.advisor.tell simulator numpy python_calamine",
        why="bytes that people bring in, a trace out; it opens no file and shows nothing",
    ),
    zone("headroom/work/", f"{_PROGRAM} distributed", why="where work is done; streamlit and plotly stay in ui"),
    zone(
        "headroom/ui/",
        f"headroom.ui {_PROGRAM} numpy pandas pydantic streamlit plotly",
        why="what the browser shows; numbers are made in the core",
    ),
    zone(
        "headroom/ui/figures/",
        "headroom.ui headroom.advisor headroom.sharing simulator pricing numpy plotly",
        why="a figure is a value made from values; showing it is the page's work",
    ),
    zone(
        "headroom/web/",
        f"headroom.web headroom.ui.shell.menu {_PROGRAM} streamlit starlette brotli PIL",
        why="what is served around the app; it knows the pages' names, and nothing of what they draw",
    ),
    zone(
        "pages/",
        f"headroom.ui {_PROGRAM} streamlit",
        most_lines=79,
        why="a page reads like a sentence: arithmetic belongs to the core, figures to headroom/ui/figures",
    ),
    zone("serve.py", "headroom.locations headroom.web streamlit", most_lines=39, why="the app and what is around it"),
    zone("app.py", "headroom.ui streamlit", most_lines=39, why="the router only: menu, navigation, run"),
    zone(
        "validation/",
        "validation headroom.advisor headroom.sharing headroom.work simulator numpy simpy",
        why="a shell around the engine: reads its packaged data, writes docs/validation.*; nothing imports it",
    ),
    zone(
        "headroom/cli/",
        f"headroom.cli headroom.deploy headroom.prices {_PROGRAM}",
        why="the same program without a browser",
    ),
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
        fitting = any(f"{name}.".startswith(f"{allowed}.") for allowed in home.may_import)
        if name.partition(".")[0] not in sys.stdlib_module_names and not fitting:
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
    assert {"headroom/errors.py", "simulator/__init__.py"} <= files
    assert not any(path.startswith(("tests/", ".venv/")) for path in files)


PLANTED = {
    # path: (source, words that the message must hold)
    "simulator/a.py": ("import streamlit", "may import"),
    "simulator/b.py": ("from pricing.book import PriceBook", "meet only in headroom/advisor"),
    "simulator/patterns/c.py": ("import numba", "numba stays in simulator/kernels"),
    "simulator/kernels/c.py": ("from simulator.patterns import PATTERNS", "arrays in, arrays out"),
    "simulator/d.py": ("from . import scenario", "relative import"),
    "simulator/e.py": ("from numpy import *", "star import"),
    "simulator/f.py": ("import time", "a clock"),
    "simulator/g.py": ("def f():\n    import random", "global randomness"),
    "simulator/h.py": ("text = open('x').read()", "calls open()"),
    "simulator/i.py": ("import numpy as np\nnp.random.seed(1)", "global randomness"),
    "simulator/j.py": ("import numpy as np\nr = np.random.default_rng()", "without a seed"),
    "simulator/k.py": ("import numpy as np\na = np.load('x.npy')", "a file"),
    "simulator/kernels/l.py": ("print('here')", "calls print()"),
    "pricing/a.py": ("import simulator.model.usage", "pricing turns usage into money"),
    "pricing/b.py": ("import datetime\nd = datetime.date.today()", "the clock"),
    "pricing/c.py": ("import boto3", "may import"),
    "pricing/load.py": ("from pathlib import Path", "files"),
    "headroom/errors.py": ("import numpy", "everything imports it"),
    "headroom/advisor/a.py": ("import os", "the environment"),
    "headroom/advisor/c.py": ("import pydantic", "may import"),
    "headroom/advisor/b.py": ("import headroom.sharing.link", "may import"),
    "headroom/advisor/d.py": ("from headroom.codec import to_json", "may import"),
    "headroom/codec.py": ("import headroom.sharing.link", "no value knows its own JSON"),
    "headroom/sharing/a.py": ("import streamlit as st", "how scenarios and results travel"),
    "headroom/sharing/b.py": ("from headroom.work.prefetch import one_ahead", "how scenarios and results travel"),
    "headroom/work/a.py": ("import streamlit as st", "streamlit and plotly stay in ui"),
    "headroom/ui/a.py": ("import boto3", "what the browser shows"),
    "headroom/ui/figures/a.py": ("import streamlit as st", "a figure is a value"),
    "headroom/cli/a.py": ("import headroom.ui.shell.state", "without a browser"),
    "pages/a.py": ("import plotly.graph_objects as go", "reads like a sentence"),
    "pages/b.py": ("x = 1\n" * 80, "has 80 lines, at most 79"),
    "app.py": ("x = 1\n" * 40, "has 40 lines, at most 39"),
    "simulator/long.py": ("x = 1\n" * 601, "has 601 lines"),
    "helpers/a.py": ("x = 1", "no room of the house"),
    "worker.py": ("x = 1", "no room of the house"),
}
FINE = {
    "simulator/a.py": "import math\nfrom simulator.errors import Problem\nr = numpy.random.default_rng(7)",
    "simulator/kernels/a.py": "import numba\nimport numpy as np",
    "simulator/kernels/warm.py": "import sys\nimport time\nprint(time.perf_counter())",
    "pricing/a.py": "from datetime import date\nfrom decimal import Decimal\nd = date(2026, 11, 1)",
    "headroom/advisor/a.py": "import simulator\nimport pricing\nx = {}.get('today')",
    "headroom/sharing/a.py": "import sqlite3\nfrom pathlib import Path\nt = Path('x').read_text()",
    "headroom/ui/figures/a.py": "import plotly.graph_objects as go",
    "headroom/cli/a.py": "import argparse\nprint('fine')",
    "pages/a.py": "import streamlit as st\nfrom headroom.ui.shell import nav",
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
    rooms = (
        "simulator/ pricing/ headroom/codec.py headroom/errors.py headroom/advisor/ headroom/sharing/ headroom/work/"
        " headroom/cli/ headroom/traffic_files/"
    )
    paths = [path for path in product_files(ROOT) if path.startswith(tuple(rooms.split()))]
    return [path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in paths]


@pytest.mark.parametrize("name", core_modules())
def test_every_module_of_the_core_can_be_imported(name: str) -> None:
    assert importlib.import_module(name).__name__ == name


def module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def import_graph(root: Path) -> dict[str, set[str]]:
    """Module -> the modules of this tree that it imports, those under TYPE_CHECKING and inside functions too."""
    paths = {module_name(path): path for path in product_files(root)}
    graph: dict[str, set[str]] = {}
    for name, path in paths.items():
        tree = ast.parse((root / path).read_text(encoding="utf-8"), path)
        graph[name] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                inner = {f"{node.module}.{alias.name}" for alias in node.names} & paths.keys()
                graph[name] |= inner or ({node.module} & paths.keys())
            elif isinstance(node, ast.Import):
                graph[name] |= {alias.name for alias in node.names} & paths.keys()
    return graph


def reached(graph: Mapping[str, set[str]], start: str) -> set[str]:
    """The modules that a chain of imports leads to."""
    found: set[str] = set()
    todo = [start]
    while todo:
        fresh = graph[todo.pop()] - found
        found |= fresh
        todo += fresh
    return found


def cycles(graph: Mapping[str, set[str]]) -> set[frozenset[str]]:
    """The sets of modules that each reach all others of the set."""
    reach = {name: reached(graph, name) for name in graph}
    in_circle = [name for name in graph if name in reach[name]]
    return {frozenset(other for other in reach[name] if name in reach[other]) for name in in_circle}


def test_no_files_import_each_other_in_a_circle() -> None:
    assert cycles(import_graph(ROOT)) == set()


PATTERNS_ROOM = "simulator.patterns."


def folders_that_meet(graph: Mapping[str, set[str]]) -> set[tuple[str, str]]:
    """Pairs of modules of two pattern folders of which the first imports the second."""

    def folder(name: str) -> str:
        inner = name.removeprefix(PATTERNS_ROOM)
        return inner.partition(".")[0] if name.startswith(PATTERNS_ROOM) and "." in inner else ""

    return {
        (name, other)
        for name, others in graph.items()
        for other in others
        if folder(name) and folder(other) and folder(name) != folder(other)
    }


def test_the_folders_of_patterns_do_not_import_each_other() -> None:
    assert folders_that_meet(import_graph(ROOT)) == set()


def test_a_planted_import_between_folders_is_found(tmp_path: Path) -> None:
    plant(tmp_path, "simulator/patterns/a/run.py", "from simulator.patterns.b.limits import x")
    plant(
        tmp_path, "simulator/patterns/a/limits.py", "from simulator.patterns.a import run\nimport simulator.patterns.c"
    )
    plant(tmp_path, "simulator/patterns/b/limits.py", "x = 1")
    plant(tmp_path, "simulator/patterns/c.py", "from simulator.patterns.b import limits")
    assert folders_that_meet(import_graph(tmp_path)) == {("simulator.patterns.a.run", "simulator.patterns.b.limits")}


def test_a_planted_circle_is_found(tmp_path: Path) -> None:
    plant(tmp_path, "simulator/a.py", "from simulator import b")
    plant(tmp_path, "simulator/b.py", "if TYPE_CHECKING:\n    from simulator.c import x")
    plant(tmp_path, "simulator/c.py", "def f():\n    import simulator.a")
    plant(tmp_path, "simulator/d.py", "import simulator.a")
    assert cycles(import_graph(tmp_path)) == {frozenset({"simulator.a", "simulator.b", "simulator.c"})}
