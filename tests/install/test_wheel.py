"""The wheel in a clean environment does all that the checkout does."""

from __future__ import annotations

import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from headroom.sharing.presets import preset_keys
from headroom.ui.shell.menu import MOVED, PAGES
from scripts.serving import free_port
from tests.install.conftest import PATIENCE_S, ROOT, Installation, bare, copied, environment

pytestmark = pytest.mark.slow


def test_the_setuptools_of_the_test_tools_is_that_of_the_build() -> None:
    (required,) = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    assert required in (ROOT / "requirements-dev.lock").read_text().splitlines()


def test_three_packages_reach_the_top_level_and_nothing_else(names):
    top = {name.partition("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {"headroom", "simulator", "pricing"}
    assert len(top) == 4


def test_every_file_of_the_packages_is_in_it(names):
    paths = [path for room in ("headroom", "simulator", "pricing") for path in (ROOT / room).rglob("*")]
    files = [path.relative_to(ROOT) for path in paths if path.is_file()]
    assert {path.as_posix() for path in files if "__pycache__" not in path.parts} - set(names) == set()


def test_app_pages_presets_and_settings_are_in_it(names):
    wanted = {"app.py", "serve.py", ".streamlit/config.toml", *(entry.file for entry in PAGES)}
    wanted |= {f"pages/{stem}.py" for stem in MOVED}
    wanted |= {f"scenarios/{path.name}" for path in (ROOT / "scenarios").glob("*.toml")}
    assert {name.removeprefix("headroom/top_level/") for name in names if "/top_level/" in name} == wanted


def test_notices_of_others_data_are_in_it(names):
    licences = {name.rpartition("/")[2] for name in names if ".dist-info/licenses/" in name}
    assert licences == {"NOTICE", "LICENCE-MIT.md", "LICENCE-Apache-2.0.md"}


def test_what_is_imported_is_the_installed(installation):
    code = "import headroom, simulator, pricing as p; print(headroom.__file__, simulator.__file__, p.__file__)"
    files = installation.run("python", "-c", code).split()
    assert [installation.folder in Path(file).parents for file in files] == [True] * 3


def test_the_commands_are_listed(installation):
    said = installation.run("headroom", "--help")
    assert all(command in said for command in ("serve", "plan", "compare", "simulate", "validate", "portfolio"))
    assert "FILE" in installation.run("headroom", "portfolio", "--help")
    assert "--store" in installation.run("headroom", "serve", "--help")


@pytest.mark.parametrize("preset", preset_keys())
def test_every_preset_is_found_by_its_name(installation, preset):
    assert "no problems" in installation.run("headroom", "validate", preset)


def test_the_choice_is_that_of_the_checkout(installation):
    there = installation.run("headroom", "compare", "dashboard")
    here = subprocess.run(
        [sys.executable, "-m", "headroom", "compare", "dashboard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert there == here.stdout
    assert "take this" in there


def test_a_search_uses_processes_there_too(installation):
    assert "take this" in installation.run("headroom", "plan", "dashboard")


def test_a_page_is_drawn(installation):
    code = (
        "from streamlit.testing.v1 import AppTest; from headroom.locations import location_of;"
        "app = AppTest.from_file(str(location_of('app.py')), default_timeout=120).run();"
        "assert not app.exception, app.exception; print(app.title[0].value)"
    )
    assert installation.run("python", "-c", code).strip() == "Plan"


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return bytes(answer.read())


def answers(url: str) -> bool:
    try:
        return get(url) == b"ok"
    except OSError:
        return False


@contextmanager
def serving(installation: Installation, *options: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address of `headroom serve`, in a session of its own."""
    port = free_port()
    command: list[str | Path] = [installation.folder / "bin" / "headroom", "serve", "--port", str(port), *options]
    settings = environment(STREAMLIT_SERVER_HEADLESS="true")
    process = subprocess.Popen(command, cwd=installation.empty, env=settings, start_new_session=True)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not answers(f"http://127.0.0.1:{port}/_stcore/health"):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.terminate()
        process.wait(60)


def test_the_app_is_served_and_keeps_short_links_where_it_is_told(installation, tmp_path):
    with serving(installation, "--store", str(tmp_path / "links.sqlite")) as (address, process):
        assert b"<!doctype html>" in get(address).lower()
        variables = Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0")
        assert f"HEADROOM_STORE={tmp_path}/links.sqlite".encode() in variables
        assert process.poll() is None
    until_nothing_is_left_of(process)


def until_nothing_is_left_of(process: subprocess.Popen[bytes]) -> None:
    """Wait until the session that the process began is empty: what it compiles behind may take some seconds more."""
    deadline = time.monotonic() + PATIENCE_S
    while subprocess.run(["ps", "-o", "pid=", "-s", str(process.pid)], capture_output=True, check=False).stdout:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_an_editable_installation_follows_the_sources(tmp_path):
    sources = copied(tmp_path)
    code = f"from setuptools.build_meta import build_editable; build_editable({str(tmp_path)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=sources, capture_output=True, check=True)
    there = bare(tmp_path, *tmp_path.glob("*.whl"))
    (sources / "headroom" / "added").mkdir()
    (sources / "headroom" / "added" / "__init__.py").write_text("ANSWER = 42")
    assert there.run("python", "-c", "from headroom.added import ANSWER; print(ANSWER)") == "42\n"
    assert there.run("headroom", "validate", "fraud").startswith("Card-fraud scoring: no problems")
    code = "from headroom.locations import location_of; print(location_of('app.py'))"
    assert there.run("python", "-c", code) == f"{sources / 'app.py'}\n"
