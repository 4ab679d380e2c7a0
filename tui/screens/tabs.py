"""The lists there are, as one line: the one in front by its name, the others as long as there is room."""

from __future__ import annotations

from tui.screens.lists import LISTS


def tabs(place: str, room: int, *, named: bool = False) -> str:
    """Return the tabs with `place` in front.

    Args:
        place: name of the list in front.
        room: in cells; full names where they fit, short ones, or else the numbers alone.
        named: whether numbers alone will not do; nothing is returned then.
    """
    ways = (
        "  ".join(
            f"[{each.number} {each.title}]" if each.name == place else f"{each.number} {each.title}"
            for each in LISTS
        ),
        " ".join(
            f"[{each.number} {each.title}]" if each.name == place else f"{each.number} {each.short}"
            for each in LISTS
        ),
        " ".join(
            f"[{each.number} {each.title}]" if each.name == place else str(each.number) for each in LISTS
        ),
    )
    enough = ways[:-1] if named else ways
    return next((way for way in enough if len(way) <= room), "" if named else ways[-1])
