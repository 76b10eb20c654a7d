"""What a pattern is stands in its folder: nothing outside asks which pattern a deployment has, or what fields."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.patterns.registry import PATTERNS

ROOT = Path(__file__).resolve().parents[3]
ROOMS = ("simulator", "pricing", "headroom", "pages", "app.py")
KEYS = frozenset(pattern.key for pattern in PATTERNS)
CLASSES = frozenset(pattern.deployment.__name__ for pattern in PATTERNS)

ALLOWED = {
    ("headroom/advisor/portfolio/shared.py", "demand.kind == 'serverless'"): (
        "the kind of a quota, which AWS gives the name of the pattern"
    ),
    ("simulator/scaling/policies.py", "getattr(deployment, name, None)"): (
        "the one place that knows the fields of scaling, whichever of them a deployment has"
    ),
    ("simulator/scaling/policies.py", "getattr(deployment, 'scheduled_actions', ())"): "the same",
    ("headroom/advisor/explore/rules.py", "('serverless',)"): "rules of thumb of the field are about named patterns",
    ("headroom/advisor/explore/rules.py", "('realtime',)"): "the same",
    ("headroom/advisor/explore/rules.py", "('batch',)"): "the same",
    ("headroom/advisor/explore/rules.py", "('asynchronous',)"): "the same",
    ("simulator/patterns/protocol.py", "Literal['endpoint', 'transform', 'serverless']"): "the kinds of quotas",
}
"""File and expression -> why it may ask all the same."""


def names(node: ast.AST, wanted: frozenset[str]) -> bool:
    """Whether a text or a name of these stands anywhere in the expression."""
    return any(
        (isinstance(part, ast.Constant) and part.value in wanted)
        or (isinstance(part, ast.Name) and part.id in wanted)
        or (isinstance(part, ast.Attribute) and part.attr in wanted)
        for part in ast.walk(node)
    )


def asks(node: ast.AST) -> bool:
    """Whether the expression or statement chooses by the pattern, or reads a field that some deployments have."""
    chooses = False
    match node:
        case ast.Compare():
            chooses = names(node, KEYS)
        case ast.Dict(keys=entries) | ast.Set(elts=entries) | ast.Tuple(elts=entries) | ast.List(elts=entries):
            chooses = any(isinstance(entry, ast.Constant) and entry.value in KEYS for entry in entries)
        case ast.Subscript(slice=key):
            chooses = names(key, KEYS)
        case ast.Match(subject=subject, cases=cases):
            chooses = names(subject, frozenset({"pattern"})) or any(names(case.pattern, KEYS) for case in cases)
        case ast.Call(func=ast.Name(id="isinstance" | "issubclass"), args=[_, kinds]):
            chooses = names(kinds, CLASSES)
        case ast.Call(func=ast.Name(id="getattr" | "hasattr"), args=[subject, *_]):
            chooses = "deployment" in ast.unparse(subject)
    return chooses


def outermost(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes that ask, without those inside of one that does."""
    for child in ast.iter_child_nodes(tree):
        if asks(child):
            yield child
        else:
            yield from outermost(child)


def imports_a_folder(node: ast.AST) -> bool:
    """Whether the statement imports from inside the folder of a pattern."""
    return (
        isinstance(node, ast.ImportFrom)
        and node.module is not None
        and any(f"{node.module}.".startswith(f"simulator.patterns.{key}.") for key in KEYS)
    )


def dispatches(root: Path) -> list[tuple[str, str]]:
    """File and text of everything outside the folders that depends on which pattern it is."""
    found = []
    for room in ROOMS:
        files = [root / room] if room.endswith(".py") else sorted((root / room).rglob("*.py"))
        for file in files:
            path = file.relative_to(root)
            if path.parts[:2] == ("simulator", "patterns") and len(path.parts) > 3:
                continue
            tree = ast.parse(file.read_text(encoding="utf-8"))
            found += [(path.as_posix(), ast.unparse(node)) for node in outermost(tree)]
            if path.name != "registry.py":
                found += [(path.as_posix(), ast.unparse(node)) for node in ast.walk(tree) if imports_a_folder(node)]
    return found


def test_nothing_outside_the_folders_asks_which_pattern_it_is() -> None:
    assert set(dispatches(ROOT)) == set(ALLOWED)


PLANTED = (
    "deployment.pattern == 'batch'",
    "pattern in ('realtime', 'serverless')",
    "{'realtime': 1}",
    "{('realtime', True): 1}",
    "{(key, True): 1 for key in ('realtime',)}",
    "WEIGHTS['batch']",
    "isinstance(one, BatchDeployment)",
    "getattr(deployment, 'scaling', None)",
    "hasattr(evaluation.deployment, 'scaling')",
    "match deployment.pattern:\n    case _:\n        pass",
    "match key:\n    case 'batch':\n        pass",
    "from simulator.patterns.batch.run import run",
)


@pytest.mark.parametrize("text", PLANTED)
def test_a_planted_dispatch_is_found(tmp_path: Path, text: str) -> None:
    for room in ROOMS:
        (tmp_path / room).mkdir() if not room.endswith(".py") else (tmp_path / room).write_text("")
    (tmp_path / "pricing" / "planted.py").write_text(text)
    assert [path for path, _ in dispatches(tmp_path)] == ["pricing/planted.py"]


def test_the_folders_themselves_may(tmp_path: Path) -> None:
    for room in ROOMS:
        (tmp_path / room).mkdir() if not room.endswith(".py") else (tmp_path / room).write_text("")
    (tmp_path / "simulator" / "patterns" / "batch").mkdir(parents=True)
    (tmp_path / "simulator" / "patterns" / "batch" / "run.py").write_text(PLANTED[0])
    assert dispatches(tmp_path) == []


def test_no_two_patterns_are_drawn_alike() -> None:
    for look in ("title", "short", "letter", "symbol", "dash", "light", "dark"):
        assert len({getattr(pattern.description, look) for pattern in PATTERNS}) == len(PATTERNS), look


def test_the_estimate_knows_only_fields_that_there_are() -> None:
    for pattern in PATTERNS:
        assert pattern.surrogate.modelled <= set(pattern.deployment.model_fields), pattern.key


def test_a_usage_key_of_compute_belongs_to_one_pattern() -> None:
    keys = [key for pattern in PATTERNS for key in pattern.compute]
    assert len(keys) == len(set(keys))
