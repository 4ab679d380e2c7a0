"""Coming in and leaving: the sign-in, what the console remembers for whoever signs in, and the way back out."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from core.errors import Invalid, Problem
from tui.memory import Memory
from tui.owned_jobs import is_there
from tui.screens.sign_in import SignInScreen
from tui.surroundings import source_of_session

if TYPE_CHECKING:
    from core.core import Core
    from core.services.signing_in import SignedIn
    from core.work import Work
    from tui.app import Console


class Entrance:
    """Who is signed in."""

    def __init__(self, console: Console) -> None:
        """Begin with nobody."""
        self._console = console
        self.signed_in: SignedIn | None = None

    def sign_in(self, address: str, password: str) -> None:
        """Try to sign in; the screen hears of the outcome."""

        def attempt(core: Core) -> tuple[SignedIn, dict[str, Any]]:
            from core.reading.preferences import recall_all  # noqa: PLC0415 - loaded with core, behind the first frame
            from core.services.signing_in import sign_in  # noqa: PLC0415 - as above

            signed_in = sign_in(core, address, password, source=source_of_session(os.environ))
            with core.look(signed_in.sign_in_id) as look:
                return signed_in, recall_all(look)

        self._console.jobs.run(attempt, self._enter, self._refuse)

    def sign_out(self) -> None:
        """Close the sign-in and go back to the sign-in screen."""
        from core.services.signing_in import sign_out  # noqa: PLC0415 - as in `sign_in`

        self.keep_memory()
        self._console.jobs.change(sign_out, lambda _none: None, lambda _problem: None)
        self._leave("You are signed out.")

    def end(self, sentence: str) -> None:
        """Go back to the sign-in when core says that this one has ended."""
        if self.signed_in is not None:
            self._leave(sentence)

    def keep_memory(self) -> None:
        """Let core keep what this admin finds again at the next sign-in, where that has changed."""
        console = self._console
        if self.signed_in is None:
            return
        for each in filter(is_there, console.desk):
            each.note(console.memory.of_list(each.kind.name))
        changed = console.memory.take_changes()
        if not changed:
            return

        def keep(work: Work) -> None:
            from core.services.preferring import KEYS, remember  # noqa: PLC0415 - as in `sign_in`

            for name in changed.keys() & set(KEYS):
                with suppress(Invalid):  # a filter too long to be kept is no reason to lose the rest
                    remember(work, name, changed[name])

        console.jobs.last_wish(keep)

    def _enter(self, found: tuple[SignedIn, dict[str, Any]]) -> None:
        console = self._console
        self.signed_in, remembered = found
        console.memory = Memory(remembered)
        console.use_remembered_theme()
        console.jobs.signed_in(self.signed_in.sign_in_id)
        console.jobs.look_for_changes()  # before the first list is read, so that nothing is missed in between
        console.show_list("users")
        from tui.screens.plan_unfinished import tell_unfinished  # noqa: PLC0415 - loaded with core, as above

        tell_unfinished(console)

    def _refuse(self, problem: Problem) -> None:
        screen = self._screen()
        if screen is not None:
            screen.refuse(problem.message)

    def _leave(self, sentence: str) -> None:
        self.signed_in = None
        self._console.jobs.signed_in(None)
        self._console.desk.close_all()
        screen = self._screen()
        if screen is not None:
            screen.begin_again(sentence)

    def _screen(self) -> SignInScreen | None:
        stack = self._console.screen_stack
        return next((screen for screen in stack if isinstance(screen, SignInScreen)), None)
