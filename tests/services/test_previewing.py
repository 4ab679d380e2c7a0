"""Mails that are read before anybody gets one."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest

from core.errors import Invalid, LinkUnknown, PermissionNeeded
from core.roles import Role
from core.services.accepting import read_link
from core.services.company import edit_company, set_cap
from core.services.previewing import KINDS, NO_TOKEN, READER, Preview, preview
from core.services.signing_in import sign_in
from tests.databases import sqlite_only
from tests.people import COMPANY, PASSWORD, House
from tests.services import rows

pytestmark = sqlite_only


def previewed(company: House, kind: str, language: str = "") -> Preview:
    """Return a preview as the company's admin sees it."""
    with company.core.look(company.admin) as look:
        return preview(look, company.core.settings, kind, language=language)


@pytest.mark.parametrize("kind", KINDS)
def test_a_preview_is_the_whole_mail(company: House, kind: str) -> None:
    """Headers and both parts are those of the bytes that would leave, under the company's name, color and address."""
    with company.core.work(company.admin) as work:
        edit_company(work, {"color": "#0a7d33", "email": "help@example.com"})
    found = previewed(company, kind)
    message = message_from_bytes(found.raw, policy=policy.default)
    assert (found.sender, found.reply_to) == (str(message["From"]), "help@example.com")
    assert (found.to, found.subject) == (READER, str(message["Subject"]))
    assert [part.get_content().replace("\r\n", "\n") for part in message.iter_parts()] == [
        found.text,
        found.html,
    ]
    assert COMPANY in found.html
    assert "#0a7d33" in found.html
    assert found.headers()[0] == f"Subject: {found.subject}"


def test_a_preview_is_in_the_companys_language_or_the_one_asked_for(company: House) -> None:
    """Without a choice the company's language is spoken; any other that is offered can be asked for."""
    with company.core.work(company.admin) as work:
        edit_company(work, {"language": "fr"})
    assert previewed(company, "invitation").language == "fr"
    german = previewed(company, "invitation", "de")
    assert german.language == "de"
    assert german.subject != previewed(company, "invitation").subject


def test_the_link_of_a_preview_opens_nothing_and_nothing_is_written(company: House) -> None:
    """It looks like a link of this host, of the same length, and is unknown to it; no mail and no event is written."""
    token = company.token_of(company.invite("bo@example.com"))
    before = rows.dump(company.core)
    found = previewed(company, "invitation")
    assert f"\n{company.core.settings.public_url}/i/{NO_TOKEN}\n" in found.text
    assert len(NO_TOKEN) == len(token)
    with company.core.glance() as visit, pytest.raises(LinkUnknown):
        read_link(visit, NO_TOKEN)
    assert rows.dump(company.core) == before


def test_the_maximum_of_users_is_the_companys_own(company: House) -> None:
    """The notice about places tells of nine tenths of the company's maximum."""
    with company.core.operator() as work:
        set_cap(work, 1_005)
    assert "905 of 1,005" in previewed(company, "cap_near").text


@pytest.mark.parametrize(
    ("kind", "language", "field"), [("postcard", "", "kind"), ("test", "tlh", "language")]
)
def test_what_cannot_be_previewed_is_said_with_what_can(
    company: House, kind: str, language: str, field: str
) -> None:
    """An unknown kind and a language without mails are refused, with a list of what there is."""
    with pytest.raises(Invalid) as caught:
        previewed(company, kind, language)
    assert "There is: " in caught.value.fields[field]


def test_who_may_not_see_mails_may_not_preview_them(company: House) -> None:
    """Below Company Admin nobody previews a mail."""
    company.register("bo@example.com", Role.CONTENT_MANAGER)
    opened = sign_in(company.core, "bo@example.com", PASSWORD, source="test", surface="page")
    with company.core.look(opened.sign_in_id) as look, pytest.raises(PermissionNeeded):
        preview(look, company.core.settings, "test")
