"""Texts in the cells of a spreadsheet."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def safe_cell(text: str) -> str:
    """Return a cell that a spreadsheet takes for text.

    What begins like a formula (`=`, `+`, `-`, `@`, wide ones too, a tab or a line break) gets an apostrophe before it.
    """
    return f"'{text}" if text.startswith(_FORMULA) else text
