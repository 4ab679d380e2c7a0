"""What is typed is decoded once, bounded before it is looked at, and only ever text (ASVS 1.1 to 1.5, 15.3.7)."""

from __future__ import annotations

import contextlib
import json
import time
from datetime import date
from email import message_from_bytes
from email.policy import default
from io import BytesIO
from urllib.parse import urlencode

import pytest
from sqlalchemy import select, update

from core.core import Core
from core.errors import Invalid, InvalidAddress
from core.models import Company, User
from core.registration import parse_registration
from core.services.mailing import deliver_due
from core.values import Address
from tests.databases import sqlite_only
from tests.people import House
from tests.web.visitor import FILLED_IN, Visitor

TODAY = date(2026, 3, 2)
FIELDS = (
    "first_name",
    "last_name",
    "password",
    "phone",
    "address",
    "born_day",
    "born_month",
    "born_year",
    "job_title",
    "language",
)
LONG = 60_000
HOSTILE = {
    "letters": "a" * LONG,
    "blanks": " " * LONG,
    "digits": "1" * LONG,
    "signs": "+(1 " * (LONG // 4),
    "marks": "a" + "\u0315" * (LONG // 6) + "\u0300" * (LONG // 6) + "\u0323" * (LONG // 6),
    "marks of 4,096": "a" + "\u0315" * 1365 + "\u0300" * 1365 + "\u0323" * 1365,
    "breaks": "a\r\n" * (LONG // 3),
    "escapes": "\x1b[31m" * (LONG // 5),
    "directions": "\u202e\u2066" * (LONG // 6),
    "words": "engine works bo berg " * (LONG // 21),
    "expanding": "\ufdfa" * (LONG // 3),
}
SECONDS = 0.2  # far above what each takes, far below what one may do to the others
TEMPLATES = [
    "{{7*7}}",
    "{% x %}",
    "%(x)s %s %n",
    "{0.__class__} {name}",
    "${7*7} #{7*7} <%= 7 %>",
    "{{config}}",
]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("kind", HOSTILE)
def test_no_text_takes_long_to_judge(field: str, kind: str) -> None:
    """Whatever fills a field, as much of it as a request can hold, judging the form stays quick (1.2.9, 1.3.12)."""
    birth = {"born_day": "1", "born_month": "1", "born_year": "1990"}
    typed = FILLED_IN | birth | {field: HOSTILE[kind]}
    begun = time.process_time()
    with contextlib.suppress(Invalid):
        parse_registration(typed, today=TODAY, context=("bo@example.com", "Engine Works"))
    assert time.process_time() - begun < SECONDS


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_text_takes_long_to_be_no_address(kind: str) -> None:
    """The same holds for addresses, which come from files and pasted text."""
    begun = time.process_time()
    for typed in (HOSTILE[kind], f"{HOSTILE[kind]}@example.com", f"bo@{HOSTILE[kind]}.com"):
        with pytest.raises(InvalidAddress):
            Address.parse(typed)
    assert time.process_time() - begun < SECONDS


@sqlite_only
def test_what_is_sent_is_decoded_once(core: Core, company: House, visitor: Visitor) -> None:
    """`%2541` in the body is the text `%41` and nothing else, and a name typed in pieces is stored composed (1.1.1)."""
    form = visitor.open(company.token_of(company.invite("bo@example.com")))
    rest = urlencode({**form.hidden(), "password": FILLED_IN["password"]})
    body = f"{rest}&first_name=%2541%2527&last_name=Mu%CC%88ller"
    kind = "application/x-www-form-urlencoded"
    assert visitor.ask("/register", "POST", data=body, content_type=kind).status == 303
    with core.glance() as visit:
        names = visit.db.execute(select(User.first_name, User.last_name).order_by(User.id.desc())).first()
    assert names == ("%41%27", "M\u00fcller")


@sqlite_only
def test_a_link_is_decoded_once(company: House, visitor: Visitor) -> None:
    """A token encoded in the address opens; one encoded twice is not ours."""
    token = company.token_of(company.invite("bo@example.com"))
    once = "".join(f"%{ord(char):02X}" for char in token)
    assert visitor.ask(f"/i/{once}").status == 303
    assert visitor.ask(f"/i/{once.replace('%', '%25')}").status == 404


@sqlite_only
@pytest.mark.parametrize("name", TEMPLATES)
def test_nothing_typed_is_a_template(core: Core, company: House, visitor: Visitor, name: str) -> None:
    """Braces, percent signs and the like come out of the page and of the mail as they went in (1.3.7, 1.3.10)."""
    with core.operator() as work:
        work.db.execute(update(Company).values(name=name))
    page = visitor.open(company.token_of(company.invite("bo@example.com")))
    assert name in page.text
    again = visitor.send(FILLED_IN | {"first_name": name, "password": "short"})
    assert again.field("first_name")["value"] == name
    assert visitor.send(FILLED_IN | {"first_name": name, "last_name": name}).status == 303
    with core.glance() as visit:
        assert visit.db.scalars(select(User.first_name).order_by(User.id.desc())).first() == name
    deliver_due(core)
    files = core.settings.outbox_folder.iterdir()
    mails = [message_from_bytes(path.read_bytes(), policy=default) for path in files]
    assert mails
    for mail in mails:
        assert name in mail["Subject"]
        assert name in (mail.get_body(("plain",)) or mail).get_content()


@sqlite_only
@pytest.mark.parametrize(
    "change", [{"first_name": ["Bo", "Eve"]}, {"password": ["a", "b"]}, {"role": ["1", "2"]}]
)
def test_a_repeated_field_writes_nothing(
    core: Core, company: House, visitor: Visitor, change: dict[str, list[str]]
) -> None:
    """A field that comes twice is refused with 400, and the link works afterwards (15.3.7)."""
    token = company.token_of(company.invite("bo@example.com"))
    visitor.open(token)
    assert visitor.send({**FILLED_IN, **change}).status == 400
    visitor.open(token)
    assert visitor.send().status == 303


@sqlite_only
def test_no_file_is_taken(company: House, visitor: Visitor) -> None:
    """A form with a file in it is refused, whatever the field is called (5.3.2)."""
    form = visitor.open(company.token_of(company.invite("bo@example.com")))
    sent = {**form.hidden(), **FILLED_IN, "address": (BytesIO(b"x"), "x.txt")}
    assert visitor.ask("/register", "POST", data=sent, content_type="multipart/form-data").status == 400


@sqlite_only
@pytest.mark.parametrize(
    "kind", ["application/json", "application/merge-patch+json", "text/plain", "application/xml", ""]
)
def test_another_kind_of_body_is_an_empty_form(company: House, visitor: Visitor, kind: str) -> None:
    """Only what a form sends is read: anything else, though it holds all that a form would, writes nothing (3.5.1)."""
    form = visitor.open(company.token_of(company.invite("bo@example.com")))
    data = json.dumps({**form.hidden(), **FILLED_IN})
    assert visitor.ask("/register", "POST", data=data, content_type=kind).status == 400
    visitor.ask("/register")
    assert visitor.send().status == 303


@sqlite_only
@pytest.mark.parametrize("body", ["[1, 2]", "5", "{", '{"first_name": {"a": 1}}', "[" * 30_000])
def test_no_other_kind_of_body_breaks_the_page(company: House, visitor: Visitor, body: str) -> None:
    """Lists, numbers, halves and depths are no form either: the form comes back, and nothing has failed."""
    visitor.open(company.token_of(company.invite("bo@example.com")))
    page = visitor.ask("/register", "POST", data=body, content_type="application/json")
    assert (page.status, page.text_of("h1")) == (400, "Create your account")


@sqlite_only
@pytest.mark.parametrize("place", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_nobody_is_sent_elsewhere(company: House, visitor: Visitor, place: str) -> None:
    """No parameter, wherever it stands, changes where a redirect leads (3.7.2)."""
    token = company.token_of(company.invite("bo@example.com"))
    query = {"next": place, "url": place, "return_to": place}
    assert visitor.ask(f"/i/{token}", query_string=query).headers["Location"] == "/register"
    visitor.ask("/register", query_string=query)
    assert visitor.send(FILLED_IN | query, query_string=query).headers["Location"] == "/welcome"
