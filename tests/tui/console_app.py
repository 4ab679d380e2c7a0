"""The real console on a real core, driven key by key, for tests that read like an admin's day."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from textual import events
from textual.pilot import Pilot

from core.core import Core
from core.services.accepting import accept
from tests.people import ADMIN_ADDRESS, PASSWORD, House
from tests.tui.screen_text import painted, screen_lines
from tui.app import Console
from tui.terminal_input import Parser


@dataclass(frozen=True, slots=True)
class Admin:
    """Somebody in front of the console: types, waits until all is quiet, looks."""

    console: Console
    pilot: Pilot[int]

    async def press(self, *keys: str) -> None:
        """Press keys by Textual's names, all of them at once, and wait until what they set off has happened."""
        for key in keys:
            self.console.keyboard.take(events.Key(key, None))
        await self.quiet()

    async def type(self, text: str) -> None:
        """Send what a terminal would send, all of it in one burst: text, Enter, Tab, a paste."""
        for event in Parser().feed(text):
            assert isinstance(event, events.Key | events.Paste)
            self.console.keyboard.take(event)
        await self.quiet()

    async def quiet(self) -> None:
        """Wait until nothing is under way; what is painted may ask for rows, so a round that asked is not the last."""
        jobs = self.console.jobs
        while True:
            await self.console.keyboard.idle()
            await jobs.idle()
            await self.console.keyboard.idle()
            if jobs.busy:
                continue
            await painted(self.pilot)
            if not jobs.busy:
                return

    async def sign_in(self, address: str = ADMIN_ADDRESS, password: str = PASSWORD) -> None:
        """Sign in; address and password are pasted, which paints the screen thirty times less often than typing them."""
        for text in (address, password):
            self.console.keyboard.take(events.Paste(text))
            self.console.keyboard.take(events.Key("enter", None))
        await self.quiet()

    async def notice_changes(self) -> None:
        """Do at once what the console does every other second."""
        self.console.jobs.look_for_changes()
        await self.quiet()

    @property
    def lines(self) -> list[str]:
        """The screen, blanks at the ends of lines cut off."""
        return [line.rstrip() for line in screen_lines(self.console)]

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.lines)

    @property
    def said(self) -> str:
        """The lower half of the screen as one line, so that a sentence can be found that was broken into lines."""
        return " ".join(" ".join(self.lines[len(self.lines) // 2 :]).split())

    @property
    def focus(self) -> str | None:
        """The id of the widget that has the focus."""
        return self.console.focused.id if self.console.focused else None

    @property
    def copied(self) -> str:
        """What was sent to the terminal's clipboard last."""
        return self.console.clipboard

    def row(self, text: str) -> str:
        """Return the line of the screen that holds `text`."""
        found = [line for line in self.lines if text in line]
        assert found, f"{text} is not on the screen:\n{self.text}"
        return found[0]

    def value(self, label: str) -> str:
        """Return what stands behind a label at the beginning of a line."""
        found = [line for line in self.lines if line.startswith(f" {label}")]
        assert found, f"{label} is not on the screen:\n{self.text}"
        return found[0].removeprefix(f" {label}").strip()

    def has_row(self, text: str) -> bool:
        """Return whether the screen shows `text`."""
        return text in self.text


Story = Callable[[Admin], Awaitable[None]]


def play(
    core: Core,
    story: Story,
    *,
    size: tuple[int, int] = (80, 24),
    signed_in: bool = True,
    loop: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> None:
    """Open the console on `core`, sign its admin in, and let `story` act; a failure shows the whole screen.

    Args:
        core: stays open.
        story: what the admin does and sees.
        size: of the terminal, in columns and lines.
        signed_in: whether the admin signs in first.
        loop: makes the event loop; asyncio's own without.
    """

    async def run() -> None:
        console = Console(core.settings, core=core)
        async with console.run_test(size=size) as pilot:
            admin = Admin(console, pilot)
            await admin.quiet()
            if signed_in:
                await admin.sign_in()
            try:
                await story(admin)
            except AssertionError as failure:
                if console.screen_stack:
                    failure.add_note(f"The screen:\n{admin.text}")
                raise

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(run())


def register(house: House, invitation_id: int, first_name: str = "Bo", last_name: str = "Berg") -> None:
    """Fill in the form of an invitation, as its invitee does."""
    fields = {"first_name": first_name, "last_name": last_name, "password": PASSWORD}
    accept(house.core, house.token_of(invitation_id), fields)
