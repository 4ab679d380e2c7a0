"""The page behind nginx as the guide sets it up (web/nginx.conf): TLS, the visitor's address, nothing in a log."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any

import pytest

from tests import needs
from tests.databases import sqlite_only
from tests.outside.proxied import Site, behind_nginx
from tests.outside.yardsticks import BROWSER_ARGUMENTS, judge
from tests.people import House
from tests.web.visitor import PASSWORD
from web.limits import Bounds

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
pytestmark = [sqlite_only, pytest.mark.slow]

HSTS = "max-age=31536000; includeSubDomains"
FORGED = {"X-Forwarded-For": "6.6.6.6", "X-Real-IP": "6.6.6.6", "Forwarded": "for=6.6.6.6"}
IDLE = 120  # waitress takes 100 connections at once
HUMAN = ("/", "/register", "/welcome", f"/i/{'x' * 44}")


@pytest.fixture
def site(company: House, tmp_path: Path) -> Iterator[Site]:
    """Lend the page with one proxy in front of it."""
    with behind_nginx(company, tmp_path / "nginx") as lent:
        yield lent


@contextmanager
def _asked(
    site: Site, path: str, method: str = "GET", *, tls: bool = True, source: str = "127.0.0.1", **more: Any
) -> Iterator[HTTPResponse]:
    """Send one request from an address of this machine and lend the answer."""
    proxy, away = site.proxy, (source, 0)
    connection = (
        HTTPSConnection("localhost", proxy.https, timeout=30, source_address=away, context=proxy.trust)
        if tls
        else HTTPConnection("localhost", proxy.http, timeout=30, source_address=away)
    )
    with closing(connection):
        connection.request(method, path, **more)
        with connection.getresponse() as answer:
            yield answer


def test_the_whole_journey_over_https(site: Site) -> None:
    """In Chromium the link leads to the form and the form to the account; cookie and headers are those for TLS."""
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=needs.chromium(), args=[*BROWSER_ARGUMENTS])
        context = browser.new_context(ignore_https_errors=True)
        tab = context.new_page()
        landed = tab.goto(f"{site.proxy.url}/i/{site.token()}")
        assert tab.url == f"{site.proxy.url}/register"
        assert landed.header_value("strict-transport-security") == HSTS
        [cookie] = context.cookies()
        assert (cookie["name"], cookie["secure"], cookie["httpOnly"]) == ("__Host-academy", True, True)
        assert (cookie["sameSite"], cookie["path"], cookie["domain"]) == ("Lax", "/", "localhost")
        for name, text in {"first_name": "Bo", "last_name": "Berg", "password": PASSWORD}.items():
            tab.fill(f"#{name}", text)
        tab.click("form button[type=submit]")
        tab.wait_for_url(f"{site.proxy.url}/welcome")
        browser.close()
    assert [event["event"] for event in site.events()] == ["page.started", "link.opened", "form.accepted"]


def test_the_header_graders_give_their_top_marks(site: Site, tmp_path: Path) -> None:
    """The MDN HTTP Observatory gives A+ and csp_evaluator has nothing to say but that uploads would be a risk."""
    job = {
        "host": "localhost",
        "httpPort": site.proxy.http,
        "httpsPort": site.proxy.https,
        "path": f"/i/{site.token()}",
    }
    judged = judge("headers", job, tmp_path, NODE_EXTRA_CA_CERTS=str(site.proxy.certificate))
    assert (judged["status"], judged["verified"]) == (200, True)
    assert [name for name, (passed, _) in judged["tests"].items() if not passed] == []
    assert judged["grade"] == "A+"
    assert judged["score"] >= 135
    assert [(finding[1], finding[2]) for finding in judged["policy"]] == [
        ("script-src", "'self' can be problematic if you host JSONP, AngularJS or user uploaded files.")
    ]


@pytest.mark.parametrize("path", HUMAN)
def test_people_without_tls_are_led_on(site: Site, path: str) -> None:
    """What a person may type without https leads to the same address with it, for reading only."""
    with _asked(site, path, tls=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (301, site.proxy.url + path)
    with _asked(site, path, "POST", tls=False, body=b"first_name=Bo") as answer:
        assert (answer.status, answer.headers["Location"]) == (403, None)
    assert [event["event"] for event in site.events()] == ["page.started"]


@pytest.mark.parametrize(
    "path", ["/static/page.css", "/robots.txt", "/healthz/", "/register/x", "/i/", "/nothing"]
)
def test_nothing_else_is_answered_without_tls(site: Site, path: str) -> None:
    """What only programs ask for is not redirected, so that a wrong address is noticed."""
    with _asked(site, path, tls=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (404, None)


@pytest.mark.parametrize("tls", [True, False])
def test_health_is_never_redirected(site: Site, *, tls: bool) -> None:
    """Whoever watches the page gets its plain answer on either port."""
    with _asked(site, "/healthz", tls=tls) as answer:
        assert (answer.status, answer.read()) == (200, b"ok")


def test_the_visitors_address_cannot_be_forged(site: Site) -> None:
    """The page knows the true address of a visitor, whatever headers came along, and limits by it."""
    with _asked(site, "/i/unknown", source="127.0.0.2", headers=FORGED) as answer:
        assert answer.status == 404
    assert site.events()[-1]["from"] == "127.0.0.2"
    statuses = []
    for number in range(Bounds().unknown_links):
        forged = {"X-Forwarded-For": f"10.0.0.{number}, 10.1.1.1"}
        with _asked(site, "/i/unknown", source="127.0.0.2", headers=forged) as answer:
            statuses.append(answer.status)
    assert statuses == [404] * (Bounds().unknown_links - 1) + [429]
    with _asked(site, "/i/unknown", source="127.0.0.3") as answer:
        assert answer.status == 404


def test_another_host_is_refused(site: Site) -> None:
    """A request for another host ends with 400, whatever a forwarded header claims."""
    with _asked(
        site, "/welcome", headers={"Host": "evil.example", "X-Forwarded-Host": "localhost"}
    ) as answer:
        assert answer.status == 400
    with _asked(site, "/register", headers={"X-Forwarded-Host": "evil.example"}) as answer:
        assert b"evil.example" not in answer.read()


def test_old_tls_is_refused(site: Site) -> None:
    """TLS 1.2 and 1.3 are spoken, 1.1 is not."""
    spoken = []
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        with _handshake(site, version) as name:
            spoken.append(name)
    assert spoken == ["TLSv1.2", "TLSv1.3"]
    with pytest.raises(ssl.SSLError), pytest.deprecated_call(), _handshake(site, ssl.TLSVersion.TLSv1_1):
        pass


@contextmanager
def _handshake(site: Site, version: ssl.TLSVersion) -> Iterator[str | None]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(site.proxy.certificate)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    with (
        socket.create_connection(("127.0.0.1", site.proxy.https), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as encrypted,
    ):
        yield encrypted.version()


def test_no_log_of_the_proxy_knows_a_link(site: Site) -> None:
    """Opened with and without TLS, asked for too much and while the page is away, a link is in no log of nginx (P8)."""
    token = site.token()
    for tls in (True, False):
        halves = (f"/{token}", f"/I/{token}", f"/register;{token}", f"/register/{token}", f"/static/{token}")
        for path in (
            f"/i/{token}",
            f"/i/{token}?utm={token}",
            f"/i/{token}/{token}",
            f"/%69/{token}",
            *halves,
        ):
            with _asked(site, path, tls=tls, headers={"Referer": f"{site.proxy.url}/i/{token}"}) as answer:
                answer.read()
    with _asked(site, f"/i/{token}", headers={"X-Long": "x" * 40_000}) as answer:
        assert answer.status == 400
    with _asked(site, f"/i/{token}", "POST", body=b"x" * 300_000) as answer:
        assert answer.status == 413
    site.server.stop()
    with _asked(site, f"/i/{token}") as answer:
        assert answer.status == 503
    written = site.proxy.logs()
    assert token not in written
    assert re.search(r'^\S+ 127\.0\.0\.1 "GET /i/-" 303 ', written, re.MULTILINE)


def test_the_proxy_says_that_the_page_is_away(site: Site) -> None:
    """While the page does not run, visitors read that nothing is lost, and when to come back."""
    site.server.stop()
    with _asked(site, "/register") as answer:
        told = answer.read().decode()
        assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
        assert "your invitation is not used up" in told
        kept = {name: answer.headers[name] for name in ("Cache-Control", "X-Content-Type-Options", "Server")}
        assert kept == {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Server": "nginx"}
        assert answer.headers["Strict-Transport-Security"] == HSTS


def test_a_form_that_is_too_large_gets_the_pages_own_answer(site: Site) -> None:
    """The proxy lets more through than the page takes, whose answer says what to do."""
    with _asked(site, "/register", "POST", body=b"first_name=" + b"x" * 70_000) as answer:
        told = answer.read().decode()
        assert answer.status == 413
        assert "Nothing was saved" in told


def test_a_crowd_of_silent_visitors_keeps_nobody_out(site: Site) -> None:
    """More idle connections than the page would take itself end at the proxy, and the page still answers."""
    with ExitStack() as held:
        for _ in range(IDLE):
            held.enter_context(socket.create_connection(("127.0.0.1", site.proxy.https), timeout=10))
        with _asked(site, "/welcome") as answer:
            assert answer.status == 200
