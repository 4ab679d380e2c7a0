"""One's own password."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from core.core import Core
from core.errors import Problem
from core.services.signing_in import change_own_password
from tui.text import content
from tui.widgets.field import Field

if TYPE_CHECKING:
    from tui.app import Console


class PasswordScreen(ModalScreen[None], inherit_bindings=False):
    """Asks for the old and the new password."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on", show=False, priority=True, id="password.go_on"),
        Binding("escape,ctrl+g", "dismiss", show=False, id="password.close"),
        Binding("tab,down", "app.focus_next", show=False, priority=True, id="password.next"),
        Binding("shift+tab,up", "app.focus_previous", show=False, priority=True, id="password.previous"),
    ]

    def __init__(self) -> None:
        """Ask; nothing is under way yet."""
        super().__init__()
        self._submitted = False

    def compose(self) -> ComposeResult:
        """Lay out the panel."""
        with Vertical(classes="panel"):
            yield Static("Change your password", classes="panel-title", markup=False)
            for name, label in (
                ("old", "Present password"),
                ("new", "New password, 8 characters or more"),
                ("again", "New password again"),
            ):
                yield Static(label, classes="label", markup=False)
                yield Field(name, password=True)
            yield Static("", id="password-message", markup=False)
            yield Static("Enter next, then change   Esc leave", classes="panel-keys", markup=False)

    def action_go_on(self) -> None:
        """Go on to the next field at once, so that keys that arrived together with Enter land there."""
        if self.focused is self.query_one("#again"):
            raise SkipAction
        self.focus_next()

    @on(Input.Submitted, "#again")
    def change(self) -> None:
        """Change the password."""
        old, new, again = (self.query_one(f"#{name}", Input).value for name in ("old", "new", "again"))
        if new != again:
            self._say("The two new passwords differ. Type them again.")
            return
        sign_in = self._main.signed_in
        if sign_in is None or self._submitted:
            return
        self._submitted = True

        def job(core: Core) -> None:
            change_own_password(core, sign_in.sign_in_id, old=old, new=new)

        self._say("Changing …")
        self._main.jobs.run(job, self._changed, self._refused)

    @property
    def _main(self) -> Console:
        return cast("Console", self.app)

    def _changed(self, _none: None) -> None:
        self.dismiss()
        self._main.say("Your password is changed. Your other sign-ins have ended.")

    def _refused(self, problem: Problem) -> None:
        self._submitted = False
        self._say(problem.message)

    def _say(self, sentence: str) -> None:
        self.query_one("#password-message", Static).update(content(sentence))
