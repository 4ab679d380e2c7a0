"""What goes with every answer whatever went wrong, what no answer ever carries, and who is believed (ASVS 3, 4, 13.4)."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from itertools import product
from pathlib import Path

import pytest
from flask import Flask, request
from jinja2 import DictLoader

from core.core import Core
from core.values import Secret
from tests.databases import sqlite_only
from tests.people import House
from tests.web.visitor import FILLED_IN, Page, PageWith, Visitor
from web import create_app
from web.limits import Bounds, Limits
from web.security import headers

pytestmark = sqlite_only

PUBLIC = "https://join.example.com"
PATHS = ("/i/unknown", "/register", "/welcome", "/healthz", "/robots.txt", "/static/page.css", "/nothing")


PARTS = (
    "traceback",
    "flask",
    "werkzeug",
    "jinja",
    "sqlalchemy",
    "waitress",
    ".py",
    "select users",
    "no such table",
)


class Mishaps:
    """Each way to an answer that is not the form."""

    def __init__(self, house: House, page_with: PageWith, folder: Path) -> None:
        """Know the company, and how to make pages with other settings."""
        self._house = house
        self._page_with = page_with
        self._folder = folder
        self.visitor = Visitor(create_app(house.core))

    def _open(self) -> str:
        token = self._house.token_of(self._house.invite("bo@example.com"))
        self.visitor.open(token)
        return token

    def repeated_field(self) -> Page:
        """Send one field twice."""
        self._open()
        return self.visitor.send({**FILLED_IN, "first_name": ["Bo", "Eve"]})

    def without_token(self) -> Page:
        """Send the form without its CSRF token."""
        self._open()
        return self.visitor.ask("/register", "POST", data=FILLED_IN)

    def foreign_host(self) -> Page:
        """Name another host."""
        return self.visitor.ask("/welcome", headers={"Host": "evil.example"})

    def no_cookie(self) -> Page:
        """Ask for the form without having opened a link."""
        return self.visitor.ask("/register")

    def unknown(self) -> Page:
        """Open a link that is not ours."""
        return self.visitor.ask("/i/unknown")

    def wrong_method(self) -> Page:
        """Use a method that does not exist here."""
        return self.visitor.ask("/register", "DELETE")

    def gone(self) -> Page:
        """Open a link that was replaced."""
        token = self._open()
        self._house.invite("bo@example.com")
        return self.visitor.ask(f"/i/{token}")

    def too_large(self) -> Page:
        """Send more than a form can hold."""
        return self.visitor.ask("/register", "POST", data={"address": "x" * 70_000})

    def invalid(self) -> Page:
        """Send an empty form."""
        self._open()
        return self.visitor.send({})

    def too_often(self) -> Page:
        """Try a link too often."""
        self.visitor.client.application.extensions["limits"] = Limits(Bounds(unknown_links=0))
        return self.visitor.ask("/i/unknown")

    def broken(self) -> Page:
        """Meet a database without tables."""
        self._open()
        url = Secret(f"sqlite:///{self._folder}/empty.db")
        self.visitor.client.application = self._page_with(database_url=url)
        return self.visitor.ask("/register")

    def away(self) -> Page:
        """Meet a database that does not answer."""
        self._open()
        url = Secret("postgresql+psycopg://nobody@127.0.0.1:1/nowhere")
        self.visitor.client.application = self._page_with(database_url=url)
        return self.visitor.ask("/register")

    def nothing_works(self) -> Page:
        """Meet a page that cannot even be drawn."""
        self.visitor.client.application.jinja_env.loader = DictLoader({})
        return self.visitor.ask("/nothing")


STATUSES: list[tuple[Callable[[Mishaps], Page], int]] = [
    (Mishaps.repeated_field, 400),
    (Mishaps.without_token, 400),
    (Mishaps.foreign_host, 400),
    (Mishaps.no_cookie, 403),
    (Mishaps.unknown, 404),
    (Mishaps.wrong_method, 405),
    (Mishaps.gone, 410),
    (Mishaps.too_large, 413),
    (Mishaps.invalid, 422),
    (Mishaps.too_often, 429),
    (Mishaps.broken, 500),
    (Mishaps.nothing_works, 500),
    (Mishaps.away, 503),
]


@pytest.fixture
def mishaps(company: House, page_with: PageWith, tmp_path: Path) -> Mishaps:
    """Return every mishap."""
    return Mishaps(company, page_with, tmp_path)


@pytest.mark.parametrize(("happen", "status"), STATUSES)
def test_every_error_has_the_headers(
    core: Core, mishaps: Mishaps, happen: Callable[[Mishaps], Page], status: int
) -> None:
    """Whatever went wrong, the answer has every header and a charset, is never stored and names no part (3.4, 16.5.1)."""
    page = happen(mishaps)
    expected = headers(core.settings)
    assert page.status == status
    assert {name: page.headers.get(name) for name in expected} == expected
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Content-Type"].endswith("; charset=utf-8")
    assert not [name for name, _ in page.headers if name.startswith(("Server", "X-Powered"))]
    assert not [word for word in PARTS if word in page.html.lower()]


def test_the_last_resort_is_plain_and_leaves_a_line(mishaps: Mishaps, written: StringIO) -> None:
    """Where even the page about an error cannot be drawn, one plain sentence is the answer and the log knows why (16.5.4)."""
    page = mishaps.nothing_works()
    assert page.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert page.html == "Something went wrong. Nothing was saved. Try again later.\n"
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert lines[-1]["event"] == "page.failed"
    assert lines[-1]["error"] == "TemplateNotFound"


# --- other origins ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", ["https://evil.example", "null", PUBLIC])
def test_no_other_origin_may_read(visitor: Visitor, origin: str) -> None:
    """However a request names its origin, no answer carries a CORS header (3.4.2)."""
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-a",
    }
    methods = (("GET", {200, 403, 404}), ("OPTIONS", {404, 405}))
    for path, (method, status) in product(PATHS, methods):
        page = visitor.ask(path, method, headers=asked)
        assert page.status in status
        assert not [name for name, _ in page.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PUT", "DEBUG"])
def test_unusual_methods_echo_nothing(visitor: Visitor, method: str) -> None:
    """TRACE and its kin get 405, and nothing of the request comes back (13.4.4)."""
    page = visitor.ask("/register", method, headers={"X-Echo": "parrot"})
    assert page.status == 405
    assert "parrot" not in page.html
    assert "parrot" not in str(page.headers)


# --- who is believed ----------------------------------------------------------------------------------------------


def _seen(app: Flask, sent: dict[str, str], host: str) -> tuple[str | None, str, str]:
    """Return address, scheme and host of a request as the page understands it."""
    found: list[tuple[str | None, str, str]] = []
    app.teardown_request(lambda _error: found.append((request.remote_addr, request.scheme, request.host)))
    Visitor(app).ask("/healthz", headers={"Host": host, **sent}, base_url=f"http://{host}")
    return found[-1]


@pytest.mark.parametrize(
    ("hops", "address", "scheme"),
    [(0, "127.0.0.1", "http"), (1, "198.51.100.7", "https"), (2, "203.0.113.9", "http")],
)
def test_forwarded_headers_count_as_far_as_there_are_proxies(
    page_with: PageWith, hops: int, address: str, scheme: str
) -> None:
    """Address and scheme come from exactly the last proxies; host, port and prefix never from a header (4.1.3)."""
    sent = {
        "X-Forwarded-For": "192.0.2.66, 203.0.113.9, 198.51.100.7",
        "X-Forwarded-Proto": "ftp, http, https",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Port": "1234",
        "X-Forwarded-Prefix": "/evil",
        "Forwarded": "for=192.0.2.66;host=evil.example;proto=ftp",
        "X-Real-IP": "192.0.2.66",
        "X-Original-URL": "/nothing",
        "X-HTTP-Method-Override": "DELETE",
    }
    app = page_with(proxy_hops=hops, public_url=PUBLIC)
    assert _seen(app, sent, "join.example.com") == (address, scheme, "join.example.com")


def test_a_proxy_that_was_reached_without_tls_is_refused(page_with: PageWith, written: StringIO) -> None:
    """Where the proxy says that a browser came over plain http, there is no form but an error in the log (12.2.1)."""
    visitor = Visitor(page_with(proxy_hops=1, public_url=PUBLIC))
    clear = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http"}
    assert visitor.ask("/welcome", headers=clear).status == 400
    assert visitor.ask("/healthz", headers=clear).status == 200
    assert visitor.ask("/welcome", headers=clear | {"X-Forwarded-Proto": "https"}).status == 200
    found = [(line["event"], line["level"]) for line in map(json.loads, written.getvalue().splitlines())]
    assert ("page.in_clear", "error") in found


def test_health_is_never_redirected(page_with: PageWith, visitor: Visitor) -> None:
    """A machine that asks over plain http gets its answer, not a redirect (4.1.2)."""
    for app in (page_with(public_url=PUBLIC), page_with(public_url=PUBLIC, proxy_hops=1)):
        page = Visitor(app).ask("/healthz", base_url="http://join.example.com")
        assert (page.status, page.html) == (200, "ok")
    assert visitor.ask("/healthz").status == 200


def test_debugging_cannot_be_switched_on(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """Flask's variables in the environment change nothing: no debugger, no details (13.4.2)."""
    monkeypatch.setenv("FLASK_DEBUG", "1")
    monkeypatch.setenv("FLASK_TESTING", "1")
    app = create_app(core)
    assert (app.debug, app.testing) == (False, False)
