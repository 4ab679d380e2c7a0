"""What the screen of one person looks like: facts to read, or the form in their place."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from tui.keys import hints_of
from tui.screens import person_keys
from tui.screens.full_screen import FullScreen
from tui.screens.person_form import PersonForm
from tui.screens.person_lines import HISTORY, facts_of, lines_of
from tui.screens.person_reading import Person
from tui.screens.plan_proposal import count_of
from tui.text import fit
from tui.widgets.prompt import Line

_AROUND = 5  # title, address, a blank line, status and hints


class PersonView(FullScreen):
    """The screen as it looks; what can be done is in `tui.screens.person_screen`."""

    AUTO_FOCUS = ""

    def __init__(self) -> None:
        """Start without anybody."""
        super().__init__()
        self.person: Person | None = None
        self.changed: frozenset[str] = frozenset()
        self.is_editing = False
        self.where = ""
        self._message = ""
        self._top = 0
        self._lines: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        """Lay out title, address, facts or form, status and hints."""
        yield Line(id="title")
        yield Line(id="person-who")
        yield Static("", id="person-facts", markup=False)
        yield PersonForm()
        yield Line(id="status", most=4)
        yield Line(id="hints")

    @property
    def form(self) -> PersonForm:
        """The form."""
        return self.query_one(PersonForm)

    def on_resize(self) -> None:
        """Break lines at the new width."""
        self.show()

    def say(self, sentence: str) -> None:
        """Show a message until the next one."""
        self._message = sentence
        if self.is_attached:
            self._show_status()

    def show(self) -> None:
        """Show everything as it is now."""
        if not self.is_attached or not self.size.width:
            return
        person = self.person
        self.form.display = self.is_editing
        self.query_one("#person-facts", Static).display = not self.is_editing
        if person is not None:
            row = person.detail.row
            verb = "Edit " if self.is_editing else ""
            self.query_one("#title", Line).show(f"{verb}{row.name}", self.where)
            self.query_one("#person-who", Line).show(f"{row.address}  {row.role.label}, {row.status}")
            self._lines = lines_of(person, self.size.width - 2, self.changed)
        self.scroll_by(0)
        self._show_status()

    def take(self, person: Person) -> None:
        """Show a newer version; what has changed since carries a sign."""
        before = self.person
        same = before is not None and before.detail.row.id == person.detail.row.id
        if before is not None and same:
            old, new = facts_of(before), facts_of(person)
            self.changed = frozenset(label for label, text in new.items() if old.get(label, "") != text)
        else:
            self.changed, self._top = frozenset(), 0
        self.person = person
        self.show()

    def scroll_by(self, step: int) -> None:
        """Move by lines, as far as there are any."""
        room = max(1, self.size.height - _AROUND)
        self._top = max(0, min(self._top + step, len(self._lines) - room))
        text = Text(no_wrap=True, end="")
        for number, (line, style) in enumerate(self._lines[self._top : self._top + room]):
            text.append("\n" * bool(number) + fit(line, self.size.width - 2), style)
        self.query_one("#person-facts", Static).update(text)

    @property
    def top_line(self) -> int:
        """Index of the first line in view."""
        return self._top

    @property
    def history_line(self) -> int:
        """Index of the line under which the history begins."""
        return self._lines.index((HISTORY, "bold")) if self._lines else 0

    @property
    def page(self) -> int:
        """Lines of a page."""
        return max(1, self.size.height - _AROUND - 1)

    def _show_status(self) -> None:
        hints = (
            person_keys.EDITING if self.is_editing else hints_of(person_keys.COMMANDS, self.size.width - 2)
        )
        self.query_one("#hints", Line).show(hints)
        below = len(self._lines) - self._top - (self.size.height - _AROUND)
        more = count_of(below, "more line", "more lines") if below > 0 and not self.is_editing else ""
        refusal = self.person.refusal if self.person is not None and not self.is_editing else ""
        self.query_one("#status", Line).show(self._message or refusal, more)
