"""Colour maps in which equal steps of a value look like equal steps: their lightness in OKLab grows evenly.

Source of the colour space: B. Ottosson, "A perceptual color space for image processing", 2020. The maps are our own: a
map told from its lightness alone can be read in grey, too, and by those who see fewer colours.
"""

from __future__ import annotations

import math
from functools import cache

LEVELS = 16  # of a sequential map
SIDES = 8  # levels on either side of the middle of a diverging map
_CHROMA = 0.14
YOURS, REFERENCE = "#3f83cf", "#c2731a"  # at least 3:1 on white and on a dark page


@cache
def sequential() -> tuple[str, ...]:
    """From dark blue over green to light yellow, as hex triplets."""
    shares = [i / (LEVELS - 1) for i in range(LEVELS)]
    return tuple(_hex(0.27 + 0.67 * share, _CHROMA, 290 - 185 * share) for share in shares)


@cache
def diverging() -> tuple[str, ...]:
    """From blue (too low) over near white (no difference) to brown (too high), as hex triplets."""
    shares = [(i - SIDES) / SIDES for i in range(2 * SIDES + 1)]
    return tuple(_hex(0.96 - 0.52 * abs(share), _CHROMA * abs(share), 255 if share < 0 else 50) for share in shares)


def is_dark(colour: str) -> bool:
    """Whether white text reads better on a colour than black text."""
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.18  # where both contrasts are equal


def _hex(lightness: float, chroma: float, hue: float) -> str:
    """The colour of OKLCH, with as much of its chroma as a screen can show."""
    while chroma > 0 and not all(-1e-4 <= part <= 1 + 1e-4 for part in _rgb(lightness, chroma, hue)):
        chroma -= 0.002
    return "#" + "".join(f"{round(255 * _gamma(min(max(part, 0), 1))):02x}" for part in _rgb(lightness, chroma, hue))


def _rgb(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    """Linear sRGB, each between 0 and 1 where a screen can show it."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _gamma(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
