"""The sign-in: the first frame, so it imports nothing of the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Input, Static

from tui.messages import SignInHint
from tui.text import content
from tui.widgets.field import Field

if TYPE_CHECKING:
    from tui.app import Console


class SignInScreen(Screen[None], inherit_bindings=False):
    """Asks for address and password."""

    AUTO_FOCUS = "#address"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "to_the_password", show=False, priority=True, id="sign_in.enter"),
        Binding("tab,down", "app.focus_next", show=False, priority=True, id="sign_in.next"),
        Binding("shift+tab,up", "app.focus_previous", show=False, priority=True, id="sign_in.previous"),
    ]

    def __init__(self, hint: SignInHint | None) -> None:
        """Show `hint` below the fields, for a made-up company."""
        super().__init__(name="sign_in")
        self._hint = hint
        self._submitted = False

    def compose(self) -> ComposeResult:
        """Lay out the form."""
        with Vertical(id="sign-in"):
            yield Static("academy  people and licenses", id="sign-in-title", markup=False)
            yield Static("Email address", classes="label", markup=False)
            yield Field("address")
            yield Static("Password", classes="label", markup=False)
            yield Field("password", password=True)
            yield Static("", id="sign-in-message", markup=False)
            if self._hint is not None:
                made_up = f"Made-up company. Sign in with {self._hint.address} and the password {self._hint.password}"
                yield Static(content(made_up), id="sign-in-hint", markup=False)
            yield Static("Enter sign in   Tab next field   Ctrl+C leave", id="sign-in-keys", markup=False)

    def refuse(self, sentence: str) -> None:
        """Say why it did not work; the address stays, the password goes."""
        self._submitted = False
        self._say(sentence)
        password = self.query_one("#password", Input)
        password.value = ""
        password.focus()

    def begin_again(self, sentence: str) -> None:
        """Come back after a sign-in has ended."""
        self._submitted = False
        self.query_one("#password", Input).value = ""
        self._say(sentence)
        self.query_one("#password" if self.query_one("#address", Input).value else "#address", Input).focus()

    def action_to_the_password(self) -> None:
        """Go on to the password at once, so that keys that arrived together with Enter land there and not here."""
        if self.focused is not self.query_one("#address"):
            raise SkipAction
        self.set_focus(self.query_one("#password"))

    @on(Input.Submitted, "#password")
    def submit(self) -> None:
        """Try to sign in, once at a time."""
        if self._submitted:
            return
        address, password = (self.query_one(f"#{name}", Input).value for name in ("address", "password"))
        if not address or not password:
            self._say("Enter your email address and your password.")
            return
        self._submitted = True
        self._say("Signing in …")
        cast("Console", self.app).sign_in(address, password)

    def _say(self, sentence: str) -> None:
        self.query_one("#sign-in-message", Static).update(content(sentence))
