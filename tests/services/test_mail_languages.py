"""Which language a mail leaves in: its reader's choice, else the company's at that moment."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from core.errors import Invalid
from core.mail.parts import ACCOUNT_READY, INVITATION, LICENSE_EXPIRING, SEAT_GRANTED
from core.models import Invitation, OutboxMail
from core.roles import Role
from core.services.accepting import accept
from core.services.company import edit_company
from core.services.inviting import Line, Offer, invite, invite_many, renew, withdraw
from core.services.mailing import deliver_due, queue_test
from core.services.people import GiveSeat, SetLanguage, change_people
from core.services.undoing import undo
from core.services.warning import send_warnings
from core.targets import Target
from tests.clock import MovableClock
from tests.learners import bought
from tests.people import PASSWORD, House
from tests.posts import ScriptedPost
from tests.services import rows


@pytest.fixture
def post() -> ScriptedPost:
    """Return the mail server of the test's core."""
    return ScriptedPost()


def speaks(company: House, language: str) -> None:
    """Give the company a language."""
    with company.core.work(company.admin) as work:
        edit_company(work, {"language": language})


def invited(company: House, address: str, language: str = "") -> int:
    """Invite somebody, in a language where one is named."""
    with company.core.work(company.admin) as work:
        return invite(work, address, Offer(language=language))


def delivered(company: House, post: ScriptedPost) -> list[tuple[str, str]]:
    """Send what is due, and return recipient and language of each mail."""
    before = len(post.taken)
    deliver_due(company.core)
    return [(str(each["To"]), language_of(each)) for each in post.taken[before:]]


def language_of(message: EmailMessage) -> str:
    """Return the language that a mail says it is in; its page says the same."""
    page = message.get_body(("html",))
    language = str(message["Content-Language"])
    assert page is not None
    assert f'<html lang="{language}"' in str(page.get_content())
    return language


def test_without_a_choice_an_invitation_speaks_the_companys_language_when_it_leaves(
    company: House, post: ScriptedPost
) -> None:
    """Neither the invitation nor its mail stores a language, so the company's counts at the moment of sending."""
    one = invited(company, "bo@example.com")
    assert (rows.invitation(company.core, one).language, rows.mails(company.core)[-1].language) == ("", "")
    speaks(company, "de")
    assert delivered(company, post) == [("bo@example.com", "de")]


def test_a_chosen_language_counts_for_one_and_for_many(
    company: House, post: ScriptedPost, clock: MovableClock
) -> None:
    """What the inviter chose stands in the invitation and is the mail's, for single invitations and for a file."""
    speaks(company, "fr")
    one = invited(company, "bo@example.com", "de")
    with company.core.work(company.admin) as work:
        invite_many(work, [Line(1, "cy@example.com"), Line(2, "di@example.com")], Offer(language="it"))
        invite_many(work, [Line(1, "ed@example.com"), Line(2, "flo@example.com")], Offer())
    assert rows.invitation(company.core, one).language == "de"
    clock.move(seconds=11)
    assert sorted(delivered(company, post)) == [
        ("bo@example.com", "de"),
        ("cy@example.com", "it"),
        ("di@example.com", "it"),
        ("ed@example.com", "fr"),
        ("flo@example.com", "fr"),
    ]


def test_a_language_that_is_none_is_refused(company: House) -> None:
    """An invitation in a language that nobody is offered is refused, and nothing is written."""
    with company.core.work(company.admin) as work, pytest.raises(Invalid) as caught:
        invite(work, "bo@example.com", Offer(language="tlh"))
    assert "language" in caught.value.fields
    assert not rows.mails(company.core)


@pytest.mark.parametrize("language", ["", "de"])
def test_renewing_keeps_the_choice_and_the_lack_of_one(
    company: House, post: ScriptedPost, language: str
) -> None:
    """A renewed invitation has the old one's language; where none was chosen the company's of today counts."""
    old = invited(company, "bo@example.com", language)
    speaks(company, "es")
    with company.core.work(company.admin) as work:
        renew(work, [old])
    assert rows.all_of(company.core, Invitation.__table__.select())[-1].language == language
    assert delivered(company, post) == [("bo@example.com", language or "es")]


def test_an_invitation_that_is_opened_again_keeps_its_language(company: House, post: ScriptedPost) -> None:
    """Taking a withdrawal back lets the mails go in the languages they had."""
    ids = [invited(company, "bo@example.com", "de"), invited(company, "cy@example.com")]
    with company.core.work(company.admin) as work:
        batch = withdraw(work, ids).batch
    with company.core.work(company.admin) as work:
        undo(work, batch or "")
    assert sorted(delivered(company, post)) == [("bo@example.com", "de"), ("cy@example.com", "en")]


@pytest.mark.parametrize(
    ("chosen", "invited_in", "expected"), [("it", "de", "it"), ("", "de", "de"), ("", "", "fr")]
)
def test_the_notice_of_a_new_account_is_in_the_persons_language(
    company: House, post: ScriptedPost, chosen: str, invited_in: str, expected: str
) -> None:
    """The language chosen in the form comes first, then the invitation's, then the company's; the notice has no token."""
    speaks(company, "fr")
    token = company.token_of(invited(company, "bo@example.com", invited_in))
    deliver_due(company.core)
    fields = {"first_name": "Bo", "last_name": "Berg", "password": PASSWORD, "language": chosen}
    accept(company.core, token, fields)
    assert delivered(company, post) == [("bo@example.com", expected)]
    notice = post.taken[-1]
    assert str(notice["X-Academy-Mail"]).endswith(ACCOUNT_READY)
    assert token not in notice.as_string()
    assert "/i/" not in notice.as_string()


def test_seats_and_warnings_are_told_in_the_readers_language(
    company: House, post: ScriptedPost, clock: MovableClock
) -> None:
    """Whoever is given a seat, and each Company Admin who is warned, reads it in their own language or the company's."""
    bo, cy = company.register("bo@example.com"), company.register("cy@example.com")
    premium = bought(company, "Premium Sales", seats=2, until=clock.now().date())
    deliver_due(company.core)
    speaks(company, "es")
    with company.core.work(company.admin) as work:
        change_people(work, Target(ids=[bo, company.admin_id]), SetLanguage("de"))
        change_people(work, Target(ids=[bo, cy]), GiveSeat(premium))
    clock.move(seconds=11)
    with company.core.operator() as work:
        send_warnings(work)
    told = delivered(company, post)
    kinds = [str(each["X-Academy-Mail"]).partition(" ")[2] for each in post.taken[-len(told) :]]
    granted = [each for each, kind in zip(told, kinds, strict=True) if kind == SEAT_GRANTED]
    warned = [each for each, kind in zip(told, kinds, strict=True) if kind == LICENSE_EXPIRING]
    assert sorted(granted) == [("bo@example.com", "de"), ("cy@example.com", "es")]
    assert warned == [(company.admin_address, "de")]


def test_a_language_that_is_no_longer_offered_gives_way_to_the_companys(
    company: House, post: ScriptedPost
) -> None:
    """A mail that was queued in a language without a catalog leaves in the company's."""
    speaks(company, "de")
    with company.core.operator() as work:
        queue_test(work, "bo@example.com")
        work.db.execute(OutboxMail.__table__.update().values(language="tlh"))  # type: ignore[attr-defined]  # a table
    assert delivered(company, post) == [("bo@example.com", "de")]


def test_a_token_goes_by_invitation_only(company: House, post: ScriptedPost) -> None:
    """Of all mails of a day only those that invite hold a link to register."""
    company.register("bo@example.com", Role.TRAINER)
    invited(company, "cy@example.com")
    with company.core.operator() as work:
        queue_test(work, "ada@example.com")
    deliver_due(company.core)
    for message in post.taken:
        is_invitation = str(message["X-Academy-Mail"]).endswith(INVITATION)
        assert ("/i/" in message.as_string()) == is_invitation
