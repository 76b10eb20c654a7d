"""What setuptools does beside pyproject.toml: files that stand at the top of the repository go into the package.

In the wheel `app.py`, `serve.py`, `pages/`, `scenarios/` and `.streamlit/` lie in `headroom/top_level/`, where
`headroom.locations` looks for them, so that nothing but the three packages reaches the top level of an installation. An
editable installation leaves everything where it is.
"""

from __future__ import annotations

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

TOP_LEVEL = ("app.py", "serve.py", "pages/*.py", "scenarios/*.toml", ".streamlit/config.toml")


class BuildWithTopLevel(build_py):
    """Builds the packages, and in them the files of the top level."""

    def run(self) -> None:
        """Copy everything into the build folder."""
        super().run()
        if self.editable_mode:
            return
        root = Path(__file__).resolve().parent
        for file in sorted(file for pattern in TOP_LEVEL for file in root.glob(pattern)):
            target = Path(self.build_lib, "headroom", "top_level", file.relative_to(root))
            target.parent.mkdir(parents=True, exist_ok=True)
            self.copy_file(str(file), str(target))


setup(cmdclass={"build_py": BuildWithTopLevel})
