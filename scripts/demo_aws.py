"""The app, allowed to deploy, and an AWS on loopback that it deploys into: `make demo-aws`. No account, no cost.

Nothing of the credentials, profiles and addresses of whoever starts it is handed on to the app.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from headroom.deploy.live.journal import VARIABLE
from headroom.locations import ALLOW_DEPLOY_VARIABLE, HOSTS_VARIABLE
from scripts import serving
from tests.aws import server
from tests.aws.server import Aws

TIMES_FASTER = 30.0


def settings(aws: Aws, folder: Path) -> dict[str, str]:
    """What the app needs in its environment: this AWS, leave to deploy, and a folder for its journals."""
    files = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    allowed = {ALLOW_DEPLOY_VARIABLE: "1", HOSTS_VARIABLE: "", VARIABLE: str(folder / "deployments")}
    return {**files, **aws.environment(), **allowed}


def forget_aws() -> None:
    """Take everything of AWS out of the environment of this process, and so of the app."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]


@contextlib.contextmanager
def app(aws: Aws) -> Iterator[str]:
    """The address of an app that deploys into this AWS; it ends with the block."""
    with tempfile.TemporaryDirectory() as folder, serving.app(settings(aws, Path(folder))) as address:
        print(f"# The app: {address}/deploy", flush=True)
        yield address


if __name__ == "__main__":
    forget_aws()
    with contextlib.suppress(KeyboardInterrupt):
        server.serve(int(sys.argv[1]) if len(sys.argv) > 1 else 4566, TIMES_FASTER, app)
