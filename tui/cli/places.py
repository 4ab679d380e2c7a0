"""What the commands for departments and for learning groups share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.core import Core
    from core.services.carrying_out import How
    from core.tally import Tally
    from core.work import Work

    Verb = Callable[[Work, int, int, How], Tally]


def tell_one(facts: dict[str, Any], sentence: str, *, as_json: bool) -> None:
    """Print one department or learning group after a change: the facts for scripts, or the sentence."""
    from tui.cli.output import write, write_json

    if as_json:
        write_json(facts)
    else:
        write(sentence)


def tell_many(
    headers: Sequence[str], rows: Sequence[dict[str, Any]], kind: tuple[str, str], *, as_json: bool
) -> None:
    """Print departments or learning groups, as JSON or as a table."""
    from tui.cli.output import number_of, say, write_json_rows, write_table

    if as_json:
        write_json_rows(rows)
        return
    say(number_of(write_table(headers, map(_cells, rows)), *kind) + ".")


def _cells(facts: dict[str, Any]) -> list[str]:
    return [
        f"{value:,}" if isinstance(value, int) else "" if value is None else str(value).replace("\n", " ")
        for key, value in facts.items()
        if key != "id"
    ]


def merge(core: Core, verb: Verb, ids: tuple[int, int], what: str, *, preview: bool, yes: bool) -> Tally:
    """Merge one into another; whoever sits at the terminal is shown the plan and asked.

    Args:
        core: the open core.
        verb: core's verb that merges two.
        ids: of the one that goes and the one that stays.
        what: the same in words.
        preview: whether to stop after the plan.
        yes: whether not to ask.

    Raises:
        click.Abort: the answer was no.
    """
    from core.services.carrying_out import How
    from tui.cli.asking import confirm, is_terminal
    from tui.cli.output import say
    from tui.cli.progress import Progress

    expect = None
    if preview or (is_terminal() and not yes):
        with core.operator_plan() as work:
            plan = verb(work, *ids, How(preview=True))
        if preview:
            return plan
        for line in lines_of(plan):
            say(line)
        confirm(f"Merge {what}?", yes=False)
        expect = plan.done
    with Progress() as progress, core.operator() as work:
        return verb(work, *ids, How(expect=expect, progress=progress))


def tell_merge(names: tuple[str, str], tally: Tally, *, as_json: bool) -> None:
    """Print what a merge did or would do."""
    from tui.cli.output import say, write, write_json

    source, into = names
    sentence = f"{source} is merged into {into}."
    if tally.preview:
        sentence = f"Preview, nothing was written: {source} would be merged into {into}."
    if as_json:
        write_json(tally.to_json())
        say(sentence)
    else:
        write(sentence)
        for line in lines_of(tally):
            write(f"  {line}")
    if tally.batch and tally.done:
        say(f"Take it back: academy undo {tally.batch}")


def lines_of(tally: Tally) -> list[str]:
    """Return counts and notes of a merge, line by line."""
    from tui.screens.plan_words import command_entries

    return [
        f"{'' if entry.number is None else f'{entry.number:,}  '}{entry.text}"
        for entry in command_entries(tally)
    ]
