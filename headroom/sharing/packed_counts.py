"""Counts of a trace, packed for a link: fewer bits for each bin than its digits take, and rounded ones fewer still.

A count of requests that come by chance varies by its square root anyway. `rounded` keeps only steps of that size: step
2 is one such deviation. What a bin loses the next one gets, so every stretch of time keeps its sum, and the whole trace
its total. `packed` loses nothing: it finds the steps again, or packs the counts as they are.

Form: `<step><r|d><bytes a bin>.<what one bin has beside its step>.<number of that bin>.<base64url of raw LZMA>`; r
packs the bins as they are, d the differences from bin to bin. Step 0 packs the counts themselves. Why: decision 0003.
"""

from __future__ import annotations

import base64
import binascii
import lzma
import math
import re
from collections.abc import Sequence
from itertools import accumulate, pairwise

from headroom.errors import BadLink
from simulator.traffic.kinds import MAX_TRACE_ROWS

STEPS = (1, 2, 4, 8, 16)
"""In halves of the standard deviation of a Poisson count."""

_EXACT = 0
_MOST_COUNT = 10**9
_FORM = re.compile(r"(0|1|2|4|8|16)([rd])([1-5])\.(-?[0-9]{1,10})\.([0-9]{1,6})\.([A-Za-z0-9_-]*)")
_FILTERS = [
    {
        "id": lzma.FILTER_LZMA1,
        "preset": 9 | lzma.PRESET_EXTREME,
        "lc": 0,
        "lp": 0,
        "pb": 0,
        "dict_size": 2**20,
    }
]
_CUT = "the link has been cut or altered: its counts cannot be unpacked. Ask for the link again."


def rounded(counts: Sequence[int], step: int) -> tuple[int, ...]:
    """Return counts in steps of half a Poisson deviation times `step`; every beginning of the trace keeps its sum up to
    one step, and the whole its total.
    """
    result, carry = [], 0
    for count in counts:
        value = _value(_level(count + carry, step), step)
        carry += count - value
        result.append(value)
    result[result.index(max(result))] += carry
    return tuple(result)


def largest_error(counts: Sequence[int], others: Sequence[int]) -> float:
    """Return by how much the busiest tenth of the bins differ at most, as a share of their counts."""
    busy = sorted(counts)[-max(1, len(counts) // 10)]
    return max(
        (abs(other - count) / count for count, other in zip(counts, others, strict=True) if count >= max(busy, 1)),
        default=0.0,
    )


def packed(counts: Sequence[int]) -> str:
    """Return the shortest text from which `unpacked` makes exactly these counts."""
    forms = [_packed(list(counts), _EXACT, 0, 0)]
    for step in STEPS:
        levels = [_level(count, step) for count in counts]
        off = [i for i, (count, level) in enumerate(zip(counts, levels, strict=True)) if count != _value(level, step)]
        if len(off) <= 1:
            beside = off[0] if off else 0
            forms.append(_packed(levels, step, counts[beside] - _value(levels[beside], step), beside))
    return min(forms, key=len)


def unpacked(text: str) -> list[int]:
    """Return the counts of a packed text. Raises BadLink when it is none."""
    form = _FORM.fullmatch(text)
    if form is None:
        raise BadLink(_CUT)
    step, is_difference, width = int(form[1]), form[2] == "d", int(form[3])
    planes = _decompressed(form[6], MAX_TRACE_ROWS * width)
    length, rest = divmod(len(planes), width)
    beside = int(form[5])
    if rest or not length or beside >= length:
        raise BadLink(_CUT)
    values = [0] * length
    for plane in range(width):
        part = planes[plane * length : (plane + 1) * length]
        values = [(value << 8) | byte for value, byte in zip(values, part, strict=True)]
    levels = list(accumulate(_signed(value) for value in values)) if is_difference else values
    counts = [_value(level, step) for level in levels]
    counts[beside] += int(form[4])
    if min(levels) < 0 or min(counts) < 0 or max(counts) > _MOST_COUNT:
        raise BadLink(_CUT)
    return counts


def _level(count: int, step: int) -> int:
    """The number of the step nearest to a count, on a scale on which its deviation is the same everywhere."""
    return round(2 * math.sqrt(max(count, 0)) / step)


def _value(level: int, step: int) -> int:
    return level if step == _EXACT else (level * level * step * step + 2) // 4


def _packed(levels: list[int], step: int, more: int, beside: int) -> str:
    differences = [_unsigned(after - before) for before, after in pairwise([0, *levels])]
    texts = [f"{step}{order}{_planes(values)}" for order, values in (("r", levels), ("d", differences))]
    shortest = min(texts, key=len)
    head, _, body = shortest.partition(".")
    return f"{head}.{more}.{beside}.{body}"


def _planes(values: list[int]) -> str:
    """The bytes a value needs, and all values as base64 of LZMA: first the highest byte of each, then the next."""
    width = max(1, (max(values).bit_length() + 7) // 8)
    planes = b"".join(bytes((value >> shift) & 255 for value in values) for shift in range(8 * (width - 1), -1, -8))
    body = lzma.compress(planes, format=lzma.FORMAT_RAW, filters=_FILTERS)
    return f"{width}.{base64.urlsafe_b64encode(body).rstrip(b'=').decode()}"


def _decompressed(text: str, most: int) -> bytes:
    try:
        body = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        inflater = lzma.LZMADecompressor(format=lzma.FORMAT_RAW, filters=_FILTERS)
        data = inflater.decompress(body, most + 1)
    except (binascii.Error, lzma.LZMAError) as error:
        raise BadLink(_CUT) from error
    if len(data) > most or not inflater.eof or inflater.unused_data:
        raise BadLink(_CUT)
    return data


def _unsigned(difference: int) -> int:
    return 2 * difference if difference >= 0 else -2 * difference - 1


def _signed(value: int) -> int:
    return -(value + 1) // 2 if value & 1 else value // 2
