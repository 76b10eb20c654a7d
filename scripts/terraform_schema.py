"""Write the shapes of the Terraform resources that exports use, from the bindings of the AWS provider on PyPI.

The provider itself is not on any package index; `cdktn-provider-aws` holds typed bindings that are generated from it.
usage: pip download --no-deps cdktn-provider-aws; python -m scripts.terraform_schema cdktn_provider_aws-*.whl
"""

from __future__ import annotations

import io
import json
import re
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

RESOURCES = (
    "appautoscaling-policy", "appautoscaling-scheduled-action", "appautoscaling-target", "budgets-budget",
    "cloudwatch-metric-alarm", "sagemaker-endpoint", "sagemaker-endpoint-configuration", "sagemaker-model",
    "scheduler-schedule", "sns-topic", "sns-topic-subscription",
)  # fmt: skip
TARGET = Path(__file__).resolve().parents[1] / "tests" / "headroom" / "deploy" / "data" / "terraform_aws.json"
_ENTRY = re.compile(
    r"(\w+): \{\s*value: (.*?),\s*isBlock: (true|false),\s*type: \"(\w+)\",\s*storageClassType: \"(\w+)\""
)
_INTERFACE = re.compile(r"export (?:declare )?interface (\w+)[^{]*\{(.*?)\n\}", re.DOTALL)
_REQUIRED = re.compile(r"^    readonly (\w+): ", re.MULTILINE)


def snake(name: str) -> str:
    """PrimaryContainer -> primary_container."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def schema(code: str, types: str, title: str) -> dict[str, Any]:
    """The shape of one resource: its attributes, and its blocks with theirs."""
    bodies = {name[:1].upper() + name[1:]: body for name, body in _functions(code)}
    required = {name: {snake(field) for field in _REQUIRED.findall(body)} for name, body in _INTERFACE.findall(types)}
    own = code[code.rindex("synthesizeHclAttributes() {") :]
    return _block(own[: own.index("// remove undefined")], f"{title}Config", bodies, required)


def _functions(code: str) -> list[tuple[str, str]]:
    return re.findall(r"function (\w+)ToHclTerraform\(struct\) \{(.*?)\n\}", code, re.DOTALL)


def _block(body: str, interface: str, bodies: dict[str, str], required: dict[str, set[str]]) -> dict[str, Any]:
    needed = {field.replace("_", "") for field in required.get(interface, set())}
    shape: dict[str, Any] = {}
    for name, value, is_block, kind, storage in _ENTRY.findall(body):
        entry: dict[str, Any] = {"type": kind if kind != "simple" else storage}
        if name.replace("_", "") in needed:
            entry["required"] = True
        inner = re.search(r"(\w+)ToHclTerraform", value.replace("cdktn.", ""))
        if is_block == "true" and inner is not None:
            title = inner[1][:1].upper() + inner[1][1:]
            entry["block"] = _block(bodies[title], title, bodies, required)
            entry["single"] = "listMapperHcl" not in value and ".internalValue" in value and kind != "set"
        shape[name] = entry
    return shape


def main(wheel: str) -> None:
    """Read the wheel and write the shapes."""
    archive = zipfile.ZipFile(wheel)
    packed = next(name for name in archive.namelist() if name.endswith(".tgz"))
    files: dict[str, str] = {}
    with tarfile.open(fileobj=io.BytesIO(archive.read(packed))) as inner:
        for member in inner:
            parts = member.name.split("/")
            if len(parts) == 4 and parts[2] in RESOURCES and parts[3] in ("index.js", "index.d.ts"):
                content = inner.extractfile(member)
                assert content is not None
                files[f"{parts[2]}/{parts[3]}"] = content.read().decode()
    shapes = {}
    for name in RESOURCES:
        title = "".join(part.capitalize() for part in name.split("-"))
        code, types = files[f"{name}/index.js"], files[f"{name}/index.d.ts"]
        shapes[f"aws_{name.replace('-', '_')}"] = schema(code, types, title)
    provider = re.search(r"providerVersion: '([\d.]+)'", files["sagemaker-model/index.js"])
    text = {
        "origin": f"{Path(wheel).name}, made from hashicorp/aws {provider[1] if provider else 'unknown'}",
        "licence": "MPL-2.0, https://mozilla.org/MPL/2.0/",
        "resources": shapes,
    }
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(text, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
