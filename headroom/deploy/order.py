"""In which order resources are created: each after what it refers to. They are deleted the other way round."""

from __future__ import annotations

from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter

from simulator.patterns.resources import Ref, Resource, references


def needs(resource: Resource) -> frozenset[str]:
    """Logical ids of what has to be there before."""
    named = (found.logical_id for found in references(resource.parameters) if isinstance(found, Ref))
    return frozenset(named) - {resource.logical_id} | frozenset(resource.after)


def in_order(resources: Sequence[Resource]) -> tuple[Resource, ...]:
    """The resources, each after what it needs, else in the order given. Raises ValueError where that cannot be: a
    circle, a logical id twice, or one that is not there.
    """
    by_id = {resource.logical_id: resource for resource in resources}
    if len(by_id) < len(resources):
        raise ValueError("two resources have one logical id")
    missing = sorted({name for resource in resources for name in needs(resource)} - set(by_id))
    if missing:
        raise ValueError(f"no resource has the logical id {', '.join(missing)}")
    place = {name: index for index, name in enumerate(by_id)}
    sorter = TopologicalSorter({name: needs(resource) for name, resource in by_id.items()})
    try:
        sorter.prepare()
    except CycleError as error:
        raise ValueError("resources need each other in a circle") from error
    ordered: list[Resource] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=place.__getitem__)
        ordered += (by_id[name] for name in ready)
        sorter.done(*ready)
    return tuple(ordered)
