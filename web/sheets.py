"""Pages that differ from reader to reader in a few places only: drawn once, then filled in.

What fills a place is escaped exactly as a template escapes it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Hashable, Mapping

from markupsafe import escape

from web.text import harmless

_MOST = 64  # languages times what a company was lately called, with some to spare


class Sheet:
    """A page with places to fill in."""

    def __init__(self, draw: Callable[[Mapping[str, str]], str], names: tuple[str, ...]) -> None:
        """Draw the page with `draw`, which is given a text for each of the places `names`."""
        secret = secrets.token_hex(16)  # nobody can have written it anywhere else on the page
        marks = {f"{secret}{number}x": name for number, name in enumerate(names)}
        drawn = draw({name: mark for mark, name in marks.items()})
        pieces = re.split(f"({secret}[0-9]+x)", drawn)
        self._texts = pieces[::2]
        self._places = [marks[piece] for piece in pieces[1::2]]

    def filled(self, facts: Mapping[str, str]) -> str:
        """Return the page for one reader."""
        parts = [self._texts[0]]
        for name, text in zip(self._places, self._texts[1:], strict=True):
            parts += (escape(harmless(facts[name])), text)
        return "".join(parts)


class Sheets:
    """The sheets of one process, by what they were drawn for."""

    def __init__(self) -> None:
        """Begin with none."""
        self._drawn: dict[Hashable, Sheet] = {}

    def fill(self, key: Hashable, draw: Callable[[Mapping[str, str]], str], facts: Mapping[str, str]) -> str:
        """Return the page for `key` with `facts` in its places, drawing it only where it is new."""
        sheet = self._drawn.get(key)
        if sheet is None:
            sheet = Sheet(draw, tuple(facts))
            if len(self._drawn) >= _MOST:
                self._drawn.clear()
            self._drawn[key] = sheet
        return sheet.filled(facts)
