"""Whatever breaks at whichever step of a registration, nothing of it stays and the link works on (2.3.3, 16.5.2, 16.5.3)."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, create_engine, event, func, select, text

from core.core import Core
from core.models import User
from core.passwords import Password
from core.ports import Hasher
from tests.databases import postgresql_only, sqlite_only
from tests.people import House
from tests.security.faults import BrokenError, Fault, everything, faulty
from tests.web.visitor import PASSWORD, Visitor
from web import create_app

FEWEST = 8  # statements of an acceptance: lock, read, use up, judge, add, close, tell, record


def _breaks(connection: Connection) -> None:
    del connection
    raise BrokenError


def _fill_in_at_every_fault(house: House, fault: Fault, status: int) -> int:
    """Register with a fault at each statement in turn until none is hit; return how many there were."""
    core = house.core
    token = house.token_of(house.invite("bo@example.com", department="Sales", groups=["Night shift"]))
    before = everything(core)
    with faulty(core, fault) as faults:
        for number in range(1, 200):
            visitor = Visitor(create_app(core))
            visitor.open(token)
            faults.arm(number)
            page = visitor.send()
            if faults.seen < number:
                assert page.status == 303
                return faults.seen
            faults.arm(0)
            assert page.status == status, f"statement {number}"
            assert PASSWORD not in page.html
            assert everything(core) == before, f"statement {number}"
    raise AssertionError("a registration does not end")


def _accounts(core: Core) -> int:
    with core.glance() as visit:
        return visit.db.scalar(select(func.count()).select_from(User)) or 0


def test_a_mistake_at_any_statement_spends_nothing(company: House) -> None:
    """With an unexpected error at each statement in turn no row of any table changes, until one try goes through."""
    assert _fill_in_at_every_fault(company, _breaks, 500) >= FEWEST
    assert _accounts(company.core) == 2


@postgresql_only
def test_a_connection_lost_at_any_statement_spends_nothing(company: House) -> None:
    """With the server ending our connection at each statement in turn the page asks to try again, and nothing is kept."""
    other = create_engine(company.core.settings.database_url.reveal(), isolation_level="AUTOCOMMIT")

    def end(connection: Connection) -> None:
        number = connection.connection.dbapi_connection.info.backend_pid  # type: ignore[union-attr]
        with other.connect() as killer:
            killer.execute(text("SELECT pg_terminate_backend(:number, 5000)"), {"number": number})

    assert _fill_in_at_every_fault(company, end, 503) >= FEWEST
    other.dispose()
    assert _accounts(company.core) == 2


def test_a_mistake_while_committing_spends_nothing(company: House) -> None:
    """An error in the very last step takes everything back."""
    core = company.core
    token = company.token_of(company.invite("bo@example.com"))
    visitor = Visitor(create_app(core))
    visitor.open(token)
    before = everything(core)
    wrote: list[bool] = []

    def break_commit(connection: Connection) -> None:
        if connection.get_execution_options().get("academy_writes"):
            wrote.append(True)
            raise BrokenError

    event.listen(core._engine, "commit", break_commit)
    assert visitor.send().status == 500
    event.remove(core._engine, "commit", break_commit)
    assert wrote
    assert everything(core) == before
    visitor.open(token)
    assert visitor.send().status == 303


@sqlite_only
def test_no_free_place_to_hash_keeps_what_was_typed(company: House) -> None:
    """While every turn of the hash gate is taken the form comes back with 503, filled in, and works a moment later."""
    core = company.core
    token = company.token_of(company.invite("bo@example.com"))
    gate = Hasher("scrypt:128:1:1", at_once=1, wait=0.01)
    with Core(core.settings, replace(core.ports, hasher=gate)) as gated:
        visitor = Visitor(create_app(gated))
        visitor.open(token)
        before = everything(core)
        with gate._turn():
            page = visitor.send()
        assert (page.status, page.headers["Retry-After"]) == (503, "5")
        assert page.field("first_name")["value"] == "Bo"
        assert PASSWORD not in page.html
        assert everything(core) == before
        assert visitor.send().status == 303


class _NoMemory(Hasher):
    """A hasher on a host that has run out of memory."""

    def hash(self, password: Password) -> str:
        """Fail as the library does."""
        del password
        raise MemoryError


@sqlite_only
def test_a_hash_that_fails_spends_nothing(company: House) -> None:
    """Without memory to hash the page says that something went wrong, and no transaction is begun."""
    core = company.core
    token = company.token_of(company.invite("bo@example.com"))
    before = everything(core)
    with Core(core.settings, replace(core.ports, hasher=_NoMemory())) as failing:
        visitor = Visitor(create_app(failing))
        visitor.open(token)
        with faulty(failing, _breaks) as faults:
            assert visitor.send().status == 500
            assert faults.seen == 0
    assert everything(core) == before
