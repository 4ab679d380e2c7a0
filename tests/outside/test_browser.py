"""The page in a real Chromium: the whole journey in every language, by keyboard and by mouse, with and without script."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import pytest
from babel.dates import get_month_names

from core.tongues import Tongue, offered, tongue_of
from tests.outside.browsing import FILLED_IN, PASSWORD, SUBMIT, Site, fill_in, running_site, tab_of
from tests.people import House
from tests.pseudo import accented

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

FOCUSED = "document.activeElement.id || document.activeElement.className || document.activeElement.localName"
ORDER = [
    "first_name",
    "last_name",
    "email",
    "password",
    "show",
    "phone",
    "address",
    "born_day",
    "born_month",
    "born_year",
    "job_title",
    "language",
    "button",
]
OPTIONAL = {
    "phone": "+49 (0)30 / 90 18 20",
    "address": "1 Mill Lane\nLeeds",
    "born_day": "27",
    "born_year": "1990",
    "job_title": "Fitter",
}
KEPT_BY_SCRIPTS = """async () => [
    localStorage.length, sessionStorage.length, document.cookie, (await indexedDB.databases()).length,
    (await caches.keys()).length, (await navigator.serviceWorker.getRegistrations()).length]"""


@pytest.fixture(scope="module")
def site(dressed_house: House) -> Iterator[Site]:
    """Lend the page with a sign-in page of another origin."""
    with running_site(dressed_house, signs_in=True, pseudo=[accented()]) as running:
        yield running


@pytest.fixture(scope="module")
def lone_site(dressed_house: House) -> Iterator[Site]:
    """Lend the page without a sign-in page."""
    with running_site(dressed_house, signs_in=False) as running:
        yield running


def _press(tab: Page, *keys: str) -> None:
    for key in keys:
        tab.keyboard.press(key)


def _language(tab: Page) -> str | None:
    return tab.get_attribute("html", "lang")


@pytest.mark.parametrize("code", offered())
def test_the_journey_by_keyboard_alone(chromium: Browser, site: Site, code: str) -> None:
    """In each language Tab, letters and Enter lead over two errors, which take the focus, to the sign-in page."""
    say, address = tongue_of(code).say, f"keys-{code}@example.com"
    with tab_of(chromium, locale=code) as tab:
        tab.goto(site.link(address))
        assert (tab.url, _language(tab)) == (f"{site.url}/register", code)
        _press(tab, "Tab", "Tab")
        tab.keyboard.type("Berg")
        _press(tab, "Tab", "Tab")
        tab.keyboard.type("short")
        tab.keyboard.press("Enter")
        tab.wait_for_selector(".summary")
        assert (tab.title(), _language(tab)) == (f"{say('Error:')} {say('Create your account')}", code)
        assert tab.evaluate(FOCUSED) == "summary"
        assert tab.locator(".summary a").first.inner_text() == say("Enter your first name.")
        _press(tab, "Tab", "Enter")
        assert tab.evaluate(FOCUSED) == "first_name"
        tab.keyboard.type("Bo")
        _press(tab, "Shift+Tab", "Enter")  # back on the second link of the summary
        assert tab.evaluate(FOCUSED) == "password"
        tab.keyboard.type(PASSWORD)
        tab.keyboard.press("Enter")
        tab.wait_for_url(site.onward)
    [person] = site.people(address)
    assert (person.first_name, person.last_name, person.language) == ("Bo", "Berg", code)


@pytest.mark.parametrize("code", offered())
def test_the_journey_without_script(chromium: Browser, lone_site: Site, code: str) -> None:
    """In each language everything can be filled in and mended without script, and the welcome page is the end."""
    say, address = tongue_of(code).say, f"plain-{code}@example.com"
    typed = OPTIONAL | {"born_month": get_month_names("wide", locale=code)[3]}
    with tab_of(chromium, locale=code, java_script_enabled=False) as tab:
        tab.goto(lone_site.link(address))
        assert tab.get_by_role("button").all_inner_texts() == [say("Create account")]
        fill_in(tab, password="short", **typed)
        tab.click(SUBMIT)
        assert {name: tab.input_value(f"#{name}") for name in typed} == typed
        assert (tab.input_value("#first_name"), tab.input_value("#password")) == (FILLED_IN["first_name"], "")
        tab.click(".summary a")
        assert tab.url == f"{lone_site.url}/register#password"
        tab.fill("#password", PASSWORD)
        tab.click(SUBMIT)
        tab.wait_for_url(lone_site.onward)
        assert (tab.inner_text("h1"), _language(tab)) == (say("Your account is ready"), code)
    [person] = lone_site.people(address)
    assert (person.born_on, person.postal_address) == (date(1990, 3, 27), OPTIONAL["address"])


def test_the_focus_goes_through_the_form_in_its_order(tab: Page, site: Site) -> None:
    """Each field and button takes the focus once, in the order of the page, then the languages do; none holds it."""
    tab.goto(site.link())
    seen = []
    for _ in ORDER:
        tab.keyboard.press("Tab")
        seen.append(tab.evaluate(FOCUSED))
    assert seen == ORDER
    for code in tab.locator("nav a").evaluate_all("links => links.map(link => link.lang)"):
        tab.keyboard.press("Tab")
        assert tab.evaluate("document.activeElement.lang") == code


def test_the_language_is_chosen_by_links_only(tab: Page, site: Site) -> None:
    """The select of the form changes nothing on the page; a link in the footer does, and the choice holds on errors."""
    tab.goto(site.link("chooser@example.com"))
    tab.select_option("#language", "fr")
    assert (tab.url, _language(tab)) == (f"{site.url}/register", "en")
    tab.get_by_role("link", name="Deutsch").click()
    assert (_language(tab), tab.input_value("#email")) == ("de", "chooser@example.com")
    assert tab.input_value("#language") == "de"
    tab.click(SUBMIT)
    tab.wait_for_selector(".summary")
    assert tab.title().startswith("Fehler:")
    fill_in(tab)
    tab.click(SUBMIT)
    tab.wait_for_url(site.onward)
    assert [person.language for person in site.people("chooser@example.com")] == ["de"]


def test_control_characters_come_back_as_they_were_typed(tab: Page, site: Site) -> None:
    """A name with escape codes is shown again unchanged, although no such byte is sent by the page."""
    name = "Eve [/x]\x1b]52;c;ZWNobyBoaQ==\x07"
    tab.goto(site.link("eve@example.com"))
    fill_in(tab, first_name=name, password="short")
    tab.click(SUBMIT)
    tab.wait_for_selector(".summary")
    assert tab.input_value("#first_name") == name
    tab.fill("#password", PASSWORD)
    tab.click(SUBMIT)
    tab.wait_for_url(site.onward)
    assert [person.first_name for person in site.people("eve@example.com")] == [name]


# --- the password -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tongue", [tongue_of("en"), accented()], ids=lambda tongue: tongue.code)
def test_the_password_can_be_shown(tab: Page, site: Site, tongue: Tongue) -> None:
    """The button shows and hides, says so in the page's language, and the field is a password again when it is sent."""
    say = tongue.say
    tab.goto(site.link())
    tab.goto(f"{site.url}/register?lang={tongue.code}")
    fill_in(tab)
    shown, hidden = (tab.get_by_role("button", name=say(name)) for name in ("Show password", "Hide password"))
    assert shown.inner_text() == say("Show")
    shown.click()
    assert tab.get_attribute("#password", "type") == "text"
    assert tab.inner_text("[role=status]") == say("Your password is visible")
    hidden.click()
    assert tab.get_attribute("#password", "type") == "password"
    assert tab.inner_text("[role=status]") == say("Your password is hidden")
    shown.click()
    tab.evaluate("document.querySelector('form').addEventListener('submit', event => event.preventDefault())")
    tab.click(SUBMIT)
    assert tab.get_attribute("#password", "type") == "password"


@pytest.mark.parametrize("tongue", [tongue_of("en"), accented()], ids=lambda tongue: tongue.code)
def test_the_length_of_the_password_is_told_while_typing(tab: Page, site: Site, tongue: Tongue) -> None:
    """The page counts as core does, says when it is enough and is silent about an empty field."""
    tab.goto(site.link())
    tab.goto(f"{site.url}/register?lang={tongue.code}")
    length = tab.locator(".length")
    assert not length.is_visible()
    tab.focus("#password")
    tab.keyboard.insert_text("e\u0301🌊🏳")  # é in two parts is one character, and each sign is one
    told = tongue.say("{typed} of at least {least} characters", typed="3", least="8")
    assert length.inner_text() == told
    tab.wait_for_function("text => document.querySelector('[role=status]').textContent === text", arg=told)
    tab.keyboard.type("abcde")
    assert length.inner_text() == tongue.say("Long enough")
    tab.fill("#password", "")
    assert not length.is_visible()


def test_a_password_can_be_pasted(tab: Page, site: Site) -> None:
    """Nothing keeps a password manager from putting text in (WCAG 3.3.8)."""
    tab.goto(site.link())
    tab.fill("#job_title", PASSWORD)
    tab.press("#job_title", "Control+a")
    tab.press("#job_title", "Control+x")
    tab.press("#password", "Control+v")
    assert tab.input_value("#password") == PASSWORD


# --- what is left behind ------------------------------------------------------------------------------------------


def test_nothing_is_kept_in_the_browser(tab: Page, lone_site: Site) -> None:
    """Before and after the success no storage is used, and the one cookie is out of reach of scripts."""
    tab.goto(lone_site.link())
    assert tab.evaluate(KEPT_BY_SCRIPTS) == [0, 0, "", 0, 0, 0]
    fill_in(tab)
    tab.click(SUBMIT)
    tab.wait_for_url(lone_site.onward)
    assert tab.evaluate(KEPT_BY_SCRIPTS) == [0, 0, "", 0, 0, 0]
    assert [cookie["httpOnly"] for cookie in tab.context.cookies()] == [True]
