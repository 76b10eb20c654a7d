"""What the deployments of all patterns have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.fields import Spec


class BaseDeployment(Spec):
    """One configuration of one pattern. Each pattern declares the two fields itself, before its own."""

    if TYPE_CHECKING:

        @property
        def pattern(self) -> str:
            """Key of the pattern."""

        @property
        def name(self) -> str:
            """A name for this configuration."""
