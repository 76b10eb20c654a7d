"""How sure a figure is: its class, and the errors that were measured on rows that no number was fitted on."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO

from simulator.llm.model_copy import ModelCopy

SAME, NEW_GPU, NEW_PATH, CALIBRATED = "same", "new GPU", "new path", "calibrated"
NEW_DENSE, NEW_EXPERTS = "new dense model", "new model with experts"
"""What is known of a copy: the model was measured on its GPU, or on another; its kernels were with another model, or
not at all; or its user has measured it.
"""
LETTERS = {SAME: "A", NEW_GPU: "B", NEW_DENSE: "B", NEW_EXPERTS: "B", NEW_PATH: "C", CALIBRATED: "A"}
TOKEN, TTFT = "token", "ttft"
NVLINK = 100e9
"""Bytes a second from which on a link between GPUs is NVLink and no PCIe."""
_NO_NVLINK = "prompts of this model on several GPUs without NVLink were never measured"
UNCLAIMED = 0.30
"""Told of a time per token where nothing is claimed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """Errors of one figure of a class, relative: the median, and what nine of ten stay below. bar: the highest median
    at which the figure is shown; 0 where nothing is claimed and the errors are only told. rows: measured rows.
    """

    median: float
    p90: float
    bar: float
    rows: int

    @property
    def shown(self) -> bool:
        """Whether validation lets the figure be shown as sure as its class says."""
        return 0 < self.median <= self.bar


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the rows of a model on a GPU have. prompts: some that were computed, not all in the prefix cache; ttft:
    times to the first token.
    """

    prompts: bool
    ttft: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was measured: errors by class and figure; for a model and a kernel path, what was measured on which GPU."""

    accuracy: Mapping[tuple[str, str], Accuracy]
    measured: Mapping[tuple[str, str], Mapping[str, Measured]]


def parse_evidence(accuracy: str, measured: str) -> Evidence:
    """Read data/llm/accuracy.csv and data/llm/measured.csv."""
    figures = {
        (row["class"], row["figure"]): Accuracy(
            median=float(row["median"]), p90=float(row["p90"]), bar=float(row["bar"]), rows=int(row["rows"])
        )
        for row in csv.DictReader(StringIO(accuracy))
    }
    gpus: dict[tuple[str, str], dict[str, Measured]] = {}
    for row in csv.DictReader(StringIO(measured)):
        seen = Measured(prompts=row["prompts"] == "yes", ttft=row["ttft"] == "yes")
        gpus.setdefault((row["model"], row["path"]), {})[row["gpu"]] = seen
    return Evidence(accuracy=figures, measured=gpus)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidence:
    """How sure the times of a copy are. letter: A, B or C. token: relative error of the time per token that nine of
    ten stay below. ttft: the same of the time to the first token, None where it is withheld. why, why_no_ttft: the
    reasons, as parts of a sentence.
    """

    letter: str
    token: float
    ttft: float | None
    why: str
    why_no_ttft: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """Which figures the user has measured of this very copy."""

    token: bool = False
    ttft: bool = False


def confidence_of(
    copy: ModelCopy, evidence: Evidence, calibrated: Calibrated, *, prompts_cached: bool = False
) -> Confidence:
    """How sure the times of a copy are, by what was measured of it and of its like, or by its user.

    prompts_cached: whether nearly all prompt tokens are in the prefix cache, so that steps have no prompts in them.
    """
    known, why = _known(copy, evidence, prompts_cached)
    kind = CALIBRATED if calibrated.token else known
    why = "scaled to your measured point" if calibrated.token else why
    token, letter = evidence.accuracy[kind, TOKEN], LETTERS[kind]
    if letter != "C" and not token.shown:
        letter, why = "C", f"{why}; {_above(token)}"
    ttft, why_no_ttft = _ttft(copy, evidence, CALIBRATED if calibrated.ttft else known)
    if letter == "C":
        ttft, why_no_ttft = None, why_no_ttft or "nothing is claimed of class C"
    unclaimed = max(UNCLAIMED, token.p90)
    return Confidence(
        letter=letter, token=unclaimed if letter == "C" else token.p90, ttft=ttft, why=why, why_no_ttft=why_no_ttft
    )


def _above(accuracy: Accuracy) -> str:
    return (
        f"rows left out like this were {accuracy.median * 100:.0f} % off, above the bar of {accuracy.bar * 100:.0f} %"
    )


def _known(copy: ModelCopy, evidence: Evidence, prompts_cached: bool) -> tuple[str, str]:
    gpu, path = copy.accelerator.sheet.gpu_model, copy.kernel_path
    on = evidence.measured.get((copy.model.name, path), {})
    if gpu in on and (on[gpu].prompts or prompts_cached):
        return SAME, f"this model was measured on {gpu}"
    others = sorted(model for model, known in evidence.measured if known == path)
    if not others:
        return NEW_PATH, f"nobody has measured its kernels ({path}): nothing is claimed of their speed"
    if _without_nvlink(copy) and not prompts_cached:
        return NEW_PATH, f"{_NO_NVLINK}: nothing is claimed of their speed"
    if gpu in on:
        return NEW_GPU, f"this model was measured on {gpu}, but only with prompts that were in the prefix cache"
    if on:
        return NEW_GPU, f"this model was measured on {', '.join(on)}, not on {gpu}"
    kind = NEW_EXPERTS if copy.model.experts else NEW_DENSE
    return kind, f"its kernels ({path}) were measured with {', '.join(others)}, not with this model"


def _without_nvlink(copy: ModelCopy) -> bool:
    return copy.gpus > 1 and copy.accelerator.sheet.link_bytes_per_s < NVLINK


def _ttft(copy: ModelCopy, evidence: Evidence, kind: str) -> tuple[float | None, str]:
    """Error of the time to the first token, or why there is none."""
    if kind != CALIBRATED and _without_nvlink(copy):
        return None, _NO_NVLINK
    if kind == SAME and not evidence.measured[copy.model.name, copy.kernel_path][copy.accelerator.sheet.gpu_model].ttft:
        kind = NEW_GPU
    accuracy = evidence.accuracy.get((kind, TTFT))
    if accuracy is None:
        return None, "none was measured of its like"
    return (accuracy.p90, "") if accuracy.shown else (None, _above(accuracy))
