"""`academy licenses`: what was bought, how much of it is in use, until when (S16)."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from tui.cli.options import FILTERED, filter_text, filter_words
from tui.cli.options import as_json as json_option

if TYPE_CHECKING:
    from core.reading.licenses import LicenseRow

_BAR = 10


@click.command(context_settings=FILTERED)
@filter_words
@json_option
def licenses(*, words: Sequence[str], as_json: bool) -> None:
    """List licenses with seats in use, end and courses, such as: is:full is:expiring course:"Fire safety" premium."""
    from core.filter_keys import parse_licenses
    from core.reading import licenses as reading
    from tui.cli.opening import opened_core
    from tui.cli.output import number_of, say, write_json_rows, write_table

    chosen = parse_licenses(filter_text(words))
    with opened_core() as core, core.operator_look() as look:
        rows = [
            row for part in reading.ids(look, chosen, reading.BY_NAME) for row in reading.rows(look, part)
        ]
    if as_json:
        write_json_rows(map(license_facts, rows))
        return
    headers = ("name", "seats", "free", "waiting", "until", "state", "courses", "paths")
    say(number_of(write_table(headers, map(_cells, rows)), "license") + ".")


def license_facts(row: LicenseRow) -> dict[str, Any]:
    """Return a license for scripts: the promised keys, and more behind them."""
    return {
        "id": row.id,
        "name": row.name,
        "total": row.total,
        "used": row.used,
        "free": row.free,
        "until": row.until.isoformat() if row.until else None,
        "courses": list(row.courses),
        "paths": list(row.paths),
        "waiting_list": row.waiting_list,
        "waiting": row.waiting,
        "state": row.state,
    }


def _cells(row: LicenseRow) -> tuple[str, ...]:
    from core.reading.licenses import bar
    from tui.cli.output import is_plain

    return (
        row.name,
        bar(row, _BAR, plain=is_plain(sys.stdout)),
        f"{row.free:,}",
        f"{row.waiting:,}" if row.waiting or row.waiting_list else "",
        row.until.isoformat() if row.until else "",
        row.state,
        ", ".join(row.courses),
        ", ".join(row.paths),
    )
