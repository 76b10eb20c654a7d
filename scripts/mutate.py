"""Whether the tests notice: the code is changed in one place, and the tests of its room must fail.

    python scripts/mutate.py list                          the mutants of today's code, and those that no longer apply
    python scripts/mutate.py run [--room NAME] [--jobs N]  runs those that have no result yet; stop and go on at will
    python scripts/mutate.py report                        writes docs/mutation.md from docs/mutation.json

scripts/mutants.toml names the rooms, their tests, mutants made by hand for the rules that the docs state, and mutants
that change nothing, with the reason. The rest is made from the syntax tree: a comparison turned to its neighbour, a
whole number one higher, a term dropped, two arguments exchanged, a branch removed. A mutant is addressed by file,
function and source text, so that it survives moves of lines and is made the same in each run; when the text has gone,
the mutant is gone too. The quick tests are asked first; `run --slow` asks the slow ones about what survived them.
Nothing is changed in place: every job has a copy of the committed files.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import hashlib
import itertools
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "scripts" / "mutants.toml"
RESULTS = ROOT / "docs" / "mutation.json"
PAGE = ROOT / "docs" / "mutation.md"

MOST_IN_A_FUNCTION = 3
MOST_CHARS = 110
NO_TESTS = 5  # pytest's exit code
QUICK, SLOW = "not slow and not browser", "slow and not browser"
MOST_CPU_S, PATIENCE_S = 300, 3600.0
"""A mutant may make a loop endless; then time decides, and it counts as killed. The quick tests of a room take a
minute at most.
"""

KILLED, SURVIVED, TIMED_OUT, EQUIVALENT = "killed", "survived", "killed by time", "equivalent"
NEIGHBOURS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
}
OPPOSITES = {"min": "max", "max": "min", "any": "all", "all": "any", "floor": "ceil", "ceil": "floor"}
Edit: TypeAlias = tuple[str, ast.AST, str]
"""What kind of change it is, the node whose source it replaces, and the new source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """The nth occurrence of `old` in a function ("" for the whole file) becomes `new`."""

    room: str
    file: str
    function: str
    kind: str
    old: str
    new: str
    nth: int = 0
    rule: str = ""

    @property
    def address(self) -> str:
        """The same as long as the code is."""
        nth = f" #{self.nth + 1}" if self.nth else ""
        return f"{self.file}::{self.function}::{self.old}{nth} -> {self.new}"

    def applied(self, source: str) -> str | None:
        """The source of the file with the change, None when there is no such text in it."""
        start, end = span(source, self.function)
        at = start - 1
        for _ in range(self.nth + 1):
            at = source.find(self.old, at + 1, end)
            if at < 0:
                return None
        return source[:at] + self.new + source[at + len(self.old) :]


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Files that are changed (patterns of paths), so many mutants of them, and the tests that must notice."""

    name: str
    files: tuple[str, ...]
    tests: tuple[str, ...]
    mutants: int

    def paths(self, root: Path) -> list[str]:
        """The files of today."""
        return sorted({path.relative_to(root).as_posix() for files in self.files for path in root.glob(files)})


def functions(tree: ast.AST, inside: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    """Dotted name and node of every function, with those in classes and other functions."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            name = f"{inside}.{node.name}".lstrip(".")
            if isinstance(node, ast.FunctionDef):
                yield name, node
            yield from functions(node, name)
        else:
            yield from functions(node, inside)


def offsets(source: str) -> list[int]:
    """Where each line begins, in characters."""
    return [0, *itertools.accumulate(len(line) for line in source.splitlines(keepends=True))]


def place(source: str, node: Any) -> tuple[int, int]:
    """Where a node begins and ends in its source; ast counts columns in bytes."""
    lines, begins = source.splitlines(keepends=True), offsets(source)

    def at(line: int, column: int) -> int:
        return begins[line - 1] + len(lines[line - 1].encode()[:column].decode())

    return at(node.lineno, node.col_offset), at(node.end_lineno, node.end_col_offset)


def span(source: str, function: str) -> tuple[int, int]:
    """Where a function begins and ends; nothing at all when it does not exist."""
    if not function:
        return 0, len(source)
    return next((place(source, node) for name, node in functions(ast.parse(source)) if name == function), (0, 0))


# --- mutants of the syntax tree ---------------------------------------------------------------------------------------


def compared(node: ast.Compare, text: Any) -> Iterator[Edit]:
    """A comparison turned to its neighbour."""
    parts = [node.left, *node.comparators]
    operator = NEIGHBOURS[type(node.ops[0])]
    if len(node.ops) == 1:
        yield "comparison", node, f"{text(parts[0])} {operator} {text(parts[1])}"


def dropped(node: ast.BinOp | ast.BoolOp, text: Any) -> Iterator[Edit]:
    """The last term or condition dropped."""
    if isinstance(node, ast.BoolOp):
        join = " and " if isinstance(node.op, ast.And) else " or "
        yield "dropped condition", node, join.join(text(value) for value in node.values[:-1])
    elif isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
        yield "dropped term", node, text(node.left)


def called(node: ast.Call, text: Any) -> Iterator[Edit]:
    """The first two arguments exchanged, or the opposite function called."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in OPPOSITES:
        owner = f"{text(node.func.value)}." if isinstance(node.func, ast.Attribute) else ""
        yield "opposite function", node.func, f"{owner}{OPPOSITES[name]}"
    elif len(node.args) > 1 and not any(isinstance(arg, ast.Starred) for arg in node.args[:2]):
        first, second = (text(arg) for arg in node.args[:2])
        rest = [text(arg) for arg in node.args[2:]] + [text(keyword) for keyword in node.keywords]
        alike = type(node.args[0]) is type(node.args[1]) and not isinstance(node.args[0], ast.Constant)
        if alike and name not in ("isinstance", "getattr", "zip") and first != second:
            yield "exchanged arguments", node, f"{text(node.func)}({', '.join([second, first, *rest])})"


def edits(node: ast.AST, text: Any) -> Iterator[Edit]:
    """The changes that this node allows."""
    match node:
        case ast.Compare():
            yield from compared(node, text)
        case ast.BinOp() | ast.BoolOp():
            yield from dropped(node, text)
        case ast.Call():
            yield from called(node, text)
        case ast.Constant(value=int() as number) if not isinstance(number, bool):
            yield "off by one", node, str(number + 1)
        case ast.Constant(value=bool() as truth):
            yield "opposite truth", node, str(not truth)
        case ast.UnaryOp(op=ast.Not()):
            yield "dropped not", node, text(node.operand)
        case ast.If() | ast.While():
            yield "removed branch", node.test, "False"
        case ast.IfExp():
            yield "removed branch", node, text(node.orelse)


def mutated_nodes(function: ast.FunctionDef) -> Iterator[tuple[ast.AST, ast.expr | None]]:
    """Nodes of the body with the outermost expression around each; no messages, no settings by keyword."""
    todo: list[tuple[ast.AST, ast.expr | None]] = [(node, None) for node in reversed(function.body)]
    while todo:
        node, outer = todo.pop()
        if isinstance(node, ast.Raise | ast.JoinedStr | ast.FunctionDef | ast.Assert):
            continue
        outer = outer or (node if isinstance(node, ast.expr) else None)
        yield node, outer
        todo += [(child, outer) for child in reversed(list(ast.iter_child_nodes(node))) if not is_setting(child)]


def is_setting(node: ast.AST) -> bool:
    """Whether it is an argument like `strict=True` or `width=300`."""
    return isinstance(node, ast.keyword) and isinstance(node.value, ast.Constant)


def generated(room: str, file: str, source: str) -> Iterator[Mutant]:
    """Every mutant of a file."""

    def text(node: ast.AST) -> str:
        begin, end = place(source, node)
        return source[begin:end]

    for name, function in functions(ast.parse(source)):
        begins, _ = place(source, function)
        for node, outer in mutated_nodes(function):
            for kind, target, new in edits(node, text):
                around = outer if outer is not None and is_short(text(outer)) else target
                begin, _ = place(source, around)
                old = text(around)
                inner, ends = place(source, target)
                changed = (
                    old[: inner - begin] + (new if target is around else bracketed(node, new)) + old[ends - begin :]
                )
                nth = sum(source.startswith(old, at) for at in range(begins, begin))
                yield Mutant(room=room, file=file, function=name, kind=kind, old=old, new=changed, nth=nth)


def is_short(text: str) -> bool:
    """Whether it can be an address that a person reads."""
    return "\n" not in text and len(text) <= MOST_CHARS


def bracketed(node: ast.AST, new: str) -> str:
    """What stood as one operand stays one."""
    return (
        f"({new})"
        if isinstance(node, ast.BinOp | ast.BoolOp | ast.IfExp | ast.UnaryOp | ast.Compare) and " " in new
        else new
    )


def sample(mutants: Iterable[Mutant], count: int) -> list[Mutant]:
    """The same ones in each run, spread over files and functions; whatever else changes, they stay chosen."""
    queues: defaultdict[str, list[Mutant]] = defaultdict(list)
    taken: Counter[tuple[str, str]] = Counter()
    for mutant in sorted(mutants, key=lambda one: hashlib.sha256(one.address.encode()).digest()):
        where = mutant.file, mutant.function
        if taken[where] < MOST_IN_A_FUNCTION and is_short(mutant.old):
            taken[where] += 1
            queues[mutant.file].append(mutant)
    turns = itertools.zip_longest(*(queues[file] for file in sorted(queues)))
    return list(itertools.islice((one for turn in turns for one in turn if one), count))


def is_change(mutant: Mutant) -> bool:
    """Whether the changed text is Python and means something else."""
    try:
        return ast.dump(ast.parse(mutant.new, mode="eval")) != ast.dump(ast.parse(mutant.old, mode="eval"))
    except SyntaxError:
        return False


def read_table() -> tuple[list[Room], list[Mutant], dict[str, str]]:
    """Rooms, mutants made by hand, and the reasons of those that change nothing."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    rooms = [
        Room(name=row["name"], files=tuple(row["files"]), tests=tuple(row["tests"]), mutants=row["mutants"])
        for row in table["room"]
    ]
    homes = {path: room.name for room in rooms for path in room.paths(ROOT)}
    by_hand = [
        Mutant(kind="by hand", **{"room": homes.get(row["file"], "?"), **row}) for row in table.get("mutant", ())
    ]
    return rooms, by_hand, {row["mutant"]: row["reason"] for row in table.get("equivalent", ())}


def all_mutants(rooms: Iterable[Room], by_hand: Iterable[Mutant]) -> tuple[list[Mutant], list[Mutant]]:
    """The mutants of today's code, and those made by hand that no longer apply."""
    applying: list[Mutant] = []
    gone: list[Mutant] = []
    for mutant in by_hand:
        path = ROOT / mutant.file
        fits = path.exists() and mutant.applied(path.read_text(encoding="utf-8")) is not None
        (applying if fits and mutant.room != "?" else gone).append(mutant)
    for room in rooms:
        made = (
            mutant
            for path in room.paths(ROOT)
            for mutant in generated(room.name, path, (ROOT / path).read_text(encoding="utf-8"))
        )
        applying += sample(filter(is_change, made), room.mutants)
    return list({mutant.address: mutant for mutant in applying}.values()), gone


# --- running them -----------------------------------------------------------------------------------------------------


class Copies:
    """Copies of the committed files, each a git worktree in a temporary folder, with what is compiled already."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mutants-"))
        self.count = 0

    def another(self) -> Path:
        """A copy whose files are as old as the originals, so that compiled code of theirs stays valid."""
        copy = self.folder / str(self.count)
        self.count += 1
        git("worktree", "add", "-q", "--detach", str(copy), "HEAD")
        for path in git("ls-files").splitlines():
            original = ROOT / path
            if original.exists() and original.read_bytes() == (copy / path).read_bytes():
                shutil.copystat(original, copy / path)
        for cache in ROOT.glob("simulator/**/__pycache__"):
            shutil.copytree(cache, copy / cache.relative_to(ROOT), dirs_exist_ok=True)
        return copy

    def close(self) -> None:
        """Leave nothing behind."""
        for number in range(self.count):
            git("worktree", "remove", "--force", str(self.folder / str(number)))
        shutil.rmtree(self.folder, ignore_errors=True)


def git(*words: str) -> str:
    """What git answers in this repository."""
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout


PRELOADED = ("numpy", "numba", "pydantic", "pandas", "plotly.graph_objects", "streamlit.testing.v1")


def preload() -> None:
    """Import the packages of others once; each job is a fork that has them already."""
    for name in PRELOADED:
        __import__(name)


def ordered(tests: Iterable[str], file: str, copy: Path) -> list[str]:
    """The test files, those that import the changed module first."""
    module = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    room, _, name = module.rpartition(".")
    files = [
        found
        for test in tests
        for found in ([copy / test] if test.endswith(".py") else sorted((copy / test).rglob("test_*.py")))
    ]

    def is_near(path: Path) -> bool:
        source = path.read_text(encoding="utf-8")
        return module in source or (f"from {room} import" in source and name in source)

    return [path.relative_to(copy).as_posix() for path in sorted(files, key=lambda path: not is_near(path))]


def child(copy: Path, tests: list[str], log: Path, speed: str) -> int:
    """In a fork: the tests of this speed, until one fails. The exit code, which is pytest's."""
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if speed == QUICK:
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S))
    os.chdir(copy)
    sys.path.insert(0, str(copy))
    os.environ["PYTHONPATH"] = str(copy)
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    import pytest  # noqa: PLC0415 - in the fork only: it rewrites what is imported after it

    preloaded = "ignore::pytest.PytestAssertRewriteWarning"
    words = ["-x", "-q", "--no-header", "-n", "0", "-p", "no:cacheprovider", "--tb=line", "-W", preloaded]
    code = 3
    try:
        code = int(pytest.main([*words, "-m", speed, *tests]))
    except BaseException:  # the log tells; whatever it was, the tests did not pass
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    return 0 if code == NO_TESTS else code


@dataclass(slots=True)
class Job:
    """A mutant under test in one copy."""

    mutant: Mutant
    copy: Path
    log: Path
    original: str
    begun_s: float
    process: int

    def end(self, code: int) -> dict[str, Any]:
        """Put the file back; what came out of it."""
        (self.copy / self.mutant.file).write_text(self.original, encoding="utf-8")
        shutil.copystat(ROOT / self.mutant.file, self.copy / self.mutant.file)
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        by = next((line.split()[1] for line in lines if line.startswith(("FAILED ", "ERROR "))), "")
        if code > 1 and not by:
            raise RuntimeError(f"the tests did not run; see {self.log}:\n" + "\n".join(lines[-20:]))
        result = SURVIVED if code == 0 else TIMED_OUT if code < 0 else KILLED
        return {"result": result, "by": by, "seconds": round(time.monotonic() - self.begun_s)}


def begin(mutant: Mutant, room: Room, copy: Path, speed: str) -> Job:
    """Change the file in the copy and fork a process that runs the tests."""
    path, log = copy / mutant.file, copy.parent / f"{copy.name}.log"
    original = path.read_text(encoding="utf-8")
    changed = mutant.applied(original)
    if changed is None:
        raise ValueError(f"{mutant.address}: not in the committed files")
    path.write_text(changed, encoding="utf-8")
    tests = ordered(room.tests, mutant.file, copy)
    process = os.fork()
    if not process:
        os._exit(child(copy, tests, log, speed))
    return Job(mutant, copy, log, original, time.monotonic(), process)


def end(job: Job) -> None:
    """End the process of a job and those that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(job.process, signal.SIGKILL)


def reaped(jobs: list[Job]) -> Iterator[tuple[Job, int]]:
    """The jobs that have ended, with their exit codes; those that take too long are ended."""
    for job in list(jobs):
        if time.monotonic() - job.begun_s > PATIENCE_S:
            end(job)
        process, status = os.waitpid(job.process, os.WNOHANG)
        if process:
            jobs.remove(job)
            yield job, os.waitstatus_to_exitcode(status)


def run(mutants: list[Mutant], rooms: Mapping[str, Room], most_jobs: int, speed: str) -> None:
    """Run mutants, so many at a time; each result is kept as soon as it is there."""
    preload()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing is left behind
    copies, results = Copies(), read_results()
    free, todo, jobs = [copies.another() for _ in range(most_jobs)], mutants[::-1], list[Job]()
    try:
        while todo or jobs:
            while todo and free:
                mutant = todo.pop()
                jobs.append(begin(mutant, rooms[mutant.room], free.pop(), speed))
            for job, code in reaped(jobs):
                results[job.mutant.address] = {**described(job.mutant), **job.end(code)}
                keep(results)
                free.append(job.copy)
                found = results[job.mutant.address]
                print(f"{found['result']:9} {found['seconds']:4} s  {job.mutant.address}  {found['by']}", flush=True)
            time.sleep(0.1)
    finally:
        for job in jobs:
            end(job)
        copies.close()


def described(mutant: Mutant) -> dict[str, Any]:
    """What is kept of a mutant."""
    return {"room": mutant.room, "kind": mutant.kind, "rule": mutant.rule}


def read_results() -> dict[str, dict[str, Any]]:
    """Address -> result, of all runs so far."""
    return dict(json.loads(RESULTS.read_text(encoding="utf-8"))) if RESULTS.exists() else {}


def keep(results: Mapping[str, dict[str, Any]]) -> None:
    """Write the results, all or nothing."""
    fresh = RESULTS.with_suffix(".new")
    fresh.write_text(json.dumps(results, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    fresh.replace(RESULTS)


# --- telling of them --------------------------------------------------------------------------------------------------


def judged(mutant: Mutant, results: Mapping[str, dict[str, Any]], equivalent: Mapping[str, str]) -> str:
    """What became of a mutant; "" when it was not run yet."""
    result = str(results.get(mutant.address, {}).get("result", ""))
    return EQUIVALENT if mutant.address in equivalent and result == SURVIVED else result


def row(cells: Iterable[object]) -> str:
    """A row of a Markdown table; code may hold a bar."""
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def table(head: str, rows: Iterable[Iterable[object]]) -> list[str]:
    """A Markdown table."""
    titles = head.split(", ")
    return [row(titles), row("---" for _ in titles), *map(row, rows), ""]


def share(outcomes: Counter[str]) -> str:
    """Of those that change something, the share that died."""
    dead, alive = outcomes[KILLED] + outcomes[TIMED_OUT], outcomes[SURVIVED]
    return f"{dead / (dead + alive):.0%}" if dead + alive else ""


def page(mutants: list[Mutant], results: Mapping[str, dict[str, Any]], equivalent: Mapping[str, str]) -> str:
    """The page of the docs."""
    by_room: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for mutant in mutants:
        by_room[mutant.room][judged(mutant, results, equivalent) or "not run"] += 1
    together = sum(by_room.values(), Counter[str]())
    columns = (KILLED, TIMED_OUT, SURVIVED, EQUIVALENT, "not run")
    lines = [
        "# Do the tests notice?",
        "",
        "Written by `python scripts/mutate.py report`; do not edit. The program is changed in one place, and the tests",
        "of that room must fail. Mutants made by hand turn a stated rule round; the others are drawn from the syntax",
        "tree. The share is that of the mutants which change something.",
        "",
        *table(
            f"room, mutants, {', '.join(columns)}, share that died",
            [
                [room, counts.total(), *(counts[column] for column in columns), share(counts)]
                for room, counts in (*by_room.items(), ("all", together))
            ],
        ),
        "## Rules turned round by hand",
        "",
        *table(
            "rule, in, change, result, noticed by",
            [
                [mutant.rule, f"`{mutant.file}`", f"`{mutant.old}` -> `{mutant.new}`", *fate(mutant, results)]
                for mutant in mutants
                if mutant.kind == "by hand"
            ],
        ),
        "## Survivors",
        "",
        *table(
            "room, mutant, why it changes nothing",
            [
                [mutant.room, f"`{mutant.address}`", equivalent.get(mutant.address, "it does: a test is missing")]
                for mutant in mutants
                if judged(mutant, results, equivalent) in (SURVIVED, EQUIVALENT)
            ],
        ),
    ]
    return "\n".join(lines)


def fate(mutant: Mutant, results: Mapping[str, dict[str, Any]]) -> tuple[str, str]:
    """Result of a mutant and the name of the test that noticed."""
    result = results.get(mutant.address, {})
    by = str(result.get("by", "")).rpartition("::")[2]
    return str(result.get("result", "not run")), f"`{by}`" if by else ""


def main() -> int:
    """List, run or report; 1 when one survived that changes something."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("do", choices=("list", "run", "report"))
    parser.add_argument("--room", default="", help="only this room")
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time")
    parser.add_argument("--survivors", action="store_true", help="run those again that survived")
    parser.add_argument("--slow", action="store_true", help="run the survivors against the slow tests of their room")
    arguments = parser.parse_args()
    rooms, by_hand, equivalent = read_table()
    mutants, gone = all_mutants(rooms, by_hand)
    mutants = [mutant for mutant in mutants if arguments.room in ("", mutant.room)]
    for mutant in gone:
        print(f"no longer applies: {mutant.address}")
    results = read_results()
    wanted = (SURVIVED,) if arguments.slow else ("", SURVIVED) if arguments.survivors else ("",)
    todo = [mutant for mutant in mutants if judged(mutant, results, equivalent) in wanted]
    if arguments.do == "list":
        for mutant in mutants:
            print(f"{judged(mutant, results, equivalent) or 'not run':14} {mutant.kind:20} {mutant.address}")
    elif arguments.do == "run":
        run(todo, {room.name: room for room in rooms}, arguments.jobs, SLOW if arguments.slow else QUICK)
    else:
        PAGE.write_text(page(mutants, results, equivalent), encoding="utf-8")
    outcomes = Counter(judged(mutant, read_results(), equivalent) or "not run" for mutant in mutants)
    print(f"{len(mutants)} mutants: " + ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items())))
    return 1 if outcomes[SURVIVED] else 0


if __name__ == "__main__":
    sys.exit(main())
