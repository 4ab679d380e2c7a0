"""`academy tasks`: what is done by itself, and doing it now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tui.cli.options import as_json as json_option

if TYPE_CHECKING:
    from core.reading.tasks import TaskRow


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def tasks(context: click.Context, *, as_json: bool) -> None:
    """List what is done by itself; run does it now."""
    if context.invoked_subcommand is not None:
        return
    from core.reading.tasks import tasks as reading
    from tui.cli.opening import opened_core
    from tui.cli.output import say, write_json_rows, write_table

    with opened_core() as core, core.operator_look() as look:
        rows = reading(look)
    if as_json:
        write_json_rows(map(_facts, rows))
        return
    write_table(("task", "last run", "next run", "state", "what it did"), map(_cells, rows))
    say("Tasks run beside academy serve and academy mail send --forever, or with academy tasks run.")


@tasks.command()
@click.argument("name", required=False)
@json_option
def run(*, name: str | None, as_json: bool) -> int:
    """Run what is due, or one task whether it is due or not; for a timer of the host."""
    from core.services.tasks import run_due, run_one
    from tui.cli.ending import DONE, PARTLY, REFUSED
    from tui.cli.opening import opened_core
    from tui.cli.output import iso, say, write, write_json_rows

    with opened_core() as core:
        runs = run_due(core) if name is None else [run_one(core, name)]
    if as_json:
        write_json_rows(
            {"id": each.name, "ok": not each.failed, "at": iso(each.at), "message": each.result}
            for each in runs
        )
    else:
        for each in runs:
            write(task_sentence(each.name, each.result))
        if not runs:
            say("No task is due. One that is named runs all the same: academy tasks run NAME")
    failed = [each for each in runs if each.failed]
    if not failed:
        return DONE
    return PARTLY if len(failed) < len(runs) else REFUSED


def task_sentence(name: str, result: str) -> str:
    """Return what a task has done, for people."""
    return f"{name}: {result or 'nothing to do.'}"


def _state(row: TaskRow) -> str:
    if row.last_run is None:
        return "never ran"
    if row.failed:
        return "failed"
    return "overdue" if row.overdue else "ok"


def _cells(row: TaskRow) -> tuple[str, ...]:
    from tui.cli.output import moment

    return (row.name, moment(row.last_run), moment(row.next_run), _state(row), row.result or row.does)


def _facts(row: TaskRow) -> dict[str, Any]:
    from tui.cli.output import iso

    return {
        "id": row.name,
        "does": row.does,
        "last_run": iso(row.last_run),
        "next_run": iso(row.next_run),
        "state": _state(row),
        "message": row.result,
    }
