"""`academy company`: the company's record, and its maximum number of users, which only the host sets (R51)."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui.cli.options import as_json as json_option
from tui.cli.options import assigned

if TYPE_CHECKING:
    from core.reading.company import CompanyRecord
    from core.work import Work

CAP, LOGO, NONE = "cap", "logo", "none"


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def company(context: click.Context, *, as_json: bool) -> None:
    """Show the company's record, or change it with set."""
    if context.invoked_subcommand is not None:
        return
    from core.reading.company import record
    from tui.cli.opening import opened_core

    with opened_core() as core, core.operator_look() as look:
        _tell(record(look), as_json=as_json)


@company.command("set")
@click.argument("settings", metavar="FIELD=VALUE...", nargs=-1, required=True)
@json_option
def set_(*, settings: Sequence[str], as_json: bool) -> None:
    """Change fields, all of them or none: name email phone website address link_days language color logo cap.

    Such as: cap=500, cap=none, color=#0550ae, logo=FILE (PNG or JPEG, - for standard input), logo=none.
    """
    from core.reading.company import record
    from tui.cli.opening import opened_core
    from tui.cli.output import say

    values = assigned(settings)
    image = _image(values[LOGO]) if LOGO in values else None
    with opened_core() as core, core.operator() as work:
        changed = _change(work, values, image)
        after = record(work)
    say("Saved." if changed else "Nothing was changed.")
    over = after.room.active_users + after.room.live_invitations - (after.room.user_cap or 0)
    if CAP in values and after.room.user_cap is not None and over >= 0:
        say(
            f"The maximum is reached ({over:,} more are active or invited): nobody new until somebody is archived or it is raised."
        )
    _tell(after, as_json=as_json)


def _change(work: Work, values: dict[str, str], image: bytes | None) -> bool:
    from core.services.company import edit_company, set_cap, set_logo

    texts = {
        field: "" if text == NONE and field != "name" else text
        for field, text in values.items()
        if field not in {CAP, LOGO}
    }
    changed = [edit_company(work, texts)] if texts else []
    if image is not None:
        changed.append(set_logo(work, image))
    if CAP in values:
        changed.append(set_cap(work, _number(values[CAP])))
    return any(changed)


def _number(text: str) -> int | None:
    clean = text.strip().lower()
    if clean == NONE:
        return None
    if not (clean.isascii() and clean.isdigit()):
        raise click.BadParameter(f"cap={text}: the maximum number of users is a whole number, or none.")
    return int(clean[:12])


def _image(path: str) -> bytes:
    """Return the bytes of a file or of standard input, one more than are allowed at most; none for no logo.

    Raises:
        UnreadableFile: missing, a folder, not allowed. click.BadParameter: empty, which never takes a logo away.
    """
    from core.importing.sources import open_source
    from core.services.company import LOGO_MOST

    if path in {"", NONE}:
        return b""
    if path == "-":
        image = sys.stdin.buffer.read(LOGO_MOST + 1)
    else:
        with open_source(Path(path)) as source:
            image = source.read(LOGO_MOST + 1)
    if not image:
        raise click.BadParameter(f"logo={path}: nothing is in it. To do without a logo: logo={NONE}.")
    return image


def _tell(record: CompanyRecord, *, as_json: bool) -> None:
    from tui.cli.output import write, write_json

    facts = _facts(record)
    if as_json:
        write_json(facts)
        return
    for name, value in facts.items():
        text = "none" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
        write(f"{name.replace('_', ' '):<14}{text.replace(chr(10), ' | ')}")


def _facts(record: CompanyRecord) -> dict[str, Any]:
    """Return the record in JSON; the keys are a promise to scripts."""
    room = record.room
    return {
        **record.fields,
        "link_days": int(record.fields["link_days"]),
        "logo": record.logo_type,
        "logo_bytes": record.logo_size,
        "cap": room.user_cap,
        "active": room.active_users,
        "invited": room.live_invitations,
        "places_left": room.places_left,
    }
