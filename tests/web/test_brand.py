"""The company's name, logo, color and whom to ask: for holders of a link, for no stranger (S29, P2, P39)."""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, update
from sqlalchemy.exc import OperationalError

import web
from core.colors import contrast
from core.core import Core
from core.models import Company
from core.services.company import edit_company, set_logo
from core.services.inviting import withdraw
from tests.databases import sqlite_only
from tests.people import House
from tests.web.visitor import Page, PageWith, Visitor
from web.brand import stylesheet

pytestmark = sqlite_only

HELP, COLOR, PRIVACY = "help@engine-works.example", "#8a1c4c", "https://engine-works.example/privacy?lang=all"
KEPT = "public, max-age=31536000, immutable"
PAGE_CSS = Path(web.__file__).with_name("static") / "page.css"


def _png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x7f" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture
def dressed(company: House) -> House:
    """Return the company with logo, color and somebody to ask."""
    with company.core.work(company.admin) as work:
        edit_company(work, {"email": HELP, "color": COLOR})
        set_logo(work, _png(96, 48))
    return company


def _logo(page: Page) -> dict[str, str | None] | None:
    return next((attrs for tag, attrs in page.elements if tag == "img"), None)


def _styles(page: Page) -> list[str]:
    return [attrs["href"] or "" for tag, attrs in page.elements if attrs.get("rel") == "stylesheet"]


# --- who sees it --------------------------------------------------------------------------------------------------


def test_holders_of_a_link_see_the_company(dressed: House, visitor: Visitor) -> None:
    """Form, errors, dead link and the last page show name, logo and color; where something is wrong, whom to ask."""
    invited = dressed.invite("bo@example.com")
    form = visitor.open(dressed.token_of(invited))
    wrong = visitor.send({})
    assert visitor.send().status == 303
    welcome, used = visitor.ask("/welcome"), visitor.ask("/register")
    gone = dressed.invite("cy@example.com")
    with dressed.core.work(dressed.admin) as work:
        withdraw(work, [gone])
    withdrawn = visitor.ask(f"/i/{dressed.token_of(gone)}")
    for page in (form, wrong, welcome, used, withdrawn):
        assert "Engine Works" in page.text
        assert _logo(page)
        assert len(_styles(page)) == 2
    for page in (welcome, used, withdrawn):
        assert ("a", {"href": f"mailto:{HELP}", "dir": "ltr"}) in page.elements


def test_strangers_see_nothing_of_the_company(dressed: House, visitor: Visitor) -> None:
    """A page that no link led to names neither company nor mail address, and has no other clothes than every such page."""
    token = dressed.token_of(dressed.invite("bo@example.com"))
    forged = token[:-1] + ("A" if token[-1] != "A" else "B")
    for path in ("/", "/nothing", "/register", "/welcome", f"/i/{forged}", "/i/unknown"):
        page = visitor.ask(path)
        for secret in ("Engine Works", HELP, "example.com", "/logo/", "/brand/"):
            assert secret not in page.html, path
    visitor.open(token)
    assert (
        "Engine Works" not in visitor.ask(f"/i/{forged}").html
    )  # also for somebody who has a link of their own


def test_a_full_company_says_whom_to_ask(core: Core, dressed: House, visitor: Visitor) -> None:
    """Where the invitee can do nothing but ask, the form says whom (D5)."""
    visitor.open(dressed.token_of(dressed.invite("bo@example.com")))
    with core.operator() as work:
        work.db.execute(update(Company).values(user_cap=1))
    page = visitor.send()
    assert page.status == 409
    assert ("a", {"href": f"mailto:{HELP}", "dir": "ltr"}) in page.elements


def test_an_odd_mail_address_stays_one_address(core: Core, company: House, visitor: Visitor) -> None:
    """Nothing in the address to write to becomes a subject, a copy or markup."""
    with core.operator() as work:
        work.db.execute(update(Company).values(email='a&b?cc=eve"<i>@example.com'))
    old = company.token_of(company.invite("bo@example.com"))
    company.invite("bo@example.com")
    page = visitor.ask(f"/i/{old}")
    (link,) = [
        attrs["href"] for tag, attrs in page.elements if (attrs.get("href") or "").startswith("mailto:")
    ]
    assert link == "mailto:a%26b%3Fcc%3Deve%22%3Ci%3E@example.com"
    assert "<i>" not in page.html


# --- the logo -----------------------------------------------------------------------------------------------------


def test_the_logo_is_kept_by_browsers_until_it_changes(dressed: House, visitor: Visitor) -> None:
    """Its address holds its hash, so it may be kept forever; another logo has another one, and the old one is gone."""
    token = dressed.token_of(dressed.invite("bo@example.com"))
    shown = _logo(visitor.open(token))
    assert shown is not None
    assert (shown["alt"], shown["width"], shown["height"]) == ("", "80", "40")
    got = visitor.client.get(shown["src"] or "", base_url=dressed.core.settings.public_url)
    assert (got.status_code, got.data) == (200, _png(96, 48))
    assert (got.headers["Content-Type"], got.headers["Cache-Control"]) == ("image/png", KEPT)
    assert (got.headers["X-Content-Type-Options"], "Set-Cookie" in got.headers) == ("nosniff", False)
    got.close()
    with dressed.core.work(dressed.admin) as work:
        set_logo(work, _png(48, 96))
    later = _logo(visitor.ask("/register"))
    assert later is not None
    assert (later["src"] != shown["src"], later["width"]) == (True, "20")
    assert visitor.ask(later["src"] or "", "HEAD").status == 200
    stale = visitor.ask(shown["src"] or "")
    assert (stale.status, stale.headers["Cache-Control"]) == (404, "no-store")


def test_a_logo_that_could_not_be_read_once_comes_back(core: Core, dressed: House, visitor: Visitor) -> None:
    """A form that was drawn while the database was busy is plain, and no later one is for that reason."""

    def away(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if "company.logo_type" in statement:
            raise OperationalError(statement, {}, Exception("database is locked"))

    event.listen(core._engine, "before_cursor_execute", away)
    try:
        plain = visitor.open(dressed.token_of(dressed.invite("bo@example.com")))
    finally:
        event.remove(core._engine, "before_cursor_execute", away)
    assert (plain.status, _logo(plain)) == (200, None)
    assert _logo(visitor.ask("/register"))


def test_nobody_can_guess_whose_page_it_is(dressed: House, visitor: Visitor) -> None:
    """Who knows a company's logo and color cannot ask the page whether they are its own (P39)."""
    token = dressed.token_of(dressed.invite("bo@example.com"))
    page = visitor.open(token)
    shown = _logo(page)
    assert shown is not None
    for address, content in ((shown["src"], _png(96, 48)), (_styles(page)[1], stylesheet(COLOR).encode())):
        assert address is not None
        name = re.split(r"[/.]", address)[2]
        assert Visitor(visitor.client.application).ask(address, "HEAD").status == 200
        assert name not in hashlib.sha256(content).hexdigest()


def test_a_company_without_clothes_has_a_plain_page(company: House, visitor: Visitor) -> None:
    """Without logo and color nothing points to them."""
    page = visitor.open(company.token_of(company.invite("bo@example.com")))
    assert (_logo(page), len(_styles(page))) == (None, 1)


# --- the color ----------------------------------------------------------------------------------------------------


def test_the_color_comes_as_a_style_of_its_own(dressed: House, visitor: Visitor) -> None:
    """It may be kept forever at an address that changes with it, and holds custom properties and nothing else."""
    _, path = _styles(visitor.open(dressed.token_of(dressed.invite("bo@example.com"))))
    style = visitor.ask(path)
    assert (style.status, style.headers["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert style.headers["Cache-Control"] == KEPT
    assert not re.sub(
        r"--[a-z-]+: #[0-9a-f]{6};|@media screen( and \(prefers-color-scheme: dark\))?|:root|[{}\s]",
        "",
        style.html,
    )
    with dressed.core.work(dressed.admin) as work:
        edit_company(work, {"color": "#0550ae"})
    assert visitor.ask(path).status == 404
    assert _styles(visitor.ask("/register"))[1] != path


def _tokens(scheme: int) -> dict[str, str]:
    block = re.findall(r":root \{(.*?)\}", PAGE_CSS.read_text("utf-8"), re.DOTALL)[scheme]
    found = dict(re.findall(r"--([\w-]+): (#\w+)", block))
    return {
        name: value if len(value) == 7 else "#" + "".join(2 * char for char in value[1:])
        for name, value in found.items()
    }


@pytest.mark.parametrize(
    "color", ["#8a1c4c", "#000000", "#ffffff", "#ffcc00", "#00ff00", "#7f7f7f", "#0000ff", "#ff0000"]
)
@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_any_house_color_can_be_read(core: Core, color: str, scheme: int) -> None:
    """Whatever stands in the database, text in the color and on it has a contrast of 4.5 or more, light and dark."""
    page = _tokens(scheme)
    house = dict(re.findall(r"--([\w-]+): (#\w+)", stylesheet(color).splitlines()[scheme]))
    for name in ("house", "house-strong"):
        assert contrast(house[name], page["paper"]) >= 4.5
        assert contrast(house[name], page["tint"]) >= 4.5
        assert contrast(house[name], house["on-house"]) >= 4.5


@pytest.mark.parametrize("color", ["", "red", "#12345", "#12345g", "123456;"])
def test_what_is_no_color_makes_no_style(core: Core, company: House, visitor: Visitor, color: str) -> None:
    """Only a color can get into a stylesheet."""
    with core.operator() as work:
        work.db.execute(update(Company).values(color=color))
    assert stylesheet(color) == stylesheet("#123456;}") == stylesheet("#123456\n") == ""
    page = visitor.open(company.token_of(company.invite("bo@example.com")))
    assert (page.status, "/brand/" in page.html) == (200, False)


# --- privacy ------------------------------------------------------------------------------------------------------


def test_the_form_says_who_sees_what_is_optional(company: House, page_with: PageWith) -> None:
    """The note stands above the optional fields, with the company's own page behind it where there is one."""
    token = company.token_of(company.invite("bo@example.com"))
    alone = Visitor(page_with()).open(token)
    assert "administrators of your company can see" in alone.text
    assert "personal data" not in alone.text
    linked = Visitor(page_with(privacy_url=PRIVACY)).open(token)
    assert ("a", {"href": PRIVACY, "target": "_blank", "rel": "noopener"}) in linked.elements
    assert linked.html.index(PRIVACY.replace("&", "&amp;")) < linked.html.index('id="phone"')
