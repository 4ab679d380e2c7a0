"""Mails written fast are the same as those the standard library writes, byte for byte, whoever they are for."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.policy import SMTP
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import PostError
from core.mail.blocks import wrapped
from core.mail.parts import ACCOUNT_READY, INVITATION, NOTICES, SEAT_GRANTED, TEST, Mail, Opened, Warned
from core.mail.rendering import Writer, letterhead_of
from core.mail.stencil import Written, is_plain
from core.settings import Settings
from core.values import Secret

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ATOMS = "abzABZ019!#$%&'*+/=?^_`{|}~-."
LOCALS = st.text(ATOMS, min_size=1, max_size=64)
DOMAINS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?\.(com|example\.org|müller\.de)", fullmatch=True)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive
LINKS = st.from_regex(
    r"https?://[a-z0-9.-]{1,60}(:[0-9]{1,5})?/i/[A-Za-z0-9_-]{43}[A-Za-z0-9_=-]", fullmatch=True
)


def _writer(company: str = "Engine Works", host: str = "join.example.com", helpdesk: str = "") -> Writer:
    settings = Settings(
        Path("/nowhere"), Secret(""), public_url=f"https://{host}", mail_from="academy@example.com"
    )
    return Writer(letterhead_of(settings, company=company, helpdesk=helpdesk, color=""))


def _mail(kind: str, to: str = "bo@example.com", number: int = 17) -> Mail:
    link, end = (
        (Secret(f"https://join.example.com/i/{'Ab_-' * 11}"), NOW + timedelta(days=7))
        if kind == INVITATION
        else (None, None)
    )
    opened = (Opened("100 % = Sales", NOW.date(), ("Ąsking",)),) if kind == SEAT_GRANTED else ()
    warned = Warned("100 % = Sales", 0, 9, 10, NOW.date()) if kind in NOTICES else None
    return Mail(number, kind, to, "", NOW, link, end, opened, warned)


@given(
    kind=st.sampled_from((INVITATION, ACCOUNT_READY, TEST)),
    to=st.builds("{}@{}".format, LOCALS, DOMAINS),
    number=st.integers(1, 2**62),
    created=MOMENTS,
    now=MOMENTS,
    expires=MOMENTS,
    link=LINKS,
    company=st.text(max_size=60),
    host=st.sampled_from(("a.de", "join.example.com", f"{'long-' * 9}name.example.com")),
)
@example(
    kind=INVITATION,
    to="%(to)s%%@example.com",
    number=1,
    created=NOW,
    now=NOW,
    expires=NOW,
    link=f"https://{'x' * 60}/i/{'-' * 43}=",
    company="100 % = %(link)b $blocks {address} .\r\n.",
    host="a.de",
)
def test_fast_and_slow_are_the_same_bytes(  # noqa: PLR0913, PLR0917 - everything that differs between mails
    kind: str,
    to: str,
    number: int,
    created: datetime,
    now: datetime,
    expires: datetime,
    link: str,
    company: str,
    host: str,
) -> None:
    """For any address, number, moment, link, company and host the bytes are those of the standard library."""
    writer = _writer(company, host, "help@example.com")
    offer = (Secret(link), expires) if kind == INVITATION else (None, None)
    mail = Mail(number, kind, to, "", created, *offer)
    try:
        writer.write(_mail(kind, "first@example.com", number), now=NOW)  # the one the stencil is cut from
        first, written = (writer.write(mail, now=now) for _ in range(2))  # the second one out of a draft
    except PostError:
        with pytest.raises(PostError):
            writer.build(mail, now=now)
        return
    assert first.as_bytes(policy=SMTP) == writer.build(mail, now=now).as_bytes(policy=SMTP)
    assert first.as_bytes(policy=SMTP) == written.as_bytes(policy=SMTP)


@pytest.mark.parametrize("kind", [INVITATION, ACCOUNT_READY, TEST, SEAT_GRANTED, *NOTICES])
@pytest.mark.parametrize("host", ["join.example.com", f"{'long-' * 9}name.example.com"])
def test_ordinary_mails_are_written_fast(kind: str, host: str) -> None:
    """The fast way is taken for each kind, also where a header has to be folded, and the envelope is right."""
    writer = _writer("Żółć & 100 % テスト", host)
    for number in (1, 9, 10, 123_456):
        written = writer.write(_mail(kind, number=number), now=NOW)
        assert isinstance(written, Written)
        assert written.envelope == ("academy@example.com", "bo@example.com")
        assert written.as_bytes() == writer.build(_mail(kind, number=number), now=NOW).as_bytes(policy=SMTP)


def test_a_stencil_never_carries_a_person_over() -> None:
    """Nothing of the mail that a stencil was cut from is in the next one."""
    writer = _writer()
    link = Secret(f"https://join.example.com/i/{'FIRST' * 9}"[:-1])
    first = replace(_mail(INVITATION, "fi@example.com"), link=link)
    for _ in range(2):
        writer.write(first, now=NOW - timedelta(days=400))
    second = writer.write(_mail(INVITATION, number=18), now=NOW).as_bytes()
    assert not [word for word in (b"fi@", b"FIRST", b"2025", b".17.") if word in second]


@given(to=st.text(max_size=80) | st.builds("{}\r\nBcc: {}@example.com".format, LOCALS, LOCALS))
@example(to="bo@example.com\r\nBcc: victim@example.com")
@example(to="=?utf-8?q?victim=40example.com=2C?=@example.com")
@example(to="bo@example.com\n\nBody")
@example(to="bo@example.com\u2028Bcc: victim@example.com")
@example(to="--boundary@example.com")
def test_no_recipient_adds_a_header_or_an_address(to: str) -> None:
    """Whatever stands where the address should, the mail is refused or has the usual headers and one recipient."""
    writer = _writer()
    usual = writer.write(_mail(TEST), now=NOW)
    try:
        sent = writer.write(_mail(TEST, to), now=NOW).as_bytes(policy=SMTP)
    except PostError:
        return
    received = message_from_bytes(sent, policy=policy.default)
    assert received.keys() == usual.keys()
    assert len(received["To"].addresses) == 1
    assert len(list(received.walk())) == 3


@pytest.mark.parametrize(
    "address",
    [
        "a@b.de\n",
        "a\r\nb@c.de",
        "a b@c.de",
        "a@b.de, c@d.de",
        "=?utf-8?q?a?=@b.de",
        "ü@b.de",
        "@b.de",
        "a..b@c.de",
    ],
)
def test_an_odd_address_is_left_to_the_standard_library(address: str) -> None:
    """Whatever is not short and made of plain atoms is not put into a header by us."""
    assert not is_plain(address)


def test_a_written_mail_reads_like_any_other() -> None:
    """Headers and parts of a mail that was written fast can be asked for as of one that was built."""
    writer = _writer("Żółć")
    fast, slow = (way(_mail(INVITATION), now=NOW) for way in (writer.write, writer.build))
    assert isinstance(fast, Written)
    assert fast.items() == slow.items()
    assert fast["Date"].datetime == NOW
    assert [part.get_content() for part in fast.iter_parts()] == [
        part.get_content() for part in slow.iter_parts()
    ]


@given(words=st.lists(st.text("abc-.,é", min_size=1, max_size=90), min_size=1, max_size=60))
def test_lines_are_broken_as_textwrap_breaks_them(words: list[str]) -> None:
    """Words joined by single blanks are put on lines exactly as `textwrap.fill` does."""
    text = " ".join(words)
    assert wrapped(text) == textwrap.fill(text, 72, break_long_words=False, break_on_hyphens=False)
