"""Broken inputs from good ones: texts, bytes and values, altered in the ways in which they are in real life."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

NASTY_TEXT = (
    *(
        "",
        "-1",
        "0",
        "1e308",
        "-0.0",
        "nan",
        "inf",
        "true",
        "1e-300",
        "99999999999999999999",
        "1.5",
        "1,5",
        "-",
        "null",
    ),
    *("[]", "{}", '""', "'x'", "[[", "]]", '"\\u0000"', '"\\ud800"', "'''", '"""', "=", "#", ",", ";", '"'),
    *("\n", "\r\n", "\t", "\x00", "\ufeff", "\u202e", "é", "\U0001d518"),
    *("1979-05-27", "2026-02-30T25:61:00Z", "[[deployments]]", "[workload]"),
)
NASTY_VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 1, 1e308, 1e-300, 2**63, "", "x" * 300, "nan", "\x00"),
    *([], {}, [[]], {"kind": "constant"}, [1] * 50),
)


def mutated_text(text: str, seed: int) -> str:
    """The text after a few alterations."""
    rng = random.Random(seed)
    for _ in range(rng.randint(1, 4)):
        text = rng.choice(_TEXT_STEPS)(text, rng)
    return text


def mutated_bytes(data: bytes, seed: int) -> bytes:
    """The bytes after a few alterations."""
    rng = random.Random(seed)
    for _ in range(rng.randint(1, 4)):
        data = rng.choice(_BYTE_STEPS)(data, rng)
    return data


def mutated_value(value: Any, seed: int) -> Any:
    """A JSON value after one alteration somewhere inside of it."""
    rng = random.Random(seed)
    if isinstance(value, dict) and value and rng.random() < 0.85:
        key = rng.choice(list(value))
        changed = {**value, key: mutated_value(value[key], rng.randrange(2**32))}
        return changed if rng.random() < 0.9 else {name: item for name, item in changed.items() if name != key}
    if isinstance(value, list) and value and rng.random() < 0.85:
        place = rng.randrange(len(value))
        return [*value[:place], mutated_value(value[place], rng.randrange(2**32)), *value[place + 1 :]]
    return rng.choice(NASTY_VALUES)


def _put(text: str, rng: random.Random) -> str:
    place = rng.randint(0, len(text))
    return text[:place] + rng.choice(NASTY_TEXT) + text[place:]


def _cut(text: str, rng: random.Random) -> str:
    begin, end = sorted(rng.randint(0, len(text)) for _ in range(2))
    return text[:begin] if rng.random() < 0.3 else text[:begin] + text[min(end, begin + 40) :]


def _value(text: str, rng: random.Random) -> str:
    """Another value behind one of the equals signs, or in one of the cells."""
    lines = text.split("\n")
    place = rng.randrange(len(lines))
    for sign in ("=", ",", ";", " "):
        before, found, _ = lines[place].partition(sign)
        if found:
            lines[place] = f"{before}{found} {rng.choice(NASTY_TEXT)}"
            break
    return "\n".join(lines)


def _line(text: str, rng: random.Random) -> str:
    lines = text.split("\n")
    place, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    match rng.randrange(3):
        case 0:
            lines.insert(other, lines[place])
        case 1:
            lines[place], lines[other] = lines[other], lines[place]
        case _:
            del lines[place]
    return "\n".join(lines)


def _flip(data: bytes, rng: random.Random) -> bytes:
    if not data:
        return bytes([rng.randrange(256)])
    place = rng.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << rng.randrange(8)]) + data[place + 1 :]


def _cut_bytes(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randint(0, len(data))]


def _put_bytes(data: bytes, rng: random.Random) -> bytes:
    place = rng.randint(0, len(data))
    return data[:place] + rng.randbytes(rng.randint(1, 8)) + data[place:]


def _twice(data: bytes, _: random.Random) -> bytes:
    return data + data[:4096]


def _as_text(data: bytes, rng: random.Random) -> bytes:
    return mutated_text(data.decode("utf-8", "surrogateescape"), rng.randrange(2**32)).encode("utf-8", "surrogatepass")


_TEXT_STEPS: tuple[Callable[[str, random.Random], str], ...] = (_put, _cut, _value, _value, _line)
_BYTE_STEPS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip,
    _cut_bytes,
    _put_bytes,
    _twice,
    _as_text,
    _as_text,
)
