"""What mails say and how they are put together, as a mail program reads them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import pytest

from core.errors import Misconfigured, PostError, Setback
from core.mail.hosts import mail_host
from core.mail.parts import (
    ACCOUNT_READY,
    CAP_NEAR,
    INVITATION,
    LICENSE_EXPIRING,
    NOTICES,
    SEAT_GRANTED,
    SEATS_USED,
    TEST,
    Letterhead,
    Mail,
    Opened,
    Warned,
)
from core.mail.plain import answer_of, one_line
from core.mail.post import FolderPost
from core.mail.rendering import Writer, letterhead_of
from core.sentences import english_moment
from core.settings import Settings
from core.values import Secret

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LINK = f"https://join.example.com/i/{'Ab_-' * 11}"
KINDS = (INVITATION, ACCOUNT_READY, TEST, SEAT_GRANTED, *NOTICES)
OPENED = (
    Opened("Premium Sales", date(2026, 12, 31), ("Asking", "Closing"), ("From lead to deal",)),
    Opened("Basics"),
)
WARNED = Warned("Premium Sales", 7, 1_040, 1_050, date(2026, 3, 9))


def _letterhead(
    company: str = "Engine Works", helpdesk: str = "", color: str = "", **of_host: str
) -> Letterhead:
    given = {"public_url": "https://join.example.com", "mail_from": "academy@example.com"} | of_host
    settings = Settings(Path("/nowhere"), Secret(""), **given)  # type: ignore[arg-type]  # texts, all of them
    return letterhead_of(settings, company=company, helpdesk=helpdesk, color=color)


def _mail(
    kind: str = INVITATION, to: str = "bo@example.com", *, number: int = 17, language: str = ""
) -> Mail:
    link, end = (Secret(LINK), NOW + timedelta(days=7)) if kind == INVITATION else (None, None)
    opened, warned = OPENED if kind == SEAT_GRANTED else (), WARNED if kind in NOTICES else None
    return Mail(number, kind, to, language, NOW, link, end, opened, warned)


def _received(mail: Mail, head: Letterhead | None = None, *, now: datetime = NOW) -> EmailMessage:
    """Write a mail, send it as bytes and read it as a mail program does."""
    sent = Writer(head or _letterhead()).write(mail, now=now).as_bytes()
    received = message_from_bytes(sent, policy=policy.default)
    assert isinstance(received, EmailMessage)
    assert not received.defects
    return received


def _text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def _html_of(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


class Page(HTMLParser):
    """Reads HTML: its tags, links and words; complains where tags do not nest."""

    empty = ("meta",)

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))
        if tag not in self.empty:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost tag, which has to be this one."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note words that are shown."""
        if "style" not in self.open and "title" not in self.open:
            self.words += data.split()

    def links(self) -> set[str | None]:
        """Return where links lead."""
        return {attrs.get("href") for tag, attrs in self.tags if tag == "a"}


# --- both parts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_both_parts_tell_the_same(kind: str) -> None:
    """Text comes first, HTML second, and every word and link of the text stands in the HTML too."""
    message = _received(_mail(kind), _letterhead(helpdesk="help@example.com"))
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    page = Page(_html_of(message))
    shown = " ".join(page.words)
    for paragraph in _text_of(message).strip().split("\n\n"):
        assert " ".join(paragraph.split()) in shown
    assert page.links() == set(re.findall(r"^http\S+$", _text_of(message), re.MULTILINE))


@pytest.mark.parametrize("kind", KINDS)
def test_mails_pass_every_server(kind: str) -> None:
    """Parts are quoted-printable UTF-8 of ASCII lines that no server has to break, also with a company in Unicode."""
    mail = _mail(kind)
    sent = Writer(_letterhead("Żółć テスト 🎓")).write(mail, now=NOW).as_bytes()
    assert sent.isascii()
    assert max(map(len, sent.split(b"\r\n"))) <= 78
    assert b"\n" not in sent.replace(b"\r\n", b"")
    for part in _received(mail).iter_parts():
        assert (part["Content-Transfer-Encoding"], part.get_content_charset()) == (
            "quoted-printable",
            "utf-8",
        )


def test_the_invitation_says_everything_it_must() -> None:
    """Both parts say why, until when, how often, what to do with an unexpected mail and how to get a new link."""
    message = _received(_mail(), _letterhead(helpdesk="help@example.com"))
    for text in (_text_of(message), _html_of(message)):
        words = " ".join(text.split())
        assert "an administrator of Engine Works has invited bo@example.com to its learning platform" in words
        assert "valid until Monday, 9 March 2026, 09:00 UTC. It works exactly once." in words
        assert "do not forward this mail" in words
        assert "You did not expect this mail? Then ignore it" in words
        assert "Ask the person who invited you, or write to help@example.com, for a new one." in words


def test_the_link_is_alone_on_its_line() -> None:
    """In the text part the link is a line of its own, short enough not to be broken, also before decoding."""
    message = _received(_mail())
    [line] = [line for line in _text_of(message).splitlines() if "http" in line]
    assert line == LINK
    assert len(line) <= 74
    part = message.get_body(("plain",))
    assert part is not None
    assert LINK in str(part.get_payload()).splitlines()


def test_the_html_part_is_a_page_for_everybody() -> None:
    """The HTML part names language and direction, follows dark mode, loads nothing, and has one link with words."""
    html = _html_of(_received(_mail()))
    page = Page(html)
    assert ("html", {"lang": "en", "dir": "ltr"}) in page.tags
    assert ("meta", {"name": "color-scheme", "content": "light dark"}) in page.tags
    assert "prefers-color-scheme: dark" in html
    assert "$" not in html
    assert not {"img", "script", "link", "iframe", "table", "form"} & {tag for tag, _ in page.tags}
    assert "url(" not in html
    assert page.links() == {LINK}
    assert "Create your account" in " ".join(page.words)


def test_only_the_invitation_holds_a_link_to_register() -> None:
    """The notice after registering and the test hold no token; the notice leads to the sign-in page."""
    head = _letterhead(sign_in_url="https://learn.example.com/in")
    for kind in (ACCOUNT_READY, TEST):
        assert "/i/" not in _received(_mail(kind), head).as_string()
    assert Page(_html_of(_received(_mail(ACCOUNT_READY), head))).links() == {"https://learn.example.com/in"}


def test_the_mail_about_seats_says_what_they_open() -> None:
    """It names each license with its courses and paths and its last day, where to sign in and whom to ask."""
    head = _letterhead(sign_in_url="https://learn.example.com/in", helpdesk="help@example.com")
    message = _received(_mail(SEAT_GRANTED), head)
    assert message["Subject"] == "You've been granted access to Premium Sales, Basics"
    words = " ".join(_text_of(message).split())
    assert "because Engine Works has granted bo@example.com access to courses" in words
    assert (
        "Premium Sales: access until Thursday, 31 December 2026. Courses included: Asking, Closing." in words
    )
    assert "Learning path included: From lead to deal. Basics: access without an end date." in words
    assert "Something does not open? Write to help@example.com." in words
    assert Page(_html_of(message)).links() == {"https://learn.example.com/in"}
    many = tuple(Opened(f"L{number}", courses=tuple(map(str, range(40)))) for number in range(4))
    long = _received(replace(_mail(SEAT_GRANTED), opened=many))
    assert long["Subject"] == "You've been granted access to L0, L1 and 2 more"
    assert "28, 29 and 10 more." in " ".join(_text_of(long).split())


@pytest.mark.parametrize(
    ("kind", "threshold", "subject", "told"),
    [
        (
            LICENSE_EXPIRING,
            7,
            "Premium Sales expires on Monday, 9 March 2026",
            "Seats in use: 1,040 of 1,050.",
        ),
        (LICENSE_EXPIRING, 0, "Premium Sales has expired", "gave access until Monday, 9 March 2026."),
        (SEATS_USED, 90, "Few seats of Premium Sales are left", "in use: 1,040 of 1,050."),
        (SEATS_USED, 100, "All seats of Premium Sales are in use", "Nobody else can be given access"),
        (CAP_NEAR, 90, "Few places for users of Engine Works are left", "invitations of Engine Works: 1,040"),
        (CAP_NEAR, 100, "All places for users of Engine Works are taken", "Nobody new can be invited."),
    ],
)
def test_a_notice_says_what_runs_out_and_what_to_do(
    kind: str, threshold: int, subject: str, told: str
) -> None:
    """Each notice names what runs out in its subject, the numbers, why it came and what can be done."""
    message = _received(replace(_mail(kind), warned=replace(WARNED, threshold=threshold)))
    assert message["Subject"] == subject
    words = " ".join(_text_of(message).split())
    assert "because you are a Company Admin of Engine Works" in words
    assert told in words
    assert "sk whoever runs the platform" in words


def test_an_unknown_language_is_written_in_english() -> None:
    """A mail in a language without a catalog is in English and says so."""
    message = _received(_mail(language="xx"))
    assert message["Content-Language"] == "en"
    assert "Hello," in _text_of(message)


@pytest.mark.parametrize(
    "mail",
    [_mail("postcard"), *(Mail(1, kind, "bo@example.com", "", NOW) for kind in KINDS[:1] + KINDS[3:])],
)
def test_a_mail_nobody_can_write_fails_alone(mail: Mail) -> None:
    """An unknown kind, and one without what it is about, are refused as that mail's own fault."""
    with pytest.raises(PostError) as caught:
        Writer(_letterhead()).write(mail, now=NOW)
    assert caught.value.setback is Setback.REFUSED


# --- headers ------------------------------------------------------------------------------------------------------


def test_headers_are_those_of_a_mail_a_machine_sends() -> None:
    """Sender, recipient, subject, date, identity and language are right, and no list or reply is pretended."""
    message = _received(_mail(), _letterhead(helpdesk="Help@Example.com"))
    assert message["From"] == "Engine Works <academy@example.com>"
    assert message["To"] == "bo@example.com"
    assert message["Reply-To"] == "Help@example.com"
    assert message["Subject"] == "Engine Works invites you to its learning platform"
    assert message["Date"].datetime == NOW
    assert message["Message-ID"] == "<invitation.17.20260302090000000000@join.example.com>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "en"
    assert not {"List-Unsubscribe", "Precedence", "Cc", "Bcc"} & set(message.keys())


def test_the_same_mail_written_again_is_the_same_but_for_its_date() -> None:
    """A duplicate has the Message-ID, boundary and text of the first one; another mail has its own identity."""
    first, later = (
        Writer(_letterhead()).write(_mail(), now=now).as_string() for now in (NOW, NOW + timedelta(hours=1))
    )
    assert first != later
    assert re.sub(r"Date: .*", "", first) == re.sub(r"Date: .*", "", later)
    assert _received(_mail(number=18))["Message-ID"] != _received(_mail())["Message-ID"]


def test_a_unicode_domain_goes_into_headers_as_a_label() -> None:
    """Recipient, sender and Message-ID carry A-labels; the text shows the address as typed."""
    head = _letterhead(mail_from="academy@müller.example", public_url="https://müller.example")
    message = _received(_mail(to="Bo@Müller.example"), head)
    assert message["To"] == "Bo@xn--mller-kva.example"
    assert message["From"] == "Engine Works <academy@xn--mller-kva.example>"
    assert str(message["Message-ID"]).endswith("@xn--mller-kva.example>")
    assert "invited Bo@Müller.example" in " ".join(_text_of(message).split())


@pytest.mark.parametrize(
    "company",
    [
        "Eve\r\nBcc: victim@example.com",
        "Eve\nSubject: Win\n\nBody",
        "Eve\u2028Bcc: victim@example.com",
        "=?utf-8?q?Eve=0D=0ABcc:_victim@example.com?=",
        "Eve <victim@example.com>",
        "<victim@example.com>, Eve",
        f"{'E' * 60}, victim@example.com, and sons {'e' * 60}",
        'quote " and \\ back, ' * 8,
        f"{'ü, ' * 40}<victim@example.com>",
        "\u202ekroW\u202c \x1b[31mred\x1b[0m \x1b]0;owned\x07",
        "(), :;@[]",
    ],
)
@pytest.mark.parametrize("kind", [INVITATION, SEAT_GRANTED, SEATS_USED])
def test_no_name_adds_a_header_or_an_address(company: str, kind: str) -> None:
    """Whatever a company or a license is called, a mail has the same headers, one sender, one recipient, two parts."""
    mail = _mail(kind)
    opened = tuple(Opened(company, None, (company,)) for _ in mail.opened)
    warned = replace(WARNED, license=company) if mail.warned else None
    message = _received(replace(mail, opened=opened, warned=warned), _letterhead(company))
    assert message.keys() == _received(mail).keys()
    assert [each.addr_spec for each in message["From"].addresses] == ["academy@example.com"]
    assert [each.addr_spec for each in message["To"].addresses] == ["bo@example.com"]
    assert len(list(message.iter_parts())) == 2
    for text in (str(message["Subject"]), _text_of(message), _html_of(message)):
        assert not set(text) & set("\x1b\x07\u202e\u2028\r")


def test_a_company_name_is_shown_not_run() -> None:
    """Marks of HTML and of our own layout in a company's name are shown as they are."""
    message = _received(_mail(), _letterhead("A&B <script>alert(1)</script> $lang {address}"))
    page = Page(_html_of(message))
    assert not [tag for tag, _ in page.tags if tag == "script"]
    assert "A&B <script>alert(1)</script> $lang {address} has invited bo@example.com" in " ".join(page.words)


@pytest.mark.parametrize(
    "to", ["bo@example.com\r\nBcc: victim@example.com", "bo@example.com, cy@example.com", "", "bo"]
)
def test_a_recipient_is_one_address(to: str) -> None:
    """Anything but one address is refused as that mail's own fault."""
    with pytest.raises(PostError) as caught:
        Writer(_letterhead()).write(_mail(to=to), now=NOW)
    assert caught.value.setback is Setback.REFUSED
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    "sender", ["jörg@example.com", "a b@example.com", "academy@exa mple.com", "academy@[", "@"]
)
def test_a_sender_that_cannot_be_is_a_wrong_setting(sender: str) -> None:
    """A sender address that no header can carry names its setting."""
    with pytest.raises(Misconfigured, match="ACADEMY_MAIL_FROM"):
        _letterhead(mail_from=sender)


def test_a_helpdesk_that_is_no_address_is_left_out() -> None:
    """A company address that cannot be written to is not offered."""
    message = _received(_mail(), _letterhead(helpdesk="ask at the desk"))
    assert message["Reply-To"] is None
    assert "or another administrator of Engine Works" in " ".join(_text_of(message).split())


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://join.example.com", "join.example.com"),
        ("http://127.0.0.1:8000", "[127.0.0.1]"),
        ("http://[::1]:8000", "[IPv6:::1]"),
        ("https://Müller.example", "xn--mller-kva.example"),
    ],
)
def test_hosts_are_named_as_mail_names_them(url: str, host: str) -> None:
    """Names are in ASCII, addresses in brackets."""
    assert mail_host(url) == host
    assert str(_received(_mail(), _letterhead(public_url=url))["Message-ID"]).endswith(f"@{host}>")


# --- small parts --------------------------------------------------------------------------------------------------


def test_moments_are_told_in_full() -> None:
    """A moment has its weekday, date, time and zone, whatever zone it came in."""
    east = datetime.fromisoformat("2027-01-01T00:30+01:00")
    assert english_moment(east) == "Thursday, 31 December 2026, 23:30 UTC"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (b"5.1.1 No such\nuser", "5.1.1 No such user"),
        (b"\x1b[1;31mred\x1b[0m \x1b]0;title\x07text \x9b31m", "red text \ufffd31m"),
        (b"caf\xc3\xa9 \xff", "café \ufffd"),
        (f"blocked: {LINK}".encode(), "blocked: https://join.example.com/i/…"),
        (b"x " * 400, f"{'x ' * 149}x…"),
    ],
)
def test_answers_of_servers_are_made_harmless(said: bytes, shown: str) -> None:
    """Answers become one short line without escape codes, broken bytes and anything like a token."""
    assert answer_of(said) == shown


def test_a_password_in_an_answer_is_hidden() -> None:
    """A server that repeats the password does not get it into the outbox."""
    assert answer_of(b"no login for robot with s3cret", hide="s3cret") == "no login for robot with …"


def test_one_line_keeps_words_whole() -> None:
    """Joiners of scripts and emoji stay, everything that prints nothing goes."""
    assert one_line("हि\u200dन्दी  👩\u200d🎓\t\u202e x\x00") == "हि\u200dन्दी 👩\u200d🎓 x"


# --- mails as files -----------------------------------------------------------------------------------------------


def test_mails_are_written_as_files_for_their_owner_only(tmp_path: Path) -> None:
    """Each mail is a file that a mail program opens, named by time, number, kind and recipient."""
    folder = tmp_path / "deep" / "outbox"
    writer = Writer(_letterhead())
    with FolderPost(folder).connect() as connection:
        for number, to in ((17, "bo@example.com"), (18, "a/b|c@example.com")):
            connection.send(writer.write(_mail(to=to, number=number), now=NOW))
        connection.send(writer.write(_mail(TEST, number=3), now=NOW + timedelta(seconds=1)))
    files = sorted(folder.iterdir())
    assert [file.name for file in files] == [
        "20260302T090000Z-00000017-invitation-bo@example.com.eml",
        "20260302T090000Z-00000018-invitation-a_b_c@example.com.eml",
        "20260302T090001Z-00000003-test-bo@example.com.eml",
    ]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert message_from_bytes(files[0].read_bytes(), policy=policy.default)["To"] == "bo@example.com"


def test_a_folder_that_cannot_be_used_pauses(tmp_path: Path) -> None:
    """Where no file can be written the mails wait, and the sentence names the folder."""
    (tmp_path / "outbox").write_text("a file stands where the folder should be")
    with pytest.raises(PostError) as caught, FolderPost(tmp_path / "outbox").connect():
        pass
    assert caught.value.setback is Setback.PAUSE
    assert str(tmp_path / "outbox") in caught.value.message


def test_half_a_mail_is_never_seen(tmp_path: Path) -> None:
    """When a mail cannot be written to its end, neither it nor a part of it is left behind."""
    with FolderPost(tmp_path).connect() as connection:
        message = Writer(_letterhead()).write(_mail(), now=NOW)
        (tmp_path / "20260302T090000Z-00000017-invitation-bo@example.com.eml").mkdir()
        with pytest.raises(PostError):
            connection.send(message)
    assert [each.is_dir() for each in tmp_path.iterdir()] == [True]
