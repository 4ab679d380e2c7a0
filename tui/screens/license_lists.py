"""The list of licenses (S16): how full each is, when it ends, what it opens, who waits; Enter opens one."""

from __future__ import annotations

from array import array
from typing import Any

from core import filter_keys
from core.errors import Invalid
from core.filters import Term
from core.reading import licenses
from core.reading.licenses import LicenseRow
from core.services.waiting import keep_waiting_list
from core.values import name_key
from core.work import Work
from tui import keys
from tui.screens import plan_flow
from tui.screens import seat_choices as choices
from tui.screens.actions import ActingList
from tui.screens.completing import completer
from tui.screens.license_words import BAR, cell_words, end_cell, opens, waits
from tui.screens.listing import ListKind
from tui.screens.place_telling import TellingList
from tui.screens.plan_people import Aim, ChangeProposal
from tui.screens.plan_proposal import count_of
from tui.widgets.columns import Cell, Column


def _free(row: LicenseRow) -> Cell:
    return Cell(f"{row.free:,}" if row.free else "full", "" if row.free else "warn")


LICENSE_COLUMNS: tuple[Column[LicenseRow], ...] = (
    Column(key="name", title="License", show=lambda row: row.name, width=20, least=16, most=40, priority=1),
    Column(key="percent", title="Seats used", show=lambda row: licenses.bar(row, BAR), width=20, least=20, most=30, priority=2),
    Column(key="free", title="Free", show=_free, width=6, least=6, most=9, priority=3, align="right"),
    Column(key="until", title="Until", show=end_cell, width=20, least=20, most=22, priority=4),
    Column(key="waiting", title="Waiting", show=waits, width=8, least=8, most=12, priority=5),
    Column(key="opens", title="Courses and paths", show=opens, width=30, least=30, most=70, priority=6, sortable=False),
    Column(key="total", title="Total", show=lambda row: f"{row.total:,}", width=7, least=7, most=9, priority=8, align="right"),
    Column(key="used", title="Used", show=lambda row: f"{row.used:,}", width=7, least=7, most=9, priority=7, align="right"),
)  # fmt: skip

LICENSES = ListKind(
    name=keys.LICENSES,
    title="Licenses",
    columns=LICENSE_COLUMNS,
    parse=filter_keys.parse_licenses,
    ids=licenses.ids,
    rows=licenses.rows,
    sort=licenses.BY_NAME,
    empty=choices.NOTHING,
    complete=completer(keys.LICENSES),
    words=cell_words,
)


def members_words(row: LicenseRow) -> str:
    """Return the filter that finds in the list of people who holds a seat, archived or not."""
    typed = max(row.name.split('"'), key=len)  # a quote cannot be typed inside quotes
    return Term("seat", ":", typed, negated=False).word


def nobody_can_be_found(row: LicenseRow) -> str:
    """Return why filters cannot name the license; empty where they can."""
    if name_key(row.name) != "none":
        return ""
    return "In filters none stands for no license. Have the operator of the host give it another name."


class LicenseList(TellingList[LicenseRow], inherit_bindings=True):
    """The licenses."""

    def sentence(self, row: LicenseRow) -> str:
        """Return why nobody can be given a seat, or what it opens."""
        return row.closed.message if row.closed is not None else f"{row.name} opens {opens(row)}."

    def open_row(self, row_id: int) -> None:
        """Open the license: its facts and who holds a seat."""
        self._open(row_id)

    def do_give(self, argument: str) -> None:
        """Open the license to give somebody a seat, or give one to everybody a filter finds."""
        row = self._chosen()
        if row is None:
            return
        if not argument:
            self._open(row.id, adding=True)
            return
        try:
            chosen = filter_keys.parse_users(argument)
        except Invalid as problem:
            self.say(problem.message)
            return
        aim = Aim(array("q"), "", f"everybody whom {chosen} finds", chosen)
        plan_flow.start(
            self, ChangeProposal(choices.give(row.id, row.name), aim), lambda _tally: self._changed()
        )

    def do_members(self, _argument: str) -> None:
        """Show in the list of people who holds a seat."""
        row = self._chosen()
        if row is not None:
            refusal = nobody_can_be_found(row)
            if refusal:
                self.say(refusal)
            else:
                self.console.show_list(keys.USERS, members_words(row))

    def do_desk(self, argument: str) -> None:
        """Show the seats that nobody uses."""
        from tui.screens.seat_desk import open_desk  # noqa: PLC0415 - opened by hand, seldom in the first second

        open_desk(self, argument)

    def do_waiting(self, _argument: str) -> None:
        """Let the license keep a waiting list, or no longer."""
        row = self._chosen()
        if row is not None:
            self.jobs.change(lambda work: switch_waiting(work, row), self._said, self.fail)

    # --- inside ---------------------------------------------------------------------------------------------------

    def _open(self, license_id: int, *, adding: bool = False) -> None:
        from tui.screens.license_screen import LicenseScreen  # noqa: PLC0415 - as above

        self.console.push_screen(LicenseScreen(license_id, adding=adding), lambda _none: self._changed())

    def _chosen(self) -> LicenseRow | None:
        row = self.row
        if row is None and not self.grid.cursor_id:
            self.say(choices.NOTHING)
        return row

    def _said(self, sentence: str) -> None:
        self._changed()
        self.say(sentence)

    def _changed(self) -> None:
        self.grid.reread()
        self.read()


def switch_waiting(work: Work, row: LicenseRow) -> str:
    """Turn the waiting list of a license on or off, and return what that means."""
    on = not row.waiting_list
    served = keep_waiting_list(work, row.id, on)
    if on:
        got = f" {count_of(served, 'person', 'people')} who waited got a seat." if served else ""
        return f"{row.name} keeps a waiting list now: who finds no seat gets the next that becomes free.{got}"
    kept = f" {waits(row)}, and nobody is served until W turns it on again." if row.waiting else ""
    return f"{row.name} keeps no waiting list any more.{kept}"


def license_list() -> ActingList[Any]:
    """Return a new list of licenses."""
    return LicenseList(LICENSES)
