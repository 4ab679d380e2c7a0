"""One person: what there is to know, edited in place and saved only when told to (R33-R38), and the next one of the list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from textual import on
from textual.actions import SkipAction
from textual.binding import Binding, BindingType

from core.errors import Problem
from tui import keys
from tui.screens import person_keys
from tui.screens.person_fields import label_of
from tui.screens.person_form import PersonForm
from tui.screens.person_reading import Person, read_judge, read_person
from tui.screens.person_saving import PersonSaving
from tui.screens.picker import Choice, Picker
from tui.screens.questions import Question
from tui.screens.sheet_reading import SheetJudge
from tui.screens.why_courses import open_why_person
from tui.screens.why_screen import about_refusal, open_why
from tui.text import shown

Moved = Callable[[int], None]
Press = Callable[[int, str], None]
_FIELDS = {"role": "role", "department": "department", "teams": "groups", "edit": "first_name"}


class PersonScreen(PersonSaving):
    """The screen with its commands."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+g", "step_back", show=False, id="person.step_back"),
        Binding(person_keys.SAVE, "save", show=False, priority=True, id="person.save"),
        Binding("q", "read('step_back')", show=False, id="person.close"),
        Binding("down", "read('scroll', 1)", show=False, id="person.down"),
        Binding("up", "read('scroll', -1)", show=False, id="person.up"),
        Binding("pagedown,ctrl+d,space", "read('page', 1)", show=False, id="person.page_down"),
        Binding("pageup,ctrl+u", "read('page', -1)", show=False, id="person.page_up"),
        Binding("g,home", "read('scroll', -9999)", show=False, id="person.top"),
        Binding("G,end", "read('scroll', 9999)", show=False, id="person.bottom"),
        *(
            Binding(command.keys, f"command('{command.id}')", show=False, id=f"person.{command.id}")
            for command in person_keys.COMMANDS
        ),
    ]

    def __init__(
        self,
        user_id: int,
        ids: Sequence[int] = (),
        *,
        moved: Moved | None = None,
        press: Press | None = None,
        edit: str = "",
        at_history: bool = False,
    ) -> None:
        """Open on a person.

        Args:
            user_id: who.
            ids: the list they were opened from, in its order.
            moved: hears who was in front when the screen closes.
            press: runs a command of the list for this person.
            edit: a field to edit at once.
            at_history: whether to begin where the history does.
        """
        super().__init__()
        self.user_id = user_id
        self._ids = ids if user_id in ids else (user_id,)
        self._index = self._ids.index(user_id)
        self._moved, self._press = moved, press
        self._edit, self._at_history = edit, at_history
        self._reading = 0

    def on_mount(self) -> None:
        """Read the person."""
        self.form.display = False
        self.read()

    def on_unmount(self) -> None:
        """Tell who was in front."""
        if self._moved is not None:
            self._moved(self.user_id)

    @property
    def holds_keys(self) -> bool:
        """Whether the person, the form or the outcome of saving is on its way."""
        return self._reading > 0 or self.asking

    # --- reading --------------------------------------------------------------------------------------------------

    def read(self) -> None:
        """Read the person anew."""
        self._reading += 1
        wanted = self.user_id
        self.jobs.ask(
            lambda look: read_person(look, wanted), partial(self._read, wanted), partial(self._failed, wanted)
        )

    def _read(self, wanted: int, person: Person) -> None:
        self._reading -= 1
        if wanted != self.user_id or not self.is_attached:
            return
        self.where = f"{self._index + 1:,} of {len(self._ids):,}" if len(self._ids) > 1 else ""
        self.take(person)
        if self._edit:
            field, self._edit = self._edit, ""
            self.begin_to_edit(field)
        if self._at_history:
            self._at_history = False
            self.do_history()

    def _failed(self, wanted: int, problem: Problem) -> None:
        self._reading -= 1
        if wanted == self.user_id and self.is_attached:
            self.say(problem.message)

    def hear_of_change(self) -> None:
        """Show it anew; while somebody edits, only say so: saving shows what is in conflict."""
        if self.is_editing:
            self._look_aside()
        else:
            self.read()

    def _look_aside(self) -> None:
        wanted = self.user_id

        def compare(person: Person) -> None:
            seen = self.form.seen
            others = [
                label_of(field) for field, text in person.texts.items() if seen.get(field, text) != text
            ]
            if self.is_editing and wanted == self.user_id and others:
                self.say(
                    f"Somebody has just changed {', '.join(others)}. Saving shows what differs before it writes."
                )

        self.jobs.ask(lambda look: read_person(look, wanted), compare, lambda _problem: None)

    # --- commands -------------------------------------------------------------------------------------------------

    def action_command(self, command_id: str) -> None:
        """Run a command by its id; while somebody edits, its key belongs to the form."""
        if self.is_editing:
            raise SkipAction
        self.say("")
        if self.person is not None:
            action: Callable[[], None] = getattr(self, f"do_{command_id}")
            action()

    def action_read(self, what: str, step: int = 0) -> None:
        """Move about in what there is to read."""
        if self.is_editing:
            raise SkipAction
        if what == "step_back":
            self.dismiss()
        else:
            self.scroll_by(step * (self.page if what == "page" else 1))
            self.say("")

    def do_edit(self) -> None:
        """Edit in place."""
        self.begin_to_edit("first_name")

    def begin_to_edit(self, field: str) -> None:
        """Put the form in place of the facts, with the cursor in a field."""
        person = self.person
        if person is None:
            return
        if person.refusal:
            self.say(person.refusal)
            return
        self._reading += 1

        def known(judge: SheetJudge) -> None:
            self._reading -= 1
            if not self.is_attached:
                return
            self.is_editing = True
            self.form.fill(person.texts, judge, person.barred)
            self.say("")
            self.show()
            self.form.focus_on(field)

        self.jobs.ask(read_judge, known, partial(self._failed, self.user_id))

    def do_next(self) -> None:
        """Go to the next person of the list."""
        self._go(1)

    def do_previous(self) -> None:
        """Go to the person before."""
        self._go(-1)

    def _go(self, step: int) -> None:
        index = self._index + step
        if not 0 <= index < len(self._ids):
            self.say(
                "There is nobody further in this list." if step > 0 else "This is the first one of the list."
            )
            return
        self._index, self.user_id = index, self._ids[index]
        self.read()

    def do_why(self) -> None:
        """Say why it is so, and what would change it."""
        open_why_person(self.console, self.user_id, keys.USERS, self.press)

    def press(self, command_id: str) -> None:
        """Run the command of a key that was pressed on the panel of reasons."""
        if command_id in _FIELDS:
            self.begin_to_edit(_FIELDS[command_id])
        elif self._press is not None:
            press, who = self._press, self.user_id
            self.dismiss()
            press(who, command_id)

    def do_history(self) -> None:
        """Go down to what was changed."""
        self.scroll_by(max(0, self.history_line - self.top_line))
        self.say("")

    def do_copy(self) -> None:
        """Copy the address."""
        if self.person is not None:
            self.console.copy_to_clipboard(shown(self.person.detail.row.address))
            self.say("1 address copied.")

    def do_refresh(self) -> None:
        """Read the person again."""
        self.read()

    def do_help(self) -> None:
        """Show and run every command."""
        choices = [
            Choice(command.id, command.shown, command.help)
            for command in person_keys.COMMANDS
            if command.id != "help"
        ]
        moving = [Choice("", key, does) for key, does in person_keys.MOVING]

        def chosen(taken: tuple[str, ...] | None) -> None:
            if taken and taken[0]:
                self.action_command(taken[0])

        self.console.push_screen(Picker("Commands and keys", [*choices, *moving]), chosen)

    # --- the form -------------------------------------------------------------------------------------------------

    @on(PersonForm.Barred)
    def say_why_not(self, message: PersonForm.Barred) -> None:
        """Say why a field may not be changed."""
        question = about_refusal(label_of(message.field), message.sentence)
        open_why(self.console, question, keys.USERS, lambda _command: None)

    @on(PersonForm.Saving)
    def action_save(self) -> None:
        """Save what was changed."""
        if self.is_editing:
            self.save()

    def interrupt(self) -> None:
        """Ctrl+C: one step back."""
        self.action_step_back()

    def action_step_back(self) -> None:
        """Leave the form, or the screen; what was typed is not thrown away unasked."""
        if not self.is_editing:
            self.dismiss()
        elif not self.form.wanted:
            self.end_editing("")
        else:
            fields = ", ".join(label_of(field) for field in self.form.wanted)
            question = Question("Leave without saving?", f"Changed here: {fields}.")
            self.console.push_screen(question, self._leave_form)

    def _leave_form(self, yes: bool | None) -> None:  # noqa: FBT001 - the form Textual calls it in
        if yes:
            self.end_editing("Nothing was saved.")
