"""What holds for the tests themselves: each can fail, twins are independent, and no module of the product is forgotten.

Everything is read with `ast`; nothing is run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TESTS = ROOT / "tests"
PACKAGES = ("headroom", "simulator", "pricing")

REACHED_THROUGH = {
    "headroom/cli/test_deploy.py: through the command": """
        headroom.cli.deploy headroom.deploy.live.status headroom.deploy.tell
    """,
    "headroom/deploy/live/test_happy.py: plans that are made, shown and carried out": """
        headroom.deploy.differences headroom.deploy.live.doing headroom.deploy.live.look
        headroom.deploy.live.planning headroom.deploy.live.preflight
        headroom.deploy.live.waiting headroom.deploy.steps
    """,
    "headroom/ui/deploy/test_desk.py: on the page": """
        headroom.deploy.live.tell_status headroom.ui.deploy.desk headroom.ui.deploy.show
        headroom.ui.deploy.page
    """,
    "headroom/cli/test_traffic.py: the command": """
        headroom.cli.traffic
    """,
    "headroom/traffic_files/test_formats.py: behind `read_traffic`": """
        headroom.traffic_files.columns headroom.traffic_files.dates headroom.traffic_files.delimited
        headroom.traffic_files.export headroom.traffic_files.json_files headroom.traffic_files.logs
        headroom.traffic_files.numbers headroom.traffic_files.recognise headroom.traffic_files.series
        headroom.traffic_files.text headroom.traffic_files.times headroom.traffic_files.workbook
    """,
    "headroom/ui/test_start.py: a file is brought to the page": """
        headroom.ui.workload.traffic_upload
    """,
    "headroom/prices/test_refresh.py: the command, against a real server": """
        headroom.cli.prices headroom.prices.refresh
    """,
    "headroom/cli/test_cli.py: started as a program": """
        headroom.__main__
    """,
    "headroom/advisor/test_check.py: when a scenario is prepared": """
        headroom.advisor.check
    """,
    "headroom/advisor/test_evaluate.py: the figures of an answer": """
        headroom.advisor.evidence headroom.advisor.single_run
    """,
    "headroom/advisor/test_verdict.py: through the answer that is judged": """
        headroom.advisor.verdict
    """,
    "headroom/advisor/explore/test_heat_map.py: shared by every question of Explore": """
        headroom.advisor.explore.affordable_runs headroom.advisor.explore.shared_screens
    """,
    "headroom/advisor/search/test_screen.py: inside every screen": """
        headroom.advisor.search.branch_and_bound headroom.advisor.search.naming
    """,
    "headroom/advisor/tell/test_argument.py: sentences, read where they are shown": """
        headroom.advisor.tell.explain headroom.advisor.tell.portfolio headroom.advisor.tell.throttling
    """,
    "headroom/cli/test_stopping.py: in programs that are started for real": """
        headroom.advisor.effort headroom.cli.ctrl_c headroom.cli.patience
    """,
    "headroom/cli/test_streams.py: in programs that are started for real": """
        headroom.cli.streams
    """,
    "docs/test_readme.py: a program that compiles ahead and ends with its parent": """
        headroom.work.compile_ahead
    """,
    "headroom/cli/test_output.py: through the program": """
        headroom.cli.error_text headroom.cli.files headroom.cli.output headroom.cli.serve
    """,
    "headroom/cli/test_replica.py: the command": """
        headroom.cli.replica
    """,
    "headroom/sharing/test_store.py: every store, through its own words and the command's": """
        headroom.cli.store headroom.sharing.postgres_table
    """,
    "headroom/sharing/test_portfolio_file.py: through files and links": """
        headroom.sharing.portfolio_document
    """,
    "headroom/sharing/exports: through the registry of exports": """
        headroom.sharing.exports.portfolio_text headroom.sharing.exports.toml_files
    """,
    "headroom/ui/test_portfolio_page.py: drawn by the page, opened as a visitor does": """
        headroom.ui.portfolio.account headroom.ui.portfolio.body headroom.ui.portfolio.members
        headroom.ui.portfolio.portfolio_frame
        headroom.ui.portfolio.progress headroom.ui.portfolio.savings_tab
    """,
    "headroom/ui/test_pages.py: drawn by the pages, opened as a visitor does": """
        headroom.ui.assumptions_table headroom.ui.plan.bill_table headroom.ui.plan.editor headroom.ui.plan.pins
        headroom.ui.controls.menu headroom.ui.controls.panel
        headroom.ui.explore.contenders headroom.ui.explore.orders headroom.ui.figures.quick headroom.ui.plan.page
        headroom.ui.price_table headroom.ui.shell.chart headroom.ui.shell.downloads headroom.ui.shell.frame
        headroom.ui.shell.link_box headroom.ui.shell.live headroom.ui.shell.long_work headroom.ui.shell.nav
        headroom.ui.shell.page_link headroom.ui.shell.place headroom.ui.shell.problems
        headroom.ui.shell.state headroom.ui.timeline_panels
        headroom.ui.widgets.lists headroom.ui.workload.faults_form headroom.ui.workload.inputs
        headroom.ui.workload.files headroom.ui.workload.settings headroom.ui.workload.traffic_panel
    """,
    "headroom/web/test_guard.py: with the rest, around a real server": """
        headroom.web.around
    """,
    "headroom/work/test_pool.py: in processes that are started for real": """
        headroom.work.call_server headroom.work.staff headroom.work.watchers headroom.work.worker
    """,
    "pricing/test_catalog.py: while the real catalogue is read": """
        pricing.derive pricing.rows
    """,
    "pricing/test_book.py: what an unknown price says": """
        pricing.missing
    """,
    "simulator/engine/test_stages.py: inside every run": """
        simulator.engine.engines.choice simulator.engine.engines.server_side_batching
        simulator.engine.engines.workers simulator.engine.load_tables simulator.engine.replication_count
    """,
    "simulator/estimate/test_answer.py: held against the exact run, scenario by scenario": """
        simulator.estimate.analytic simulator.estimate.fleet_figures simulator.estimate.fluid_queue
        simulator.estimate.outwards simulator.estimate.sampled simulator.patterns.asynchronous.estimate
        simulator.patterns.batch.estimate simulator.patterns.serverless.estimate
        simulator.patterns.serverless.speed
    """,
    "simulator/kernels/test_serverless_kernel.py: a part of that kernel": """
        simulator.kernels.environments
    """,
    "simulator/kernels/test_realtime_full_kernel.py: a part of that kernel": """
        simulator.kernels.realtime_batch simulator.kernels.realtime_client
    """,
    "simulator/kernels/test_asynchronous_kernel.py: a part of that kernel": """
        simulator.kernels.asynchronous_batch
    """,
    "docs/test_readme.py: a program that compiles ahead and changes no number": """
        simulator.kernels.warm
    """,
    "headroom/advisor/search/test_screen.py: what the search proposes": """
        simulator.patterns.asynchronous.candidates simulator.patterns.batch.candidates simulator.patterns.fleets
        simulator.patterns.realtime.candidates simulator.patterns.schedules simulator.patterns.serverless.candidates
    """,
    "headroom/advisor/search/test_neighbours.py: what the search turns": """
        simulator.patterns.asynchronous.neighbours simulator.patterns.batch.neighbours
        simulator.patterns.realtime.neighbours
    """,
    "docs/test_patterns_are_complete.py: through the registry, every pattern alike": """
        simulator.patterns.asynchronous.describe simulator.patterns.asynchronous.pattern
        simulator.patterns.asynchronous.scaler simulator.patterns.asynchronous.usage
        simulator.patterns.batch.calls simulator.patterns.batch.describe simulator.patterns.batch.limits
        simulator.patterns.batch.usage simulator.patterns.hard_limits simulator.patterns.realtime.clients
        simulator.patterns.realtime.describe simulator.patterns.realtime.usage
        simulator.patterns.serverless.describe
        simulator.patterns.serverless.scaler simulator.patterns.serverless.usage
    """,
    "simulator/patterns/test_bottlenecks.py: through the registry": """
        simulator.patterns.asynchronous.bottlenecks simulator.patterns.batch.bottlenecks
        simulator.patterns.realtime.bottlenecks simulator.patterns.serverless.bottlenecks
    """,
    "simulator/scaling/test_endpoints.py: policies and schedules of every pattern": """
        simulator.patterns.autoscaling
    """,
    "simulator/scaling/test_disturbances.py: a part of the fleet": """
        simulator.scaling.asked simulator.scaling.update
    """,
    "simulator/traffic/test_sources.py: made from their descriptions": """
        simulator.traffic.binned simulator.traffic.bursts simulator.traffic.jobs simulator.traffic.replay
    """,
}
"""Modules that no test imports, beside the test that reaches them and how."""


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def files_of_tests() -> list[Path]:
    return sorted(TESTS.rglob("test_*.py"))


# --- each test can fail -----------------------------------------------------------------------------------------------

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def called(function: FunctionNode) -> set[str]:
    """The last names of everything that a function calls."""
    callees = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    return {callee.attr if isinstance(callee, ast.Attribute) else getattr(callee, "id", "") for callee in callees}


def demands(function: FunctionNode) -> bool:
    """Whether the function itself states what must be: an assert, an expected error, or what the browser must
    show.
    """
    asserts = any(isinstance(node, ast.Assert) for node in ast.walk(function))
    return asserts or any(
        name in ("raises", "warns", "expect") or name.startswith("assert_") for name in called(function)
    )


def demanding_helpers(trees: list[ast.Module]) -> set[str]:
    """Names of functions in the tests that demand something, or call one that does."""
    functions = [node for tree in trees for node in ast.walk(tree) if isinstance(node, FunctionNode)]
    helpers = {function.name for function in functions if demands(function)}
    while more := {one.name for one in functions if one.name not in helpers and called(one) & helpers}:
        helpers |= more
    return helpers


def toothless(trees: dict[str, ast.Module], helpers: set[str]) -> Iterator[str]:
    """Tests that demand nothing."""
    for path, tree in trees.items():
        functions = (node for node in ast.walk(tree) if isinstance(node, FunctionNode))
        for function in functions:
            if function.name.startswith("test_") and not demands(function) and not called(function) & helpers:
                yield f"{path}::{function.name}"


def test_every_test_demands_something() -> None:
    trees = {path.relative_to(ROOT).as_posix(): tree_of(path) for path in files_of_tests()}
    helpers = demanding_helpers([tree_of(path) for path in TESTS.rglob("*.py")])
    assert list(toothless(trees, helpers)) == []


def test_a_planted_test_that_demands_nothing_is_found() -> None:
    planted = {"tests/test_a.py": ast.parse("def test_a():\n    print(1)\n\ndef test_b():\n    check(1)\n")}
    assert list(toothless(planted, {"check"})) == ["tests/test_a.py::test_a"]


# --- twins are independent --------------------------------------------------------------------------------------------


def logic_imported(tree: ast.Module) -> Iterator[str]:
    """What is imported from the product beside types (CapWords) and constants (UPPER_CASE)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.partition(".")[0] in PACKAGES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in PACKAGES:
            yield from (f"{node.module}.{alias.name}" for alias in node.names if not alias.name[0].isupper())


@pytest.mark.parametrize("path", sorted((TESTS / "reference").glob("*.py")), ids=lambda path: path.stem)
def test_a_twin_imports_no_logic_of_the_product(path: Path) -> None:
    assert list(logic_imported(tree_of(path))) == []


def test_planted_logic_in_a_twin_is_found() -> None:
    planted = ["from simulator.kernels.fates import OK", "from simulator.kernels import sending", "import pricing.bill"]
    assert list(logic_imported(ast.parse("\n".join(planted)))) == ["simulator.kernels.sending", "pricing.bill"]


# --- no module is forgotten -------------------------------------------------------------------------------------------


def modules() -> dict[str, Path]:
    """Dotted name -> file of every module of the product; a package's own file is imported with its modules."""
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if path.name != "__init__.py")
    return {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in files}


def imported(tree: ast.Module, known: set[str]) -> set[str]:
    """The modules that a file imports, whether by their name or something out of them."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names & known


def forgotten(known: set[str], in_tests: set[str], reasons: dict[str, str]) -> list[str]:
    """Modules that neither a test imports nor a reason names."""
    return sorted(known - in_tests - {name for names in reasons.values() for name in names.split()})


def imported_by_tests() -> set[str]:
    known = set(modules())
    return {name for path in files_of_tests() for name in imported(tree_of(path), known)}


def test_every_module_is_imported_by_a_test_or_named_beside_a_reason() -> None:
    assert forgotten(set(modules()), imported_by_tests(), REACHED_THROUGH) == []


def test_a_reason_is_about_modules_that_no_test_imports_and_names_a_test() -> None:
    unimported = set(modules()) - imported_by_tests()
    assert [name for names in REACHED_THROUGH.values() for name in names.split() if name not in unimported] == []
    assert [reason for reason in REACHED_THROUGH if not (TESTS / reason.partition(":")[0]).exists()] == []


def test_a_forgotten_module_is_found() -> None:
    known = {"simulator.a", "simulator.b", "simulator.c.d"}
    assert forgotten(known, {"simulator.a"}, {"test_c.py: a reason": "simulator.c.d"}) == ["simulator.b"]
