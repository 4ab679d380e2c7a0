"""`academy log`: the audit trail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from tui.cli.options import FILTERED, filter_text, filter_words
from tui.cli.options import as_json as json_option

if TYPE_CHECKING:
    from core.filters import Filter
    from core.reading.audit import AuditRow
    from core.work import Look

_PAGE = 1000


@click.command(context_settings=FILTERED)
@filter_words
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="How many at most.")
@json_option
def log(*, words: Sequence[str], limit: int, as_json: bool) -> None:
    """List what was changed by whom, newest first, such as: action:invitation by:ada at>2d batch:k7m2."""
    from core.filter_keys import parse_audit
    from tui.cli.facts import event_facts
    from tui.cli.opening import opened_core
    from tui.cli.output import number_of, say, write_json_rows, write_table

    chosen = parse_audit(filter_text(words))
    with opened_core() as core, core.operator_look() as look:
        rows = _events(look, chosen, limit)
        if as_json:
            write_json_rows(map(event_facts, rows))
        else:
            headers = ("at (UTC)", "who", "what", "subject", "details", "batch")
            count = write_table(headers, map(_cells, rows))
            more = f" There may be more: --limit {limit * 2}" if count == limit else ""
            say(f"{number_of(count, 'event')}.{more}")


def _events(look: Look, chosen: Filter, limit: int) -> Iterator[AuditRow]:
    """Yield the newest events, page by page."""
    from core.reading.audit import events

    before: int | None = None
    while limit > 0:
        page = events(look, chosen, limit=min(limit, _PAGE), before_id=before)
        yield from page
        if len(page) < _PAGE:
            return
        limit -= len(page)
        before = page[-1].id


def _cells(row: AuditRow) -> tuple[str, ...]:
    from tui.cli.output import moment

    details = ", ".join(
        f"{name} {_plain(value)}" for name, value in row.details.items() if value not in (None, "")
    )
    return (moment(row.at), row.actor, row.action, row.subject, details, row.batch)


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
