"""Colors of the mails."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from core.colors import darkened, lightened

_HEX = re.compile(r"#[0-9a-f]{6}", re.ASCII | re.IGNORECASE)


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


def in_house_color(color: str) -> tuple[Palette, Palette]:
    """Return the palettes by day and by night, in the nearest shades of the company's color that can be read (S29).

    A color that is none leaves them as they are.
    """
    if not _HEX.fullmatch(color):
        return LIGHT, DARK
    by_day, by_night = darkened(color, LIGHT.paper), lightened(color, DARK.paper)
    return replace(LIGHT, button=by_day, link=by_day), replace(DARK, button=by_night, link=by_night)
