"""Draw the icon of the app, the efficient set as steps under a limit: `python -m scripts.draw_icon`."""

from __future__ import annotations

from PIL import Image, ImageDraw

from headroom.locations import ICON

SIDE = 64
FINER = 8
BLUE, WHITE, AMBER = "#0B5CAD", "#FFFFFF", "#F1B54A"


def icon() -> Image.Image:
    """Return the icon, drawn larger and made smaller so that its edges are smooth."""
    large = Image.new("RGBA", (SIDE * FINER, SIDE * FINER))
    draw = ImageDraw.Draw(large)

    def scaled(*points: float) -> list[float]:
        return [FINER * point for point in points]

    draw.rounded_rectangle(scaled(1, 1, 63, 63), radius=14 * FINER, fill=BLUE)
    draw.line(scaled(11, 13, 53, 13), fill=AMBER, width=4 * FINER)
    draw.line(scaled(15, 24, 15, 37, 31, 37, 31, 50, 52, 50), fill=WHITE, width=4 * FINER)
    for x, y in ((15, 24), (31, 37), (48, 50)):
        draw.ellipse(scaled(x - 6, y - 6, x + 6, y + 6), fill=WHITE)
    return large.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    icon().save(ICON, optimize=True)
