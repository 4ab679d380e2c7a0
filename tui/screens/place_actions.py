"""What can be done with departments and learning groups: add, rename, edit, merge, delete; Enter shows who is in them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, TypeVar

from core.errors import Problem
from core.filters import Term
from core.reading.company import Place
from core.reading.places import DepartmentRow, GroupRow
from core.values import name_key
from core.work import Look, Work
from tui import keys
from tui.screens import plan_flow
from tui.screens.actions import ActingList
from tui.screens.picker import Choice, Picker
from tui.screens.place_form import Asked, PlaceForm, Texts
from tui.screens.place_merge import MergeProposal, Verb
from tui.screens.questions import Question

P = TypeVar("P", DepartmentRow, GroupRow)


class PlaceList(ActingList[P], Generic[P], inherit_bindings=True):
    """A list of departments or of learning groups.

    Attributes:
        what: one of them, in a sentence.
        key: the filter word of the list of people that finds who is in one.
        merge: core's verb.
    """

    what: ClassVar[str]
    key: ClassVar[str]

    @property
    @abstractmethod
    def merge(self) -> Verb:
        """Core's verb that merges two."""

    @abstractmethod
    def known(self, look: Look) -> Sequence[Place]:
        """Return all of them by name."""

    @abstractmethod
    def add(self, work: Work, texts: Texts) -> int:
        """Let core add one and return its id."""

    @abstractmethod
    def change(self, work: Work, place_id: int, texts: Texts, seen: Texts) -> bool:
        """Let core change one; return whether anything was changed."""

    @abstractmethod
    def drop(self, work: Work, place_id: int) -> None:
        """Let core delete an empty one."""

    @abstractmethod
    def fields(self, row: P | None) -> tuple[Asked, ...]:
        """Return the fields to edit; those of a new one for None."""

    # --- commands -------------------------------------------------------------------------------------------------

    def open_row(self, row_id: int) -> None:  # noqa: ARG002 - Enter means the row under the cursor
        """Show who is in it."""
        row = self.row
        if row is None:
            return
        if name_key(row.name) == "none":
            self.say(f"In filters none stands for no {self.what}. Press r and give it another name.")
            return
        typed = max(
            row.name.split('"'), key=len
        )  # a quote cannot be typed inside quotes: its longest part finds it too
        status = "" if row.active or not row.archived else " status:any"
        self.console.show_list(keys.USERS, Term(self.key, ":", typed, negated=False).word + status)

    def do_new(self, argument: str) -> None:
        """Add one; asks for what it needs."""
        added: list[int] = []

        def save(work: Work, texts: Texts, _seen: Texts) -> str:
            added[:] = [self.add(work, texts)]
            return f"The {self.what} {texts['name']} is added."

        def read(sentence: str) -> None:
            self.read_and_go_to(added[0], f"{sentence} It is hidden here; Esc shows all.")

        form = PlaceForm(f"New {self.what}", self.fields(None), save, typed={"name": argument})
        self._open(form, read)

    def do_rename(self, argument: str) -> None:
        """Give it another name."""
        row = self._chosen()
        if row is not None:
            name = next(each for each in self.fields(row) if each.name == "name")
            self._edit(row, (name,), f"Rename the {self.what} {row.name}", argument)

    def do_edit(self, _argument: str) -> None:
        """Edit everything about it."""
        row = self._chosen()
        if row is not None:
            self._edit(row, self.fields(row), f"Edit the {self.what} {row.name}", "")

    def do_merge(self, argument: str) -> None:
        """Move everybody into another one and drop this one; the plan is shown first."""
        row = self._chosen()
        if row is None:
            return
        if row.kept is None:
            self.say(f"Nobody is in {row.name}. D deletes it.")
            return
        self.asking = True

        def offer(found: Sequence[Place]) -> None:
            self.asking = False
            self._choose_target(row, [each for each in found if each.id != row.id], argument)

        self.jobs.ask(self.known, offer, self._stop_asking)

    def do_delete(self, _argument: str) -> None:
        """Delete an empty one, or say what stands in the way."""
        row = self._chosen()
        if row is None:
            return

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - the form Textual calls it in
            if yes:
                self.jobs.change(lambda work: self.drop(work, row.id), deleted, self.fail)

        def deleted(_none: None) -> None:
            self.read()
            self.say(f"The {self.what} {row.name} is deleted.")

        if row.kept is not None:
            self.say(row.kept.message)
            return
        what = f"Delete the {self.what} {row.name}?"
        self.console.push_screen(
            Question(what, "Nobody is in it; invitations that are over let go of it."), answered
        )

    # --- inside ---------------------------------------------------------------------------------------------------

    def _chosen(self) -> P | None:
        """Return the row under the cursor; one is changed at a time, so other marked rows have to be unmarked first."""
        grid = self.grid
        if grid.cursor_id is None:
            self.say(f"There is no {self.what} here. n adds one.")
            return None
        marked = grid.marks.count
        if marked and list(grid.target_ids) != [grid.cursor_id]:
            rows = "row is" if marked == 1 else "rows are"
            self.say(
                f"This changes one {self.what}, the row under the cursor, but {marked:,} {rows} marked. "
                "M unmarks, then press it again."
            )
            return None
        return self.row

    def _edit(self, row: P, fields: tuple[Asked, ...], title: str, argument: str) -> None:
        def save(work: Work, texts: Texts, seen: Texts) -> str:
            changed = self.change(work, row.id, texts, seen)
            return f"{texts.get('name', row.name)} is saved." if changed else "Nothing was changed."

        self._open(PlaceForm(title, fields, save, typed={"name": argument} if argument else None))

    def _open(self, form: PlaceForm, read: Callable[[str], None] | None = None) -> None:
        def closed(sentence: str | None) -> None:
            if sentence is not None:
                self.grid.reread()
                if read is None:
                    self.read()
                else:
                    read(sentence)
                self.say(sentence)

        self.console.push_screen(form, closed)

    def _choose_target(self, row: P, others: Sequence[Place], argument: str) -> None:
        if not others:
            self.say(f"There is no other {self.what} to merge it into. n adds one.")
            return
        named = [each for each in others if name_key(each.name) == name_key(argument)]
        if argument and not named:
            self.say(
                f"There is no other {self.what} {argument}. There is: {', '.join(each.name for each in others[:12])}."
            )
        elif named:
            self._plan(row, named[0])
        else:
            self._pick(row, others)

    def _pick(self, row: P, others: Sequence[Place]) -> None:
        by_key = {str(each.id): each for each in others}

        def taken(chosen: tuple[str, ...] | None) -> None:
            if chosen:
                self._plan(row, by_key[chosen[0]])

        choices = [Choice(key, each.name) for key, each in by_key.items()]
        self.console.push_screen(Picker(f"Merge {row.name} into", choices), taken)

    def _plan(self, row: P, into: Place) -> None:
        proposal = MergeProposal(self.merge, (row.id, row.name), (into.id, into.name))
        plan_flow.start(self, proposal, lambda _tally: self.read())

    def _stop_asking(self, problem: Problem) -> None:
        self.asking = False
        self.fail(problem)
