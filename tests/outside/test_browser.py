"""The page in a real Chromium: the journey with and without script, by keyboard, on small screens, across origins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.core import Core
from core.models import User
from core.ports import Links
from core.roles import Role
from tests import needs
from tests.databases import sqlite_only
from tests.people import House
from web import create_app
from web.serving import PageServer, listen, port_of

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
pytestmark = [sqlite_only, pytest.mark.slow]

PASSWORD = "quiet lantern 42 rivers"
ARGUMENTS = [
    "--no-sandbox",
    "--headless=new",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Site:
    """The page and a sign-in page of another origin, both running."""

    house: House
    core: Core
    url: str
    sign_in_url: str
    _numbers: Iterator[int]

    def link(self, address: str | None = None) -> str:
        """Invite somebody and return the link."""
        invited = self.house.invite(address or f"person{next(self._numbers)}@example.com", Role.LEARNER)
        return f"{self.url}/i/{self.house.token_of(invited)}"

    def people(self) -> int:
        """Return how many accounts there are."""
        with self.core.glance() as visit:
            return visit.db.scalar(select(func.count()).select_from(User)) or 0


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Lend a running Chromium."""
    path = needs.chromium()
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def site(core: Core, company: House) -> Iterator[Site]:
    """Lend the page on a free port, with a sign-in page on another."""
    sign_in = Flask("sign_in")
    sign_in.add_url_rule(
        "/sign-in", view_func=lambda: "<!doctype html><title>Sign in</title><h1>Sign in here</h1>"
    )
    sign_in_server = PageServer(sign_in, listen("127.0.0.1", 0))
    listening = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{port_of(listening)}"
    sign_in_url = f"http://127.0.0.1:{sign_in_server.port}/sign-in"
    settings = replace(core.settings, public_url=url, sign_in_url=sign_in_url)
    ports = replace(core.ports, links=Links.load(settings.key_file, url))
    with Core(settings, ports) as page_core:
        server = PageServer(create_app(page_core), listening)
        for one in (sign_in_server, server):
            one.start()
        yield Site(company, core, url, sign_in_url, count(1))
        for one in (server, sign_in_server):
            one.stop()


@pytest.fixture
def tab(chromium: Any) -> Iterator[Any]:
    """Lend a tab of a fresh browser."""
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def _fill_in(tab: Any, **more: str) -> None:
    for name, text in {"first_name": "Bo", "last_name": "Berg", "password": PASSWORD, **more}.items():
        tab.fill(f"#{name}", text)


@pytest.mark.parametrize("scripts", [True, False], ids=["with script", "without script"])
def test_the_journey(chromium: Any, site: Site, *, scripts: bool) -> None:
    """From the link over an error to the account and on to the sign-in page of another origin, with and without script."""
    context = chromium.new_context(java_script_enabled=scripts)
    tab = context.new_page()
    tab.goto(site.link("bo@example.com"))
    assert tab.url == f"{site.url}/register"
    assert tab.input_value("#email") == "bo@example.com"
    _fill_in(tab, password="short")
    tab.click("text=Create account")
    assert tab.title() == "Error: Create your account"
    assert tab.input_value("#first_name") == "Bo"
    assert tab.input_value("#password") == ""
    tab.fill("#password", PASSWORD)
    tab.click("text=Create account")
    tab.wait_for_url(site.sign_in_url)
    assert tab.inner_text("h1") == "Sign in here"
    assert site.people() == 2
    context.close()


def test_opening_alone_never_sends(tab: Any, site: Site) -> None:
    """A browser that opens the link and runs its scripts, as some mail scanners do, sends no form (R30, P1)."""
    methods: list[str] = []
    tab.on("request", lambda request: methods.append(request.method))
    link = site.link()
    for _ in range(3):
        tab.goto(link)
        tab.wait_for_load_state("networkidle")
    assert set(methods) == {"GET"}
    assert site.people() == 1


def test_by_keyboard_alone(tab: Any, site: Site) -> None:
    """Tab, letters and Enter are enough, the focus is always seen, and errors take it."""
    tab.goto(site.link())
    for keys in ("Bo", "Berg", None, "short"):
        tab.keyboard.press("Tab")
        outline = tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
        if keys:
            tab.keyboard.type(keys)
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".summary")
    assert tab.evaluate("document.activeElement.className") == "summary"
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "password"
    tab.keyboard.type(PASSWORD)
    tab.keyboard.press("Enter")
    tab.wait_for_url(site.sign_in_url)


def test_control_characters_come_back_as_they_were_typed(tab: Any, site: Site) -> None:
    """A name with escape codes is shown again unchanged, although no such byte is sent by the page."""
    name = "Eve [/x]\x1b]52;c;ZWNobyBoaQ==\x07"
    tab.goto(site.link())
    _fill_in(tab, first_name=name, password="short")
    tab.click("text=Create account")
    assert tab.input_value("#first_name") == name
    tab.fill("#password", PASSWORD)
    tab.click("text=Create account")
    tab.wait_for_url(site.sign_in_url)
    with site.core.glance() as visit:
        assert name in visit.db.scalars(select(User.first_name)).all()


def test_the_password_can_be_shown(tab: Any, site: Site) -> None:
    """The button shows and hides, says so, and the field is a password again when it is sent."""
    tab.goto(site.link())
    _fill_in(tab)
    button = tab.get_by_role("button", name="Show password")
    button.click()
    assert tab.get_attribute("#password", "type") == "text"
    assert tab.inner_text("[role=status]") == "Your password is visible"
    tab.get_by_role("button", name="Hide password").click()
    assert tab.get_attribute("#password", "type") == "password"
    button.click()
    tab.evaluate("document.forms[0].addEventListener('submit', event => event.preventDefault())")
    tab.click("text=Create account")
    assert tab.get_attribute("#password", "type") == "password"


def test_a_password_can_be_pasted(tab: Any, site: Site) -> None:
    """Nothing keeps a password manager from putting text in (WCAG 3.3.8)."""
    tab.goto(site.link())
    tab.fill("#job_title", PASSWORD)
    tab.press("#job_title", "Control+a")
    tab.press("#job_title", "Control+x")
    tab.press("#password", "Control+v")
    assert tab.input_value("#password") == PASSWORD


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_sticks_out(chromium: Any, site: Site, width: int, scheme: str) -> None:
    """No page scrolls sideways, at 320 pixels, with large text, or written from the right; targets are large enough."""
    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    tab = context.new_page()
    for path in ("/welcome", "/nothing", "/i/unknown", "/register"):
        tab.goto(site.url + path)
        assert tab.evaluate(OVERFLOW) == 0
    tab.goto(site.link())
    assert tab.evaluate(OVERFLOW) == 0
    tab.click("text=Create account")
    assert tab.evaluate(OVERFLOW) == 0
    small = "[...document.querySelectorAll('a, button, input:not([type=hidden]), select')].filter(e => e.getBoundingClientRect().height < 24).length"
    assert tab.evaluate(small) == 0
    tab.evaluate("document.documentElement.style.fontSize = '200%'")
    assert tab.evaluate(OVERFLOW) == 0
    tab.evaluate("document.documentElement.dir = 'rtl'")
    assert tab.evaluate(OVERFLOW) == 0
    assert len(tab.screenshot(full_page=True)) > 10_000
    context.close()


def test_the_token_stays_out_of_every_later_request(tab: Any, site: Site) -> None:
    """After the first hop no address, Referer or cookie names the token, and nothing is asked of another host (P3)."""
    seen: list[tuple[str, str]] = []
    tab.on("request", lambda request: seen.append((request.url, str(request.all_headers()))))
    link = site.link()
    token = link.rpartition("/")[2]
    tab.goto(link)
    _fill_in(tab)
    tab.click("text=Create account")
    tab.wait_for_url(site.sign_in_url)
    assert [url for url, _ in seen if token in url] == [link]
    assert not [url for url, headers in seen if token in headers]
    assert {url for url, _ in seen if not url.startswith(site.url)} <= {
        site.sign_in_url,
        site.sign_in_url.replace("/sign-in", "/favicon.ico"),
    }


def test_no_rule_of_the_policy_is_broken(tab: Any, site: Site) -> None:
    """The browser has nothing to complain about on the whole journey."""
    complaints: list[str] = []
    tab.on("console", lambda message: complaints.append(f"{message.location['url']}: {message.text}"))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(site.link())
    _fill_in(tab)
    tab.click("text=Create account")
    tab.wait_for_url(site.sign_in_url)
    assert not [text for text in complaints if "/favicon.ico: " not in text]  # the sign-in page has none


def test_nothing_is_kept_in_the_browser(tab: Any, site: Site) -> None:
    """No storage is used, and a script cannot read the cookie."""
    tab.goto(site.link())
    assert tab.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


def test_a_double_click_makes_one_account(tab: Any, site: Site) -> None:
    """An impatient person ends where everybody ends (P22)."""
    tab.goto(site.link())
    _fill_in(tab)
    tab.dblclick("text=Create account")
    tab.wait_for_url(site.sign_in_url)
    assert site.people() == 2


def test_going_back_after_success_is_harmless(tab: Any, site: Site) -> None:
    """Back shows that the account is ready, not a form that cannot be sent (P22)."""
    tab.goto(site.link())
    _fill_in(tab)
    tab.click("text=Create account")
    tab.wait_for_url(site.sign_in_url)
    tab.go_back()
    assert tab.inner_text("h1") == "Already registered"


def test_blocked_cookies_are_explained(chromium: Any, site: Site, tab: Any) -> None:
    """Where the browser takes no cookie, the page says so, and the link still works in another one (P24)."""
    link = site.link()
    blocking = chromium.new_context()
    blocking.route("**/i/*", _without_cookie)
    blocked = blocking.new_page()
    blocked.goto(link)
    assert blocked.url == f"{site.url}/register"
    assert "Allow cookies" in blocked.inner_text("main")
    blocking.close()
    tab.goto(link)
    assert tab.title() == "Create your account"


def _without_cookie(route: Any) -> None:
    answer = route.fetch(max_redirects=0)
    assert "set-cookie" in answer.headers
    route.request.frame.page.context.clear_cookies()  # Playwright's own fetch has taken it
    kept = {name: value for name, value in answer.headers.items() if name != "set-cookie"}
    route.fulfill(status=answer.status, headers=kept)


def test_two_tabs_with_two_invitations_do_not_cross(chromium: Any, site: Site) -> None:
    """Each tab registers its own person, even when both were opened first (P25)."""
    context = chromium.new_context()
    tabs = {name: context.new_page() for name in ("ann", "bea")}
    for name, tab in tabs.items():
        tab.goto(site.link(f"{name}@example.com"))
    for name, tab in tabs.items():
        _fill_in(tab, first_name=name)
        tab.click("text=Create account")
        tab.wait_for_load_state()
        if not tab.url.startswith(site.sign_in_url):
            assert tab.input_value("#email") == f"{name}@example.com"
            tab.fill("#password", PASSWORD)
            tab.click("text=Create account")
        tab.wait_for_url(site.sign_in_url)
    with site.core.glance() as visit:
        rows = visit.db.execute(select(User.address, User.first_name).where(User.first_name.in_(tabs))).all()
    assert {(row.address, row.first_name) for row in rows} == {
        ("ann@example.com", "ann"),
        ("bea@example.com", "bea"),
    }
    context.close()
