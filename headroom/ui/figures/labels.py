"""Positions for the names of points, so that they stay apart even on a phone; rough sizes of text are enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

WIDTH_PX, HEIGHT_PX = 290.0, 280.0  # the plotting area of a phone; on a wider screen everything is further apart
LETTER_PX, LINE_PX, MARK_PX = 6.5, 16.0, 9.0
PLACES = ("top right", "bottom right", "top left", "bottom left", "top center", "bottom center")


class Box(NamedTuple):
    """A rectangle in pixels, y upwards."""

    left: float
    right: float
    low: float
    high: float

    def meets(self, other: Box) -> bool:
        """Tell whether two rectangles overlap."""
        return self.left < other.right and other.left < self.right and self.low < other.high and other.low < self.high


def places(
    points: Sequence[tuple[float, float]], names: Sequence[str], occupied: Sequence[Box] = ()
) -> tuple[int, list[str]]:
    """Return a plotly text position for each name, and how many things still cover one another.

    points: x and y as shares of the plotting area. occupied: rectangles, in pixels, that the names should leave free.
    """
    orders = [
        sorted(range(len(points)), key=lambda index: sign * points[index][axis]) for axis in (0, 1) for sign in (1, -1)
    ]
    layouts = [_in_order(points, names, order, occupied) for order in orders]
    return min(layouts, key=lambda layout: layout[0])


def _in_order(
    points: Sequence[tuple[float, float]], names: Sequence[str], order: Sequence[int], occupied: Sequence[Box]
) -> tuple[int, list[str]]:
    """Place the names one after the other where each troubles least; return the trouble in all, and the positions."""
    boxes = [*occupied, *(mark(*point) for point in points)]
    sides, trouble = [PLACES[0]] * len(points), 0
    for index in order:
        x, y = points[index]
        alternatives = {place: _label(x * WIDTH_PX, y * HEIGHT_PX, len(names[index]), place) for place in PLACES}
        sides[index] = min(PLACES, key=lambda place: _trouble(alternatives[place], boxes))
        trouble += _trouble(alternatives[sides[index]], boxes)
        boxes.append(alternatives[sides[index]])
    return trouble, sides


def mark(x: float, y: float) -> Box:
    """Return the rectangle of the mark of a point, given as shares of the plotting area."""
    x, y = x * WIDTH_PX, y * HEIGHT_PX
    return Box(x - MARK_PX, x + MARK_PX, y - MARK_PX, y + MARK_PX)


def _label(x: float, y: float, letters: int, place: str) -> Box:
    up, side = place.split()
    width = letters * LETTER_PX
    left_px = {"right": x + MARK_PX, "left": x - MARK_PX - width, "center": x - width / 2}[side]
    low = y + MARK_PX if up == "top" else y - MARK_PX - LINE_PX
    return Box(left_px, left_px + width, low, low + LINE_PX)


def _trouble(box: Box, boxes: Sequence[Box]) -> int:
    """Return how many things a box would cover; leaving the plotting area counts as two."""
    outside = box.left < -LETTER_PX or box.right > WIDTH_PX + LETTER_PX or box.low < 0 or box.high > HEIGHT_PX
    return sum(box.meets(other) for other in boxes) + 2 * outside
