"""A deployment as the files that people review and pipelines run, each by itself and all in one archive."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace

from headroom.advisor.world import World
from headroom.deploy.exports.cloudformation import cloudformation
from headroom.deploy.exports.policies import (
    deployer_policy,
    execution_role_policy,
    scheduler_role_policy,
    trust_policy,
)
from headroom.deploy.exports.python_script import python_script
from headroom.deploy.exports.shell_script import shell_script
from headroom.deploy.exports.terraform import terraform
from headroom.deploy.form import Form
from headroom.sharing.exports.deployment_plan import deployment_plan
from headroom.sharing.exports.deployment_report import deployment_report
from headroom.sharing.exports.export import Export, PlacedDeployment
from headroom.sharing.exports.json_files import MEDIA_TYPE, to_bytes

_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""Of every file in an archive, so that equal deployments give equal bytes."""


def _of_form(
    key: str, title: str, file_name: str, media_type: str, write: Callable[[Form], str]
) -> Export[PlacedDeployment]:
    return Export(
        key=key,
        title=title,
        kind=PlacedDeployment,
        file_name=file_name,
        media_type=media_type,
        write=lambda placed, _: write(placed.form).encode(),
    )


FILES: tuple[Export[PlacedDeployment], ...] = (
    _of_form("cloudformation", "CloudFormation template", "template.yaml", "application/yaml", cloudformation),
    _of_form("terraform", "Terraform", "main.tf.json", MEDIA_TYPE, terraform),
    _of_form("boto3", "Python with boto3", "deploy.py", "text/x-python", python_script),
    _of_form("cli", "Shell with the AWS CLI", "deploy.sh", "application/x-sh", shell_script),
    _of_form("policy", "Policy of the deployer", "deployer-policy.json", MEDIA_TYPE, deployer_policy),
    _of_form(
        "policy-execution-role", "Policy of the role", "execution-role-policy.json", MEDIA_TYPE, execution_role_policy
    ),
    _of_form("policy-trust", "Trust of the role", "trust-policy.json", MEDIA_TYPE, trust_policy),
    replace(
        _of_form(
            "policy-scheduler-role",
            "Policy of the schedule",
            "scheduler-role-policy.json",
            MEDIA_TYPE,
            scheduler_role_policy,
        ),
        applies=lambda placed: "Schedule" in placed.form,
    ),
    Export(
        key="report",
        title="Report",
        kind=PlacedDeployment,
        file_name="report.html",
        media_type="text/html",
        write=lambda placed, world: deployment_report(placed, world).encode(),
    ),
    Export(
        key="plan",
        title="Plan (JSON)",
        kind=PlacedDeployment,
        file_name="plan.json",
        media_type=MEDIA_TYPE,
        write=lambda placed, world: to_bytes(deployment_plan(placed, world)),
    ),
)


def files_of(placed: PlacedDeployment) -> tuple[Export[PlacedDeployment], ...]:
    """The files that this deployment has something for."""
    return tuple(export for export in FILES if export.applies(placed))


def archive(placed: PlacedDeployment, world: World) -> bytes:
    """All files as one ZIP; the same bytes for the same deployment."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as writer:
        for export in files_of(placed):
            entry = zipfile.ZipInfo(export.file_name, _EARLIEST)
            entry.external_attr = (0o755 if export.file_name.startswith("deploy.") else 0o644) << 16
            writer.writestr(entry, export.write(placed, world))
    return packed.getvalue()


EVERYTHING = Export(
    key="all",
    title="All files (ZIP)",
    kind=PlacedDeployment,
    file_name="deployment.zip",
    media_type="application/zip",
    write=archive,
)
DEPLOYMENT_FILES: tuple[Export[PlacedDeployment], ...] = (*FILES, EVERYTHING)
