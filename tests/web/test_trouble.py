"""When something is away or breaks: nothing is spent, nothing is told that should not be, logs keep secrets (section 16)."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from flask import Flask

from core.core import Core
from core.values import Secret
from tests.databases import sqlite_only
from tests.people import House
from tests.web.visitor import FILLED_IN, PASSWORD, PageWith, Visitor
from web import create_app
from web.logs import LOGGER, stop_logging_to
from web.submits import Submits

pytestmark = sqlite_only


@pytest.fixture
def away(page_with: PageWith) -> Flask:
    """Return the page with a database that does not answer: nobody listens on port 1."""
    return page_with(database_url=Secret("postgresql+psycopg://nobody@127.0.0.1:1/nowhere"))


@pytest.fixture
def broken(page_with: PageWith, tmp_path: Path) -> Flask:
    """Return the page with a database that has no tables."""
    return page_with(database_url=Secret(f"sqlite:///{tmp_path}/empty.db"))


def _lines(written: StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


# --- busy and away ------------------------------------------------------------------------------------------------


def test_a_full_gate_keeps_what_was_typed(company: House, app: Flask, visitor: Visitor) -> None:
    """With too many submits under way the form comes back with 503 and a time to wait, and then works."""
    visitor.open(company.token_of(company.invite("bo@example.com")))
    waiting, app.extensions["submits"] = app.extensions["submits"], Submits(at_once=0)
    page = visitor.send()
    assert (page.status, page.headers["Retry-After"]) == (503, "5")
    assert page.field("first_name")["value"] == "Bo"
    assert PASSWORD not in page.html
    app.extensions["submits"] = waiting
    assert visitor.send().status == 303


def test_a_link_opens_later_when_the_database_is_away(company: House, away: Flask) -> None:
    """Without a database the page says to try again, with 503 and no details (16.5.2)."""
    visitor = Visitor(away)
    page = visitor.ask(f"/i/{company.token_of(company.invite('bo@example.com'))}")
    assert (page.status, page.headers["Retry-After"]) == (503, "5")
    assert "not used up" in page.text
    assert "nowhere" not in page.html
    assert "database" not in page.html


def test_a_database_that_goes_away_loses_nothing_typed(
    company: House, away: Flask, app: Flask, visitor: Visitor
) -> None:
    """Where the database goes away between form and submit, the form comes back and works once it is there again."""
    visitor.open(company.token_of(company.invite("bo@example.com")))
    visitor.client.application = away
    page = visitor.send(FILLED_IN | {"email": "bo@example.com"})
    assert (page.status, page.headers["Retry-After"]) == (503, "5")
    assert (page.field("last_name")["value"], page.field("email")["value"]) == ("Berg", "bo@example.com")
    visitor.client.application = app
    assert visitor.send().status == 303


def test_an_unexpected_error_tells_a_number_and_nothing_else(
    company: House, broken: Flask, written: StringIO
) -> None:
    """A mistake of ours shows a number that the log has too, and no detail (16.5.1)."""
    page = Visitor(broken).ask(f"/i/{company.token_of(company.invite('bo@example.com'))}")
    assert page.status == 500
    assert "no such table" not in page.html
    assert "Traceback" not in page.html
    (line,) = _lines(written)
    assert line["event"] == "page.failed"
    assert str(line["request"]) in page.text
    assert "no such table" not in written.getvalue()
    assert page.headers["Cache-Control"] == "no-store"


# --- logs ---------------------------------------------------------------------------------------------------------


def test_a_whole_run_writes_down_no_secret(
    core: Core, company: House, app: Flask, broken: Flask, away: Flask, written: StringIO
) -> None:
    """No token, password, address or path of a link is in the log after everything that can happen has happened."""
    token = company.token_of(company.invite("canary-bird@example.com"))
    for page in (app, broken, away):
        visitor = Visitor(page)
        visitor.ask(f"/i/{token}")
        visitor.ask(f"/i/{token}x")
        visitor.ask("/register")
        visitor.send(FILLED_IN | {"password": "canary7"})
    visitor = Visitor(app)
    form = visitor.open(token)
    secrets = [*form.hidden().values()]
    visitor.send(FILLED_IN | {"password": "canary7", "first_name": "canary\r\n\x1b[31m"})
    visitor.send(FILLED_IN | {"csrf_token": "canary-token"})
    visitor.send(FILLED_IN | {"canary-field": "canary-value", "password": PASSWORD})
    text = written.getvalue()
    for secret in (token, "/i/", PASSWORD, "canary", "\x1b", *secrets):
        assert secret not in text
    events = {line["event"] for line in _lines(written)}
    assert {
        "link.opened",
        "link.dead",
        "form.invalid",
        "form.csrf",
        "form.accepted",
        "page.failed",
        "page.busy",
    } <= events


def test_each_line_tells_when_what_and_which_request(
    company: House, visitor: Visitor, written: StringIO
) -> None:
    """A line is JSON with time, level, event, request and source."""
    visitor.ask(f"/i/{company.token_of(company.invite('bo@example.com'))}")
    (line,) = _lines(written)
    assert line.keys() == {"at", "level", "event", "request", "from", "address"}
    assert (line["event"], line["from"], line["address"]) == ("link.opened", "127.0.0.1", "b…@example.com")


def test_fields_that_are_not_ours_are_counted(company: House, visitor: Visitor, written: StringIO) -> None:
    """Whoever sends a role along leaves a trace (8.2.2)."""
    visitor.open(company.token_of(company.invite("bo@example.com")))
    visitor.send(FILLED_IN | {"role": "40", "is_admin": "1"})
    assert [line["number"] for line in _lines(written) if line["event"] == "form.extra_fields"] == [2]


def test_without_a_core_the_page_opens_the_hosts_own(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any WSGI server can call the factory alone; settings come from the environment."""
    monkeypatch.setenv("ACADEMY_HOME", str(core.settings.home))
    quiet = set(LOGGER.handlers)
    app = create_app()
    opened: Core = app.extensions["core"]
    try:
        assert opened.settings.home == core.settings.home
        assert app.test_client().get("/healthz", base_url=opened.settings.public_url).text == "ok"
    finally:
        opened.close()
        for handler in set(LOGGER.handlers) - quiet:
            stop_logging_to(handler)
