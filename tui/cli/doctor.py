"""`academy doctor`: is this host in order? One line for each thing to look at."""

from __future__ import annotations

from typing import Any

import click

from tui.cli.options import as_json as json_option


@click.command()
@json_option
def doctor(*, as_json: bool) -> int:
    """Check settings, files, database, mail server, page, clock and safety; exit 1 if anything is wrong."""
    from tui.cli.checks import WRONG, checked
    from tui.cli.ending import DONE, REFUSED
    from tui.cli.output import write, write_json_rows

    findings = list(checked())
    if as_json:
        facts: list[dict[str, Any]] = [
            {"id": name, "ok": found.state != WRONG, "state": found.state, "message": found.message}
            for name, found in findings
        ]
        write_json_rows(facts)
    else:
        for name, found in findings:
            write(f"{found.state:<6}{name:<9} {found.message}")
    return REFUSED if any(found.state == WRONG for _, found in findings) else DONE
