"""Copying to the clipboard of the terminal in front of the admin (OSC 52), which says how much there was room for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from core.work import Look
from tui.cli.output import csv_cell
from tui.text import shown

if TYPE_CHECKING:
    from tui.screens.actions import ActingList

MOST_BYTES = 70_000  # terminals drop a longer clipboard without a word
_AT_ONCE = 500


class CopyActions:
    """The commands that copy, for every list."""

    def do_copy(self: ActingList[Any], _argument: str) -> None:  # type: ignore[misc]
        """Copy the addresses of the marked rows, or of this one."""
        _copy(self, (), lambda row: shown(row.address), ("address", "addresses"))

    def do_copy_rows(self: ActingList[Any], _argument: str) -> None:  # type: ignore[misc]
        """Copy the marked rows, or this one, as a table with its titles; no cell is a formula to a spreadsheet."""
        columns = self.kind.columns

        def line(row: Any) -> str:
            return "\t".join(csv_cell(column.cell(row).text) for column in columns)

        _copy(self, ("\t".join(column.title for column in columns),), line, ("row", "rows"))


def _copy(
    host: ActingList[Any], first: Sequence[str], line: Callable[[Any], str], noun: tuple[str, str]
) -> None:
    wanted, rows = list(host.grid.target_ids), host.kind.rows

    def read(look: Look) -> list[str]:
        parts = (wanted[start : start + _AT_ONCE] for start in range(0, len(wanted), _AT_ONCE))
        return _as_many_as_fit((line(row) for part in parts for row in rows(look, part)), first)

    def copied(lines: list[str]) -> None:
        host.console.copy_to_clipboard("\n".join((*first, *lines)))
        count = f"{len(lines):,}" if len(lines) == len(wanted) else f"{len(lines):,} of {len(wanted):,}"
        more = "" if len(lines) == len(wanted) else " A terminal's clipboard takes no more than that."
        host.say(f"{count} {noun[len(wanted) != 1]} copied.{more}")

    if wanted:
        host.jobs.ask(read, copied, host.fail)
    else:
        host.say("There is no row to copy.")


def _as_many_as_fit(lines: Iterable[str], first: Sequence[str]) -> list[str]:
    """Return the lines from the first on that the clipboard takes."""
    kept: list[str] = []
    size = sum(len(each.encode()) + 1 for each in first)
    for line in lines:
        size += len(line.encode()) + 1
        if size > MOST_BYTES:
            break
        kept.append(line)
    return kept
