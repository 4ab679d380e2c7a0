"""How far a long run has come, on one line of stderr, where somebody is there to see it."""

from __future__ import annotations

import sys
from typing import Self

_TOLD = {"read": "Reading: line {:,}", "judge": "Judging {:,} lines", "write": "Writing {:,} invitations"}
_WIDTH = 40


class Progress:
    """Hears of steps; the line is gone when the block ends."""

    def __init__(self) -> None:
        """Tell only a terminal."""
        self._is_told = sys.stderr.isatty()
        self._is_shown = False

    def __call__(self, step: str, rows: int) -> None:
        """Show the step and how many rows it is about."""
        if not self._is_told:
            return
        self._is_shown = True
        told = _TOLD[step].format(rows) if step in _TOLD else f"{step.capitalize()}: {rows:,} people"
        sys.stderr.write("\r" + told.ljust(_WIDTH))
        sys.stderr.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_shown:
            sys.stderr.write("\r" + " " * _WIDTH + "\r")
            sys.stderr.flush()
