"""What an admin can do with people and seats: give, take back, set a leaving day, delete, look back in time."""

from __future__ import annotations

from array import array

from textual import on

from core.errors import Invalid
from core.services.people import Leave
from core.values import iso_day
from tui.screens import seat_choices as choices
from tui.screens.people_planning import PeoplePlanning
from tui.screens.people_refusals import ONE_BY_ONE
from tui.screens.plan_people import Aim, Wanted
from tui.widgets.grid import Grid

LEAVING = "leave"
_STAYS = frozenset({"none", "never", "no"})


class SeatActions(PeoplePlanning):
    """The commands about seats, leaving and the past."""

    _leaving = Aim(array("q"), "", "")
    _told_of: int | None = None

    @property
    def narrowing(self) -> str:
        """What the list is narrowed down to, or the day on which the person under the cursor leaves."""
        row = self.row
        leaves = row.leaves_on.isoformat() if row is not None and row.leaves_on is not None else ""
        told = (
            f"{row.name} is archived on {leaves}; :leave never takes it back."
            if row is not None and leaves
            else ""
        )
        return super().narrowing or told

    @on(Grid.CursorMoved)
    def tell_who_leaves(self, message: Grid.CursorMoved) -> None:
        """Tell the day of whoever leaves, once the cursor is on them."""
        if message.row_id != self._told_of:
            self._told_of = message.row_id
            self._show_status()

    def do_seats(self, argument: str) -> None:
        """Give the marked people a seat, or take one back; what is typed names the license to give."""
        if argument:
            self.pick("Seat", choices.to_give, choices.seats_wanted, argument, nothing=choices.NOTHING)
            return
        read, _take = choices.readers(self.targets)
        self.pick("Seats", read, choices.seats_wanted, "", nothing=choices.NOTHING)

    def do_revoke(self, argument: str) -> None:
        """Take seats back from the marked people."""
        _both, read = choices.readers(self.targets)
        self.pick("Take back a seat", read, choices.seats_wanted, argument, nothing=choices.NOTHING_HELD)

    def do_leave(self, argument: str) -> None:
        """Archive the marked people on a coming day, or take that back; the day is asked for where it was not typed."""
        aim = self.find_aim()
        if aim is None:
            return
        if argument:
            self._leave_on(argument, aim)
            return
        self._leaving = aim
        self.say(
            f"For {aim.words}: archived when which day begins (UTC), such as 2026-12-31? never takes it back."
        )
        self.prompt.ask(LEAVING, "Archive on: ")

    def do_delete(self, _argument: str) -> None:
        """Show what deleting a person would take away, and ask."""
        aim = self.find_aim()
        if aim is None:
            return
        if len(aim.ids) > 1:
            self.say(ONE_BY_ONE)
            return
        from tui.screens.delete_dialog import open_delete  # noqa: PLC0415 - opened by hand, seldom at once

        open_delete(self, aim.ids[0])

    def answer(self, kind: str, text: str) -> None:
        """Take a leaving day that was asked for."""
        if kind != LEAVING:
            super().answer(kind, text)
        elif text.strip():
            self._leave_on(text, self._leaving)

    def _leave_on(self, text: str, aim: Aim) -> None:
        """Propose the day that was typed; core says which days can be."""
        if text.strip().lower() in _STAYS:
            self.propose(Wanted(Leave(None), "Take back the leaving day", "stays"), aim)
            return
        try:
            day = iso_day(text, field="date")
        except Invalid as problem:
            self.say(problem.message)
            return
        self.propose(Wanted(Leave(day), f"Leaving day → {day}", f"leaves on {day}"), aim)
