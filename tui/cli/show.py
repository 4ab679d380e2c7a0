"""`academy show`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import click

from tui.cli.options import as_json as json_option

if TYPE_CHECKING:
    from core.work import Look

Facts = dict[str, Any]
_TABLES = ("held_seats", "former_seats", "records", "courses", "why")


@click.command()
@click.argument("email")
@json_option
def show(*, email: str, as_json: bool) -> None:
    """Show everything about one person, and why they can or cannot sign in and see what they expect.

    Where there is no account yet, the invitation and what stands in its way.
    """
    from tui.cli.opening import opened_core
    from tui.cli.output import write, write_json

    with opened_core() as core, core.operator_look() as look:
        facts = _known(look, email)
    if as_json:
        write_json(facts)
        return
    for name, value in facts.items():
        if name not in _TABLES:
            text = ", ".join(value) if isinstance(value, list) else "" if value is None else str(value)
            write(f"{name.replace('_', ' '):<16}{text}")
    for line in _tables(facts):
        write(line)


def _known(look: Look, email: str) -> Facts:
    """Return what is known about a person, or else about the invitation, and the reasons for what they can and cannot.

    Raises:
        Missing: there is neither.
    """
    from core.errors import Missing
    from core.reading import invitations, users
    from core.reading.why import why_invitation
    from tui.cli.facts import invitation_facts, reason_facts

    try:
        user_id = users.by_address(look, email)
    except Missing as nobody:
        try:
            invitation = invitations.newest_of(look, email)
        except Missing:
            raise nobody from None
        why = [reason_facts(fact, invitation.address) for fact in why_invitation(look, invitation.id)]
        return invitation_facts(invitation) | {"why": why}
    return _person(look, user_id)


def _person(look: Look, user_id: int) -> Facts:
    from core.models.people import ARCHIVED
    from core.reading import users
    from core.reading.learning import learned
    from core.reading.seats import former_seats, seats_of
    from core.reading.why import why_person
    from core.reading.why_courses import why_courses
    from tui.cli.facts import (
        course_facts,
        detail_facts,
        former_facts,
        held_facts,
        reason_facts,
        record_facts,
    )

    person = users.one(look, user_id)
    lost = former_seats(look, [user_id]) if person.row.status == ARCHIVED else []
    return detail_facts(person) | {
        "held_seats": [held_facts(seat) for seat in seats_of(look, user_id)],
        "former_seats": [former_facts(seat) for seat in lost],
        "records": record_facts(learned(look, user_id)),
        "courses": [course_facts(course, why) for course, why in why_courses(look, user_id)],
        "why": [reason_facts(fact, person.row.address) for fact in why_person(look, user_id)],
    }


# --- for people ---------------------------------------------------------------------------------------------------


def _tables(facts: Facts) -> Iterator[str]:
    """Yield what has several lines each: seats, records, courses, reasons; nothing of what there is none of."""
    records = facts.get("records", {})
    yield from _listed("seats held", facts.get("held_seats", ()), _held)
    yield from _listed("former seats", facts.get("former_seats", ()), _former)
    yield from _listed("progress", records.get("progress", ()), "{course}: {percent} %".format_map)
    yield from _listed("lessons done", records.get("lessons", ()), "{course}: {lesson}, {at}".format_map)
    earned = "{course}: {number}, {issued}"
    yield from _listed("certificates earned", records.get("certificates", ()), earned.format_map)
    yield from _listed("courses", facts.get("courses", ()), _course)
    for course in facts.get("courses", ()):
        if not course["opens"] and course["code"] != "account_archived":  # which is said once, below
            yield f"why not {course['course']}"
            yield from _reasons(each for each in course["why"] if each["state"] != "ok")
    yield "why"
    yield from _reasons(facts["why"])


def _listed(title: str, rows: Any, told: Callable[[Facts], str]) -> Iterator[str]:
    if rows:
        yield title
        yield from (f"  {told(row)}" for row in rows)


def _held(seat: Facts) -> str:
    if not seat["in_force"]:
        return f"{seat['license']}: gives no access, the license expired on {seat['until']}"
    until = f"until {seat['until']}" if seat["until"] else "without an end"
    return f"{seat['license']}: {until}, held since {seat['held_since']}"


def _former(seat: Facts) -> str:
    return f"{seat['license']}: {seat['room']}"


def _course(course: Facts) -> str:
    return f"{'ok' if course['opens'] else 'no':<6}{course['course']}"


def _reasons(reasons: Any) -> Iterator[str]:
    for each in reasons:
        yield f"  {each['state']:<6}{each['about']}: {each['reason']}"
        if each["command"]:
            yield f"{'':<8}{each['command']}"
