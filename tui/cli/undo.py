"""`academy undo`: taking back a bulk change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.options import as_json as json_option
from tui.cli.options import yes as yes_option

if TYPE_CHECKING:
    from core.reading.batches import BatchRow
    from core.tally import Tally


@click.command()
@click.argument("batch", required=False)
@yes_option
@json_option
def undo(*, batch: str | None, yes: bool, as_json: bool) -> int:
    """Take back the last bulk invitations, or those of a batch; links stop working, unsent mails are dropped."""
    from core.reading import batches
    from core.services import undoing
    from tui.cli.asking import confirm
    from tui.cli.ending import exit_code_after
    from tui.cli.opening import opened_core
    from tui.cli.output import write_json

    with opened_core() as core:
        if batch is None:
            with core.operator() as work:
                batch = undoing.last_undoable(work)
        with core.operator_look() as look:
            row = batches.batch(look, batch)
        confirm(f"Take back {_what(row)}?", yes=yes)
        with core.operator() as work:
            tally = undoing.undo(work, batch)
    if as_json:
        write_json(tally.to_json() | {"undone": batch})
    else:
        _tell(tally, row)
    return exit_code_after(tally)


def _what(row: BatchRow) -> str:
    from tui.cli.output import moment, number_of

    count = number_of(sum(row.states.values()), "invitation")
    return f"{count} that {row.actor} made at {moment(row.at)} UTC (batch {row.batch})"


def _tell(tally: Tally, row: BatchRow) -> None:
    from tui.cli.output import say, write

    write(f"Taken back: {tally.done:,} of {_what(row)}.")
    for verdict in tally.verdicts:
        say(f"Not taken back: {verdict.message}")
    if tally.batch:
        say(f"What was done: academy log batch:{tally.batch}")
