"""What stands over everything while the window is too small."""

from __future__ import annotations

from textual.screen import Screen

FEWEST_COLUMNS, FEWEST_LINES = 80, 24


class TooSmallScreen(Screen[None], inherit_bindings=False):
    """Says what is needed; what was open is there again afterwards."""

    def render(self) -> str:
        """Say what to do."""
        return (
            f"This window has {self.app.size.width} columns and {self.app.size.height} lines.\n"
            f"The console needs {FEWEST_COLUMNS} and {FEWEST_LINES}. Make it larger to go on."
        )
