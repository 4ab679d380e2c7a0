"""`academy undo`: taking back a bulk change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.bulk import preview_option
from tui.cli.options import as_json as json_option
from tui.cli.options import yes as yes_option

if TYPE_CHECKING:
    from core.core import Core
    from core.reading.batches import BatchRow
    from core.tally import Tally
    from tui.cli.refused_rows import RefusedRows


@click.command()
@click.argument("batch", required=False)
@preview_option
@yes_option
@json_option
def undo(*, batch: str | None, preview: bool, yes: bool, as_json: bool) -> int:
    """Take back the last bulk change, or a named one; rows that somebody has changed since stay as they are."""
    from core.reading import batches
    from core.services import undoing
    from tui.cli.asking import confirm
    from tui.cli.ending import exit_code_after
    from tui.cli.opening import opened_core
    from tui.cli.refused_rows import kept_rows

    with opened_core() as core, kept_rows(None, source="", yes=True) as refused:
        with core.operator_look() as look:
            row = batches.batch(look, batch or undoing.last_undoable(look))
        if not preview:
            confirm(f"Take back {_what(row)}?", yes=yes)
        tally = _take_back(core, row, refused, preview=preview)
        _tell(tally, row, refused, as_json=as_json)
    return exit_code_after(tally)


def _take_back(core: Core, row: BatchRow, refused: RefusedRows, *, preview: bool) -> Tally:
    from core.services import undoing
    from tui.cli.progress import Progress

    door = core.operator_plan if preview else core.operator
    with Progress() as progress, door() as work:
        return undoing.undo(work, row.batch, preview=preview, each_refused=refused.keep, progress=progress)


def _what(row: BatchRow) -> str:
    from tui.cli.output import moment, number_of

    if row.states:
        what = f"{number_of(sum(row.states.values()), 'invitation')} that {row.actor} made"
    else:
        what = f"“{row.summary or row.verb}” for {number_of(row.done, 'row')}, done by {row.actor}"
    return f"{what} at {moment(row.at)} UTC (batch {row.batch})"


def _tell(tally: Tally, row: BatchRow, refused: RefusedRows, *, as_json: bool) -> None:
    from tui.cli.bulk import tell_lines
    from tui.cli.output import say, write, write_json_with_rows

    if as_json:
        facts = {name: value for name, value in tally.to_json().items() if name != "rows"}
        write_json_with_rows(facts | {"undone": row.batch}, (verdict.to_json() for verdict in refused))
        return
    head = "Preview, nothing was written" if tally.preview else "Taken back"
    write(f"{head}: {tally.done:,} of {_what(row)}.")
    tell_lines(tally)
    for verdict in refused:
        say(f"Not taken back: {verdict.message}")
    if tally.batch:
        say(f"What was done: academy log batch:{tally.batch}")
