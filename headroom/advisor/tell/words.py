"""How numbers read: the one place where seconds, dollars, shares, counts and times of day become text.

Three significant digits (two for amounts below a dollar), zeros at the end dropped, milliseconds below 10 s, "−" as
minus sign, "unknown" for what is not known. The unit is chosen after rounding, so 9.9996 s reads "10 s" and never
"10,000 ms". `digits` asks for more where two texts would look alike. Used by the sentences of `explain`, the command
line and the app.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import Decimal

from headroom.advisor.answer import Uncertain
from simulator.estimate.figures import Figure

UNKNOWN = "unknown"
NONE = "none"
MINUS = "−"

Format = Callable[..., str]

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY_S = 86_400
_DIGITS = 3
_MOST_DIGITS = 9

# Length of the unit in seconds, its name, and the number of units from which the next one is used.
_TIME_UNITS = (
    (1e-3, " ms", 10_000.0),
    (1.0, " s", 120.0),
    (60.0, " min", 120.0),
    (3600.0, " h", 72.0),
    (86_400.0, " d", math.inf),
)
_ROUND_TIME_UNITS = ((1e-3, " ms", 1000.0), *_TIME_UNITS[1:])
_BIG_NUMBERS = ((1.0, "", 1e6), (1e6, " million", 1e3), (1e9, " billion", math.inf))
_SIZES = ((1e-6, " B", 1e3), (1e-3, " kB", 1e3), (1.0, " MB", 1e3), (1e3, " GB", 1e3), (1e6, " TB", math.inf))


def seconds(value_s: float | None, digits: int = 3) -> str:
    """A length of time: "0.25 ms", "812 ms", "12.5 s", "4.21 h", "3.1 d"."""
    value = _known(value_s)
    if value is None:
        return UNKNOWN
    if value == 0:
        return "0 s"
    return "under 0.001 ms" if abs(value) < 1e-6 else _in_units(value, _TIME_UNITS, digits)


def round_seconds(value_s: float) -> str:
    """A round length of time, above 0: "500 ms", "4 s", "1.5 s", "24 h"."""
    return _in_units(value_s, _ROUND_TIME_UNITS, 2)


def time_left(passed_s: float, share: float) -> str:
    """How long the rest of some work takes when `share` of it took passed_s: ", about 12 s left"; empty while that is
    not known, and for a moment.
    """
    left_s = passed_s * (1 - share) / share if share > 0.02 else 0.0
    return f", about {round_seconds(round(left_s))} left" if left_s >= 2 else ""


def dollars(value_usd: float | Decimal | None, digits: int = 3) -> str:
    """An amount of money: "$3,118", "$41.20", "$0.083", "−$12.00"."""
    value = _known(value_usd)
    if value is None:
        return UNKNOWN
    if value == 0:
        return "$0"
    size = abs(value)
    return "under $0.000001" if size < 1e-6 else f"{_sign(value)}${_money(size, digits)}"


def usd_rate(rate_usd: Decimal) -> str:
    """A price of a price list, exactly as it stands there: "$0.00002"."""
    text = format(rate_usd, ",f")
    return "$" + (text.rstrip("0").rstrip(".") if "." in text else text)


def share(value_of_1: float | None, digits: int = _DIGITS) -> str:
    """A part of a whole: "8.1 %", "0.08 %", "99.96 %"; neither 0 % nor 100 % unless it is exactly that.

    Below 0.001 % one digit says enough.
    """
    value = _known(value_of_1)
    if value is None:
        return UNKNOWN
    if 0 < abs(value) < 1e-8:
        return "under 0.000001 %"
    if digits == _DIGITS and abs(value) < 1e-5:
        digits = 1
    for more in range(digits, _MOST_DIGITS + 1):
        text = _significant(value * 100, more)
        if text != "100" or value == 1:
            return f"{text} %"
    return "100 %" if value >= 1 else "over 99.99999 %"


def count(number: float | None, digits: int = 3) -> str:
    """A number of things: "742", "12,345", "1.23 million"; whole numbers below a million exactly."""
    value = _known(number)
    if value is None:
        return UNKNOWN
    if value.is_integer() and abs(value) < 1e6:
        return f"{_sign(value)}{abs(int(value)):,}"
    return _in_units(value, _BIG_NUMBERS, digits)


def megabytes(value_mb: float | None, digits: int = 3) -> str:
    """A size given in MB (1 GB = 1,000 MB): "80 MB", "1.5 GB", "2 kB"."""
    value = _known(value_mb)
    if value is None:
        return UNKNOWN
    return "0 MB" if value == 0 else _in_units(value, _SIZES, digits)


def per_second(rate_per_s: float | None, digits: int = 3) -> str:
    """A rate: "10,000 /s", "0.0019 /s"."""
    value = _known(rate_per_s)
    return UNKNOWN if value is None else f"{_significant(value, digits)} /s"


def percentile(percent: float) -> str:
    """The name of a percentile, also its key in `Answer.latency_s`: "p99", "p99.9"."""
    return f"p{percent:g}"


def time_of_day(t_s: float, starts_on: int = 0, horizon_s: float = _DAY_S) -> str:
    """The clock at t_s from the start: "12:40" within a day, "Tue 12:40" within a week, else "Tue 12:40 of week 2"."""
    day, second_of_day = divmod(int(t_s), _DAY_S)
    clock = f"{second_of_day // 3600:02d}:{second_of_day % 3600 // 60:02d}"
    if horizon_s <= _DAY_S:
        return clock
    text = f"{_DAYS[(starts_on + day) % 7]} {clock}"
    return text if horizon_s <= 7 * _DAY_S else f"{text} of week {day // 7 + 1}"


def estimate(value: Uncertain | None, form: Format) -> str:
    """A number with its interval where there is one that can be seen: "812 ms (790 ms to 834 ms)"."""
    if value is None:
        return UNKNOWN
    text = form(value.value)
    if value.low is None or value.high is None:
        return text
    low, high = form(value.low), form(value.high)
    return text if low == text == high else f"{text} ({low} to {high})"


def interval(value: Uncertain, form: Format) -> str:
    """How sure a number is, as a remark of its own: "95 % interval $405 to $419", "the same in all 5 runs", "one run,
    no interval: the run is too short".
    """
    if value.provenance == "estimated":
        return f"{precise(value, form).removeprefix(form(value.value)).strip()} (preview)"
    one_run = value.provenance == "simulated once"
    if value.low is None or value.high is None:
        return f"{'one run, ' if one_run else ''}no interval{f': {value.why}' if value.why else ''}"
    if value.low == value.high:
        return "nothing moves it within the run" if one_run else f"the same in all {count(value.n)} runs"
    low, high = form(value.low), form(value.high)
    ends = "within the last digit" if low == high else f"{low} to {high}"
    return f"95 % interval {ends}{', from one run' if one_run else ''}"


def about(value: Figure, form: Format) -> str:
    """A number of the fast answer with its error: "$412 ± 1 %", "67 ms ± 0.4 %"."""
    text = form(value.value)
    return text if not value.value or text.startswith("under") else f"{text} {error(value.error)}"


def precise(value: Uncertain, form: Format) -> str:
    """A number with how sure it is: its interval, the error of an estimate, or that it comes from one run."""
    if value.provenance == "estimated":
        deviation = max(value.value - (value.low or 0.0), (value.high or 0.0) - value.value)
        return about(Figure(value=value.value, error=deviation / value.value if value.value else 0.0), form)
    if value.low is None:
        return f"{form(value.value)} ({'one run' if value.provenance == 'simulated once' else 'no interval'})"
    return estimate(value, form)


def error(relative: float) -> str:
    """A relative error in one digit, or two from 10 % on: "± 1 %", "± 12 %"."""
    if 0 < relative < 0.0005:
        return "± under 0.1 %"
    return f"± {share(relative, 1 if relative < 0.095 else 2)}" if relative <= 1 else "± more than 100 %"


def apart(value: float, other: float, form: Format) -> tuple[str, str]:
    """Both numbers as text, with as many digits as it takes to tell them apart when they differ."""
    digits = 3
    while value != other and form(value, digits) == form(other, digits) and digits < _MOST_DIGITS:
        digits += 1
    return form(value, digits), form(other, digits)


def counted(number: int, singular: str, plural: str = "") -> str:
    """A number with its noun: "1 deployment", "4 deployments"."""
    return f"{count(number)} {singular if number == 1 else plural or singular + 's'}"


def joined(parts: Sequence[str]) -> str:
    """A list in a sentence: "a", "a and b", "a, b and c"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else NONE


def _known(value: float | Decimal | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _sign(value: float) -> str:
    return MINUS if value < 0 else ""


def _rounded(value: float, digits: int) -> float:
    return float(f"{value:.{digits - 1}e}")


def _significant(value: float, digits: int) -> str:
    """`value` to so many significant digits, written out, without zeros at the end."""
    text = format(Decimal(f"{abs(value):.{digits - 1}e}"), ",f")
    return _sign(value) + (text.rstrip("0").rstrip(".") if "." in text else text)


def _in_units(value: float, units: Sequence[tuple[float, str, float]], digits: int) -> str:
    """In the first unit whose bound the rounded value stays under."""
    size, name, _ = next(unit for unit in units if _rounded(abs(value) / unit[0], digits) < unit[2])
    return _significant(value / size, digits) + name


def _money(size: float, digits: int) -> str:
    """Whole dollars from 1,000 on, cents from 1 on, below one digit less than elsewhere (at least cents)."""
    decimals = digits - 3
    if round(size, 2 + decimals) >= 1000:
        return f"{size:,.{decimals}f}"
    if _rounded(size, digits - 1) >= 1:
        return f"{size:.{2 + decimals}f}"
    text = _significant(size, digits - 1)
    return text if len(text) >= len("0.00") else text.ljust(len("0.00"), "0")
