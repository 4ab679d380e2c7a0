"""Pitfalls that only a browser shows, in a real Chromium on running pages (P1, P3, P4, P22, P24-P27, P37)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.outside.browsing import FILLED_IN, SUBMIT, Site, fill_in, page_at, running_site, tab_of
from tests.outside.conftest import chromium, dressed_house
from tests.outside.mail_peer import make_certificates
from tests.people import House
from web.serving import listen, port_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["chromium", "dressed_house"]
pytestmark = pytest.mark.slow

WANTED = {
    "first_name": "given-name",
    "last_name": "family-name",
    "email": "username",
    "password": "new-password",
    "phone": "tel",
    "address": "street-address",
    "born_day": "bday-day",
    "born_month": "bday-month",
    "born_year": "bday-year",
    "job_title": "organization-title",
}
HOUR = 60 * 60 * 1000


@pytest.fixture(scope="module")
def site(dressed_house: House) -> Iterator[Site]:
    """Lend the page on a free port, with the sign-in page of another origin."""
    with running_site(dressed_house, signs_in=True) as running:
        yield running


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the name it is called by
        """Write nothing."""


@contextmanager
def over_tls(app: Flask, port: int, folder: Path) -> Iterator[None]:
    """Serve an app over TLS with a certificate that nobody knows."""
    server = make_server(
        "127.0.0.1",
        port,
        app,
        threaded=True,
        request_handler=_Quiet,
        ssl_context=make_certificates(folder).server,
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def secure_site(dressed_house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Lend the page over https, with the welcome page at its end."""
    with listen("127.0.0.1", 0) as free:
        port = port_of(free)
    url = f"https://127.0.0.1:{port}"
    with ExitStack() as stack:
        app = page_at(dressed_house, url, stack)
        stack.enter_context(over_tls(app, port, tmp_path_factory.mktemp("tls")))
        yield Site(dressed_house, url, f"{url}/welcome")


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    """Lend a tab of a fresh browser that takes our certificate."""
    with tab_of(chromium, ignore_https_errors=True) as opened:
        yield opened


def names_of(site: Site, address: str) -> list[str]:
    """Return the first name of each account of an address."""
    return [person.first_name for person in site.people(address)]


def requests_of(tab: Page) -> list[Any]:
    """Return the list that every request of a tab will be in."""
    seen: list[Any] = []

    def note(request: Any) -> None:
        seen.append(request)

    tab.on("request", note)
    return seen


def test_p01_a_page_that_is_only_looked_at_never_posts(tab: Page, site: Site) -> None:
    """A scanner that runs scripts, follows redirects, scrolls and stays for an hour of the page's time sends no form."""
    seen = requests_of(tab)
    link = site.link("scanned@example.com")
    tab.clock.install()
    for _ in range(2):
        tab.goto(link)
        tab.mouse.wheel(0, 5000)
        tab.clock.fast_forward(HOUR)
        tab.wait_for_load_state("networkidle")
    assert {request.method for request in seen} == {"GET"}
    assert names_of(site, "scanned@example.com") == []


def test_p03_the_token_is_in_no_later_request(tab: Page, secure_site: Site) -> None:
    """After the first hop no address, header or cookie of any request names the token, and no other origin is asked."""
    seen = requests_of(tab)
    link = secure_site.link()
    token = link.rpartition("/")[2]
    tab.goto(link)
    fill_in(tab, password="short")
    tab.click(SUBMIT)
    fill_in(tab)
    tab.click(SUBMIT)
    tab.wait_for_url(secure_site.onward)
    tab.reload()
    assert [request.url for request in seen if token in request.url] == [link]
    told = [(request.url, request.all_headers()) for request in seen]
    assert not [url for url, headers in told if token in str(headers)]
    assert not [url for url, _ in told if not url.startswith(f"{secure_site.url}/")]
    assert {headers["referer"] for _, headers in told if "referer" in headers} == {f"{secure_site.url}/"}
    assert token not in str(tab.context.cookies())


def test_p04_the_form_can_be_sent_over_https(tab: Page, secure_site: Site) -> None:
    """With the policy for referrers that we send, the browser names its origin at the submit, and the account is made."""
    seen = requests_of(tab)
    tab.goto(secure_site.link("secure@example.com"))
    fill_in(tab)
    tab.click(SUBMIT)
    tab.wait_for_url(secure_site.onward)
    [post] = [request.all_headers() for request in seen if request.method == "POST"]
    assert (post["origin"], post["referer"]) == (secure_site.url, f"{secure_site.url}/")
    assert post["sec-fetch-site"] == "same-origin"
    assert names_of(secure_site, "secure@example.com") == ["Bo"]
    [cookie] = tab.context.cookies()
    assert cookie["name"].startswith("__Host-")
    assert cookie["secure"]


def test_p22_double_click_back_and_reload(tab: Page, site: Site) -> None:
    """An impatient person ends at the sign-in, and going back, reloading and sending once more make no second account."""
    tab.goto(site.link("hasty@example.com"))
    fill_in(tab)
    tab.dblclick(SUBMIT)
    tab.wait_for_selector("text=Sign in here")
    tab.go_back()
    tab.wait_for_load_state()
    if tab.query_selector(SUBMIT):
        fill_in(tab, first_name="Other")
        tab.click(SUBMIT)
        tab.wait_for_url(site.onward)
    tab.goto(f"{site.url}/register")
    tab.reload()
    assert tab.query_selector(SUBMIT) is None
    assert tab.query_selector(f"a[href='{site.onward}']") is not None
    assert names_of(site, "hasty@example.com") == ["Bo"]


def test_p24_blocked_cookies_are_explained(chromium: Browser, site: Site, tab: Page) -> None:
    """Where the browser keeps no cookie a plain page says what to do, and the same link then works in another browser."""
    link = site.link("cookieless@example.com")
    blocking = chromium.new_context()
    blocking.route("**/i/*", _without_cookie)
    blocked = blocking.new_page()
    answer = blocked.goto(link)
    assert answer is not None
    assert answer.status == 403
    assert blocked.url == f"{site.url}/register"
    assert "cookies" in blocked.inner_text("main")
    blocking.close()
    tab.goto(link)
    fill_in(tab)
    tab.click(SUBMIT)
    tab.wait_for_url(site.onward)
    assert names_of(site, "cookieless@example.com") == ["Bo"]


def _without_cookie(route: Any) -> None:
    answer = route.fetch(max_redirects=0)
    assert "set-cookie" in answer.headers
    route.request.frame.page.context.clear_cookies()  # Playwright's own fetch has taken it
    kept = {name: value for name, value in answer.headers.items() if name != "set-cookie"}
    route.fulfill(status=answer.status, headers=kept)


def test_p24_a_cookie_that_is_lost_loses_nothing_typed(tab: Page, site: Site) -> None:
    """Somebody whose cookies are cleared while they type gets the form back with what they typed, and sends it again."""
    tab.goto(site.link("cleared@example.com"))
    fill_in(tab, job_title="Fitter")
    tab.context.clear_cookies()
    tab.click(SUBMIT)
    assert tab.input_value("#email") == "cleared@example.com"
    assert (tab.input_value("#job_title"), tab.input_value("#password")) == ("Fitter", "")
    tab.fill("#password", FILLED_IN["password"])
    tab.click(SUBMIT)
    tab.wait_for_url(site.onward)
    assert names_of(site, "cleared@example.com") == ["Bo"]


def test_p25_two_invitations_in_two_tabs_do_not_cross(tab: Page, site: Site) -> None:
    """With both forms open in one browser each makes the account of the person whose address it shows."""
    tabs = {"ann": tab, "bea": tab.context.new_page()}
    for name, each in tabs.items():
        each.goto(site.link(f"{name}@example.com"))
    for name, each in tabs.items():
        fill_in(each, first_name=name)
        each.click(SUBMIT)
        each.wait_for_load_state()
        if each.url != site.onward:
            assert each.input_value("#email") == f"{name}@example.com"
            assert each.input_value("#first_name") == name
            each.fill("#password", FILLED_IN["password"])
            each.click(SUBMIT)
        each.wait_for_url(site.onward)
        assert names_of(site, f"{name}@example.com") == [name]


def test_p26_the_address_is_the_field_before_the_password(tab: Page, site: Site) -> None:
    """What a password manager takes for the user name is the visible, unchangeable address right before the password."""
    tab.goto(site.link("manager@example.com"))
    fields = tab.evaluate(
        "[...document.forms[document.forms.length - 1].elements].filter(e => e.checkVisibility() && e.name).map(e => e.name)"
    )
    assert fields[fields.index("password") - 1] == "email"
    assert tab.get_attribute("#email", "autocomplete") == "username"
    assert tab.get_attribute("#password", "autocomplete") == "new-password"
    tab.focus("#email")
    tab.keyboard.type("eve")
    assert tab.input_value("#email") == "manager@example.com"


def test_p27_autofill_finds_the_right_fields_and_no_trap(tab: Page, site: Site) -> None:
    """Each field names its purpose in the words of the standard, and no text field is out of sight or out of the window."""
    tab.goto(site.link())
    told = tab.evaluate(
        "Object.fromEntries([...document.querySelectorAll('form[method=post] :is(input:not([type=hidden]), textarea)')]"
        ".map(e => [e.name, e.autocomplete]))"
    )
    assert told == WANTED
    traps = tab.evaluate(
        "[...document.querySelectorAll('input:not([type=hidden]), textarea, select')].filter(e => { const b = e.getBoundingClientRect();"
        " return !e.checkVisibility({opacityProperty: true, visibilityProperty: true}) || b.width < 20 || b.height < 20 || b.right < 0"
        " || e.tabIndex < 0 || e.closest('[aria-hidden=true]') }).map(e => e.name)"
    )
    assert traps == []


@pytest.mark.parametrize("scripts", [True, False], ids=["with script", "without script"])
def test_p37_the_submit_reaches_the_sign_in_of_another_origin(
    chromium: Browser, site: Site, *, scripts: bool
) -> None:
    """The browser follows the redirect after the submit to the other origin, and its policy has nothing to complain about."""
    context = chromium.new_context(java_script_enabled=scripts)
    tab = context.new_page()
    complaints: list[str] = []
    tab.on("console", lambda message: complaints.append(message.text))
    tab.goto(site.link(f"across-{scripts}@example.com".lower()))
    fill_in(tab)
    tab.click(SUBMIT)
    tab.wait_for_url(site.onward)
    assert tab.inner_text("h1") == "Sign in here"
    assert names_of(site, f"across-{scripts}@example.com".lower()) == ["Bo"]
    assert complaints == []
    context.close()
