"""Why? The facts in order, who could change them, and the key that does, which can be pressed right here (R48, R55)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar, cast

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widgets import Static

from core.errors import Problem
from core.reading.invitations import rows
from core.reading.reasons import NO, NOTE, YES, Fact
from core.reading.users import one
from core.reading.why import why_invitation, why_person, why_role
from core.roles import Role
from core.work import Look
from tui import keys
from tui.keys import Command
from tui.owned_jobs import OwnedJobs
from tui.text import UNICODE_GLYPHS, content, fit, shown, width, wrap

if TYPE_CHECKING:
    from tui.app import Console

Press = Callable[[str], None]
Question = Callable[[Look], tuple[str, list[Fact]]]
_SIGNS = {YES: UNICODE_GLYPHS.holds, NO: UNICODE_GLYPHS.fails, NOTE: UNICODE_GLYPHS.unknown}
_GAP = 2
_MOST_LABEL = 26
_AROUND = 4  # lines of the panel that are no facts: border, title, blank, keys
_CLOSING = frozenset({"q", "w"})


class WhyScreen(ModalScreen[str | None], inherit_bindings=False):
    """Shows facts; the key behind one closes the panel and comes back as the id of its command.

    Where the fact is about something besides, such as a license, its name follows the id after a blank.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+g,q,w", "dismiss(None)", show=False, id="why.close"),
        Binding("j,down", "move(1)", show=False, id="why.down"),
        Binding("k,up", "move(-1)", show=False, id="why.up"),
        Binding("pagedown,ctrl+d", "move(8)", show=False, id="why.page_down"),
        Binding("pageup,ctrl+u", "move(-8)", show=False, id="why.page_up"),
        Binding("enter", "mend", show=False, id="why.mend"),
    ]

    more_keys = ""  # what else can be pressed

    def __init__(self, question: Question, place: str) -> None:
        """Ask; the panel is there at once, the facts follow.

        Args:
            question: returns what it is about, and the facts in order.
            place: the list whose keys count here.
        """
        super().__init__()
        self.place = place
        self._question = question
        self._facts: list[Fact] | None = None
        self._commands: dict[str, Command] = {}
        self._cursor = self._top = self._label = 0

    def compose(self) -> ComposeResult:
        """Lay out the panel."""
        with Vertical(classes="panel"):
            yield Static("Why?", id="why-title", classes="panel-title", markup=False)
            yield Static("", id="why-facts", markup=False)
            yield Static("", id="why-keys", classes="panel-keys", markup=False)

    def on_mount(self) -> None:
        """Ask."""
        OwnedJobs(self.main.jobs, self).ask(self._question, self._answered, self._failed)

    @property
    def holds_keys(self) -> bool:
        """Whether the facts are on their way."""
        return self._facts is None

    def on_resize(self, event: events.Resize) -> None:
        """Fit the lines to the new size."""
        self._draw(event.size)

    def on_key(self, event: events.Key) -> None:
        """Press the key of a command that mends something."""
        for command in self._commands.values():
            if event.key in command.keys.split(",") and event.key not in _CLOSING:
                event.stop()
                self.mend(command.id)
                return

    def mend(self, command_id: str) -> None:
        """Leave with the id of a command, which the list behind runs, and with what that is about."""
        facts = self._facts or []
        under_cursor = facts[self._cursor : self._cursor + 1]
        fact = next((each for each in (*under_cursor, *facts) if each.mend == command_id), None)
        self.dismiss(f"{command_id} {fact.subject if fact else ''}".strip())

    def action_move(self, step: int) -> None:
        """Move the cursor by facts."""
        self._cursor = max(min(self._cursor + step, len(self._facts or ()) - 1), 0)
        self._draw(self.size)

    def action_mend(self) -> None:
        """Run the command of the fact under the cursor."""
        command = self._commands.get(self._facts[self._cursor].mend) if self._facts else None
        if command is not None:
            self.mend(command.id)

    @property
    def main(self) -> Console:
        """The console."""
        return cast("Console", self.app)

    def mending(self, facts: Iterable[Fact]) -> dict[str, Command]:
        """Return the commands that mend something, by id, as far as they work on the list."""
        known = {command.id: command for command in keys.commands_of(self.place)}
        return {fact.mend: known[fact.mend] for fact in facts if fact.mend in known}

    def _answered(self, found: tuple[str, list[Fact]]) -> None:
        about, self._facts = found
        self._commands = self.mending(self._facts)
        self._label = max((width(shown(fact.label)) for fact in self._facts), default=0)
        self._label = min(self._label, _MOST_LABEL)
        self.query_one("#why-title", Static).update(content(f"Why? {about}"))
        self._draw(self.size)

    def _failed(self, problem: Problem) -> None:
        self.dismiss(None)
        self.main.say(problem.message)

    def _draw(self, size: Size) -> None:
        if self._facts is None:
            return
        room, lines = size.width - 2, size.height - _AROUND
        drawn: list[tuple[str, str]] = []
        starts: list[int] = []
        for index, fact in enumerate(self._facts):
            starts.append(len(drawn))
            style = "reverse" if index == self._cursor else "bold" if fact.state == NO else ""
            drawn += [(line, style) for line in self._lines_of(index, fact, room)]
        starts.append(len(drawn))
        height = max(1, min(lines, len(drawn)))
        first, last = (starts[self._cursor], starts[self._cursor + 1]) if self._facts else (0, 0)
        self._top = max(0, min(max(self._top, last - height), first, len(drawn) - height))
        text = Text(no_wrap=True, end="")
        for number, (line, style) in enumerate(drawn[self._top : self._top + height]):
            text.append("\n" * bool(number) + line, style)
        area = self.query_one("#why-facts", Static)
        area.styles.height = height
        area.update(text)
        position = f"   {self._cursor + 1} of {len(self._facts)}" if len(drawn) > height else ""
        mends = "Enter or the key changes it   " if self._commands else ""
        self.query_one("#why-keys", Static).update(
            content(f"↑↓ move   {mends}Esc close{self.more_keys}{position}")
        )

    def _lines_of(self, index: int, fact: Fact, room: int) -> list[str]:
        sign = UNICODE_GLYPHS.cursor if index == self._cursor else " "
        command = self._commands.get(fact.mend)
        key = f"[{command.shown or ':' + command.name} {command.title}]" if command else ""
        label = fit(shown(fact.label), self._label)
        front = f"{sign} {_SIGNS.get(fact.state, ' ')} {label}{' ' * _GAP}"
        *before, last = wrap(fact.value, room - width(front))
        fits = width(last) + _GAP + len(key) <= room - width(front)
        ends = [f"{last}{' ' * _GAP}{key}"] if key and fits else [last, key] if key else [last]
        first, *rest = [*before, *ends]
        lines = [front + first, *(" " * width(front) + line for line in rest)]
        return [fit(line, room) for line in lines]


# --- asking -------------------------------------------------------------------------------------------------------


def about_person(user_id: int) -> Question:
    """Return the question why a person is as they are."""

    def ask(look: Look) -> tuple[str, list[Fact]]:
        return one(look, user_id).row.name, why_person(look, user_id)

    return ask


def about_invitation(invitation_id: int) -> Question:
    """Return the question why an invitation is as it is."""

    def ask(look: Look) -> tuple[str, list[Fact]]:
        facts = why_invitation(look, invitation_id)
        return f"the invitation of {rows(look, [invitation_id])[0].address}", facts

    return ask


def about_role(role: Role) -> Question:
    """Return the question what a role permits and who may give it."""
    return lambda look: (f"the role {role.label}", why_role(look, role))


def about_refusal(title: str, sentence: str) -> Question:
    """Return the question why a verb or a choice is out of reach, answered by the sentence that core gave."""
    return lambda _look: (title, [Fact("Out of reach", sentence, NO)])


def open_why(console: Console, question: Question, place: str, press: Press) -> None:
    """Show why; `press` gets the id of the command whose key was pressed there, and after a blank what it is about."""
    show_why(console, WhyScreen(question, place), press)


def show_why(console: Console, panel: WhyScreen, press: Press) -> None:
    """Show a panel that says why; `press` as in `open_why`."""

    def closed(command: str | None) -> None:
        if command:
            press(command)

    console.push_screen(panel, closed)
