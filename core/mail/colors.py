"""Colors of the mails, and how well two colors stand apart (WCAG 2.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

ENOUGH = 4.5  # WCAG 1.4.3, ordinary text
_HEX = re.compile(r"#[0-9a-f]{6}", re.ASCII | re.IGNORECASE)
_LINEAR_BELOW = 0.04045


@dataclass(frozen=True, slots=True)
class Palette:
    """The colors of one mail, each `#rrggbb`; every text stands apart from what is behind it by `ENOUGH`."""

    paper: str
    ink: str
    faint: str
    link: str
    button: str
    button_ink: str


LIGHT = Palette("#ffffff", "#1b1f24", "#57606a", "#0550ae", "#0550ae", "#ffffff")
DARK = Palette("#15181c", "#e8eaed", "#b1bac4", "#8ab4f8", "#8ab4f8", "#15181c")


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colors `#rrggbb`, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def in_house_color(color: str) -> Palette:
    """Return the light palette with the company's color where that can be read (S29), else as it is."""
    if not _HEX.fullmatch(color) or contrast(color, LIGHT.paper) < ENOUGH:
        return LIGHT
    return replace(LIGHT, button=color, link=color)


def darkened(color: str) -> str:
    """Return the lightest shade of a color `#rrggbb` that can be read on white."""
    parts = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
    for percent in range(100, -1, -1):
        shade = "#" + "".join(f"{part * percent // 100:02x}" for part in parts)
        if contrast(shade, LIGHT.paper) >= ENOUGH:
            return shade
    return "#000000"  # cannot happen: black stands apart from white


def _luminance(color: str) -> float:
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= _LINEAR_BELOW else float(((part + 0.055) / 1.055) ** 2.4)
