"""How well a choice fits what was typed, for lists that are searched rather than read."""

from __future__ import annotations

from collections.abc import Sequence

BEGINS, HOLDS, TELLS, SPELLS = range(4)


def fit_of(words: Sequence[str], label: str, note: str) -> int | None:
    """Return how far a choice is from what was typed, 0 for the closest; None where it does not fit.

    Closest is a label with words that begin so, then one that holds them, then a note that holds them, then a label
    whose letters come in that order, so that `mkf` still finds "mark by filter".

    Args:
        words: what was typed, in lower case.
        label: what the choice is called.
        note: what else it says.
    """
    low, all_of_it = label.lower(), f"{label} {note}".lower()
    parts = low.replace("-", " ").replace(":", " ").split()
    if all(any(part.startswith(word) for part in parts) for word in words):
        return BEGINS
    if all(word in low for word in words):
        return HOLDS
    if all(word in all_of_it for word in words):
        return TELLS
    return SPELLS if all(_spells(word, low) for word in words) else None


def _spells(word: str, text: str) -> bool:
    """Return whether the letters of `word` stand in `text` in their order."""
    letters = iter(text)
    return all(letter in letters for letter in word)
