"""What a format cannot say of a form. It stands in the file itself, and for all forms in docs/export.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from headroom.deploy.form import Form
from simulator.patterns.resources import ResourceKind

Format = Literal["cloudformation", "terraform", "boto3", "cli"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that a format lacks. applies(form): whether this form has it. said: a sentence."""

    applies: Callable[[Form], bool]
    said: str


def _has(*kinds: ResourceKind) -> Callable[[Form], bool]:
    return lambda form: any(entry.resource.kind in kinds for entry in form.resources)


def _provisioned(form: Form) -> bool:
    targets = (entry for entry in form.resources if entry.resource.kind == "scalable_target")
    return any("ProvisionedConcurrency" in str(entry.parameters["ScalableDimension"]) for entry in targets)


def _on_instances(form: Form) -> bool:
    configs = (entry for entry in form.resources if entry.resource.kind == "endpoint_config")
    return any("InstanceType" in entry.parameters["ProductionVariants"][0] for entry in configs)


GAPS: Final[Mapping[Format, tuple[Gap, ...]]] = {
    "cloudformation": (
        Gap(
            applies=_has("transform_job"),
            said="CloudFormation has no transform job: the template creates the model, and deploy.py or deploy.sh"
            " starts the job on it.",
        ),
        Gap(
            applies=_has("scalable_target"),
            said="CloudFormation cannot change InstanceType while a scalable target is registered: take the target out,"
            " update, and put it back.",
        ),
        Gap(
            applies=_has("scalable_target"),
            said="CloudFormation has no tags for a scalable target.",
        ),
        Gap(
            applies=_provisioned,
            said="AWS's guide says that CloudFormation does not support scaling of provisioned concurrency (facts row"
            " 3.41): if the policy is refused, use deploy.py or deploy.sh.",
        ),
        Gap(
            applies=_has("budget"),
            said="In some Regions CloudFormation has no AWS::Budgets::Budget: take it out there, make it by deploy.py"
            " or deploy.sh.",
        ),
        Gap(
            applies=_has("model"),
            said="CloudFormation names model and endpoint configuration itself, so that a changed one can replace the"
            " old.",
        ),
    ),
    "terraform": (
        Gap(
            applies=_has("transform_job"),
            said="Terraform has no transform job: the file creates the model, and deploy.py or deploy.sh starts the job"
            " on it.",
        ),
        Gap(
            applies=_has("endpoint_config"),
            said="Terraform's AWS provider (6.69.1) has no MetricsConfig: AWS switches detailed observability on and"
            " bills it by the GB. Switch it off by deploy.py, deploy.sh or CloudFormation if you do not want it.",
        ),
        Gap(
            applies=_on_instances,
            said="Terraform's AWS provider (6.69.1) has no VariantInstanceProvisionTimeoutInSeconds: an endpoint may"
            " look for instances for longer than the plan allows.",
        ),
        Gap(
            applies=_has("scalable_target"),
            said="Terraform updates an endpoint without RetainAllVariantProperties: every apply that changes the"
            " configuration sets a count that was scaled back to InitialInstanceCount.",
        ),
        Gap(
            applies=_has("schedule"),
            said="Terraform's provider takes no tags of a schedule, as AWS takes none.",
        ),
    ),
    "boto3": (),
    "cli": (),
}
"""What each format lacks. The scripts make the same calls as Headroom itself."""


def unsaid(form: Form, format_: Format) -> tuple[str, ...]:
    """Sentences on what the format cannot say of this form."""
    return tuple(gap.said for gap in GAPS[format_] if gap.applies(form))
