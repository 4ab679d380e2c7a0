"""A person with a long past, for tests that delete them, and every place where a byte of them could be left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import insert, make_url, select, text

from core.core import Core
from core.errors import Problem
from core.models import (
    Base,
    Certificate,
    Course,
    CourseProgress,
    Invitation,
    LessonCompletion,
    SeatWaiter,
    Task,
)
from core.roles import Role
from core.services.accepting import accept
from core.services.company import edit_company
from core.services.editing import Edit, edit
from core.services.inviting import Line, Offer, invite, invite_many
from core.services.mail_line import pause, resume
from core.services.mailing import deliver_due, queue_test, retry
from core.services.people import Archive, Reactivate
from core.services.preferring import View, remember, save_view
from core.services.signing_in import change_own_password, sign_in
from core.services.undoing import undo
from core.settings import Settings
from core.values import fold
from tests.people import PASSWORD, SOURCE, House
from tests.services.changes import add_license, change_on_host, give_seat

OLD_ADDRESS, ADDRESS = "Zorka.Weiss@Kätzchen.com", "Zorka.Nandu@Mäuschen.com"
FORM = {
    "first_name": "Žofka",
    "last_name": "Vítězová",
    "password": PASSWORD,
    "phone": "+420 731 246 813",
    "address": "Nábřežní 17\nÚstí 40001",
    "born_day": "27",
    "born_month": "3",
    "born_year": "1987",
    "job_title": "Kroužkařka",
}
EDITS = {"first_name": "Žofinka", "phone": "+420 602 975 318", "address": ADDRESS}
NEEDLES = (
    OLD_ADDRESS, ADDRESS, "zorka", "kätzchen", "mäuschen", "xn--ktzchen", "xn--muschen", "Žofka", "Žofinka", "Vítěz",
    "731 246", "602 975", "Nábřežní", "1987-03-27", "Kroužkařka", "198.51.100.77",
)  # fmt: skip
"""All long enough that random bytes do not hold them by chance."""


@dataclass(frozen=True, slots=True)
class Leaver:
    """Somebody about whom much was written.

    Attributes:
        invitee: an address whose open invitation they sent.
    """

    id: int
    address: str
    license: int
    invitee: str
    archiving: str


def with_a_past(house: House) -> Leaver:
    """Let a Company Admin join, be edited, archived, brought back and written to, and act on others."""
    core = house.core
    with core.operator() as work:
        first = invite(work, OLD_ADDRESS.upper(), Offer(Role.CONTENT_MANAGER))
        invitation = invite(work, OLD_ADDRESS, Offer(Role.COMPANY_ADMIN))
    deliver_due(core)
    assert first != invitation
    user_id = accept(core, house.token_of(invitation), FORM).user_id
    own = sign_in(core, OLD_ADDRESS, PASSWORD, source="198.51.100.77").sign_in_id
    change_own_password(core, own, old=PASSWORD, new=f"{PASSWORD}!")
    _fail_to_sign_in(core)
    with core.work(own) as work:
        invite_many(work, [Line(1, "cy@example.com"), Line(2, "dee@example.com")], Offer())
        remember(work, "prompt.history", ["cy"])
        save_view(work, "users", "mine", View("role:learner"))
    archiving = change_on_host(core, [user_id], Archive(take_over=True)).batch or ""
    with core.operator() as work:
        undo(work, archiving)
    back = change_on_host(core, [user_id], Archive()).batch or ""
    change_on_host(core, [user_id], Reactivate())
    with core.operator() as work:
        edit(work, Edit(user_id, EDITS))
    own = sign_in(core, ADDRESS, f"{PASSWORD}!", source=SOURCE).sign_in_id
    _be_written_about(house)
    with core.work(own) as work:
        invite(work, "eve@example.com", Offer())
    return Leaver(user_id, ADDRESS, _learn(house, user_id), "eve@example.com", back)


def _fail_to_sign_in(core: Core) -> None:
    try:
        sign_in(core, OLD_ADDRESS, "wrong", source=SOURCE)
    except Problem:
        return
    raise AssertionError("a wrong password let somebody in")


def _be_written_about(house: House) -> None:
    """Let the other admin search for the person, name them as the company's contact for a day, and test their mail."""
    core = house.core
    with core.work(house.admin) as work:
        remember(work, "prompt.history", ["role:learner", "Vítězová", f"-{fold('Žofinka')}", ADDRESS])
        remember(work, "list.users", {"filter": "žofinka vítězová", "columns": [["name", 20]]})
        save_view(work, "users", "The one", View("VITEZOVA status:any"))
        save_view(work, "users", "Learners", View("role:learner"))
        for contact in (ADDRESS, "office@example.com"):
            edit_company(work, {"email": contact, "phone": EDITS["phone"] if contact == ADDRESS else ""})
        pause(work, f"until {EDITS['first_name']} {FORM['last_name']} is back")
        resume(work)
        work.db.execute(insert(Task).values(name="leavers", result=f"{OLD_ADDRESS} stays.", failed=True))
        queue_test(work, ADDRESS.upper())
        mail = queue_test(work, ADDRESS)
        retry(work, [mail])
    deliver_due(core)
    with core.operator() as work:
        queue_test(work, ADDRESS)


def _learn(house: House, user_id: int) -> int:
    """Give the person a seat, a place on a waiting list, a group and records; return the license of the seat."""
    core = house.core
    held, waited = add_license(core), add_license(core, "Safety", 1)
    give_seat(core, held, user_id)
    give_seat(core, waited, house.admin_id)
    with core.operator() as work:
        course = work.db.execute(
            insert(Course).values(name="Bees", name_key="bees", kind="course").returning(Course.id)
        ).scalar_one()
        whose = {"user_id": user_id, "course_id": course}
        work.db.execute(insert(LessonCompletion).values(**whose, lesson="Hives", completed_at=work.now))
        work.db.execute(insert(Certificate).values(**whose, number="=B-17", issued_at=work.now))
        started = {"percent": 40, "started_at": work.now, "updated_at": work.now}
        work.db.execute(insert(CourseProgress).values(**whose, **started))
        work.db.execute(insert(SeatWaiter).values(license_id=waited, user_id=user_id, since=work.now))
        edit(work, Edit(user_id, {"groups": "Night shift", "department": "Sales"}))
    return held


# --- what is left -----------------------------------------------------------------------------------------------


def spellings(needle: str) -> Iterator[bytes]:
    """Yield the bytes a text may be stored as: as it is, folded, in JSON, in upper and lower case."""
    for form in {needle, needle.lower(), needle.upper(), fold(needle), fold(needle).upper()}:
        yield form.encode()
        yield json.dumps(form)[1:-1].encode()


def left_in(data: bytes) -> set[str]:
    """Return which of the needles occur in some bytes."""
    return {needle for needle in NEEDLES for form in spellings(needle) if form in data}


def files_of(settings: Settings) -> Iterator[Path]:
    """Yield every file of the host: the database with its journal, and whatever lies in the data folder."""
    path = make_url(settings.database_url.reveal()).database
    if settings.is_sqlite and path:
        yield from Path(path).parent.glob(f"{Path(path).name}*")
    yield from (each for each in settings.home.rglob("*") if each.is_file())


def left_in_files(settings: Settings) -> dict[str, set[str]]:
    """Return where something is left: in the bytes of a file or in its name."""
    found = {path.name: left_in(path.read_bytes() + path.name.encode()) for path in files_of(settings)}
    return {name: needles for name, needles in found.items() if needles}


def let_the_planner_look(core: Core) -> None:
    """Let the database look for what its planner wants to know; one of the two keeps names as examples then."""
    if not core.settings.is_sqlite:
        with core.operator() as work:
            work.db.execute(text("ANALYZE"))


def left_in_tables(core: Core) -> dict[str, set[str]]:
    """Return what is left in the rows of each table as the database writes them, and in what its planner keeps."""
    found: dict[str, set[str]] = {}
    with core.operator_look() as look:
        for table in Base.metadata.sorted_tables:
            rows = look.db.execute(select(table)).all()
            found[table.name] = left_in("\n".join(map(repr, rows)).encode())
        if not core.settings.is_sqlite:
            kept = look.db.execute(text("SELECT * FROM pg_stats WHERE schemaname = 'public'")).all()
            found["pg_stats"] = left_in("\n".join(map(repr, kept)).encode())
    return {name: needles for name, needles in found.items() if needles}


def register(house: House, address: str) -> int:
    """Let somebody register with the invitation they have."""
    token = house.token_of(invitation_of(house.core, address).id)
    fields = {"first_name": "Bo", "last_name": "Berg", "password": PASSWORD}
    return accept(house.core, token, fields).user_id


def invitation_of(core: Core, address: str) -> Invitation:
    """Return the newest invitation of an address."""
    with core.operator_look() as look:
        return (
            look.db.scalars(
                select(Invitation).where(Invitation.address == address).order_by(Invitation.id.desc())
            ).first()
            or Invitation()
        )
