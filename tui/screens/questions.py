"""A question before something with consequences: answered by another key than the one that led here."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.text import content
from tui.widgets.field import Field


class Question(ModalScreen[bool], inherit_bindings=False):
    """Asks at the bottom of the screen; Esc and `n` mean no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", show=False, id="question.yes"),
        Binding("n,escape,ctrl+g,q", "answer(False)", show=False, id="question.no"),
    ]

    def __init__(self, sentence: str, consequence: str = "", *, typed: str = "") -> None:
        """Ask `sentence`.

        Args:
            sentence: says what and how many.
            consequence: what it means.
            typed: what has to be typed to go on; empty where `y` is enough.
        """
        super().__init__()
        self._sentence, self._consequence, self._typed = sentence, consequence, typed

    def compose(self) -> ComposeResult:
        """Lay out the panel."""
        with Vertical(classes="panel"):
            yield Static(content(self._sentence), classes="panel-title", markup=False)
            if self._consequence:
                yield Static(content(self._consequence), markup=False)
            if self._typed:
                yield Field("typed", placeholder=f"type {self._typed} and Enter to go on, Esc to stop")
            else:
                yield Static("y yes   n no", classes="panel-keys", markup=False)

    def action_answer(self, yes: bool) -> None:  # noqa: FBT001 - the form Textual calls it in
        """Answer by key; a number that has to be typed cannot be skipped by `y`."""
        if not (yes and self._typed):
            self.dismiss(yes)

    @on(Input.Submitted)
    def take_typed(self, event: Input.Submitted) -> None:
        """Go on when exactly the wanted text was typed."""
        self.dismiss(event.value.strip() == self._typed)
