"""Pack the plotly.js bundle that headroom/web serves, from the archive that npm has of it.

    npm pack plotly.js-cartesian-dist-min@4.1.1
    python -m scripts.pack_plotly plotly.js-cartesian-dist-min-4.1.1.tgz

The version is that of plotly.py's own plotly.js (`plotly.offline.get_plotlyjs_version()`), which makes the figures.
"""

from __future__ import annotations

import base64
import hashlib
import sys
import tarfile
from pathlib import Path

import brotli

from headroom.web.smaller_plotly import PACKED

INTEGRITY = "sha512-o8GrFeusncwBIxbBynRJpY4pkgVB6caM+JLpwrLYbbsO7dZ8FJ+SVN2Fr+L7kiG/Z6w4P5O0Jus/Qr5EefHVeg=="
"""What npm's registry says of the archive."""
MEMBER = "package/plotly-cartesian.min.js"


def main(archive: Path) -> int:
    """Write the packed bundle; 1 when the archive is not the one that was published."""
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != INTEGRITY:
        print(f"{archive} has {found}; wanted: {INTEGRITY}", file=sys.stderr)
        return 1
    with tarfile.open(archive) as files:
        member = files.extractfile(MEMBER)
        assert member is not None
        PACKED.write_bytes(brotli.compress(member.read(), quality=11, lgwin=22))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
