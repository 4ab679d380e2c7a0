"""What happens to a form on its way: many at once, twice, to the wrong invitation, with another address (P6, P7, P9, P22-P26)."""

from __future__ import annotations

import copy
import json
import pickle
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import select

from core.core import Core
from core.errors import LinkWithdrawn
from core.models import Department, User
from core.passwords import Password
from core.ports import Hasher
from core.services.accepting import accept
from core.services.inviting import withdraw
from core.services.places import add_department
from core.settings import Settings
from core.values import Secret
from tests.databases import sqlite_only
from tests.people import House
from tests.races.racers import SOME_WORK, race
from tests.services import rows
from tests.web.visitor import FILLED_IN, PASSWORD, Visitor
from web import create_app
from web.serving import PageServer, listen

CROWD = 10
REFUSED = {
    "410",
    "429",
    "503",
}  # used; too many at once: the same answer as to anybody who comes a moment later


# --- P6: many at once -------------------------------------------------------------------------------------------


@contextmanager
def served(core: Core) -> Iterator[PageServer]:
    """Lend the running page of a core."""
    server = PageServer(create_app(core), listen("127.0.0.1", 0))
    server.start()
    try:
        yield server
    finally:
        server.stop()


def filled_in_forms(app: Flask, token: str, names: list[str]) -> list[tuple[str, str]]:
    """Return forms that as many browsers have open and filled in: the cookie of each and what it will send."""
    forms = []
    for name in names:
        visitor = Visitor(app)
        hidden = visitor.open(token).hidden()
        key = app.config["SESSION_COOKIE_NAME"]
        cookie = visitor.client.get_cookie(key, "127.0.0.1")
        assert cookie is not None
        forms.append((f"{key}={cookie.value}", urlencode({**hidden, **FILLED_IN, "first_name": name})))
    return forms


@pytest.mark.slow
def test_p06_sixty_racers_on_one_link_make_one_account(settings: Settings) -> None:
    """Thirty forms over HTTP and thirty calls from threads of other processes at once: one account, one event, one notice."""
    with Core.open(settings, hasher=Hasher(SOME_WORK)) as core, served(core) as page:
        house = House.set_up(core)
        invitation = house.invite("bo@example.com", groups=["Night shift"])
        token = house.token_of(invitation)
        crowds = [[f"P{crowd}-{one}" for one in range(CROWD)] for crowd in range(6)]
        runs: list[tuple[object, ...]] = [("register_at_once", token, crowd) for crowd in crowds[:3]]
        app = create_app(core)
        runs += [("post_at_once", page.port, filled_in_forms(app, token, crowd)) for crowd in crowds[3:]]
        told = Counter[str]()
        for answers in race(settings, runs):
            told.update(json.loads(answers))
        assert told["registered"] + told["303"] == 1
        assert told.total() == 60
        assert set(told) <= {"registered", "303", "link_used", "busy", *REFUSED}
        assert told["link_used"] > CROWD
        assert told["410"] > 0
        assert rows.count(core, User) == 2
        assert rows.actions(core)["user.registered"] == 1
        assert len(rows.mails(core, "account_ready")) == 1
        assert rows.invitation(core, invitation).state == "accepted"


def test_p06_eight_browsers_at_a_barrier(company: House, app: Flask) -> None:
    """Of eight browsers that send the same link's form at the same moment one goes on and seven read that it is used."""
    token = company.token_of(company.invite("bo@example.com"))
    visitors = [Visitor(app) for _ in range(8)]
    for one in visitors:
        one.open(token)
    assert Counter(at_once(visitors)) == {303: 1, 410: 7}
    assert rows.count(company.core, User) == 2
    assert rows.actions(company.core)["user.registered"] == 1
    assert len(rows.mails(company.core, "account_ready")) == 1


def at_once(visitors: list[Visitor]) -> list[int]:
    """Let visitors send what they have open at the same moment and return the statuses."""
    barrier = threading.Barrier(len(visitors))
    statuses = [0] * len(visitors)

    def send(number: int) -> None:
        barrier.wait()
        statuses[number] = visitors[number].send().status

    threads = [threading.Thread(target=send, args=(number,)) for number in range(len(visitors))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


# --- P7: the hash and the lock ----------------------------------------------------------------------------------


class Meanwhile(Hasher):
    """A hasher during whose work something else happens."""

    def __init__(self) -> None:
        """Hash with tiny parameters; nothing happens until `happens` is set."""
        super().__init__("scrypt:128:1:1")
        self.happens: Callable[[], object] = lambda: None

    def hash(self, password: Password) -> str:
        """Return the hash to store, after whatever happens meanwhile."""
        self.happens()
        return super().hash(password)


@pytest.fixture
def hasher() -> Meanwhile:
    """Return the hasher of the test's core."""
    return Meanwhile()


def test_p07_nobody_waits_for_a_hash(company: House, hasher: Meanwhile, visitor: Visitor) -> None:
    """While a password is hashed nothing is locked: another writer changes the company and commits in the middle of it."""
    visitor.open(company.token_of(company.invite("bo@example.com")))

    def write() -> None:
        with company.core.operator() as work:
            add_department(work, "Made meanwhile")

    hasher.happens = write
    assert visitor.send().status == 303
    assert rows.count(company.core, Department) == 1 + len(company.departments)


def test_p07_what_changed_during_the_hash_counts(company: House, hasher: Meanwhile) -> None:
    """An invitation that is withdrawn while its password is hashed makes no account."""
    invitation = company.invite("bo@example.com")

    def take_back() -> None:
        with company.core.work(company.admin) as work:
            withdraw(work, [invitation])

    hasher.happens = take_back
    with pytest.raises(LinkWithdrawn):
        accept(company.core, company.token_of(invitation), FILLED_IN)
    assert rows.count(company.core, User) == 1


# --- P9: what errors show ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", [Secret(PASSWORD), Password.parse(PASSWORD)], ids=["secret", "password"])
def test_p09_secrets_do_not_show_themselves(secret: Secret) -> None:
    """No way to print, format, copy, pickle or look into a secret gives its text away."""
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>40}", "{0}".format(secret), "%s" % secret]  # noqa: UP030, UP031, UP032 - each way
    shown += [repr([secret]), repr({"password": secret}), repr(Secret.__getstate__)]
    assert not [text for text in shown if PASSWORD in text]
    for escape in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            escape(secret)
    with pytest.raises(TypeError):
        json.dumps({"password": secret})
    assert not hasattr(secret, "__dict__")


@sqlite_only
def test_p09_a_crash_on_the_page_tells_no_value(
    company: House, hasher: Meanwhile, visitor: Visitor, written: StringIO
) -> None:
    """An unexpected error in the middle of a registration is logged as kind and place, without anything that was typed."""
    token = company.token_of(company.invite("bo@example.com"))
    visitor.open(token)

    def crash() -> None:
        raise RuntimeError(f"crashed with {PASSWORD} and {token}")

    hasher.happens = crash
    page = visitor.send(FILLED_IN | {"job_title": "Canary keeper"})
    assert page.status == 500
    [line] = [
        line for line in map(json.loads, written.getvalue().splitlines()) if line["event"] == "page.failed"
    ]
    assert line["error"] == "RuntimeError"
    assert line["request"] in page.text
    told = written.getvalue() + page.html + str(page.headers)
    assert not [
        secret for secret in (PASSWORD, token, token[-22:], "Canary", "crashed with") if secret in told
    ]
    hasher.happens = lambda: None
    visitor.ask("/register")
    assert visitor.send().status == 303


@sqlite_only
def test_p09_not_even_the_values_of_our_own_frames_are_secrets_in_the_hasher(
    company: House, hasher: Meanwhile
) -> None:
    """Where the password is used for what it is for, a crash reporter that prints local values finds a masked one."""
    seen: list[str] = []

    def crash() -> None:
        raise RuntimeError

    hasher.happens = crash
    try:
        hasher.hash(Password.parse(PASSWORD))
    except RuntimeError as error:
        seen += traceback.TracebackException.from_exception(error, capture_locals=True).format()
    assert "password = Password('…')" in "".join(seen)
    assert PASSWORD not in "".join(seen)


# --- P22, P25, P26: the same browser ----------------------------------------------------------------------------


def test_p22_a_double_click_leads_onward_twice(company: House, visitor: Visitor) -> None:
    """Four requests of one impatient browser all go on to the same place, and there is one account."""
    visitor.open(company.token_of(company.invite("bo@example.com")))
    assert at_once([visitor, *(visitor.twin() for _ in range(3))]) == [303] * 4
    assert rows.count(company.core, User) == 2


@sqlite_only
def test_p22_back_and_reload_are_harmless(company: House, app: Flask, visitor: Visitor) -> None:
    """The form sent again leads onward, the form asked for again says to sign in, and another browser reads that it is used."""
    token = company.token_of(company.invite("bo@example.com"))
    other = Visitor(app)
    other.open(token)
    form = visitor.open(token)
    done = visitor.send()
    for _ in range(2):
        visitor.page = form
        again = visitor.send(FILLED_IN | {"first_name": "Other"})
        assert (again.status, again.headers["Location"]) == (303, done.headers["Location"])
    assert visitor.ask("/register").status == 410
    assert other.send().status == 410
    assert rows.actions(company.core)["user.registered"] == 1


@sqlite_only
def test_p25_a_form_never_registers_another_invitation(company: House, visitor: Visitor) -> None:
    """A form whose invitation is not the one that the browser opened last is shown again for its own person before it counts."""
    ann = visitor.open(company.token_of(company.invite("ann@example.com")))
    visitor.open(company.token_of(company.invite("bea@example.com")))
    visitor.page = ann
    page = visitor.send(FILLED_IN | {"first_name": "Ann"})
    assert (page.status, page.field("email")["value"]) == (409, "ann@example.com")
    assert page.field("first_name")["value"] == "Ann"
    assert rows.count(company.core, User) == 1
    assert visitor.send(FILLED_IN | {"first_name": "Ann"}).status == 303
    found = rows.all_of(
        company.core, select(User.address, User.first_name).where(User.id != company.admin_id)
    )
    assert [tuple(row) for row in found] == [("ann@example.com", "Ann")]


@sqlite_only
@pytest.mark.parametrize("sent", ["eve@example.com", "", "bo@example.com\r\nBcc: eve@example.com"])
def test_p26_the_shown_address_is_never_believed(company: House, visitor: Visitor, sent: str) -> None:
    """The read-only address serves the password manager; whatever comes back in it is ignored."""
    visitor.open(company.token_of(company.invite("bo@example.com")))
    assert visitor.send(FILLED_IN | {"email": sent}).status == 303
    found = rows.all_of(company.core, select(User.address).where(User.id != company.admin_id))
    assert [row.address for row in found] == ["bo@example.com"]
