"""The form itself: what is asked and how, what wrong entries get, what survives (R24-R26, design section 5)."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from core.core import Core
from core.models import User
from core.registration import LANGUAGES
from tests.databases import sqlite_only
from tests.people import House
from tests.web.visitor import FILLED_IN, PASSWORD, Page, Visitor

pytestmark = sqlite_only

OPTIONAL = ("phone", "address", "born_day", "born_month", "born_year", "job_title", "language")
PROMISED = {"first_name", "last_name", "password", *OPTIONAL, "csrf_token"}
HOSTILE = [
    "<b>&\"'", "{{7*7}}", "%(x)s", "{0.__class__}", "'; DROP TABLE users; --", "O’Brien", "Nguyễn Văn", "Ƶ", "مريم", "李", "J",
    "Eve [/x]\x1b]52;c;ZWNobyBoaQ==\x07", "\x1b[31mred", "tab\there", "\u202eevil", "--help", "=cmd|' /C calc'!A0",
]  # fmt: skip


@pytest.fixture
def form(company: House, visitor: Visitor) -> Page:
    """Return the form of an invitation of bo@example.com, opened by `visitor`."""
    return visitor.open(company.token_of(company.invite("bo@example.com")))


def _names(core: Core) -> tuple[str, str]:
    with core.glance() as visit:
        found = visit.db.execute(
            select(User.first_name, User.last_name).where(User.address_key == "bo@example.com")
        ).one()
    return found.first_name, found.last_name


# --- what is asked ------------------------------------------------------------------------------------------------


def test_the_form_has_the_promised_fields(form: Page) -> None:
    """Every promised field is there, under its promised name."""
    names = {attrs["name"] for _, attrs in form.elements if attrs.get("name")}
    assert names - {"viewport", "color-scheme"} == PROMISED | {"invitation", "email"}


def test_every_field_has_a_visible_label(form: Page) -> None:
    """Each field that is seen has a label of its own and no placeholder."""
    labels = {attrs.get("for") for tag, attrs in form.elements if tag == "label"}
    seen = {
        attrs["id"]
        for tag, attrs in form.elements
        if tag in {"input", "textarea", "select"} and attrs.get("type") != "hidden"
    }
    assert labels == seen
    assert "placeholder" not in form.html


def test_browsers_are_told_what_belongs_where(form: Page) -> None:
    """Each field names its purpose, so that browsers and password managers fill in the right thing (WCAG 1.3.5)."""
    told = {
        name: form.field(name).get("autocomplete")
        for name in ("first_name", "last_name", "email", "password", *OPTIONAL)
    }
    assert told == {
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
        "language": None,
    }


def test_the_address_stands_right_before_the_password(form: Page) -> None:
    """Password managers store the address as the user name, not a name of the person (P26)."""
    inputs = [attrs["id"] for tag, attrs in form.elements if tag == "input" and attrs.get("type") != "hidden"]
    assert inputs[inputs.index("password") - 1] == "email"


def test_the_browser_judges_nothing(form: Page) -> None:
    """No field keeps a browser from sending; optional ones say that they are."""
    assert ("form", {"method": "post", "action": "/register", "novalidate": None}) in form.elements
    forbidden = {"required", "minlength", "maxlength", "pattern"}
    assert not [attrs for _, attrs in form.elements if forbidden & attrs.keys()]
    assert form.text.count("(optional)") == 5


def test_the_languages_are_offered_in_their_own_words(form: Page) -> None:
    """Each language stands there in itself, and the page's own is chosen."""
    options = [attrs for tag, attrs in form.elements if tag == "option"]
    assert [attrs["value"] for attrs in options] == ["", *LANGUAGES]
    assert all(attrs.get("lang") == attrs["value"] for attrs in options[1:])
    assert [attrs["value"] for attrs in options if "selected" in attrs] == ["en"]


def test_the_form_tells_how_long_the_link_works(form: Page) -> None:
    """The page says until when the invitation is valid, with its time zone."""
    assert "valid until Monday, 9 March 2026, 09:00 UTC" in form.text


def test_a_form_drawn_from_the_sheet_is_the_form(visitor: Visitor, form: Page, company: House) -> None:
    """The second reader of the same page gets the first one's bytes but for what is theirs alone."""
    second = visitor.open(
        company.token_of(company.invite('"><i>&{csrf}%s@example.com'.replace('"><i>&', "o'neil+")))
    )
    assert second.field("email")["value"] == "o'neil+{csrf}%s@example.com"
    shown = [page.html for page in (form, second)]
    for number, page in enumerate((form, second)):
        for name in ("csrf_token", "invitation", "email"):
            shown[number] = shown[number].replace(
                f'value="{page.field(name)["value"]}"'.replace("'", "&#39;"), ""
            )
    assert shown[0] == shown[1]


def test_the_form_tells_nothing_about_role_or_inviter(company: House, form: Page) -> None:
    """Neither who invited nor with which role is on the page (15.3.1)."""
    assert company.admin_address not in form.html
    assert "learner" not in form.html.lower()


# --- wrong entries ------------------------------------------------------------------------------------------------


def test_an_empty_form_names_what_is_missing(visitor: Visitor, form: Page) -> None:
    """Each required field gets its own sentence, beside it and in the summary, in the order of the form (R25)."""
    page = visitor.send({})
    assert page.status == 422
    assert page.errors == {
        "first_name": "Enter your first name.",
        "last_name": "Enter your last name.",
        "password": "Enter a password.",
    }
    for name, sentence in page.errors.items():
        field = page.field(name)
        assert field["aria-invalid"] == "true"
        assert f"{name}-error" in (field["aria-describedby"] or "").split()
        assert page.by_id(f"{name}-error")["class"] == "error"
        assert page.html.count(sentence) == 2
    assert page.text_of("title") == "Error: Create your account"
    assert page.html.index("There is a problem") < page.html.index("<h1>")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"password": "1234567"}, "password"),
        ({"password": "password1"}, "password"),
        ({"password": "berg berg"}, "password"),
        ({"password": "engineworks9"}, "password"),
        ({"password": "x" * 1025}, "password"),
        ({"first_name": " \u200b "}, "first_name"),
        ({"first_name": "x" * 101}, "first_name"),
        ({"last_name": "two\nlines"}, "last_name"),
        ({"last_name": "nul\x00"}, "last_name"),
        ({"phone": "call me"}, "phone"),
        ({"address": "x" * 501}, "address"),
        ({"born_day": "31", "born_month": "2", "born_year": "1990"}, "born_day"),
        ({"born_day": "1", "born_year": "1990"}, "born_month"),
        ({"born_day": "1", "born_month": "1", "born_year": "2030"}, "born_year"),
        ({"born_day": "\uff11", "born_month": "1", "born_year": "1990"}, "born_day"),
        ({"job_title": "x" * 101}, "job_title"),
        ({"language": "xx"}, "language"),
    ],
)
def test_a_wrong_entry_is_marked_where_it_stands(
    core: Core, visitor: Visitor, form: Page, wrong: dict[str, str], field: str
) -> None:
    """Each wrong entry gets one sentence at its field, and nothing is written."""
    page = visitor.send(FILLED_IN | wrong)
    assert page.status == 422
    assert list(page.errors) == [field]
    assert page.by_id(field)
    assert page.by_id(f"{field}-error")
    with core.glance() as visit:
        assert visit.db.scalars(select(User.address_key)).all() == ["ada@example.com"]


@pytest.mark.parametrize(
    ("password", "status"), [("kiwi42z", 422), ("kiwi42zu", 303), ("🦉🦉🦉🦉🦉🦉🦉x", 303)]
)
def test_a_password_has_eight_characters_or_more(
    visitor: Visitor, form: Page, password: str, status: int
) -> None:
    """Seven characters are refused and eight will do, counted as people count (R25)."""
    assert visitor.send(FILLED_IN | {"password": password}).status == status


def test_what_was_typed_survives_and_the_password_does_not(visitor: Visitor, form: Page) -> None:
    """After an error every field holds what was typed, the password none (P23)."""
    typed = {
        "first_name": "",
        "last_name": "O’Brien <x>",
        "password": PASSWORD,
        "phone": "+49 30 901820",
        "address": "\n  Main Street 1\nTown",
        "born_day": "27",
        "born_month": "march",
        "born_year": "1990",
        "job_title": "Fitter & more",
        "language": "pl",
    }
    page = visitor.send(typed)
    for name in ("last_name", "phone", "born_day", "born_month", "born_year", "job_title"):
        assert page.field(name)["value"] == typed[name]
    assert "\n\n  Main Street 1\nTown</textarea>" in page.html
    assert '<option value="pl" lang="pl" selected>' in page.html
    assert page.field("password").get("value") is None
    assert PASSWORD not in page.html


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_only_text(core: Core, visitor: Visitor, form: Page, name: str) -> None:
    """Any name is shown again literally, sends no control byte, and is stored as it was typed."""
    typed = {"first_name": name, "last_name": name, "password": "short"}
    page = visitor.send(typed)
    without_references = re.sub(
        "[\x01-\x1f]", "", name
    )  # Python drops the references; a browser takes them (outside/)
    assert page.field("first_name")["value"] in {name, without_references}
    assert "<b>" not in page.html
    assert not [char for char in page.html if ord(char) < 32 and char not in "\n\t"]
    assert visitor.send(typed | {"password": PASSWORD}).status == 303
    assert _names(core) == (name, name)


# --- what cannot be set -------------------------------------------------------------------------------------------


def test_nobody_gives_themselves_anything(core: Core, company: House, visitor: Visitor, form: Page) -> None:
    """Address, role and everything else that is not asked for come from the invitation alone (P32, 8.2.2)."""
    extra = {
        "email": "mallory@example.com",
        "role": "40",
        "is_admin": "1",
        "id": "1",
        "status": "archived",
        "department_id": str(company.departments["Sales"]),
        "address_key": "x",
    }
    assert visitor.send(FILLED_IN | extra).status == 303
    with core.glance() as visit:
        found = visit.db.execute(
            select(User.address, User.role, User.status, User.department_id).order_by(User.id.desc())
        ).first()
    assert found is not None
    assert tuple(found) == ("bo@example.com", 10, "active", None)


def test_the_query_string_fills_in_nothing(visitor: Visitor, form: Page) -> None:
    """Fields count only where they stand in the body (15.3.7)."""
    typed = {key: value for key, value in FILLED_IN.items() if key != "first_name"}
    page = visitor.send(typed, query_string={"first_name": "Eve"})
    assert list(page.errors) == ["first_name"]
    assert visitor.ask("/register?first_name=Eve").field("first_name")["value"] == ""


@pytest.mark.parametrize("name", ["first_name", "password", "csrf_token", "unknown"])
def test_a_field_that_is_sent_twice_is_refused(visitor: Visitor, form: Page, name: str) -> None:
    """Nobody can tell which one was meant, so neither counts (15.3.7)."""
    both = [form.hidden().get(name) or "x", "y"]
    assert visitor.send(FILLED_IN | {name: both}).status == 400


# --- sent from this page, for this invitation ---------------------------------------------------------------------


@pytest.mark.parametrize("token", ["", "garbled", None])
def test_a_failed_check_shows_the_form_again(visitor: Visitor, form: Page, token: str | None) -> None:
    """Without its CSRF token nothing is written; the form comes back with what was typed, and then works (P23)."""
    hidden = form.hidden()
    hidden.pop("csrf_token")
    sent = hidden | FILLED_IN | ({} if token is None else {"csrf_token": token})
    page = visitor.ask("/register", "POST", data=sent)
    assert (page.status, page.field("first_name")["value"]) == (400, "Bo")
    assert "Nothing was saved" in page.text
    assert PASSWORD not in page.html
    assert visitor.send().status == 303


def test_a_token_of_another_browser_does_not_count(
    company: House, app: Flask, form: Page, visitor: Visitor
) -> None:
    """The CSRF token is bound to the cookie."""
    other = Visitor(app)
    theirs = other.open(company.token_of(company.invite("cy@example.com"))).hidden()
    page = visitor.send(FILLED_IN | {"csrf_token": theirs["csrf_token"]})
    assert page.status == 400


def test_nothing_can_be_sent_without_opening_a_link(app: Flask, form: Page) -> None:
    """Without the cookie there is no form, and sending one explains what to do (P24)."""
    stranger = Visitor(app)
    for page in (stranger.ask("/register"), stranger.send()):
        assert page.status == 403
        assert "Allow cookies" in page.text


def test_a_form_whose_cookie_is_lost_comes_back_filled_in(app: Flask, form: Page) -> None:
    """When the cookie has run out while typing, what was typed is kept and the next submit works (P23, P24)."""
    late = Visitor(app)
    late.page = form
    page = late.send()
    assert (page.status, page.field("first_name")["value"]) == (409, "Bo")
    assert late.send().status == 303


def test_two_invitations_in_one_browser_do_not_cross(
    core: Core, company: House, visitor: Visitor, form: Page
) -> None:
    """A form of the first invitation, sent after the second was opened, stays a form of the first (P25)."""
    second = visitor.open(company.token_of(company.invite("cy@example.com")))
    assert second.field("email")["value"] == "cy@example.com"
    visitor.page = form
    page = visitor.send(FILLED_IN | {"first_name": "Bo himself"})
    assert page.status == 409
    assert (page.field("email")["value"], page.field("first_name")["value"]) == (
        "bo@example.com",
        "Bo himself",
    )
    assert visitor.send(FILLED_IN | {"first_name": "Bo himself"}).status == 303
    assert _names(core) == ("Bo himself", "Berg")


def test_the_fields_of_two_forms_cannot_be_mixed(company: House, visitor: Visitor, form: Page) -> None:
    """The token of one invitation with the name of another makes no account (P25)."""
    second = visitor.open(company.token_of(company.invite("cy@example.com")))
    mixed = second.hidden() | {"invitation": form.hidden()["invitation"]}
    assert visitor.ask("/register", "POST", data=mixed | FILLED_IN).status == 409


def test_the_name_of_the_invitation_cannot_be_forged(visitor: Visitor, form: Page) -> None:
    """The hidden name of the invitation is signed; any other text is refused."""
    for forged in ("ab" * 16, form.hidden()["invitation"] + "x", "é"):
        assert visitor.send(FILLED_IN | {"invitation": forged}).status == 400


def test_a_client_that_sends_only_the_promised_fields_is_served(visitor: Visitor, form: Page) -> None:
    """The token alone ties a form to its invitation, so scripts need no field beyond the promised ones."""
    sent = FILLED_IN | {"csrf_token": form.hidden()["csrf_token"]}
    assert visitor.ask("/register", "POST", data=sent).status == 303
    assert visitor.ask("/register", "POST", data=sent).status == 303


@pytest.mark.parametrize("cookie", ["", "garbage", "eyJpbnZpdGF0aW9uIjoiYWIifQ.aaaa.bbbb"])
def test_a_forged_cookie_opens_nothing(app: Flask, cookie: str) -> None:
    """A cookie that this page has not signed counts as none (1.5.2)."""
    visitor = Visitor(app)
    visitor.client.set_cookie(app.config["SESSION_COOKIE_NAME"], cookie, domain="127.0.0.1")
    assert visitor.ask("/register").status == 403
