"""The rights that SECURITY.md gives the page's database role are enough, and none of them is too much (13.2.2)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import Engine, create_engine, make_url, select, text
from sqlalchemy.exc import ProgrammingError

from core.core import Core
from core.models import User
from core.settings import Settings
from core.values import Secret
from tests.databases import postgresql_only
from tests.house.sources import ROOT
from tests.people import House
from tests.web.visitor import Visitor
from web import create_app

pytestmark = postgresql_only

ROLE = "academy_web"
TOO_MUCH = (
    "SELECT password_hash FROM users",
    "SELECT born_on FROM users",
    "SELECT * FROM sign_ins",
    "SELECT details FROM audit_events",
    "UPDATE users SET role = 50",
    "UPDATE invitations SET role = 40",
    "UPDATE company SET user_cap = NULL",
    "INSERT INTO invitations (address) VALUES ('x')",
    "DELETE FROM users",
    "DELETE FROM audit_events",
    "TRUNCATE outbox",
    "DROP TABLE users",
    "CREATE TABLE public.own (id int)",
)


@dataclass(frozen=True, slots=True)
class Guest:
    """The role of the page in one database; roles belong to the whole server, so it has a name of its own."""

    name: str
    url: Secret


def _written_rights() -> list[str]:
    [block] = re.findall(r"```sql\n(.+?)```", (ROOT / "SECURITY.md").read_text("utf-8"), re.DOTALL)
    return [statement.strip() for statement in block.split(";") if statement.strip()]


@pytest.fixture
def owner(settings: Settings) -> Iterator[Engine]:
    """Lend what speaks to the database as its owner."""
    engine = create_engine(settings.database_url.reveal(), isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


@pytest.fixture
def guest(owner: Engine, settings: Settings) -> Iterator[Guest]:
    """Lend the role as the document sets it up."""
    name = f"{ROLE}_{uuid.uuid4().hex[:12]}"
    with owner.connect() as connection:
        for statement in _written_rights():
            connection.execute(text(statement.replace(ROLE, name)))
    url = make_url(settings.database_url.reveal()).set(username=name)
    yield Guest(name, Secret(url.render_as_string(hide_password=False)))
    with owner.connect() as connection:
        connection.execute(text("DROP OWNED BY " + name))
        connection.execute(text("DROP ROLE " + name))


def test_the_page_needs_no_more_than_the_written_rights(company: House, guest: Guest) -> None:
    """Under that role links open, dead ones say why, errors come back, and an account with place and groups is made."""
    token = company.token_of(company.invite("bo@example.com", department="Sales", groups=["Night shift"]))
    old = company.token_of(company.invite("cy@example.com"))
    company.invite("cy@example.com")
    ports, own = company.core.ports, replace(company.core.settings, database_url=guest.url)
    with Core.open(own, clock=ports.clock, hasher=ports.hasher, post=ports.post) as core:
        visitor = Visitor(create_app(core))
        visitor.open(token)
        assert visitor.send({}).status == 422
        assert visitor.send().status == 303
        assert [Visitor(create_app(core)).ask(f"/i/{each}").status for each in (token, old)] == [410, 410]
    with company.core.operator_look() as look:
        assert look.db.scalar(select(User.status).where(User.address_key == "bo@example.com")) == "active"


@pytest.mark.parametrize("statement", TOO_MUCH)
def test_the_role_can_do_nothing_else(company: House, guest: Guest, statement: str) -> None:
    """It reads no hash and nothing personal, and neither changes, deletes nor gives itself anything."""
    engine = create_engine(guest.url.reveal())
    with (
        engine.connect() as connection,
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
    ):
        connection.execute(text(statement))
    engine.dispose()
