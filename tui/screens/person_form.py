"""The form of one person: fields to type in, choices to open, and beside each what is wrong with it (R33-R36)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Static

from core.services.texts import joined
from tui.screens.offer_fields import ChoiceField
from tui.screens.person_fields import cell_text, label_of, text_of
from tui.screens.picker import Picker
from tui.screens.sheet_reading import SheetJudge, names_in
from tui.text import content, shown
from tui.widgets.field import Field

FIELDS = (
    "first_name",
    "last_name",
    "address",
    "role",
    "department",
    "groups",
    "job_title",
    "phone",
    "postal_address",
    "born_on",
    "language",
)
CHOICES = frozenset({"role", "department", "groups", "language"})
_LINE_BREAK = " | "
_BARRED = "out of reach; Enter says why"
_NOTES = {
    "postal_address": "| begins a new line",
    "born_on": "such as 1990-03-27",
    "role": "counts from the next sign-in",
}


class TextField(Field):
    """A field of the form; what is pasted keeps its lines where lines are allowed."""

    def _on_paste(self, event: events.Paste) -> None:
        if self.id == _field_id("postal_address"):
            lines = [line.strip() for line in event.text.splitlines() if line.strip()]
            event.stop()
            event.prevent_default()
            self.insert_text_at_cursor(shown(_LINE_BREAK.join(lines)) if lines else "")
            return
        super()._on_paste(event)


class PersonForm(Vertical):
    """The fields of one person, made once and filled anew for each."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on", show=False, priority=True, id="form.go_on"),
        Binding("space", "choose", show=False, id="form.choose"),
        Binding("tab,down", "app.focus_next", show=False, priority=True, id="form.next"),
        Binding("shift+tab,up", "app.focus_previous", show=False, priority=True, id="form.previous"),
    ]

    @dataclass
    class Saving(Message):
        """The line that saves was chosen."""

    @dataclass
    class Barred(Message):
        """A field that may not be changed was opened."""

        field: str
        sentence: str

    def __init__(self) -> None:
        """Start empty."""
        super().__init__(id="person-form")
        self._seen: dict[str, str] = {}
        self._wanted: dict[str, str] = {}
        self._begun: dict[str, str] = {}
        self._barred: dict[str, str] = {}
        self._wrong: dict[str, str] = {}
        self._judge: SheetJudge | None = None

    def compose(self) -> ComposeResult:
        """Lay out a line for each field: label, field, what there is to say about it."""
        for field in FIELDS:
            with Horizontal(classes="person-row"):
                yield Static(label_of(field), classes="label", markup=False)
                if field in CHOICES:
                    yield ChoiceField(_field_id(field))
                else:
                    yield TextField(_field_id(field))
                yield Static("", id=f"beside-{field}", classes="beside", markup=False)
        yield ChoiceField("send", "[ Save ]")

    # --- filling --------------------------------------------------------------------------------------------------

    def fill(self, seen: Mapping[str, str], judge: SheetJudge, barred: Mapping[str, str]) -> None:
        """Show a person's texts.

        Args:
            seen: by field, as `Edit.seen` wants them.
            judge: knows what there is to choose from.
            barred: why a field may not be changed, as a sentence, by field.
        """
        self._seen, self._wanted, self._wrong = dict(seen), {}, {}
        self._judge, self._barred = judge, dict(barred)
        for field in FIELDS:
            if field not in CHOICES:
                self._begun[field] = shown(typed) if (typed := _typed(field, self._seen[field])) else ""
                self._text_field(field).value = self._begun[field]
            self._draw(field)

    def focus_on(self, field: str) -> None:
        """Put the cursor into a field."""
        self.screen.set_focus(self.query_one(f"#{_field_id(field)}"))

    @property
    def wanted(self) -> dict[str, str]:
        """What was changed, by field."""
        found = {field: text for field, text in self._wanted.items() if text != self._seen[field]}
        for field in FIELDS:
            if field not in CHOICES and (text := self._text_field(field).value) != self._begun[field]:
                found[field] = _stored(field, text)
        return {field: text for field, text in found.items() if text != self._seen[field]}

    @property
    def seen(self) -> dict[str, str]:
        """What every field said when it was looked at."""
        return dict(self._seen)

    def settle(self, field: str, now: str, *, overwrite: bool) -> None:
        """Settle a conflict: `now` counts as what was looked at; what was typed stays only where it is to overwrite."""
        self._seen[field] = now
        if field in CHOICES:
            if not overwrite:
                self._wanted.pop(field, None)
        elif not overwrite:
            self._begun[field] = shown(typed) if (typed := _typed(field, now)) else ""
            self._text_field(field).value = self._begun[field]
        self._draw(field)

    def mark(self, wrong: Mapping[str, str]) -> None:
        """Say beside each field what is wrong with it, and go to the first one."""
        self._wrong = dict(wrong)
        for field in FIELDS:
            self._draw(field)
        first = next((field for field in FIELDS if field in wrong), None)
        if first is not None:
            self.focus_on(first)

    # --- keys -----------------------------------------------------------------------------------------------------

    @property
    def field_in_front(self) -> str:
        """The field with the cursor; empty for none."""
        focused = self.screen.focused
        name = (focused.id or "") if focused is not None else ""
        return name.removeprefix("person-") if name.startswith("person-") else ""

    def action_go_on(self) -> None:
        """Open the choice, save, or go on to the next field."""
        if isinstance(self.screen.focused, ChoiceField):
            self.action_choose()
        else:
            self.screen.focus_next()

    def action_choose(self) -> None:
        """Open the list of the choice with the cursor, or save."""
        focused, field = self.screen.focused, self.field_in_front
        if focused is not None and focused.id == "send":
            self.post_message(self.Saving())
        elif field in self._barred:
            self.post_message(self.Barred(field, self._barred[field]))
        elif field in CHOICES and self._judge is not None:
            self._open(field, self._judge)

    @on(Input.Changed)
    def forget_mistake(self, event: Input.Changed) -> None:
        """What is typed anew is not wrong until core says so again."""
        field = (event.input.id or "").removeprefix("person-")
        if self._wrong.pop(field, None) is not None:
            self._draw(field)

    def _open(self, field: str, judge: SheetJudge) -> None:
        several = field == "groups"
        now = self._text(field)
        taken = tuple(names_in(now)) if several else (now,)

        def chosen(keys: tuple[str, ...] | None) -> None:
            if keys is not None:
                self._wanted[field] = judge(field, joined(keys) if several else keys[0]).text
                self._wrong.pop(field, None)
                self._draw(field)

        self.app.push_screen(
            Picker(label_of(field), judge.choices(field), several=several, taken=taken), chosen
        )

    # --- drawing --------------------------------------------------------------------------------------------------

    def _draw(self, field: str) -> None:
        if field in CHOICES:
            self.query_one(f"#{_field_id(field)}", ChoiceField).update(
                content(text_of(field, self._text(field)))
            )
        note = self._wrong.get(field) or (_BARRED if field in self._barred else "")
        if not note and (field != "role" or self._text(field) != self._seen.get(field)):
            note = _NOTES.get(field, "")
        beside = self.query_one(f"#beside-{field}", Static)
        beside.update(content(note) if note else "")
        beside.set_class(field in self._wrong, "wrong")

    def _text(self, field: str) -> str:
        return self._wanted.get(field, self._seen.get(field, ""))

    def _text_field(self, field: str) -> TextField:
        return self.query_one(f"#{_field_id(field)}", TextField)


def _field_id(field: str) -> str:
    return f"person-{field}"


def _typed(field: str, text: str) -> str:
    """Return a stored text as it is typed: one line."""
    return text.replace("\n", _LINE_BREAK) if field == "postal_address" else cell_text(field, text)


def _stored(field: str, text: str) -> str:
    """Return a typed text as it is stored."""
    if field != "postal_address":
        return text
    return "\n".join(line.strip() for line in text.split(_LINE_BREAK.strip()))
