"""The console: a small application that owns the jobs, the sign-in and the way from screen to screen.

Its first frame is the sign-in; the database layer, which costs as much to import as Textual itself, is loaded behind
it. Nothing here decides what anybody may do: core does, on every action again.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import App
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from core.errors import Problem
from core.settings import Settings
from tui.crash import write_crash
from tui.desk import Desk
from tui.driver import Frame, driver_for
from tui.entrance import Entrance
from tui.jobs import Jobs
from tui.keyboard import Keyboard
from tui.memory import Memory
from tui.messages import DatabaseChanged, JobFinished, RunMoved, SignInEnded, SignInHint
from tui.owned_jobs import is_there
from tui.said import Messages
from tui.screens.full_screen import Follower, FullScreen, Waiting
from tui.screens.sign_in import SignInScreen
from tui.screens.too_small import FEWEST_COLUMNS, FEWEST_LINES, TooSmallScreen
from tui.surroundings import has_few_colors, speaks_utf8, wants_no_color
from tui.themes import PLAIN, SIXTEEN, THEMES, first_theme, fitting
from tui.warned import Warned

if TYPE_CHECKING:
    from core.core import Core
    from core.services.signing_in import SignedIn

POLL_SECONDS = 2.0
MOST_TYPED = 50
_UNSEEN = 5  # as many polls are one while the terminal says that nobody looks
_TERMINATED = 128 + signal.SIGTERM
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
        self._colors = {
            "few_colors": has_few_colors(os.environ),
            "no_color": wants_no_color(os.environ),
        }
        if not self._colors["no_color"]:
            os.environ.pop("NO_COLOR", None)  # empty it means nothing, but Textual would turn gray
        self.frame = Frame(plain=not speaks_utf8(os.environ))
        super().__init__(driver_class=driver_for(self.frame), ansi_color=self._colors["few_colors"])
        for theme in THEMES:
            self.register_theme(theme)
        self.use_theme(first_theme(**self._colors))
        self.settings = settings
        self.hint = hint
        self.entrance = Entrance(self)
        self.trouble = ""
        self._core = core
        self._mail = (True, "")
        self.memory = Memory()
        self.messages = Messages(self._now)
        self.typed_before: dict[str, list[str]] = {}
        self.desk = Desk(self)
        self.warned = Warned(self)
        self._polls = 0
        self.keyboard = Keyboard(self, self._hand_on, self._is_too_early)
        self.jobs = Jobs(self.post_message, self._open_core)

    def on_mount(self) -> None:
        """Show the sign-in, then load core behind it."""
        if not self.is_headless:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.exit, _TERMINATED)
        self.push_screen(SignInScreen(self.hint))
        self.call_after_refresh(self._load_core)

    def exit(self, result: int | None = None, return_code: int = 0, message: Any = None) -> None:
        """Leave, remembering how the lists are."""
        self.entrance.keep_memory()
        super().exit(result, return_code, message)

    def on_unmount(self) -> None:
        """Let a running change commit or roll back before the process ends."""
        self.jobs.close(keep_core=self._core is not None)

    # --- signing in and out ---------------------------------------------------------------------------------------

    @property
    def signed_in(self) -> SignedIn | None:
        """Who is signed in."""
        return self.entrance.signed_in

    def sign_in(self, address: str, password: str) -> None:
        """Try to sign in; the screen hears of the outcome."""
        self.entrance.sign_in(address, password)

    def sign_out(self) -> None:
        """Close the sign-in and go back to the sign-in screen."""
        self.entrance.sign_out()

    # --- lists ----------------------------------------------------------------------------------------------------

    def show_list(self, name: str, chosen: str | None = None) -> None:
        """Bring a list to the front, with a filter where one is given; dialogs over it close."""
        is_first = self.desk.front is None
        self.desk.show(name, chosen)
        if is_first:
            self.warned.forget()
            self.warned.ask()

    def show_previous_list(self) -> None:
        """Bring the list before this one to the front."""
        if not self.desk.show_previous():
            self.say("There is no list before this one. 1 and 2 choose a list.")

    def remember_typed(self, kind: str, text: str) -> None:
        """Keep what was typed into a prompt, so that the arrow brings it back; the newest is last, and each once."""
        if text.strip():
            before = [each for each in self.typed_before.get(kind, ()) if each != text]
            self.typed_before[kind] = [*before, text][-MOST_TYPED:]

    def say(self, sentence: str) -> None:
        """Say something on the list in front."""
        if self.desk.front is not None:
            self.desk.front.say(sentence)

    @property
    def mail_is_real(self) -> bool:
        """Whether mails leave this host."""
        return self._mail[0]

    @property
    def mail_description(self) -> str:
        """Where mails go, as a sentence."""
        return self._mail[1]

    # --- messages -------------------------------------------------------------------------------------------------

    @on(JobFinished)
    def hand_over(self, message: JobFinished) -> None:
        """Hand a job's answer to whoever asked."""
        message.deliver()

    @on(RunMoved)
    def show_progress(self) -> None:
        """Let the screen in front, and the list under it, show how far a long change is."""
        for screen in {self.screen, self.desk.front}:
            if isinstance(screen, Follower):
                screen.run_moved()

    @on(SignInEnded)
    def hear_of_the_end(self, message: SignInEnded) -> None:
        """Go back to the sign-in when core says that this one has ended."""
        self.entrance.end(message.sentence)

    @on(DatabaseChanged)
    def refresh_lists(self) -> None:
        """Let every list know, and what stands over them; the list in front reads again."""
        for each in self.desk:
            if is_there(each):  # nobody who leaves takes the answer any more
                each.hear_of_change()
        for screen in self.screen_stack:
            if isinstance(screen, FullScreen):
                screen.hear_of_change()
        self.warned.ask()

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
        in_front = self.desk.of_screen(self.screen)
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
        elif (in_front := self.desk.of_screen(screen)) is not None:
            in_front.interrupt()

    def action_redraw(self) -> None:
        """Paint the whole screen again, whatever the terminal shows."""
        self.frame.forget()
        self.screen.refresh()

    def use_theme(self, name: str) -> None:
        """Look like the theme called `name`."""
        self.frame.colorless = name == PLAIN
        self.frame.forget()
        self.ansi_color = name in SIXTEEN
        self.theme = name

    def use_remembered_theme(self) -> None:
        """Look as this admin chose, as far as the terminal can."""
        self.use_theme(fitting(self.memory.theme, **self._colors))

    def choose_theme(self, name: str) -> bool:
        """Use and remember a theme; return whether the terminal shows that very one."""
        self.memory.theme = name
        self.use_remembered_theme()
        return self.theme == name

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

    def _now(self) -> datetime:
        core = self._core or self.jobs.core_if_open
        return core.ports.clock.now() if core is not None else datetime.now(UTC)

    def _poll(self) -> None:
        self._polls += 1
        if self.signed_in is not None and (self.app_focus or self._polls % _UNSEEN == 0):
            self.jobs.look_for_changes()

    def _handle_exception(self, error: Exception) -> None:
        """Leave with a reference instead of a traceback that would show people's data on the terminal."""
        if not self.trouble:
            self.trouble = write_crash(self.settings.home, error)
            self._return_code = _BROKEN
            self._exception = error
        self._close_messages_no_wait()
        self._exception_event.set()


def _with_lists(core: Core) -> Core:
    """Import the lists on the worker's thread too, so that signing in shows them at once."""
    import tui.screens.people_lists  # noqa: F401, PLC0415 - as in `Desk`

    return core
