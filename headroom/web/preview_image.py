"""The picture of a link: the decision in words, and the plane of cost and latency, as PNG.

Chat programs show it beside the title. Drawn with Pillow, which Streamlit brings, from the figures in the link: the
browser's own picture would need a browser on the server.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from PIL import Image, ImageDraw, ImageFont

from headroom.advisor.tell import words
from headroom.sharing import sent_answer
from headroom.sharing.sent_answer import SentAnswer, SentPoint
from simulator.patterns.registry import BY_KEY
from simulator.scenario import Scenario

WIDTH, HEIGHT, MARGIN = 1200, 630, 60
FINER = 2
"""Drawn so many times larger and made smaller, so that edges are smooth."""
INK, GREY, PAPER, ZONE = "#0F1216", "#5B616B", "#FFFFFF", "#ECEDEF"
ROUND = tuple(digit * 10.0**exponent for exponent in range(-6, 12) for digit in (1, 2, 5))
ROUND_S = (
    *(value for value in ROUND if value < 60),
    60,
    120,
    300,
    600,
    1800,
    3600,
    7200,
    18_000,
    43_200,
    86_400,
    864_000,
)
MOST_TICKS = 6
MOST_CHARS = 300
"""Of a text: no more fits anyway."""
_LEFT, _TOP, _RIGHT, _BOTTOM = 130, 250, 1150, 550


@dataclass(frozen=True, slots=True)
class Axis:
    """A logarithmic axis from low to high, drawn between two pixels."""

    low: float
    high: float
    first: float
    last: float

    def place(self, value: float) -> float:
        """The pixel of a value."""
        share = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        return self.first + share * (self.last - self.first)

    def ticks(self, round_values: Sequence[float]) -> list[float]:
        """At most MOST_TICKS of the round values, evenly over those that lie on the axis."""
        inside = [value for value in round_values if self.low <= value <= self.high]
        return inside[:: math.ceil(len(inside) / MOST_TICKS)] if inside else []


@lru_cache(maxsize=64)
def preview(scenario: Scenario, answer: SentAnswer) -> bytes:
    """Return the picture as PNG, WIDTH x HEIGHT."""
    image = Image.new("RGB", (FINER * WIDTH, FINER * HEIGHT), PAPER)
    canvas = _Canvas(ImageDraw.Draw(image))
    canvas.text(40, scenario.workload.name, 34, GREY)
    canvas.text(88, sent_answer.headline(answer, scenario), 46, INK, lines=2)
    _plane(canvas, scenario, answer)
    canvas.text(HEIGHT - 44, f"Headroom · {sent_answer.as_of(answer)}", 24, GREY)
    small = image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).quantize(128)
    buffer = io.BytesIO()
    small.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


class _Canvas:
    """Draws in the pixels of the finished picture."""

    def __init__(self, draw: ImageDraw.ImageDraw) -> None:
        self._draw = draw

    def text(self, y: float, text: str, size: int, colour: str, *, lines: int = 1) -> None:
        """Draw text below y, in so many lines from margin to margin; what does not fit ends in dots."""
        font = _font(size * FINER)
        for number, line in enumerate(_wrapped(text, font, (WIDTH - 2 * MARGIN) * FINER, lines)):
            self._draw.text((MARGIN * FINER, (y + number * size * 1.2) * FINER), line, font=font, fill=colour)

    def label(self, x: float, y: float, text: str, size: int, colour: str, anchor: str) -> None:
        """Draw a short text at a place. anchor: as Pillow has it, "lm" for left and middle."""
        self._draw.text((x * FINER, y * FINER), text, font=_font(size * FINER), fill=colour, anchor=anchor)

    def line(self, *points: tuple[float, float], colour: str, width: float = 2) -> None:
        """Draw lines from point to point."""
        self._draw.line([(x * FINER, y * FINER) for x, y in points], fill=colour, width=round(width * FINER))

    def box(self, left: float, top: float, right: float, bottom: float, colour: str) -> None:
        """Fill a rectangle."""
        self._draw.rectangle((left * FINER, top * FINER, right * FINER, bottom * FINER), fill=colour)

    def dot(self, x: float, y: float, radius: float, colour: str, *, filled: bool, ring: str = "") -> None:
        """Draw a dot, filled or open, with a ring around it."""
        corners = [FINER * value for value in (x - radius, y - radius, x + radius, y + radius)]
        outline = ring or colour
        self._draw.ellipse(corners, fill=colour if filled else PAPER, outline=outline, width=3 * FINER)


def _plane(canvas: _Canvas, scenario: Scenario, answer: SentAnswer) -> None:
    limit_s = scenario.requirement.latency_limit_s
    placed = [entry for entry in sent_answer.placed(answer, limit_s) if entry[0].cost_usd]
    if not placed:
        return
    x_axis = _axis([point.cost_usd for point, _ in placed], _LEFT + 20, _RIGHT - 120)
    y_axis = _axis([latency_s for _, latency_s in placed] + ([limit_s] if limit_s else []), _BOTTOM - 12, _TOP + 12)
    if limit_s:
        _forbidden(canvas, y_axis.place(limit_s), words.seconds(limit_s))
    _frame(canvas, x_axis, y_axis, words.percentile(scenario.requirement.latency_percentile))
    steps = sent_answer.steps(placed)
    for (cost, latency_s), (next_cost, next_latency_s) in pairwise(steps):
        x, y, next_x = x_axis.place(cost), y_axis.place(latency_s), x_axis.place(next_cost)
        canvas.line((x, y), (next_x, y), (next_x, y_axis.place(next_latency_s)), colour=GREY)
    for point, latency_s in sorted(placed, key=lambda entry: (entry[0] is answer.chosen, bool(entry[0].name))):
        _point(canvas, point, x_axis.place(point.cost_usd), y_axis.place(latency_s), chosen=point is answer.chosen)


def _forbidden(canvas: _Canvas, y: float, limit: str) -> None:
    canvas.box(_LEFT, _TOP, _RIGHT, y, ZONE)
    canvas.line((_LEFT, y), (_RIGHT, y), colour=GREY)
    canvas.label(_RIGHT - 8, y - 6, f"too slow: over {limit}", 20, GREY, "rb")


def _frame(canvas: _Canvas, x_axis: Axis, y_axis: Axis, percentile: str) -> None:
    canvas.line((_LEFT, _TOP), (_LEFT, _BOTTOM), (_RIGHT, _BOTTOM), colour=GREY)
    for cost in x_axis.ticks(ROUND):
        canvas.label(x_axis.place(cost), _BOTTOM + 8, words.dollars(cost).removesuffix(".00"), 20, GREY, "mt")
    canvas.label(_RIGHT, _BOTTOM + 8, "a month", 20, GREY, "rt")
    for latency_s in y_axis.ticks(ROUND_S):
        canvas.label(_LEFT - 10, y_axis.place(latency_s), words.round_seconds(latency_s), 20, GREY, "rm")
    canvas.label(_LEFT, _TOP - 8, percentile, 20, GREY, "rb")


def _point(canvas: _Canvas, point: SentPoint, x: float, y: float, *, chosen: bool) -> None:
    description = BY_KEY[point.pattern].description
    radius = 14 if chosen else 11 if point.name else 7
    canvas.dot(x, y, radius, description.light, filled=point.meets, ring=INK if chosen else "")
    if point.name:
        colour, near_top = INK if chosen else GREY, y - radius - 34 < _TOP
        if near_top:
            canvas.label(x + radius + 8, y, description.short, 24, colour, "lm")
        else:
            canvas.label(x, y - radius - 6, description.short, 24, colour, "mb")


def _axis(values: list[float], first: float, last: float) -> Axis:
    low, high = min(values), max(values)
    return Axis(low / 1.3, high * 1.3, first, last)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _wrapped(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: float, most_lines: int) -> list[str]:
    """Break text into lines at spaces; what is too long for a line or too much for all of them ends in dots."""
    lines: list[str] = []
    rest = text[:MOST_CHARS].split()
    while rest and len(lines) < most_lines:
        count = next((n for n in range(len(rest), 1, -1) if font.getlength(" ".join(rest[:n])) <= width), 1)
        lines.append(" ".join(rest[:count]))
        rest = rest[count:]
    if lines and (rest or font.getlength(lines[-1]) > width):
        last = lines[-1]
        while last and font.getlength(f"{last} ...") > width:
            last = last[:-1]
        lines[-1] = f"{last} ..."
    return lines
