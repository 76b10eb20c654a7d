"""Small SVG figures without a plotting library: points, lines and bars on linear or logarithmic axes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 360, 64, 16, 34, 46
COLOURS = ("#0b6bcb", "#c2410c", "#15803d", "#7e22ce")

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A title, the ends, the marks, and whether it is logarithmic."""

    title: str
    low: float
    high: float
    marks: Sequence[float]
    log: bool = False

    def share(self, value: float) -> float:
        """Where a value lies between the ends, 0 to 1."""
        value = min(max(value, self.low), self.high)
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A named set of points, drawn as dots or joined by a line."""

    name: str
    points: Points
    line: bool = False


def figure(title: str, x: Axis, y: Axis, marks: Sequence[Mark]) -> str:
    """The SVG text of a figure."""

    def at_x(value: float) -> float:
        return LEFT + x.share(value) * (WIDTH - LEFT - RIGHT)

    def at_y(value: float) -> float:
        return HEIGHT - BOTTOM - y.share(value) * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="sans-serif" font-size="12"><title>{escape(title)}</title>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        *_grid(x, y, at_x, at_y),
    ]
    for k, mark in enumerate(marks):
        colour = COLOURS[k % len(COLOURS)]
        parts += _drawn(mark, colour, at_x, at_y)
        parts.append(
            f'<rect x="{LEFT + 150 * k}" y="12" width="10" height="10" fill="{colour}"/>'
            f'<text x="{LEFT + 150 * k + 14}" y="21">{escape(mark.name)}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def _grid(x: Axis, y: Axis, at_x: Callable[[float], float], at_y: Callable[[float], float]) -> list[str]:
    parts = []
    for value in x.marks:
        parts.append(_line(at_x(value), TOP, at_x(value), HEIGHT - BOTTOM))
        parts.append(
            f'<text x="{at_x(value):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle" fill="#444">{value:g}</text>'
        )
    for value in y.marks:
        parts.append(_line(LEFT, at_y(value), WIDTH - RIGHT, at_y(value)))
        parts.append(f'<text x="{LEFT - 6}" y="{at_y(value) + 4:.1f}" text-anchor="end" fill="#444">{value:g}</text>')
    middle = (TOP + HEIGHT - BOTTOM) / 2
    parts.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 10}" text-anchor="middle">{escape(x.title)}</text>'
    )
    parts.append(
        f'<text transform="translate(14,{middle:.0f}) rotate(-90)" text-anchor="middle">{escape(y.title)}</text>'
    )
    return parts


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#dddddd"/>'


def _drawn(mark: Mark, colour: str, at_x: Callable[[float], float], at_y: Callable[[float], float]) -> list[str]:
    if mark.line:
        path = " ".join(f"{at_x(a):.1f},{at_y(b):.1f}" for a, b in mark.points)
        return [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>']
    return [f'<circle cx="{at_x(a):.1f}" cy="{at_y(b):.1f}" r="3.2" fill="{colour}"/>' for a, b in mark.points]
