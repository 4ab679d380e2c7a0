"""A real Chromium, and a page that runs for it: what tests in a browser share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from sqlalchemy import select

from core.core import Core
from core.models import User
from core.ports import Hasher, Links
from core.services.company import edit_company, set_logo
from core.settings import Settings, make_home
from core.tongues import Tongue, offered, tongue_of
from tests import needs
from tests.clock import MovableClock
from tests.databases import SqliteDatabases
from tests.people import House
from web import create_app
from web.serving import PageServer, listen, port_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PASSWORD = "quiet lantern 42 rivers"
FILLED_IN = {"first_name": "Bo", "last_name": "Berg", "password": PASSWORD}
SUBMIT = "form[method=post] button[type=submit]"
HELP, COLOR = "help@engine-works.example", "#9c2a7a"
_ARGUMENTS = (
    "--no-sandbox",
    "--headless=new",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_LOGO = (
    "<svg xmlns='http://www.w3.org/2000/svg' width='152' height='80' style='display:block'>"
    "<circle cx='40' cy='40' r='25' fill='none' stroke='#9c2a7a' stroke-width='14'/>"
    "<circle cx='40' cy='40' r='35' fill='none' stroke='#9c2a7a' stroke-width='8' stroke-dasharray='11 11'/>"
    "<path d='M92 20h52M92 40h52M92 60h52' stroke='#9c2a7a' stroke-width='10'/></svg>"
)
_NUMBERS = count(1)


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Lend the system's Chromium; skips the test where it or Playwright is missing."""
    api: Any = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    path = needs.chromium()
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def tab_of(browser: Browser, **context: Any) -> Iterator[Page]:
    """Lend a tab of a fresh browser; `context` is as Playwright takes it."""
    opened = browser.new_context(**context)
    yield opened.new_page()
    opened.close()


def fill_in(tab: Page, **more: str) -> None:
    """Type what must be typed, and `more`, into the form."""
    for name, text in {**FILLED_IN, **more}.items():
        tab.fill(f"#{name}", text)


# --- what they look at --------------------------------------------------------------------------------------------


@contextmanager
def house_in(folder: Path, databases: SqliteDatabases, hasher: Hasher, logo: bytes) -> Iterator[House]:
    """Lend a company with logo, color and somebody to ask, on a clock that stands still (`MovableClock`)."""
    home = folder / "home"
    make_home(home)
    Links.make_key_file(home / "key")
    database = databases.migrated(home / "academy.db")
    with Core.open(Settings(home, database.url), clock=MovableClock(), hasher=hasher) as core:
        house = House.set_up(core)
        with core.work(house.admin) as work:
            edit_company(work, {"email": HELP, "color": COLOR})
            set_logo(work, logo)
        yield house


def clock_of(house: House) -> MovableClock:
    """Return the clock of `house_in`, to be moved."""
    clock = house.core.ports.clock
    assert isinstance(clock, MovableClock)
    return clock


def draw_logo(browser: Browser) -> bytes:
    """Return a logo as a PNG, drawn for white paper."""
    with tab_of(browser, viewport={"width": 200, "height": 100}) as tab:
        tab.set_content(f"<body style='margin: 0'>{_LOGO}")
        return tab.locator("svg").screenshot(omit_background=True)


@dataclass(frozen=True, slots=True)
class Site:
    """A page that runs.

    Attributes:
        onward: where a registered person is led.
    """

    house: House
    url: str
    onward: str

    def link(self, address: str = "") -> str:
        """Invite an address, or a new one, and return the link to this page."""
        invited = self.house.invite(address or f"person{next(_NUMBERS)}@example.com")
        return f"{self.url}/i/{self.house.token_of(invited)}"

    def people(self, address: str) -> list[User]:
        """Return each account of an address."""
        with self.house.core.glance() as visit:
            found = visit.db.scalars(select(User).where(User.address_key == address)).all()
            visit.db.expunge_all()
            return list(found)


@contextmanager
def running_site(house: House, *, signs_in: bool, pseudo: Iterable[Tongue] = ()) -> Iterator[Site]:
    """Lend the page of a company on a free port.

    Args:
        house: the company.
        signs_in: whether there is a sign-in page, at another origin; else the welcome page is the end.
        pseudo: languages to offer beside those that there are catalogs for.
    """
    with ExitStack() as stack:
        listening = listen("127.0.0.1", 0)
        url = f"http://127.0.0.1:{port_of(listening)}"
        sign_in_url = f"{_serve(_sign_in_page(), stack)}/sign-in" if signs_in else None
        server = PageServer(page_at(house, url, stack, sign_in_url=sign_in_url, pseudo=pseudo), listening)
        server.start()
        stack.callback(server.stop)
        yield Site(house, url, sign_in_url or f"{url}/welcome")


def page_at(
    house: House,
    url: str,
    opened: ExitStack,
    *,
    sign_in_url: str | None = None,
    pseudo: Iterable[Tongue] = (),
) -> Flask:
    """Return the page of a company as it is at `url`, in every language; `opened` closes what it stands on."""
    core = house.core
    settings = replace(core.settings, public_url=url, sign_in_url=sign_in_url)
    ports = replace(core.ports, links=Links.load(settings.key_file, url))
    page_core = opened.enter_context(Core(settings, ports))
    return create_app(page_core, tongues=[*map(tongue_of, offered()), *pseudo])


def _serve(app: Flask, stack: ExitStack) -> str:
    server = PageServer(app, listen("127.0.0.1", 0))
    server.start()
    stack.callback(server.stop)
    return server.url


def _sign_in_page() -> Flask:
    """Return the sign-in page of the learning platform, which is not ours."""
    app = Flask("sign_in")
    app.add_url_rule(
        "/sign-in", view_func=lambda: "<!doctype html><title>Sign in</title><h1>Sign in here</h1>"
    )
    app.add_url_rule("/favicon.ico", "icon", view_func=lambda: "")
    return app
