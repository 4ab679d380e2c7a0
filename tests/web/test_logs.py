"""What the page writes down: each event once, as the inventory in SECURITY.md says, one line of JSON in UTC (ASVS 16)."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from core.core import Core
from core.values import Secret
from tests.databases import sqlite_only
from tests.house.sources import ROOT
from tests.people import House
from tests.services import rows
from tests.web.visitor import FILLED_IN, PageWith, Visitor
from web import create_app
from web.limits import Bounds, Limits
from web.logs import LOGGER, SERVER, Event, log, log_to, stop_logging_to
from web.serving import PageServer, listen
from web.submits import Submits

ALWAYS = {"at", "level", "event"}
IN_REQUEST = {"request", "from"}
Line = dict[str, Any]


class Doings:
    """Makes each event happen, once."""

    def __init__(self, house: House, page_with: PageWith, folder: Path) -> None:
        """Know the company, and how to make pages with other settings."""
        self.house = house
        self._page_with = page_with
        self._folder = folder
        self.visitor = Visitor(create_app(house.core))

    def _open(self, address: str = "bo@example.com") -> int:
        invitation = self.house.invite(address)
        self.visitor.open(self.house.token_of(invitation))
        return invitation

    def _page(self, url: str) -> Visitor:
        return Visitor(self._page_with(database_url=Secret(url)))

    def started(self) -> None:
        """Start the server and stop it."""
        server = PageServer(self.visitor.client.application, listen("127.0.0.1", 0))
        server.start()
        server.stop()

    def opened(self) -> None:
        """Open a link."""
        self._open()

    def dead(self) -> None:
        """Open a link that is not ours."""
        self.visitor.ask("/i/unknown")

    def accepted(self) -> None:
        """Register, and send the same form again."""
        self._open()
        form = self.visitor.page
        self.visitor.send()
        self.visitor.page = form
        self.visitor.send()

    def invalid(self) -> None:
        """Send an empty form."""
        self._open()
        self.visitor.send({})

    def refused(self) -> None:
        """Register into a company that has become full."""
        self._open()
        rows.set_cap(self.house.core, 1)
        self.visitor.send()

    def not_ours(self) -> None:
        """Send a form without its token."""
        self._open()
        self.visitor.ask("/register", "POST", data=FILLED_IN)

    def other_link(self) -> None:
        """Send the form of one invitation after another was opened."""
        self._open()
        form = self.visitor.page
        self._open("cy@example.com")
        self.visitor.page = form
        self.visitor.send()

    def extra_fields(self) -> None:
        """Send fields that are not ours."""
        self._open()
        self.visitor.send(FILLED_IN | {"role": "40", "password": "short"})

    def busy(self) -> None:
        """Send a form while too many others are under way."""
        self._open()
        self.visitor.client.application.extensions["submits"] = Submits(at_once=0)
        self.visitor.send()

    def bad_request(self) -> None:
        """Send a field twice."""
        self._open()
        self.visitor.send({**FILLED_IN, "first_name": ["Bo", "Eve"]})

    def host(self) -> None:
        """Name another host."""
        self.visitor.ask("/welcome", headers={"Host": "evil.example"})

    def in_clear(self) -> None:
        """Come through a proxy without TLS."""
        page = self._page_with(public_url="https://join.example.com", proxy_hops=1)
        Visitor(page).ask("/welcome", headers={"X-Forwarded-Proto": "http"})

    def cross_site(self) -> None:
        """Send a form from another site."""
        self.visitor.ask("/register", "POST", data={}, headers={"Sec-Fetch-Site": "cross-site"})

    def limited(self) -> None:
        """Try links too often."""
        self.visitor.client.application.extensions["limits"] = Limits(Bounds(unknown_links=0))
        self.visitor.ask("/i/unknown")

    def failed(self) -> None:
        """Meet a database without tables."""
        self._page(f"sqlite:///{self._folder}/empty.db").ask(
            f"/i/{self.house.token_of(self.house.invite('a@x.de'))}"
        )

    def server(self) -> None:
        """Let the server say something."""
        SERVER.warning("Exception while serving /i/abc")


DOINGS: dict[Callable[[Doings], None], tuple[Event, ...]] = {
    Doings.started: (Event.STARTED, Event.STOPPED),
    Doings.opened: (Event.OPENED,),
    Doings.dead: (Event.DEAD,),
    Doings.accepted: (Event.OPENED, Event.ACCEPTED, Event.REPEATED),
    Doings.invalid: (Event.OPENED, Event.INVALID),
    Doings.refused: (Event.OPENED, Event.REFUSED),
    Doings.not_ours: (Event.OPENED, Event.NOT_OURS),
    Doings.other_link: (Event.OPENED, Event.OPENED, Event.OTHER_LINK),
    Doings.extra_fields: (Event.OPENED, Event.EXTRA_FIELDS, Event.INVALID),
    Doings.busy: (Event.OPENED, Event.BUSY),
    Doings.bad_request: (Event.OPENED, Event.BAD_REQUEST),
    Doings.host: (Event.HOST, Event.BAD_REQUEST),
    Doings.in_clear: (Event.IN_CLEAR, Event.BAD_REQUEST),
    Doings.cross_site: (Event.CROSS_SITE, Event.BAD_REQUEST),
    Doings.limited: (Event.LIMITED,),
    Doings.failed: (Event.FAILED,),
    Doings.server: (Event.SERVER,),
}


def inventory() -> dict[str, tuple[str, set[str]]]:
    """Return what SECURITY.md says of each event: its level and the facts beside time, level and event."""
    table = (ROOT / "SECURITY.md").read_text("utf-8").partition("\n| event | level |")[2].partition("\n\n")[0]
    found = {}
    for line in table.splitlines()[2:]:
        event, level, facts, _when = (cell.strip() for cell in line.strip("|").split("|"))
        found[event.strip("`")] = (level, set(re.findall("`([^`]+)`", facts)))
    return found


def _lines(written: StringIO) -> list[Line]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


@sqlite_only
@pytest.mark.parametrize("happen", DOINGS)
def test_each_event_is_written_once_with_its_facts(
    company: House,
    page_with: PageWith,
    tmp_path: Path,
    written: StringIO,
    happen: Callable[[Doings], None],
) -> None:
    """What happens leaves exactly its lines, with the level and the facts of the inventory (16.3.1 to 16.3.4)."""
    known = inventory()
    happen(Doings(company, page_with, tmp_path))
    lines = _lines(written)
    assert [line["event"] for line in lines] == list(DOINGS[happen])
    for line in lines:
        level, facts = known[line["event"]]
        assert line["level"] == level
        assert line.keys() - ALWAYS - IN_REQUEST == facts


def test_the_inventory_is_whole() -> None:
    """SECURITY.md lists every event there is and no other, and each is made to happen here (16.1.1, 16.2.3)."""
    assert inventory().keys() == set(Event)
    assert {event for events in DOINGS.values() for event in events} == set(Event)


@sqlite_only
def test_a_line_says_when_what_where_and_who(company: House, written: StringIO) -> None:
    """Time in UTC to the millisecond, level, event, request and address come first in each line (16.2.1, 16.2.2, 16.2.4)."""
    visitor = Visitor(create_app(company.core))
    visitor.open(company.token_of(company.invite("bo@example.com")))
    visitor.send({})
    lines = _lines(written)
    assert len({line["request"] for line in lines}) == 2
    for line in lines:
        assert list(line)[:5] == ["at", "level", "event", "request", "from"]
        at = datetime.fromisoformat(line["at"])
        assert at.tzinfo == UTC
        assert abs((datetime.now(UTC) - at).total_seconds()) < 60
        assert re.fullmatch("[0-9a-f]{12}", line["request"])
        assert line["from"] == "127.0.0.1"


@pytest.mark.parametrize(
    "hostile",
    ['a\r\n{"event": "form.accepted"}', "\x1b[2J\x1b]52;c;x\x07", "\u2028\u202e\x85", "\ud800"],
    ids=ascii,
)
def test_no_text_breaks_out_of_its_line(hostile: str) -> None:
    """Line breaks, escape codes and half characters are written as escapes, so a line stays a line (16.4.1)."""
    stream = io.StringIO()
    handler = log_to(stream)
    try:
        log(Event.REFUSED, code=hostile)
        # Straight to the handler: what pytest collects goes to another process, which takes no half characters.
        handler.handle(SERVER.makeRecord(SERVER.name, logging.ERROR, "", 0, "%s", (hostile,), None))
    finally:
        stop_logging_to(handler)
    text = stream.getvalue()
    assert text.count("\n") == 2
    assert text.isascii()
    assert not [char for char in text if ord(char) < 32 and char != "\n"]
    assert json.loads(text.splitlines()[0])["code"] == hostile


@sqlite_only
def test_an_unexpected_error_is_told_by_kind_and_place(tripping: Visitor, written: StringIO) -> None:
    """A failure is logged with its kind and the places in the code, without its own words (16.2.5, 16.5.1)."""
    tripping.ask("/trip")
    line = next(line for line in _lines(written) if line["event"] == "page.failed")
    assert line["error"] == "ZeroDivisionError"
    assert "hunter2" not in written.getvalue()
    assert all(re.fullmatch(r"[\w.<> ]+:\d+ [\w<>]+", place) for place in line["places"])


@pytest.fixture
def tripping(app: Flask) -> Visitor:
    """Return a visitor of a page with an address that trips over a mistake."""

    def trip() -> str:
        raise ZeroDivisionError("hunter2")

    app.add_url_rule("/trip", view_func=trip)
    return Visitor(app)


def test_nothing_is_written_where_nobody_asked_for_it(core: Core, capfd: pytest.CaptureFixture[str]) -> None:
    """A page inside another program writes to neither of its streams (16.4.2)."""
    app = create_app(core)
    Visitor(app).ask("/i/unknown")
    SERVER.error("something")
    logging.getLogger("waitress.queue").warning("something")
    assert capfd.readouterr() == ("", "")
    assert LOGGER.propagate is False
