"""How well two colors stand apart (WCAG 2.2), and the nearest shade of one that can be read."""

from __future__ import annotations

ENOUGH = 4.5  # WCAG 1.4.3, ordinary text
WHITE = "#ffffff"
_BLACK = "#000000"
_LINEAR_BELOW = 0.04045


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colors `#rrggbb`, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def darkened(color: str, on: str = WHITE, *, enough: float = ENOUGH) -> str:
    """Return the lightest shade of a color `#rrggbb` that can be read on a light one; the color itself where it can."""
    return _towards(color, _BLACK, on, enough)


def lightened(color: str, on: str, *, enough: float = ENOUGH) -> str:
    """Return the darkest tint of a color `#rrggbb` that can be read on a dark one; the color itself where it can."""
    return _towards(color, WHITE, on, enough)


def mixed(color: str, other: str, percent: int) -> str:
    """Return `color` with so much of `other` in it, from 0 to 100."""
    pairs = zip(_parts(color), _parts(other), strict=True)
    return "#" + "".join(f"{(one * (100 - percent) + two * percent) // 100:02x}" for one, two in pairs)


def _towards(color: str, end: str, on: str, enough: float) -> str:
    shades = (mixed(color, end, percent) for percent in range(101))
    return next((shade for shade in shades if contrast(shade, on) >= enough), end)


def _parts(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _luminance(color: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= _LINEAR_BELOW else float(((part + 0.055) / 1.055) ** 2.4)
