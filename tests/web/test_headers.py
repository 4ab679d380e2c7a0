"""What goes with every answer: headers, cookie, hosts, origins, sizes (PAGE_AND_SECURITY section 2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookies import SimpleCookie

import pytest
from flask import Flask, request

from core.core import Core
from core.ports import Links
from tests.databases import sqlite_only
from tests.people import House
from tests.web.visitor import FILLED_IN, PageWith, Visitor
from web import create_app
from web.security import LONGEST_BODY

pytestmark = sqlite_only

PUBLIC = "https://join.example.com"
SIGN_IN = "https://learn.example.com:8443/sign-in"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "strict-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
NEVER = ("Access-Control-Allow-Origin", "X-XSS-Protection", "Server", "X-Powered-By")
ROUTES = [
    ("GET", "/i/unknown", 404, "text/html"),
    ("GET", "/register", 403, "text/html"),
    ("POST", "/register", 403, "text/html"),
    ("GET", "/welcome", 200, "text/html"),
    ("GET", "/healthz", 200, "text/plain"),
    ("GET", "/robots.txt", 200, "text/plain"),
    ("GET", "/nothing", 404, "text/html"),
    ("OPTIONS", "/register", 405, "text/html"),
    ("GET", "/static/nothing.css", 404, "text/html"),
    ("GET", "/logo/0123456789ab", 404, "text/html"),
    ("GET", "/brand/0123456789ab.css", 404, "text/html"),
    ("TRACE", "/healthz", 405, "text/html"),
    ("GET", "/", 404, "text/html"),
]


@pytest.mark.parametrize(("method", "path", "status", "kind"), ROUTES)
def test_every_answer_has_the_headers(
    visitor: Visitor, method: str, path: str, status: int, kind: str
) -> None:
    """Each address answers with the same headers, a content type with charset, and is never stored."""
    page = visitor.ask(path, method)
    assert page.status == status
    assert {name: page.headers.get(name) for name in ALWAYS} == ALWAYS
    assert not [name for name in NEVER if name in page.headers]
    assert page.headers["Content-Type"] == f"{kind}; charset=utf-8"
    assert page.headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in page.headers


def test_link_form_and_result_have_the_headers(company: House, visitor: Visitor) -> None:
    """The steps of the journey carry the headers as well."""
    token = company.token_of(company.invite("bo@example.com"))
    pages = [visitor.ask(f"/i/{token}"), visitor.ask("/register"), visitor.send({}), visitor.send()]
    assert [page.status for page in pages] == [303, 200, 422, 303]
    for page in pages:
        assert {name: page.headers.get(name) for name in ALWAYS} == ALWAYS
        assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("page.css", "text/css"), ("page.js", "text/javascript"), ("icon.svg", "image/svg+xml")],
)
def test_static_files_may_be_kept(visitor: Visitor, name: str, kind: str) -> None:
    """Style, script and icon have the headers too, and a browser may keep them."""
    page = visitor.ask(f"/static/{name}")
    assert {name: page.headers.get(name) for name in ALWAYS} == ALWAYS
    assert page.headers["Content-Type"].startswith(kind)
    assert "max-age=31536000" in page.headers["Cache-Control"]
    assert "Set-Cookie" not in page.headers


def test_the_addresses_of_static_files_change_with_their_content(visitor: Visitor) -> None:
    """The page names its style sheet by a fingerprint, so a kept one is never a stale one."""
    href = next(a["href"] for tag, a in visitor.ask("/welcome").elements if a.get("rel") == "stylesheet")
    assert href is not None
    assert visitor.ask(href).status == 200
    assert len(href.partition("?v=")[2]) == 12


def test_https_brings_strict_transport(page_with: PageWith) -> None:
    """A page reached over TLS tells browsers to stay there, a plain one on this machine does not."""
    page = Visitor(page_with(public_url=PUBLIC)).ask("/welcome")
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    page = Visitor(page_with(public_url=PUBLIC, hsts_subdomains=False)).ask("/welcome")
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_the_policy_lets_the_submit_reach_the_sign_in_page(page_with: PageWith) -> None:
    """`form-action` lists the origin of the configured sign-in page, and nothing of its path (P37)."""
    page = Visitor(page_with(sign_in_url=SIGN_IN)).ask("/welcome")
    assert page.headers["Content-Security-Policy"] == f"{POLICY} https://learn.example.com:8443"


# --- the cookie ---------------------------------------------------------------------------------------------------


def _cookie(header: str) -> tuple[str, dict[str, str]]:
    parsed = SimpleCookie(header)
    (name,) = parsed
    return name, {key: value for key, value in parsed[name].items() if value}


@pytest.mark.parametrize(
    ("public_url", "name", "secure"),
    [(PUBLIC, "__Host-academy", True), ("http://127.0.0.1:8000", "academy-here", False)],
)
def test_the_cookie_is_locked_down(
    page_with: PageWith, company: House, public_url: str, name: str, *, secure: bool
) -> None:
    """The cookie is bound to the host, unreadable for scripts, Lax, and lives for 60 minutes."""
    visitor = Visitor(page_with(public_url=public_url))
    landed = visitor.ask(f"/i/{company.token_of(company.invite('bo@example.com'))}")
    found, flags = _cookie(landed.headers["Set-Cookie"])
    life = parsedate_to_datetime(flags.pop("expires")) - datetime.now(UTC)
    assert timedelta(minutes=59) < life <= timedelta(minutes=60)
    expected = {"path": "/", "httponly": True, "samesite": "Lax"} | ({"secure": True} if secure else {})
    assert (found, flags) == (name, expected)


def test_the_cookie_holds_no_token(company: House, visitor: Visitor) -> None:
    """Neither the cookie nor the page contains what the link consists of (P3)."""
    token = company.token_of(company.invite("bo@example.com"))
    landed = visitor.ask(f"/i/{token}")
    form = visitor.ask("/register")
    for text in (landed.headers["Set-Cookie"], landed.html, form.html, str(form.headers)):
        assert token not in text
        assert token[-20:] not in text


def test_only_the_journey_sets_a_cookie(visitor: Visitor) -> None:
    """Pages that need to remember nothing set no cookie."""
    for path in ("/welcome", "/healthz", "/register", "/nothing", "/i/unknown", "/static/page.css"):
        assert "Set-Cookie" not in visitor.ask(path).headers


def test_the_cookie_key_is_not_the_link_key(core: Core) -> None:
    """The key of the cookie is derived, one way, for its own purpose."""
    key_file = core.settings.key_file
    keys = core.ports.links.keys_for("registration page cookie")
    assert len(keys) == 1
    assert len(bytes.fromhex(keys[0])) == 32
    assert keys[0] not in key_file.read_text()


def test_a_new_link_key_loses_no_open_form(core: Core, company: House, app: Flask) -> None:
    """After a key is added to the key file, a form opened before is shown once more and can then be sent."""
    visitor = Visitor(app)
    visitor.open(company.token_of(company.invite("bo@example.com")))
    key_file = core.settings.key_file
    key_file.write_text(key_file.read_text() + "ab" * 32 + "\n")
    ports = replace(core.ports, links=Links.load(key_file, core.settings.public_url))
    with Core(core.settings, ports) as later:
        visitor.client.application = create_app(later)
        again = visitor.send()
        assert (again.status, again.field("first_name")["value"]) == (400, "Bo")
        assert visitor.send().status == 303


# --- who may ask --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["evil.example", "join.example.com.evil.example", "127.0.0.1", "", "a b"])
def test_a_foreign_host_is_refused(page_with: PageWith, host: str) -> None:
    """Requests that name another host than the public one get 400, also with a forwarded host (P5)."""
    visitor = Visitor(page_with(public_url=PUBLIC))
    assert visitor.ask("/welcome", headers={"Host": host}).status == 400
    forwarded = {"Host": host, "X-Forwarded-Host": "join.example.com"}
    assert visitor.ask("/welcome", headers=forwarded).status == 400
    assert visitor.ask("/welcome", headers={"Host": "join.example.com"}).status == 200


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:9999", "[::1]:8000"])
def test_this_machine_may_be_named_in_any_way(visitor: Visitor, host: str) -> None:
    """On a page for this machine only, every name and port of it will do."""
    assert visitor.ask("/welcome", headers={"Host": host}).status == 200
    assert visitor.ask("/welcome", headers={"Host": "192.0.2.1"}).status == 400


@pytest.mark.parametrize(
    ("public_url", "host"),
    [
        (PUBLIC, "JOIN.Example.com"),
        ("https://[2001:db8::1]", "[2001:DB8::1]"),
        ("http://[::1]:8000", "[::1]:8000"),
    ],
)
def test_a_host_may_be_written_in_any_case(page_with: PageWith, public_url: str, host: str) -> None:
    """Host names are compared without regard to case, and IPv6 addresses are hosts too."""
    visitor = Visitor(page_with(public_url=public_url))
    assert visitor.ask("/welcome", headers={"Host": host}).status == 200
    assert visitor.ask("/welcome", headers={"Host": f"evil@{host}"}).status == 400


def test_a_forwarded_host_changes_nothing(company: House, visitor: Visitor) -> None:
    """Redirects stay on the page whatever a client claims about hosts (P5)."""
    token = company.token_of(company.invite("bo@example.com"))
    landed = visitor.ask(f"/i/{token}", headers={"X-Forwarded-Host": "evil.example"})
    assert landed.headers["Location"] == "/register"


@pytest.mark.parametrize(("hops", "seen"), [(0, "127.0.0.1"), (1, "198.51.100.7"), (2, "203.0.113.9")])
def test_exactly_the_known_proxies_are_believed(page_with: PageWith, hops: int, seen: str) -> None:
    """The client's address is what the outermost of our own proxies saw, never what the client wrote (4.1.3)."""
    app = page_with(proxy_hops=hops)
    found: list[str | None] = []

    app.teardown_request(lambda _error: found.append(request.remote_addr))
    Visitor(app).ask("/healthz", headers={"X-Forwarded-For": "192.0.2.66, 203.0.113.9, 198.51.100.7"})
    assert found == [seen]


@pytest.mark.parametrize(
    ("site", "status"),
    [
        ("cross-site", 400),
        ("same-site", 400),
        ("nonsense", 400),
        ("same-origin", 303),
        ("none", 303),
        (None, 303),
    ],
)
def test_a_form_on_another_site_cannot_be_sent_here(
    company: House, visitor: Visitor, site: str | None, status: int
) -> None:
    """A browser that says the form came from elsewhere is refused; one that says nothing is left to the token."""
    form = visitor.open(company.token_of(company.invite("bo@example.com")))
    headers = {"Sec-Fetch-Site": site} if site else {}
    sent = visitor.ask("/register", "POST", data={**form.hidden(), **FILLED_IN}, headers=headers)
    assert sent.status == status


def test_arriving_from_another_site_is_fine(company: House, visitor: Visitor) -> None:
    """A link in a web mail is followed across sites."""
    token = company.token_of(company.invite("bo@example.com"))
    assert visitor.ask(f"/i/{token}", headers={"Sec-Fetch-Site": "cross-site"}).status == 303


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"address": "x" * LONGEST_BODY}},
        {"data": {f"field{number}": "x" for number in range(70)}, "content_type": "multipart/form-data"},
    ],
)
def test_a_body_that_is_too_large_is_refused(
    company: House, visitor: Visitor, body: dict[str, object]
) -> None:
    """More than 64 KiB or more than 60 parts are not read (15.2.2)."""
    visitor.open(company.token_of(company.invite("bo@example.com")))
    page = visitor.ask("/register", "POST", **body)
    assert page.status == 413
    assert {name: page.headers.get(name) for name in ALWAYS} == ALWAYS
