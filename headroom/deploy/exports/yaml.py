"""Values as YAML that every reader reads alike: every text is quoted, so that none is a date, a number or a "no"."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_PLAIN_KEY = re.compile(r"[A-Za-z][A-Za-z0-9]*(::[A-Za-z]+)*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def dump(value: Mapping[str, Any]) -> str:
    """A document of one mapping. Raises ValueError for NaN and infinity, and for types that JSON lacks."""
    return "\n".join(_lines(value)) + "\n"


def text(value: str) -> str:
    """A text in double quotes, in ASCII: JSON's escapes are YAML's, but for pairs of surrogates."""
    quoted = json.dumps(value).replace("\x7f", "\\x7f")
    return re.sub(r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", _one_character, quoted)


def _one_character(pair: re.Match[str]) -> str:
    high, low = int(pair[1], 16), int(pair[2], 16)
    return f"\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"


def _lines(value: Any) -> Iterator[str]:
    """A block of a mapping or a list that has entries."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _entry(f"{_key(key)}:", item, "  ")
    else:
        for item in value:
            if isinstance(item, Mapping | list) and item:
                first, *rest = _lines(item)
                yield f"- {first}"
                yield from (f"  {line}" for line in rest)
            else:
                yield f"- {_scalar(item)}"


def _entry(head: str, item: Any, indent: str) -> Iterator[str]:
    if isinstance(item, Mapping | list) and item:
        yield head
        yield from (f"{indent}{line}" for line in _lines(item))
    else:
        yield f"{head} {_scalar(item)}"


def _key(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) and key.lower() not in _WORDS else text(key)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return text(value)
    return json.dumps(value, allow_nan=False)
