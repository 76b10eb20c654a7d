"""What tables name are fields that exist, so that a field that is renamed is not passed over in silence."""

from __future__ import annotations

import pytest

from simulator.estimate.unmodelled import MODELLED
from simulator.fields import Spec
from simulator.model.assumptions import Assumptions
from simulator.model.faults import TITLES
from simulator.model.usage import KEYS
from simulator.patterns.protocol import Pattern
from simulator.patterns.registry import COMPUTE, PATTERNS


@pytest.mark.parametrize("part", MODELLED, ids=lambda part: part.__name__)
def test_formulas_know_fields_that_the_part_has_each_named_once(part: type[Spec]) -> None:
    assert set(MODELLED[part]) <= set(part.model_fields)
    assert len(set(MODELLED[part])) == len(MODELLED[part])


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.key)
def test_a_pattern_names_fields_faults_and_usage_that_exist(pattern: Pattern) -> None:
    assert pattern.surrogate.modelled <= set(pattern.deployment.model_fields)
    assert set(pattern.assumptions) <= set(Assumptions.model_fields)
    assert set(pattern.touched_by) <= set(TITLES)
    compute = {key for keys in pattern.billing.compute.values() for key in keys}
    assert compute | set(pattern.billing.data) <= set(KEYS)
    assert compute <= COMPUTE
    assert pattern.billing.machines in {"", *compute}
