"""Consent to a plan, by typing its name. Without a `Confirmed` nothing in an account can be changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from headroom.deploy.kinds import KINDS
from simulator.errors import HeadroomError

Permit = tuple[str, str]
"""An operation, and the name of what it may change."""

_MORE: Final = {
    "UpdateEndpoint": "EndpointName",
    "UpdateEndpointWeightsAndCapacities": "EndpointName",
    "UpdateSchedule": "Name",
    "UpdateBudget": "NewBudget.BudgetName",
    "Subscribe": "TopicArn",
}


def _subjects() -> dict[str, str]:
    """For each operation that changes something, where in its parameters it says what."""
    places = dict(_MORE)
    for kind in KINDS.values():
        places.setdefault(kind.create, kind.name or "ResourceId")
        if kind.delete:
            of_delete = kind.by_arn or ("AlarmNames" if kind.delete == "DeleteAlarms" else kind.name or "ResourceId")
            places.setdefault(kind.delete, of_delete.rpartition(".")[2])
    return places


SUBJECTS: Final = _subjects()


class NotConfirmed(HeadroomError):
    """Something would be changed that nobody has agreed to."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A plan that somebody agreed to by typing its name: by its hash, with all that it may change.

    Made by `confirm` alone.
    """

    name: str
    plan: str
    account: str
    region: str
    permits: frozenset[Permit]


def confirm(typed: str, name: str, plan: str, place: tuple[str, str], permits: frozenset[Permit]) -> Confirmed:
    """Consent to the plan of this hash in the account and Region of `place`, for what was typed. Raises NotConfirmed
    unless that is exactly the name.
    """
    if typed != name:
        given = f"{typed!r} was typed" if typed else "nothing was typed"
        raise NotConfirmed(f"Nothing was changed: {given}. Type {name!r} to agree to this plan.")
    return Confirmed(name, plan, *place, permits)


def subject_of(operation: str, parameters: dict[str, Any]) -> str:
    """The name of what an operation would change; of an ARN the last part."""
    value: Any = parameters
    for part in SUBJECTS[operation].split("."):
        value = value[part]
    text = value[0] if isinstance(value, list) else value
    return str(text).rpartition(":")[2] if str(text).startswith("arn:") else str(text)
