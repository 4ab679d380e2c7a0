"""`academy mail`: delivering, and looking into the outbox."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from tui.cli.options import as_json as json_option

if TYPE_CHECKING:
    from core.reading.mail import MailRow
    from core.services.mailing import Delivery
    from core.work import Work


@click.group()
def mail() -> None:
    """Deliver mails and look into the outbox."""


@mail.command()
@click.option("--forever", is_flag=True, help="Keep delivering, and run tasks, until SIGINT or SIGTERM.")
@json_option
def send(*, forever: bool, as_json: bool) -> int:
    """Deliver what is due."""
    from core.services.mailing import deliver_due, next_due
    from tui.cli.delivering import deliver_until_stopped, sentence_of
    from tui.cli.opening import opened_core
    from tui.cli.output import say, write, write_json

    with opened_core() as core:
        say(f"Mails are {core.ports.post.describe()}.")
        if forever:
            return deliver_until_stopped(core)
        delivery = deliver_due(core)
        with core.operator_look() as look:
            later = delivery.next_at or (None if delivery.is_line_paused else next_due(look))
    if as_json:
        write_json(
            {
                "sent": delivery.sent,
                "failed": delivery.failed,
                "retried": delivery.retried,
                "dropped": delivery.dropped,
                "paused": delivery.paused,
            }
        )
    else:
        write(sentence_of(delivery))
        if later is not None:
            why = "the rate is set" if delivery.next_at else "mails to several people wait a few seconds"
            say(f"The next one is due at {later:%H:%M:%S} UTC; {why}.")
    return _exit_code_after(delivery)


def _exit_code_after(delivery: Delivery) -> int:
    """Return what the process ends with: a mail that came back is a refusal, one that waits may be tried again."""
    from tui.cli.ending import DONE, PARTLY, REFUSED, TRY_AGAIN

    put_off = delivery.retried or delivery.paused is not None
    if not delivery.failed and not put_off:
        return DONE
    if delivery.sent:
        return PARTLY
    return TRY_AGAIN if put_off else REFUSED


@mail.command("list")
@click.option(
    "--state", "states", multiple=True, metavar="STATE", help="waiting, sending, sent, failed or dropped."
)
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="How many at most.")
@json_option
def list_(*, states: Sequence[str], limit: int, as_json: bool) -> None:
    """List the outbox, newest first, with what the mail server answered."""
    from core.reading import mail as reading
    from tui.cli.delivering import line_sentence
    from tui.cli.facts import mail_facts
    from tui.cli.opening import opened_core
    from tui.cli.output import say, write_json_rows, write_table

    for state in states:
        if state not in reading.STATES:
            raise click.BadParameter(f"There is no state {state}. There is: {', '.join(reading.STATES)}.")
    with opened_core() as core, core.operator_look() as look:
        rows = reading.newest(look, states=states or None, limit=limit)
        line = reading.line(look)
        if as_json:
            write_json_rows(map(mail_facts, rows))
            return
        write_table(("id", "state", "to", "kind", "tries", "due", "sent", "answer"), map(_cells, rows))
    say(", ".join(f"{number:,} {state}" for state, number in line.counts.items()) + ".")
    say(line_sentence(line))


def _cells(row: MailRow) -> tuple[str, ...]:
    from tui.cli.output import moment

    times = (moment(row.due_at), moment(row.sent_at))
    return (str(row.id), row.state, row.to, row.kind, str(row.attempts), *times, row.last_error)


@mail.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True, type=int)
@json_option
def retry(*, ids: Sequence[int], as_json: bool) -> int:
    """Queue failed or waiting mails anew; the next delivery sends them."""
    from core.services.mailing import retry as try_again
    from tui.cli.ending import exit_code_after
    from tui.cli.opening import opened_core
    from tui.cli.output import number_of, say, write, write_json

    with opened_core() as core, core.operator() as work:
        tally = try_again(work, ids)
    if as_json:
        write_json(tally.to_json())
    else:
        if tally.done:
            write(f"Queued anew: {number_of(tally.done, 'mail')}. Deliver: academy mail send")
        for verdict in tally.verdicts:
            say(verdict.message)
    return exit_code_after(tally)


@mail.command()
@click.argument("kind", metavar="KIND")
@click.option(
    "--language", default="", metavar="CODE", help="Such as de; the company's own where none is given."
)
@click.option("--html", "form", flag_value="html", help="Print the HTML part, as it is.")
@click.option("--text", "form", flag_value="text", help="Print the text part, as it is.")
@click.option("--raw", "form", flag_value="raw", help="Print the whole mail, byte for byte.")
@json_option
def preview(*, kind: str, language: str, form: str | None, as_json: bool) -> None:
    """Show a mail as it would leave, about made-up facts.

    KIND is invitation, account_ready, seat_granted, license_expiring, seats_used, cap_near or test.
    """
    from core.mail.plain import without_isolates
    from core.services import previewing
    from tui.cli.opening import opened_core
    from tui.cli.output import write, write_exactly, write_json

    if as_json and form is not None:
        raise click.UsageError(f"--{form} and --json exclude each other. Choose one.")
    with opened_core() as core, core.operator_look() as look:
        found = previewing.preview(look, core.settings, kind.replace("-", "_"), language=language)
    if as_json:
        write_json(found.to_json())
    elif form is not None:
        whole = {"html": found.html.encode(), "text": found.text.encode(), "raw": found.raw}
        write_exactly(whole[form])
    else:
        for line in (*found.headers(), "", *without_isolates(found.text).splitlines()):
            write(line)


@mail.command()
@click.argument("reason", nargs=-1)
@json_option
def pause(*, reason: Sequence[str], as_json: bool) -> None:
    """Let no mail leave until resume; mails queue up meanwhile."""
    from core.services import mail_line

    _change_line(lambda work: mail_line.pause(work, " ".join(reason)), as_json=as_json)


@mail.command()
@json_option
def resume(*, as_json: bool) -> None:
    """Let mails leave again."""
    from core.services import mail_line

    _change_line(mail_line.resume, as_json=as_json)


@mail.command()
@click.argument("number", metavar="N|none")
@json_option
def rate(*, number: str, as_json: bool) -> None:
    """Let at most N mails leave in a minute, all senders together."""
    from core.services import mail_line

    if number != "none" and not (number.isascii() and number.isdigit()):
        raise click.BadParameter(f"{number} is neither a whole number nor none.")
    per_minute = None if number == "none" else int(number)
    _change_line(lambda work: mail_line.set_rate(work, per_minute), as_json=as_json)


def _change_line(change: Callable[[Work], None], *, as_json: bool) -> None:
    """Change the line as the operator and say how it stands."""
    from core.reading import mail as reading
    from tui.cli.delivering import line_sentence
    from tui.cli.opening import opened_core
    from tui.cli.output import write, write_json

    with opened_core() as core:
        with core.operator() as work:
            change(work)
        with core.operator_look() as look:
            line = reading.line(look)
    if as_json:
        write_json({"paused": line.paused, "reason": line.reason, "per_minute": line.per_minute})
    else:
        write(line_sentence(line))
