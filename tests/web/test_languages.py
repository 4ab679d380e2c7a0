"""Which language a page is in, and that all of it is (R26, P28, design section 5)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import update

from core.core import Core
from core.models import Company
from core.roles import Role
from core.services.inviting import Offer, invite
from core.tongues import offered, tongue_of
from core.values import Secret
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.people import House
from tests.pseudo import accented, mirrored
from tests.web.visitor import FILLED_IN, Page, PageWith, Visitor
from web import create_app

pytestmark = sqlite_only

SIGN_IN = "https://learn.example.com/sign-in"
HEADINGS = {"en": "Create your account", "de": "Konto anlegen", "fr": "Créer votre compte"}
ITSELF = {
    "Engine Works",
    "bo@example.com",
    "help@engine.example",
    *FILLED_IN.values(),
}  # what nobody translates


def _language(page: Page) -> str | None:
    return next(attrs["lang"] for tag, attrs in page.elements if tag == "html")


def _company_speaks(core: Core, language: str) -> None:
    with core.operator() as work:
        work.db.execute(update(Company).values(language=language))


def _invite_in(house: House, language: str) -> str:
    with house.core.work(house.admin) as work:
        invited = invite(work, "bo@example.com", Offer(Role.LEARNER, language=language))
    return house.token_of(invited)


# --- which one ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chosen", "invited", "browser", "company_language", "spoken"),
    [
        ("fr", "de", "es", "it", "fr"),
        ("", "de", "es", "it", "de"),
        ("", "", "es-MX, en;q=0.5", "it", "es"),
        ("", "", "", "it", "it"),
        ("", "", "ja, zh;q=0.9", "it", "it"),
        ("", "", "", "en", "en"),
        ("xx", "", "nl", "en", "nl"),
    ],
)
def test_the_language_of_the_form_is_the_nearest_to_its_reader(
    core: Core, company: House, visitor: Visitor, chosen: str, invited: str, browser: str, company_language: str, spoken: str
) -> None:  # fmt: skip
    """The one chosen on the page comes first, then the invitation's, the browser's, the company's."""
    _company_speaks(core, company_language)
    headers = {"Accept-Language": browser} if browser else {}
    assert visitor.ask(f"/i/{_invite_in(company, invited)}", headers=headers).status == 303
    path = f"/register?lang={chosen}" if chosen else "/register"
    page = visitor.ask(path, headers=headers)
    assert _language(page) == spoken
    assert page.field("language")
    selected = [attrs["value"] for tag, attrs in page.elements if tag == "option" and "selected" in attrs]
    assert selected == [spoken]


@pytest.mark.parametrize(
    "header", ["x" * 9000, "de;q=" + "9" * 400, ",".join(["*"] * 900), "\u00e9\u00ff", "de;q=1e-400", "-"]
)
def test_a_hostile_header_is_answered_in_english(visitor: Visitor, header: str) -> None:
    """Whatever a browser claims to speak, the page is there (P28)."""
    page = visitor.ask("/nothing", headers={"Accept-Language": header})
    assert (page.status, _language(page)) == (404, "en")


def test_a_chosen_language_is_remembered(company: House, visitor: Visitor) -> None:
    """The choice holds from the first page to the last, also when another invitation is opened and on errors."""
    visitor.ask("/nothing?lang=fr")
    form = visitor.open(company.token_of(company.invite("bo@example.com")))
    assert (_language(form), form.text_of("h1")) == ("fr", HEADINGS["fr"])
    assert _language(visitor.open(company.token_of(company.invite("cy@example.com")))) == "fr"
    assert _language(visitor.send({})) == "fr"
    assert visitor.send().status == 303
    assert _language(visitor.ask("/welcome")) == "fr"
    assert _language(visitor.ask("/register?lang=de")) == "de"


@pytest.mark.parametrize(
    "path", ["/healthz?lang=de", "/robots.txt?lang=de", "/static/page.css?lang=de", "/nothing?lang=xx"]
)
def test_only_a_choice_among_the_offered_ones_sets_a_cookie(visitor: Visitor, path: str) -> None:
    """What is no page remembers nothing, nor does a language that is not offered."""
    assert "Set-Cookie" not in visitor.ask(path).headers


def test_a_form_keeps_its_language_when_it_comes_back(company: House, visitor: Visitor) -> None:
    """Errors are told in the language of the form, in the summary as at the field."""
    token = _invite_in(company, "de")
    visitor.open(token)
    page = visitor.send({"password": "kurz"})
    assert page.text_of("title").startswith("Fehler:")
    assert (
        page.errors["first_name"] == tongue_of("de").say("Enter your first name.") != "Enter your first name."
    )
    for sentence in page.errors.values():
        assert page.html.count(sentence) == 2


def test_without_a_database_the_page_is_in_the_browsers_language_or_in_english(page_with: PageWith) -> None:
    """A page that cannot ask for the company's language is there all the same."""
    away = page_with(database_url=Secret("postgresql+psycopg://nobody@127.0.0.1:1/nowhere"))
    assert _language(Visitor(away).ask("/nothing")) == "en"
    assert _language(Visitor(away).ask("/nothing", headers={"Accept-Language": "de"})) == "de"


# --- links --------------------------------------------------------------------------------------------------------


def test_every_page_links_to_itself_in_the_other_languages(company: House, visitor: Visitor) -> None:
    """Each language stands in the footer in its own words, and the page's own is marked (3.2.2)."""
    form = visitor.open(company.token_of(company.invite("bo@example.com")))
    for page in (form, visitor.send({}), visitor.ask("/nothing"), visitor.ask("/i/unknown")):
        links = [attrs for tag, attrs in page.elements if tag == "a" and attrs.get("hreflang")]
        assert sorted(attrs["hreflang"] or "" for attrs in links) == sorted(offered())
        assert all(attrs["href"] == f"?lang={attrs['lang']}" for attrs in links)
        assert [attrs["lang"] for attrs in links if "aria-current" in attrs] == ["en"]
    assert "Deutsch" in form.text


def test_a_page_with_one_language_has_nothing_to_choose(core: Core, company: House) -> None:
    """Where no other language is offered the footer is left out."""
    page = Visitor(create_app(core, tongues=[tongue_of("en")])).ask("/welcome")
    assert not [tag for tag, _ in page.elements if tag in {"footer", "nav"}]


# --- all of it ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", offered())
def test_the_form_speaks_every_offered_language(company: House, visitor: Visitor, code: str) -> None:
    """Heading, title and button of the form come from the catalog of its language."""
    visitor.ask(f"/nothing?lang={code}")
    form = visitor.open(company.token_of(company.invite("bo@example.com")))
    said = tongue_of(code).say("Create your account")
    assert (form.text_of("h1"), form.text_of("title"), _language(form)) == (said, said, code)
    assert form.text_of("button") == tongue_of(code).say("Create account")


def _pages(core: Core, company: House, clock: MovableClock, app: Flask) -> Iterator[tuple[str, Page]]:
    """Yield every kind of page."""
    with core.operator() as work:
        work.db.execute(update(Company).values(email="help@engine.example"))
    visitor = Visitor(app)
    yield "form", visitor.open(company.token_of(company.invite("bo@example.com")))
    yield "wrong", visitor.send({"phone": "Bo", "born_day": "Bo", "language": "Bo"})
    yield "too long", visitor.send({"first_name": "\u00a0" * 200 + "Bo" * 100, "password": "12345678"})
    yield "not ours", visitor.send(FILLED_IN | {"csrf_token": "x"})
    _with_cap(core, 1)
    yield "cap", visitor.send()
    _with_cap(core, None)
    yield "other link", _lost_cookie(app, visitor)
    visitor.send()
    yield "used", visitor.ask("/register")
    yield "welcome", visitor.ask("/welcome")
    yield "no invitation", Visitor(app).ask("/register")
    for path, method in (("/nothing", "GET"), ("/i/unknown", "GET"), ("/register", "PUT")):
        yield f"{method} {path}", Visitor(app).ask(path, method)
    yield "bad request", visitor.ask("/welcome", headers={"Host": "evil.example"})
    yield "too large", visitor.ask("/register", "POST", data={"address": "x" * 70_000})
    old = company.token_of(company.invite("cy@example.com"))
    newer = company.token_of(company.invite("cy@example.com"))
    yield "replaced", Visitor(app).ask(f"/i/{old}")
    late = Visitor(app)
    late.open(newer)
    clock.move(days=8)
    yield "expired", late.send()


def _lost_cookie(app: Flask, visitor: Visitor) -> Page:
    late = Visitor(app)
    late.page = visitor.page
    return late.send()


def _with_cap(core: Core, cap: int | None) -> None:
    with core.operator() as work:
        work.db.execute(update(Company).values(user_cap=cap))


def test_no_word_is_left_untranslated(core: Core, company: House, clock: MovableClock) -> None:
    """In a made-up language every text of every page stands in its brackets, but for what nobody translates."""
    app = create_app(core, tongues=[accented()])
    app.config["SIGN_IN_URL"] = SIGN_IN
    seen = set()
    for name, page in _pages(core, company, clock, app):
        seen.add(name)
        left = {text for tag, text in page.texts if tag not in {"option", "dd"} and not _is_said(text)}
        assert not left - ITSELF, name
        for key in ("aria-label", "data-show", "data-hide-label", "data-short", "data-enough", "data-hidden"):
            assert all(_is_said(attrs[key] or "") for _, attrs in page.elements if key in attrs), (name, key)
    assert len(seen) == 16


def _is_said(text: str) -> bool:
    return re.sub(r"⟦[^⟦⟧]*(?:⟦[^⟧]*⟧[^⟦⟧]*)*⟧", "", text).strip(" ()") == ""


def test_a_page_written_from_the_right_keeps_addresses_as_they_are(core: Core, company: House) -> None:
    """The page turns around; address, telephone number, password and digits do not."""
    page = Visitor(create_app(core, tongues=[mirrored()])).open(
        company.token_of(company.invite("bo@example.com"))
    )
    assert ("html", {"lang": "ar", "dir": "rtl"}) in page.elements
    for name in ("email", "phone", "password", "born_day", "born_year"):
        assert page.field(name)["dir"] == "ltr"
    for name in ("first_name", "address", "born_month", "job_title"):
        assert page.field(name)["dir"] == "auto"


def test_the_script_says_nothing_of_its_own(visitor: Visitor) -> None:
    """Every text that the script shows comes from the page, which says it in its language."""
    script = visitor.ask("/static/page.js").html
    code = re.sub(r"//.*", "", script)
    assert not [text for text in re.findall(r'"([^"]*)"', code) if " " in text.replace("use strict", "")]
    assert set(re.findall(r"words\.(\w+)", code)) == {
        "least", "show", "showLabel", "shown", "hide", "hideLabel", "hidden", "short", "enough",
    }  # fmt: skip
