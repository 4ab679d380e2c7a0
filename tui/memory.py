"""What the console remembers for each admin from one sign-in to the next: the theme, and the order and filter of lists.

It is read with the sign-in and written when the admin leaves, so that no key waits for it and no other console hears
of it as a change.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

THEME = "theme"


class Memory:
    """Values by name, and which of them have changed."""

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        """Begin with what was kept, as JSON values."""
        self._kept: dict[str, Any] = dict(values or {})
        self._now: dict[str, Any] = deepcopy(self._kept)

    @property
    def theme(self) -> str:
        """Name of the chosen theme; empty where none was chosen."""
        name = self._now.get(THEME, "")
        return name if isinstance(name, str) else ""

    @theme.setter
    def theme(self, name: str) -> None:
        self._now[THEME] = name

    def of_list(self, name: str) -> dict[str, Any]:
        """Return what is remembered of a list, to be read and changed; values must be JSON."""
        found = self._now.setdefault(f"list.{name}", {})
        if not isinstance(found, dict):
            found = self._now[f"list.{name}"] = {}
        return found

    def take_changes(self) -> dict[str, Any]:
        """Return what differs from what was kept, and count it as kept."""
        changed = {
            name: value for name, value in self._now.items() if value and self._kept.get(name) != value
        }
        self._kept.update(deepcopy(changed))
        return deepcopy(changed)
