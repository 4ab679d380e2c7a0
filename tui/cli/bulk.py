"""What every command has in common that changes people: whom it is about, the plan, the question, the outcome."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from tui.cli.options import Decorator, filter_text

if TYPE_CHECKING:
    from core.core import Core
    from core.services.people import Change
    from core.tally import Tally
    from core.targets import Target
    from core.work import Look, Work
    from tui.cli.refused_rows import RefusedRows

    Run = Callable[..., Tally]

EVERYBODY = "everybody"
ACTIVE, ARCHIVED = "status:active", "status:archived"

whom: Decorator = click.argument("words", metavar="FILTER...", nargs=-1)
preview_option: Decorator = click.option(
    "--preview", is_flag=True, help="Say what would happen; nothing is written."
)


def change(
    words: Sequence[str],
    make: Callable[[Look], Change],
    *,
    preview: bool,
    yes: bool,
    as_json: bool,
    usual: str = ACTIVE,
) -> int:
    """Change everybody whom the words mean, in one run; return the exit code.

    Args:
        words: a filter; or whole addresses, which mean exactly those people; or `everybody`.
        make: returns the change, once names can be looked up.
        preview: stop after the plan.
        yes: do not ask.
        as_json: print the promised keys, the rows one by one.
        usual: the filter word that says whose status is meant where none of the words does.

    Raises:
        click.UsageError: no words at all; that never means everybody.
    """
    from core.services.people import change_people, summary_of
    from tui.cli.opening import opened_core

    text = checked_words(words)
    with opened_core() as core:
        with core.operator_look() as look:
            target = target_of(look, text, words, usual=usual)
            wanted = make(look)
            summary = summary_of(look, wanted)

        def run(work: Work, **how: Any) -> Tally:
            return change_people(work, target, wanted, **how)

        return carry(core, run, summary, preview=preview, yes=yes, as_json=as_json)


def carry(core: Core, run: Run, summary: str, *, preview: bool, yes: bool, as_json: bool) -> int:
    """Ask where somebody sits at the terminal, change people in one run, tell; return the exit code.

    Args:
        core: the open core.
        run: the verb, which takes a `Work` and what `change_people` takes behind the change.
        summary: the change in a few words.
        preview: stop after the plan.
        yes: do not ask.
        as_json: print the promised keys, the rows one by one.
    """
    from tui.cli.outcome import exit_code_of_import
    from tui.cli.refused_rows import kept_rows

    expect = None if preview else _agreed(core, run, summary, yes=yes)
    with kept_rows(None, source="", yes=True) as refused:
        tally = _run(core, run, refused, preview=preview, expect=expect)
        tell(tally, summary, refused, as_json=as_json)
    return exit_code_of_import(tally)


def checked_words(words: Sequence[str]) -> str:
    """Return the filter that was typed.

    Raises:
        click.UsageError: there is none.
    """
    text = filter_text(words)
    if not text.strip():
        raise click.UsageError(
            f"Say whom: a filter such as dept:sales role:learner, addresses, or the word {EVERYBODY}."
        )
    return text


def target_of(look: Look, text: str, words: Sequence[str], *, usual: str) -> Target:
    """Return whom the words mean.

    Raises:
        InvalidFilter: naming the wrong word. Missing: nobody has one of the addresses.
    """
    from core.filter_keys import parse_users
    from core.filters import Filter
    from core.reading.users import by_address
    from core.targets import Target

    if EVERYBODY in words and len(words) > 1:
        raise click.UsageError(f"The word {EVERYBODY} stands alone. Leave it out, or the other words.")
    if all("@" in word and ":" not in word for word in words):
        return Target(ids=[by_address(look, word) for word in words])
    status = parse_users(usual)
    if text.strip().lower() == EVERYBODY:
        return Target(chosen=status)
    chosen = parse_users(text)
    return Target(chosen=chosen if chosen.of("status") else Filter((*chosen.terms, *status.terms)))


def tell(tally: Tally, summary: str, refused: RefusedRows, *, as_json: bool) -> None:
    """Print what would be or was done; with --json as an object with its rows, and the sentence on stderr."""
    from tui.cli.output import say, write, write_json_with_rows

    if as_json:
        facts = {name: value for name, value in tally.to_json().items() if name != "rows"}
        say(sentence_of(tally, summary))
        write_json_with_rows(facts, (verdict.to_json() for verdict in refused))
    else:
        write(sentence_of(tally, summary))
        tell_lines(tally)
    if tally.batch and tally.done:
        say(f"Take it back: academy undo {tally.batch}")


def sentence_of(tally: Tally, summary: str) -> str:
    """Return the outcome in a sentence."""
    from tui.cli.output import number_of

    every = tally.done + tally.refused
    if not every:
        return "Nobody is found by that. Nothing was changed."
    whom = number_of(every, "person", "people")
    whom = whom if every == tally.done else f"{tally.done:,} of {whom}"
    return (
        f"Preview, nothing was written: {summary} for {whom}." if tally.preview else f"{summary} for {whom}."
    )


def tell_lines(tally: Tally) -> None:
    """Print counts before and after, what follows, and each refusal."""
    from tui.cli.output import write
    from tui.screens.plan_words import command_entries

    entries = command_entries(tally)
    column = max((len(f"{entry.number:,}") for entry in entries if entry.number is not None), default=0)
    for entry in entries:
        number = "" if entry.number is None else f"{entry.number:,}"
        write(f"  {number:>{column}}  {entry.text}")


def _agreed(core: Core, run: Run, summary: str, *, yes: bool) -> int | None:
    """Show the plan to whoever sits at the terminal and ask; return the number of people agreed to, if asked.

    Raises:
        click.Abort: the answer was no.
    """
    from tui.cli.asking import confirm, is_terminal
    from tui.cli.output import say
    from tui.screens.plan_words import command_entries

    if yes or not is_terminal():
        return None
    with core.operator_plan() as work:
        plan = run(work, preview=True)
    for entry in command_entries(plan):
        say(f"{'' if entry.number is None else f'{entry.number:,}':>9}  {entry.text}")
    confirm(f"{summary} for {plan.done:,} of {plan.done + plan.refused:,}?", yes=False)
    return plan.done


def _run(core: Core, run: Run, refused: RefusedRows, *, preview: bool, expect: int | None) -> Tally:
    from tui.cli.progress import Progress

    door = core.operator_plan if preview else core.operator
    with Progress() as progress, door() as work:
        return run(work, preview=preview, expect=expect, each_refused=refused.keep, progress=progress)
