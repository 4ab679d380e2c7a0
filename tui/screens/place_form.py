"""A short form for a record of a few texts: a name, a description, a maximum size, a field of the company.

It stays open with everything typed while core refuses, and where somebody else was faster it shows what each field said,
says now and was to say; only another key than Enter overwrites that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from core.errors import EditConflict, Invalid, Problem
from core.work import Work
from tui.owned_jobs import OwnedJobs
from tui.screens.offer_fields import ChoiceField, labeled
from tui.screens.questions import Question
from tui.text import content, shown
from tui.widgets.field import Field

if TYPE_CHECKING:
    from tui.app import Console

LINE_BREAK = " | "
Texts = Mapping[str, str]
Save = Callable[[Work, Texts, Texts], str]
"""Saves what was typed, given with what was seen before, and returns the sentence that says so; empty for no change."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One field of the form.

    Attributes:
        name: as core calls it.
        label: in front of it.
        text: what it says now.
        lines: whether it may hold several lines; `|` stands for the end of a line while it is typed.
    """

    name: str
    label: str
    text: str = ""
    lines: bool = False

    @property
    def typed(self) -> str:
        """The text as it stands in the field, harmless and on one line."""
        text = LINE_BREAK.join(self.text.split("\n")) if self.lines else self.text
        return shown(text) if text else ""

    def stored(self, typed: str) -> str:
        """Return the text to store; what nobody touched stays exactly as it was."""
        if typed == self.typed:
            return self.text
        return "\n".join(part.strip() for part in typed.split("|")) if self.lines else typed


class _FormField(Field):
    """A field of the form; what is pasted keeps its lines where lines are allowed."""

    def __init__(self, asked: Asked, text: str) -> None:
        super().__init__(f"field-{asked.name}", text=text)
        self._lines = asked.lines

    def _on_paste(self, event: events.Paste) -> None:
        lines = [line.strip() for line in event.text.splitlines() if line.strip()]
        if self._lines and len(lines) > 1:
            event.stop()
            event.prevent_default()
            self.insert_text_at_cursor(shown(LINE_BREAK.join(lines)))
            return
        super()._on_paste(event)


class PlaceForm(ModalScreen[str | None], inherit_bindings=False):
    """Asks for a few texts and saves them; answers with the sentence to say, None when it is left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on", show=False, priority=True, id="place.go_on"),
        Binding("escape,ctrl+g", "dismiss(None)", show=False, id="place.close"),
        Binding("tab,down", "app.focus_next", show=False, priority=True, id="place.next"),
        Binding("shift+tab,up", "app.focus_previous", show=False, priority=True, id="place.previous"),
    ]

    def __init__(
        self,
        title: str,
        fields: Sequence[Asked],
        save: Save,
        *,
        typed: Texts | None = None,
        note: str = "",
    ) -> None:
        """Ask for `fields`.

        Args:
            title: what is edited.
            fields: with what they say now.
            save: runs in a transaction of the signed-in admin.
            typed: by field, what was typed for it already.
            note: a sentence to begin with.
        """
        super().__init__()
        self._title, self._asked, self._save, self._note = title, tuple(fields), save, note
        self._typed = typed or {}
        self._seen = {each.name: each.text for each in fields}
        self._saving = False

    def compose(self) -> ComposeResult:
        """Lay out a line for each field."""
        with Vertical(classes="panel form"):
            yield Static(content(self._title), classes="panel-title", markup=False)
            for each in self._asked:
                yield from labeled(each.label, _FormField(each, self._typed.get(each.name, each.typed)))
            if len(self._asked) > 1:
                yield ChoiceField("send", "[ Save ]")
            yield Static(content(self._note), classes="form-message", markup=False)
            yield Static(self._keys(), classes="panel-keys", markup=False)

    def on_mount(self) -> None:
        """Start with the first field, behind its text."""
        field = self.query(Input).first()
        field.cursor_position = len(field.value)
        self.set_focus(field)

    @property
    def holds_keys(self) -> bool:
        """Whether core has not answered yet."""
        return self._saving

    def action_go_on(self) -> None:
        """Go on to the next field; on the last line, save."""
        if len(self._asked) == 1 or isinstance(self.focused, ChoiceField):
            self._send()
        else:
            self.focus_next()

    def say(self, sentence: str) -> None:
        """Say something below the fields."""
        self.query_one(".form-message", Static).update(content(sentence))

    def _keys(self) -> str:
        lines = "   | new line" if any(each.lines for each in self._asked) else ""
        if len(self._asked) == 1:
            return f"Enter save{lines}   Esc leave"
        return f"Tab next   Shift+Tab back   Enter go on or save{lines}   Esc leave"

    def _texts(self) -> dict[str, str]:
        return {each.name: each.stored(self._field(each.name).value) for each in self._asked}

    def _field(self, name: str) -> Input:
        return self.query_one(f"#field-{name}", Input)

    def _send(self) -> None:
        if self._saving:
            return
        self._saving = True
        self.say("Saving …")
        texts, seen = self._texts(), dict(self._seen)
        job = partial(_call, self._save, texts, seen)
        OwnedJobs(cast("Console", self.app).jobs, self).change(job, self.dismiss, self._refused)

    def _refused(self, problem: Problem) -> None:
        """Say why; on a conflict ask, with a key of its own, whether to overwrite."""
        self._saving = False
        self.say(problem.message)
        if isinstance(problem, EditConflict):
            self._ask(problem)
        wrong = next(iter(problem.fields), "") if isinstance(problem, Invalid) else ""
        if wrong in self._seen:
            self.set_focus(self._field(wrong))

    def _ask(self, problem: EditConflict) -> None:
        def answered(yes: bool | None) -> None:  # noqa: FBT001 - the form Textual calls it in
            if yes:
                self._seen |= {each.field: each.now for each in problem.conflicts}
                self._send()

        self.app.push_screen(Question(problem.message, "y overwrites it with yours."), answered)


def _call(save: Save, texts: Texts, seen: Texts, work: Work) -> str:
    return save(work, texts, seen)
