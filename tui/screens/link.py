"""A registration link, shown on request."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from core.values import Secret
from tui.text import content


class LinkScreen(ModalScreen[None], inherit_bindings=False):
    """Shows a link on a line of its own, so that it can be taken with the terminal's own means too."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,ctrl+g", "dismiss", show=False, id="link.close"),
    ]

    def __init__(self, address: str, link: Secret) -> None:
        """Show the link of `address`."""
        super().__init__()
        self._address, self._link = address, link

    def compose(self) -> ComposeResult:
        """Lay out the panel; the link has no margin, so that 80 columns hold it."""
        with Vertical(classes="panel"):
            yield Static(
                content(f"Registration link of {self._address}"), classes="panel-title", markup=False
            )
            yield Static(content(self._link.reveal()), id="link", markup=False)
            yield Static(
                "Sent to your clipboard as well, where your terminal allows it. Whoever has this link can register "
                "once: hand it to that person only. The audit trail says that you looked.",
                markup=False,
            )
            yield Static("Esc close", classes="panel-keys", markup=False)
