"""A scenario as a short text for a URL, and back.

`<schema>.<base64url(zlib(canonical JSON of the difference from that schema's defaults))>`, no padding. Counts of a
trace that would not fit so are packed first (`packed_counts`), which loses nothing. Decoding trusts nothing: the text
is capped before it is looked at, decompression is capped, and the result is validated like any other input.
Format and measured sizes: docs/decisions/0003-link-format.md.
"""

from __future__ import annotations

import base64
import binascii
import copy
import json
import re
import zlib
from collections.abc import Iterator
from typing import Any

from headroom.errors import BadLink
from headroom.sharing import packed_counts
from headroom.sharing.canonical import document, dumps
from headroom.sharing.schema import difference, to_scenario
from simulator.scenario import SCHEMA, Scenario

MAX_LINK_CHARS = 7000  # nginx's default buffers take 8,100, CloudFront 8,192 with the rest of the address.
MAX_UNPACKED_BYTES = 128 * 1024  # A trace of 53,000 bins, nine in ten of them empty, just fits: decision 0003.
MAX_KEPT_BYTES = 16_000_000  # Of what is kept on the server, unpacked: 200,000 arrival times take 4 MB.
MOST_PACKED_BINS = 25_000  # Two weeks of minutes; more seldom fit.

_FORM = re.compile(r"([1-9][0-9]{0,5})\.([A-Za-z0-9_-]+)")
_HINT = "Ask for the link again, or for the scenario file."


def encode(scenario: Scenario) -> str:
    """Return the text of a scenario's link; raises BadLink when it exceeds MAX_LINK_CHARS or MAX_UNPACKED_BYTES."""
    return coded(difference(document(scenario)), "scenario")


def decode(text: str) -> Scenario:
    """Return the scenario of a link's text. Raises BadLink when it is unreadable, InvalidScenario when a value is not
    allowed.
    """
    schema, data = uncoded(text)
    return to_scenario(data, schema)


def pack_scenario(scenario: Scenario) -> bytes:
    """Return a scenario as compressed bytes, whatever its size."""
    return pack(difference(document(scenario)))


def unpack_scenario(body: bytes) -> Scenario:
    """Return the scenario of the bytes that `pack_scenario` of this program made. Raises BadLink."""
    return to_scenario(unpack(SCHEMA, body, MAX_KEPT_BYTES), SCHEMA)


def coded(values: dict[str, Any], noun: str) -> str:
    """Return values of the current schema as link text. Raises BadLink when they do not fit; noun: how messages call
    them.
    """
    raw, text = _written(values)
    if len(text) > MAX_LINK_CHARS or len(raw) > MAX_UNPACKED_BYTES:
        raw, text = _written(_with_packed_counts(values))
    if len(text) > MAX_LINK_CHARS:
        raise BadLink(_too_large(noun, f"{len(text):,} characters, at most {MAX_LINK_CHARS:,}"))
    if len(raw) > MAX_UNPACKED_BYTES:
        raise BadLink(_too_large(noun, f"{len(raw):,} bytes unpacked, at most {MAX_UNPACKED_BYTES:,}"))
    return text


def _written(values: dict[str, Any]) -> tuple[bytes, str]:
    """The values as JSON, and as link text."""
    raw = dumps(values).encode()
    return raw, f"{SCHEMA}.{base64.urlsafe_b64encode(zlib.compress(raw, 9)).rstrip(b'=').decode()}"


def _with_packed_counts(values: dict[str, Any]) -> dict[str, Any]:
    """The same with the counts of traces packed; of one that is far too long they are left as they are."""
    values = copy.deepcopy(values)
    for traffic in _traces(values):
        if 0 < len(traffic["requests"]) <= MOST_PACKED_BINS:
            traffic["requests"] = packed_counts.packed(traffic["requests"])
    return values


def _unpack_counts(values: dict[str, Any]) -> None:
    for traffic in _traces(values):
        if isinstance(traffic["requests"], str):
            traffic["requests"] = packed_counts.unpacked(traffic["requests"])


def _traces(values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The tables of traces in the values of a scenario or a portfolio, whatever else these may be."""
    members = values.get("workloads")
    scenarios = (
        [member.get("scenario") for member in members if isinstance(member, dict)] if isinstance(members, list) else []
    )
    for scenario in [values, *scenarios]:
        workload = scenario.get("workload") if isinstance(scenario, dict) else None
        traffic = workload.get("traffic") if isinstance(workload, dict) else None
        if isinstance(traffic, dict) and isinstance(traffic.get("requests"), list | str):
            yield traffic


def uncoded(text: str) -> tuple[int, dict[str, Any]]:
    """Return schema number and unchecked values of a link's text; raises BadLink when it is unreadable."""
    if len(text) > MAX_LINK_CHARS:
        raise BadLink(f"the link is {len(text):,} characters long, at most {MAX_LINK_CHARS:,} are read. {_HINT}")
    form = _FORM.fullmatch(text)
    if form is None:
        raise BadLink(f"the link is not of the form <number>.<letters>; it may have been cut or altered. {_HINT}")
    schema = int(form[1])
    values = unpack(schema, _base64(form[2]), MAX_UNPACKED_BYTES)
    _unpack_counts(values)
    return schema, values


def pack(values: dict[str, Any]) -> bytes:
    """Return values of the current schema as compressed bytes, whatever their size."""
    return zlib.compress(dumps(values).encode(), 9)


def unpack(schema: int, packed: bytes, max_bytes: int) -> dict[str, Any]:
    """Return the unchecked values that `pack` compressed. At most max_bytes are decompressed; raises BadLink."""
    if schema > SCHEMA:
        raise BadLink(
            f"the link was made with a newer version of Headroom (format {schema}; this one reads up to {SCHEMA}). "
            "Update Headroom to open it."
        )
    return _json(_inflate(packed, max_bytes))


def _too_large(noun: str, size: str) -> str:
    return f"this {noun} is too large for a link ({size}): use a shorter trace, or download the {noun} file."


def _base64(text: str) -> bytes:
    """Strict: the one way of writing these bytes, so that a link has one form."""
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise BadLink(f"the link has been cut or altered: it is not base64. {_HINT}") from error
    if base64.urlsafe_b64encode(packed).rstrip(b"=").decode() != text:
        raise BadLink(f"the link has been altered: its last character cannot be right. {_HINT}")
    return packed


def _inflate(packed: bytes, max_bytes: int) -> bytes:
    inflater = zlib.decompressobj()
    try:
        data = inflater.decompress(packed, max_bytes + 1)
    except zlib.error as error:
        raise BadLink(f"the link has been cut or altered: it cannot be decompressed. {_HINT}") from error
    if len(data) > max_bytes:
        raise BadLink(f"the link holds more than {max_bytes:,} bytes when unpacked; that much is not read.")
    if not inflater.eof or inflater.unused_data:
        raise BadLink(f"the link has been cut or altered: its end is not where it should be. {_HINT}")
    return data


def _json(data: bytes) -> dict[str, Any]:
    try:
        values = json.loads(data)
    except (ValueError, RecursionError) as error:  # ValueError: bad JSON, bad UTF-8 or a number of thousands of digits
        raise BadLink(f"the link does not hold a scenario: its text is not JSON. {_HINT}") from error
    if not isinstance(values, dict):
        raise BadLink(f"the link does not hold a scenario. {_HINT}")
    return values
