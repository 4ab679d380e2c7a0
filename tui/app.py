"""The console: a small application that owns the jobs, the sign-in and the way from screen to screen.

Its first frame is the sign-in; the database layer, which costs as much to import as Textual itself, is loaded behind
it. Nothing here decides what anybody may do: core does, on every action again.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import App
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.screen import ModalScreen, Screen

from core.errors import Problem
from core.settings import Settings
from tui.crash import write_crash
from tui.driver import Frame, driver_for
from tui.jobs import Jobs
from tui.keyboard import Keyboard
from tui.messages import DatabaseChanged, JobFinished, SignInEnded, SignInHint
from tui.screens.full_screen import FullScreen, Waiting
from tui.screens.sign_in import SignInScreen
from tui.surroundings import has_few_colors, source_of_session, speaks_utf8
from tui.text import shown

if TYPE_CHECKING:
    from core.core import Core
    from core.services.signing_in import SignedIn
    from tui.screens.listing import ListScreen

POLL_SECONDS = 2.0
FEWEST_COLUMNS, FEWEST_LINES = 80, 24
_BELOW_LISTS = 2  # on the stack: Textual's own screen and the sign-in
_HUNG_UP, _TERMINATED = 128 + signal.SIGHUP, 128 + signal.SIGTERM
_BROKEN = 70


class Console(App[int], inherit_bindings=False):
    """The full-screen console."""

    TITLE = "academy"
    CSS_PATH = "styles.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "interrupt", show=False, priority=True, id="app.interrupt"),
        Binding("ctrl+l", "redraw", show=False, priority=True, id="app.redraw"),
    ]

    def __init__(
        self, settings: Settings, *, hint: SignInHint | None = None, core: Core | None = None
    ) -> None:
        """Make a console on the database of `settings`.

        Args:
            settings: of this host.
            hint: a sign-in to show, for a made-up company.
            core: an open core to use instead of opening one; it stays open.
        """
        few_colors = has_few_colors(os.environ)
        self.frame = Frame(plain=not speaks_utf8(os.environ))
        super().__init__(driver_class=driver_for(self.frame), ansi_color=few_colors or None)
        self.theme = "ansi-dark" if few_colors else "textual-dark"
        self.settings = settings
        self.hint = hint
        self.signed_in: SignedIn | None = None
        self.trouble = ""
        self._core = core
        self._mail = (True, "")
        self._lists: dict[str, ListScreen[Any]] = {}
        self._list_order: list[str] = []
        self.keyboard = Keyboard(self, self._hand_on, self._is_too_early)
        self.jobs = Jobs(self.post_message, self._open_core)

    def on_mount(self) -> None:
        """Show the sign-in, then load core behind it."""
        if not self.is_headless:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.exit, _TERMINATED)
        self.push_screen(SignInScreen(self.hint))
        self.call_after_refresh(self._load_core)

    def on_unmount(self) -> None:
        """Let a running change commit or roll back before the process ends."""
        self.jobs.close(keep_core=self._core is not None)

    # --- signing in and out ---------------------------------------------------------------------------------------

    def sign_in(self, address: str, password: str) -> None:
        """Try to sign in; the screen hears of the outcome."""

        def attempt(core: Core) -> SignedIn:
            from core.services.signing_in import sign_in  # noqa: PLC0415 - loaded with core, behind the first frame

            return sign_in(core, address, password, source=source_of_session(os.environ))

        self.jobs.run(attempt, self._enter, self._refuse)

    def sign_out(self) -> None:
        """Close the sign-in and go back to the sign-in screen."""
        from core.services.signing_in import sign_out  # noqa: PLC0415 - as in `sign_in`

        self.jobs.change(sign_out, lambda _none: None, lambda _problem: None)
        self._leave("You are signed out.")

    def _enter(self, signed_in: SignedIn) -> None:
        self.signed_in = signed_in
        self.jobs.signed_in(signed_in.sign_in_id)
        self.jobs.look_for_changes()  # before the first list is read, so that nothing is missed in between
        self.show_list("users")

    def _refuse(self, problem: Problem) -> None:
        screen = self._sign_in_screen()
        if screen is not None:
            screen.refuse(problem.message)

    def _leave(self, sentence: str) -> None:
        self.signed_in = None
        self.jobs.signed_in(None)
        while len(self.screen_stack) > _BELOW_LISTS:
            self.pop_screen()
        for each in self._lists.values():
            self.uninstall_screen(each)
            if each.is_running:
                each.remove()
        self._lists, self._list_order = {}, []
        screen = self._sign_in_screen()
        if screen is not None:
            screen.begin_again(sentence)

    def _sign_in_screen(self) -> SignInScreen | None:
        return next((screen for screen in self.screen_stack if isinstance(screen, SignInScreen)), None)

    # --- lists ----------------------------------------------------------------------------------------------------

    def show_list(self, name: str, chosen: str | None = None) -> None:
        """Bring a list to the front, with a filter where one is given; dialogs over it close."""
        target = self._lists.get(name) or self._make_list(name)
        self._list_order = [name, *(each for each in self._list_order if each != name)]
        while len(self.screen_stack) > _BELOW_LISTS + 1:
            self.pop_screen()
        if len(self.screen_stack) == _BELOW_LISTS:
            self.push_screen(target)
        elif self.screen is not target:
            self.switch_screen(target)
        if chosen is not None:
            target.set_filter(chosen)

    def show_previous_list(self) -> None:
        """Bring the list before this one to the front."""
        if len(self._list_order) > 1:
            self.show_list(self._list_order[1])
        else:
            self.say("There is no list before this one. 1 and 2 choose a list.")

    def say(self, sentence: str) -> None:
        """Say something on the list in front."""
        if self._list_order:
            self._lists[self._list_order[0]].say(sentence)

    @property
    def mail_is_real(self) -> bool:
        """Whether mails leave this host."""
        return self._mail[0]

    @property
    def mail_description(self) -> str:
        """Where mails go, as a sentence."""
        return self._mail[1]

    def _make_list(self, name: str) -> ListScreen[Any]:
        """Return a new list; installed, because Textual would take it apart when another one is in front."""
        from tui.screens.lists import make_list  # noqa: PLC0415 - loaded with core, behind the first frame

        made = self._lists[name] = make_list(name)
        self.install_screen(made, name)
        return made

    # --- messages -------------------------------------------------------------------------------------------------

    @on(JobFinished)
    def hand_over(self, message: JobFinished) -> None:
        """Hand a job's answer to whoever asked."""
        with suppress(NoMatches):  # its screen is being taken down: there is nobody left to hand it to
            message.deliver()

    @on(SignInEnded)
    def hear_of_the_end(self, message: SignInEnded) -> None:
        """Go back to the sign-in when core says that this one has ended."""
        if self.signed_in is not None:
            self._leave(message.sentence)

    @on(DatabaseChanged)
    def refresh_lists(self) -> None:
        """Let every list know; the one in front reads again."""
        for each in self._lists.values():
            each.hear_of_change()

    async def on_event(self, event: events.Event) -> None:
        """Let keys and pastes wait for their turn."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            self.keyboard.take(event)
        else:
            await super().on_event(event)

    def _is_too_early(self, event: events.Event) -> bool:
        """Say whether a key would hit rows that are still on their way."""
        if isinstance(self.screen, Waiting):
            return self.screen.holds_keys
        in_front = self._lists.get(self.screen.name or "")
        return in_front is not None and in_front.is_mounted and in_front.is_too_early(event)

    async def _hand_on(self, event: events.Event) -> None:
        try:
            await super().on_event(event)
        except Exception as error:  # noqa: BLE001 - this runs beside Textual's own net
            self._handle_exception(error)

    def on_resize(self, event: events.Resize) -> None:
        """Paint everything anew, and say so where the window became too small to work in."""
        self.frame.forget()
        if event.size.width < FEWEST_COLUMNS or event.size.height < FEWEST_LINES:
            if not isinstance(self.screen, TooSmallScreen):
                self.push_screen(TooSmallScreen())
        elif isinstance(self.screen, TooSmallScreen):
            self.pop_screen()

    def action_interrupt(self) -> None:
        """Leave where nothing can be lost, close what is open, or else say how to leave."""
        screen = self.screen
        if isinstance(screen, SignInScreen | TooSmallScreen):
            self.exit(0)
        elif isinstance(screen, ModalScreen):
            screen.dismiss()
        elif isinstance(screen, FullScreen):
            screen.interrupt()
        elif screen.name in self._lists:
            self._lists[screen.name].interrupt()

    def action_redraw(self) -> None:
        """Paint the whole screen again, whatever the terminal shows."""
        self.frame.forget()
        self.screen.refresh()

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        """Open nothing: a browser on the server is of no use to anybody and a way out of the console."""

    # --- inside ---------------------------------------------------------------------------------------------------

    def _open_core(self) -> Core:
        if self._core is not None:
            return self._core
        from core.core import Core  # noqa: PLC0415 - costs as much as Textual, so it comes after the first frame

        return Core.open(self.settings)

    def _load_core(self) -> None:
        if not gc.isenabled():  # `open_console` turned it off on the way to the first frame
            gc.freeze()
            gc.enable()

        def ready(core: Core) -> None:
            post = core.ports.post
            self._mail = (post.is_real, f"Mails are {post.describe()}.")
            self.set_interval(POLL_SECONDS, self._poll)

        def failed(problem: Problem) -> None:
            self.trouble = problem.message
            self.exit(1)

        self.jobs.run(_with_lists, ready, failed)

    def _poll(self) -> None:
        if self.signed_in is not None:
            self.jobs.look_for_changes()

    def _handle_exception(self, error: Exception) -> None:
        """Leave with a reference instead of a traceback that would show people's data on the terminal."""
        if not self.trouble:
            self.trouble = write_crash(self.settings.home, error)
            self._return_code = _BROKEN
            self._exception = error
        self._close_messages_no_wait()
        self._exception_event.set()


class TooSmallScreen(Screen[None], inherit_bindings=False):
    """Stands over everything while the window is too small; what was open is there again afterwards."""

    def render(self) -> str:
        """Say what to do."""
        return (
            f"This window has {self.app.size.width} columns and {self.app.size.height} lines.\n"
            f"The console needs {FEWEST_COLUMNS} and {FEWEST_LINES}. Make it larger to go on."
        )


def _with_lists(core: Core) -> Core:
    """Import the lists on the worker's thread too, so that signing in shows them at once."""
    import tui.screens.lists  # noqa: F401, PLC0415 - as in `_make_list`

    return core


def run_console(
    settings: Settings, *, hint: SignInHint | None = None, on_hang_up: Callable[[], None] | None = None
) -> int:
    """Run the console in this terminal until the admin leaves.

    Args:
        settings: of this host; the terminal was checked before.
        hint: a sign-in to show, for a made-up company.
        on_hang_up: called when the terminal is gone, before the process ends without any further clean-up.

    Returns:
        The exit code.
    """
    console = Console(settings, hint=hint)

    def hang_up(_signal: int, _frame: object) -> None:
        console.jobs.finish()
        if on_hang_up is not None:
            on_hang_up()
        os._exit(_HUNG_UP)

    signal.signal(signal.SIGHUP, hang_up)
    code = console.run(mouse=False)
    if console.trouble:
        print(shown(console.trouble), file=sys.stderr)  # noqa: T201 - the terminal is ours again
    return code if code is not None else console.return_code or 0
