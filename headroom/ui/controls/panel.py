"""The controls that matter most, beside every page of a scenario: how much, when, what the model needs, what must hold,
and where.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from headroom.ui.controls import control, day, menu, wanted
from headroom.ui.controls.control import Choice, Number
from headroom.ui.shell import cached, page_link
from headroom.ui.widgets.plain_text import lines
from simulator.model.requirement import Requirement
from simulator.model.workload import Workload
from simulator.scenario import Scenario
from simulator.traffic.kinds import Traffic

PERCENTILES = (50.0, 90.0, 95.0, 99.0, 99.9)


def show(scenario: Scenario) -> None:
    """Draw the menu of scenarios and the controls into the sidebar."""
    with st.sidebar:
        menu.show()
        for controls in (_traffic(scenario), _service(scenario), _size(scenario), *_answer(scenario), _place(scenario)):
            for place, drawn in zip(st.columns(len(controls), gap="small"), controls, strict=True):
                with place:
                    drawn.draw()
        page_link.link_to("settings", "All settings")
        if problem := control.refused():
            st.error(lines(problem))


def _traffic(scenario: Scenario) -> Sequence[Number | Choice]:
    traffic = scenario.workload.traffic
    amount, shape = day.amount_of(traffic), day.shape_of(traffic)
    return (
        Number(
            name=f"amount {amount.label}",
            label=amount.label,
            help="At the busiest time of the day; of data sets, in each. Of a recording: how many times it is taken.",
            value=amount.value,
            change=lambda scenario, value: _with_traffic(
                scenario, day.with_much(scenario.workload.traffic, value * amount.per_unit)
            ),
        ),
        Choice(
            name="shape",
            label="Shape of the day",
            help="A shape of your own, or a file, is in all settings.",
            value=shape,
            options=list(day.SHAPES),
            titles={**{key: one.title for key, one in day.SHAPES.items()}, day.OWN: day.KIND_WORDS[traffic.kind]},
            change=_reshaped,
        ),
    )


def _reshaped(scenario: Scenario, key: str) -> Scenario:
    if key == day.OWN:
        return scenario
    return _with_traffic(scenario, day.reshaped(scenario.workload.traffic, key))


def _service(scenario: Scenario) -> Sequence[Number | Choice]:
    workload = scenario.workload
    return (
        Number(
            name="service",
            label="Service time (ms)",
            help="Mean time of one request in your container, without waiting, on the machine beside.",
            value=workload.service_time.mean_ms,
            least=0.001,
            change=lambda scenario, value: _with_workload(
                scenario, service_time={**dict(scenario.workload.service_time), "mean_ms": value}
            ),
        ),
        Choice(
            name="machine",
            label="Measured on",
            help="The instance type on which that time holds; other types are scaled from it. One with a GPU: the model"
            " needs a GPU.",
            value=workload.reference_instance_type,
            options=sorted(cached.world().hardware),
            titles={},
            change=_measured_on,
        ),
    )


def _measured_on(scenario: Scenario, name: str) -> Scenario:
    kind = cached.world().hardware.get(name)
    measured = _with_workload(scenario, reference_instance_type=name)
    return _with_requirement(measured, needs_gpu=bool(kind and kind.gpu_count))


def _size(scenario: Scenario) -> Sequence[Number | Choice]:
    workload = scenario.workload
    return (
        Number(
            name="payload",
            label="Payload (MB)",
            help="Mean size of one request as it is sent.",
            value=workload.request_mb,
            change=lambda scenario, value: _with_workload(scenario, request_mb=value),
        ),
        Number(
            name="memory",
            label="Memory (MB)",
            help="Memory that one worker needs, model included.",
            value=workload.memory_mb,
            least=1.0,
            change=lambda scenario, value: _with_workload(scenario, memory_mb=value),
        ),
    )


def _answer(scenario: Scenario) -> Sequence[Sequence[Number | Choice]]:
    key, limit_s = wanted.wanted_of(scenario), wanted.limit_of(scenario)
    (unit, unit_s), percent = wanted.unit_of(key, limit_s), scenario.requirement.latency_percentile
    percentiles = sorted({*PERCENTILES, percent})
    when = Choice(
        name="wanted",
        label="Answer wanted",
        help="Whether the caller waits on the connection, or the answer may be fetched from S3 later.",
        value=key,
        options=list(wanted.CHOICES),
        titles={name: one.title for name, one in wanted.CHOICES.items()},
        change=wanted.with_wanted,
    )
    limit = Number(
        name=f"limit {unit}",
        label=f"Limit ({unit})",
        help="The longest that is acceptable. Empty: no limit.",
        value=limit_s / unit_s if limit_s else None,
        optional=True,
        change=lambda scenario, value: wanted.with_limit(scenario, (value or 0.0) * unit_s),
    )
    share = Choice(
        name="percentile",
        label="Holds for",
        help="The share of requests that must be within the limit.",
        value=percent,
        options=percentiles,
        titles={value: f"{value:g} % (p{value:g})" for value in percentiles},
        change=lambda scenario, value: _with_requirement(scenario, latency_percentile=value),
    )
    return (when,), (limit, share)


def _place(scenario: Scenario) -> Sequence[Number | Choice]:
    return (
        Number(
            name="errors",
            label="Errors (%)",
            help="Most requests that may end without an answer, in percent.",
            value=100 * scenario.requirement.max_error_share,
            most=100.0,
            change=lambda scenario, value: _with_requirement(scenario, max_error_share=float(f"{value / 100:.9g}")),
        ),
        Choice(
            name="region",
            label="Region",
            help="The AWS Region whose prices count.",
            value=scenario.region,
            options=cached.world().prices.regions(),
            titles={},
            change=lambda scenario, value: scenario.model_copy(update={"region": value}),
        ),
    )


def _with_traffic(scenario: Scenario, traffic: Traffic) -> Scenario:
    return _with_workload(scenario, traffic=traffic)


def _with_workload(scenario: Scenario, **changes: Any) -> Scenario:
    return scenario.model_copy(update={"workload": Workload.model_validate({**dict(scenario.workload), **changes})})


def _with_requirement(scenario: Scenario, **changes: Any) -> Scenario:
    changed = Requirement.model_validate({**dict(scenario.requirement), **changes})
    return scenario.model_copy(update={"requirement": changed})
