"""Where in AWS a deployment goes and as whom: what no scenario knows, in AWS's own parameter names. An inert value."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from simulator.fields import Spec, choice, quantity

_TAG = r"^[\w .:/=+\-@]*$"


def _text(pattern: str, most: int) -> StringConstraints:
    return StringConstraints(pattern=f"^({pattern})?$", max_length=most)


EndpointName = Annotated[str, _text("[a-z](-?[a-z0-9])*", 40)]
"""A name that may stand in the names of all resources; 40 characters leave room for what is added to it."""
RoleArn = Annotated[str, _text(r"arn:aws[a-z\-]*:iam::[0-9]{12}:role/[a-zA-Z_0-9+=,.@\-/]+", 600)]
S3Uri = Annotated[str, _text(r"s3://[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9](/[a-zA-Z0-9_!.*'()/\-]*)?", 480)]
Account = Annotated[str, _text("[0-9]{12}", 12)]
ImageUri = Annotated[str, _text(r"[a-zA-Z0-9_./:@\-]+", 255)]
KmsKey = Annotated[str, _text(r"[a-zA-Z0-9:/_\-]+", 2048)]
Subnet = Annotated[str, StringConstraints(pattern="^subnet-[0-9a-z]{8,32}$")]
SecurityGroup = Annotated[str, StringConstraints(pattern="^sg-[0-9a-z]{8,32}$")]
Email = Annotated[str, _text(r"[a-zA-Z0-9_.+\-]+@[a-zA-Z0-9\-]+(\.[a-zA-Z0-9\-]+)+", 254)]


class EnvironmentVariable(Spec):
    """One variable of the container."""

    name: Annotated[str, StringConstraints(pattern="^[a-zA-Z_][a-zA-Z0-9_]*$", max_length=1024)] = choice(
        ..., "Name", "Its name."
    )
    value: Annotated[str, StringConstraints(max_length=1024, pattern=r"^[^\x00-\x1f\x7f]*$")] = choice(
        "", "Value", "Its value. No secrets: it can be read by whoever may describe the model."
    )


class Tag(Spec):
    """One tag of every resource that takes tags."""

    key: Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=_TAG)] = choice(..., "Key", "Its key.")
    value: Annotated[str, StringConstraints(max_length=256, pattern=_TAG)] = choice("", "Value", "Its value.")

    @field_validator("key")
    @classmethod
    def _is_free(cls, key: str) -> str:
        if key.lower().startswith(("aws:", "headroom:")):
            raise ValueError("needs a key that does not begin with aws: or headroom:, which AWS and Headroom set")
        return key


class Placement(Spec):
    """Account, role, image, model data and S3 places of a deployment, and what is switched on beside it.

    A text that is left empty is not known yet: exports ask for it as a parameter, and a direct deployment needs it.
    """

    endpoint_name: EndpointName = choice(
        "", "EndpointName", "Begins the names of all resources; made from the workload's name when left empty."
    )
    account: Account = choice("", "Account", "The account's 12 digits.")
    execution_role_arn: RoleArn = choice("", "ExecutionRoleArn", "The role that SageMaker assumes.")
    image: ImageUri = choice("", "Image", "URI of the container image in ECR, in the Region of the scenario.")
    model_data_url: S3Uri = choice("", "ModelDataUrl", "The model artefact (model.tar.gz) in S3.")
    model_in_image: bool = choice(False, "Model in the image", "There is no model artefact in S3.")
    input_s3_uri: S3Uri = choice("", "S3Uri", "Prefix of the input of transform jobs.")
    output_s3_uri: S3Uri = choice(
        "", "S3OutputPath", "Prefix of answers: of asynchronous endpoints and of transform jobs."
    )
    scheduler_role_arn: RoleArn = choice(
        "", "RoleArn of the schedule", "The role by which EventBridge Scheduler starts transform jobs."
    )
    environment: tuple[EnvironmentVariable, ...] = choice((), "Environment", "Of the container.", max_length=100)
    subnets: tuple[Subnet, ...] = choice((), "Subnets", "Of the VPC that the container has access to.", max_length=16)
    security_group_ids: tuple[SecurityGroup, ...] = choice((), "SecurityGroupIds", "In that VPC.", max_length=5)
    enable_network_isolation: bool = choice(
        False, "EnableNetworkIsolation", "The container reaches no network, S3 included."
    )
    kms_key_id: KmsKey = choice(
        "", "KmsKeyId", "Key of the volumes and of what is written to S3; AWS's own when empty."
    )
    enable_detailed_observability: bool = choice(
        False,
        "EnableDetailedObservability",
        "OpenTelemetry metrics of instances and containers, billed by the GB. AWS switches it on unless it is told not "
        "to; Headroom does not price it and leaves it off.",
    )
    variant_instance_provision_timeout_s: int = quantity(
        1800,
        "VariantInstanceProvisionTimeoutInSeconds",
        "How long SageMaker may look for instances before it gives up.",
        unit="s",
        ge=300,
        le=3600,
    )
    model_data_download_timeout_s: int = quantity(
        0, "ModelDataDownloadTimeoutInSeconds", "0 leaves AWS's own; else 60 or more.", unit="s", ge=0, le=3600
    )
    container_startup_health_check_timeout_s: int = quantity(
        0,
        "ContainerStartupHealthCheckTimeoutInSeconds",
        "0 leaves AWS's own; else 60 or more.",
        unit="s",
        ge=0,
        le=3600,
    )
    idle_alarm_hours: int = quantity(
        0, "Idle alarm", "An alarm after so many hours without a request; 0 for none.", unit="h", ge=0, le=24
    )
    budget_usd_per_month: float = quantity(
        0.0, "Budget", "An AWS budget on the cost of what carries the deployment's tag; 0 for none.", ge=0, le=1e9
    )
    notify_email: Email = choice("", "Notify", "Who is told of the idle alarm and the budget.")
    owner: Annotated[str, StringConstraints(max_length=256, pattern=_TAG)] = choice("", "Owner", "Written as a tag.")
    delete_after: Annotated[str, Field(max_length=10)] = choice(
        "", "Delete after", "A date like 2027-01-31, written as a tag: a sweep lists what is overdue."
    )
    tags: tuple[Tag, ...] = choice((), "Tags", "More tags of all resources.", max_length=40)

    @field_validator("delete_after")
    @classmethod
    def _is_a_date(cls, text: str) -> str:
        if text:
            try:
                date.fromisoformat(text)
            except ValueError:
                raise ValueError("needs a date like 2027-01-31") from None
        return text

    @field_validator("model_data_download_timeout_s", "container_startup_health_check_timeout_s")
    @classmethod
    def _is_accepted(cls, seconds: int) -> int:
        if 0 < seconds < 60:
            raise ValueError("needs 0 for AWS's own, or 60 to 3600")
        return seconds

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if bool(self.subnets) != bool(self.security_group_ids):
            raise ValueError("needs subnets and security_group_ids together, or neither")
        if self.model_in_image and self.model_data_url:
            raise ValueError("needs model_data_url or model_in_image, not both")
        if self.budget_usd_per_month and not self.notify_email:
            raise ValueError("needs notify_email with budget_usd_per_month: somebody has to be told")
        if len({tag.key for tag in self.tags}) < len(self.tags):
            raise ValueError("needs different keys in tags")
        if len({variable.name for variable in self.environment}) < len(self.environment):
            raise ValueError("needs different names in environment")
        return self
