"""Deleting one person for good: what is lost, the records exported first, the address typed (R42).

Enter goes on from reading to typing, and only the whole address with Enter deletes; core compares it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from core.errors import Invalid, Problem
from core.losses import Loss
from core.reading.losing import what_is_lost
from core.services.cleaning import remove_forgotten_mails
from core.services.deleting import delete_person
from core.services.exporting import export_to
from core.work import Work
from tui.owned_jobs import OwnedJobs
from tui.screens.facts import content_lines
from tui.text import content, wrap
from tui.widgets.field import Field

if TYPE_CHECKING:
    from tui.app import Console

_LEAST = 3  # lines of what is lost that are always there
_PRIVATE_FOLDER = 0o700
_ARCHIVE_INSTEAD = "Archiving (X) keeps all of this and can be taken back; deleting cannot."
_LAST_BYTES = "The host removes the last bytes from the database's free pages: academy db clean"


class Host(Protocol):
    """The list from which somebody is deleted.

    Attributes:
        asking: whether keys wait for a dialog that is on its way.
    """

    asking: bool

    @property
    def console(self) -> Console:
        """The application."""

    @property
    def jobs(self) -> OwnedJobs:
        """Its questions and changes."""

    def say(self, sentence: str) -> None:
        """Show a message."""

    def read(self) -> None:
        """Read the list anew."""


def open_delete(host: Host, user_id: int, done: Callable[[], None] | None = None) -> None:
    """Show what deleting a person would take away, and delete them where the address is typed.

    Args:
        host: the list.
        user_id: whom.
        done: called after a deletion, in place of reading the list anew.
    """

    def show(loss: Loss) -> None:
        host.asking = False
        host.console.push_screen(DeleteScreen(loss), told)

    def told(sentence: str | None) -> None:
        if sentence:
            (done or host.read)()
            host.say(sentence)

    def fail(problem: Problem) -> None:
        host.asking = False
        host.say(problem.message)

    host.asking = True
    host.jobs.ask(lambda look: what_is_lost(look, user_id), show, fail)


class DeleteScreen(ModalScreen[str | None], inherit_bindings=False):
    """Says what is lost, offers the export, asks for the address; answers with the sentence that says it is done."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "export", show=False, id="delete.export"),
        Binding("enter", "go_on", show=False, id="delete.go_on"),
        Binding("escape,ctrl+g", "dismiss(None)", show=False, id="delete.close"),
        Binding("q,n", "dismiss(None)", show=False, id="delete.leave"),
        Binding("down,j", "scroll(1)", show=False, id="delete.down"),
        Binding("up,k", "scroll(-1)", show=False, id="delete.up"),
    ]

    def __init__(self, loss: Loss) -> None:
        """Show `loss`."""
        super().__init__()
        self._loss = loss
        self._waits = False
        self._exported = ""
        self._number = 0
        self._has_more = False

    def compose(self) -> ComposeResult:
        """Lay out the panel; the field comes when somebody goes on."""
        loss = self._loss
        title = f"Delete {loss.name} for good?" if not loss.refusal else f"{loss.name} cannot be deleted"
        with Vertical(classes="panel tall"):
            yield Static(content(title), classes="panel-title", markup=False)
            who = f"{loss.address}  {loss.role.label}, {loss.status}"
            yield Static(content(who), classes="label", markup=False)
            with VerticalScroll(id="facts", can_focus=False):
                yield Static("", id="facts-text", markup=False)
            yield Static(content(loss.refusal or _ARCHIVE_INSTEAD), classes="form-message", markup=False)
            field = Field("delete-confirm", placeholder="type the address to delete for good")
            field.display, field.disabled = False, True
            yield field
            yield Static("", id="delete-keys", classes="panel-keys", markup=False)

    def on_mount(self) -> None:
        """Say which keys work; nothing has the focus until somebody goes on."""
        self._show_keys()

    def on_resize(self) -> None:
        """Break long lines at the new width."""
        self.call_after_refresh(self._draw)

    @property
    def holds_keys(self) -> bool:
        """Whether core has not answered yet."""
        return self._waits

    def action_scroll(self, step: int) -> None:
        """Scroll what is lost by lines."""
        self.query_one("#facts", VerticalScroll).scroll_relative(y=step, animate=False)

    def action_go_on(self) -> None:
        """Ask for the address; where they cannot be deleted, leave."""
        if self._loss.refusal:
            self.dismiss(None)
            return
        self._field.display, self._field.disabled = True, False
        self.set_focus(self._field)
        self._show_keys()
        self._say(f"Type {self._loss.address} and Enter. Nothing takes this back.")

    def action_export(self) -> None:
        """Write everything known about the person into a file of its own in the data folder."""
        if self._waits or self._loss.refusal:
            return
        folder, loss = self._main.settings.home / "exports", self._loss
        self._begin("Exporting …")
        self._jobs.change(
            lambda work: export_into(work, loss.id, folder), self._told_of_export, self._not_exported
        )

    @on(Input.Submitted, "#delete-confirm")
    def delete(self, event: Input.Submitted) -> None:
        """Delete, where core finds that the address was typed."""
        if self._waits:
            return
        user_id, typed = self._loss.id, event.value
        self._begin("Deleting …")
        self._jobs.change(
            lambda work: delete_person(work, user_id, confirm=typed), self._deleted, self._refused
        )

    # --- inside ---------------------------------------------------------------------------------------------------

    @property
    def _main(self) -> Console:
        return cast("Console", self.app)

    @property
    def _jobs(self) -> OwnedJobs:
        return OwnedJobs(self._main.jobs, self)

    @property
    def _field(self) -> Field:
        return self.query_one("#delete-confirm", Field)

    def _begin(self, sentence: str) -> None:
        self._waits = True
        self._say(sentence)

    def _told_of_export(self, path: Path) -> None:
        self._waits = False
        self._exported = f" The records are in {path}."
        self._say(f"Exported to {path}, which only this host's user can read.")

    def _not_exported(self, problem: Problem) -> None:
        self._refused(problem)
        self._say(f"{problem.message} Or on the host: academy delete {self._loss.address} --export FILE")

    def _deleted(self, loss: Loss) -> None:
        main = self._main
        main.jobs.run(
            remove_forgotten_mails, lambda _files: None, lambda problem: main.messages.add(problem.message)
        )
        self.dismiss(f"{loss.address} is deleted.{self._exported} {_LAST_BYTES}")

    def _refused(self, problem: Problem) -> None:
        self._waits = False
        self._say(problem.message)

    def _say(self, sentence: str) -> None:
        self.query_one(".form-message", Static).update(content(sentence))
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        """Give what is lost the room that is left by the lines around it, and tell whether there is more of it."""
        if not self.query("#facts"):  # left meanwhile
            return
        facts = self.query_one("#facts", VerticalScroll)
        others = (each for each in self.query_one(".panel").children if each.display and each is not facts)
        around = 1 + sum(each.outer_size.height + each.styles.margin.height for each in others)
        room = max(_LEAST, self.size.height - around)
        facts.styles.max_height = room
        self._has_more = self._number > room
        self._show_keys()

    def _show_keys(self) -> None:
        more = "↑↓ more   " if self._has_more else ""
        keys = f"e export the records first   Enter go on   {more}Esc leave"
        if self._loss.refusal:
            keys = "Esc close"
        elif self._field.display:
            keys = "Enter delete for good   Esc leave"
        self.query_one("#delete-keys", Static).update(keys)

    def _draw(self) -> None:
        if not self.query("#facts"):
            return
        room = max(20, self.query_one("#facts").size.width - 2)
        lines = [
            f"{'  ' if number else '- '}{part}"
            for each in self._loss.lines
            for number, part in enumerate(wrap(each, room))
        ]
        self._number = len(lines)
        self.query_one("#facts-text", Static).update(content_lines(lines))
        self.call_after_refresh(self._fit)


def export_into(work: Work, user_id: int, folder: Path) -> Path:
    """Write a person's records into the folder, under a name that is not taken and names nobody, and return it.

    Raises:
        Invalid: field `export`.
    """
    name = f"person-{user_id}-{work.now:%Y%m%d-%H%M%S}"
    try:
        folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    except OSError as error:
        raise Invalid({"export": f"{folder} cannot be made: {error.strerror}."}) from None
    path = folder / f"{name}.zip"
    number = 1
    while path.exists():
        number += 1
        path = folder / f"{name}-{number}.zip"
    export_to(work, [user_id], path)
    return path
