"""Mails in every language that is offered, and in two made-up ones that show what was forgotten."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.policy import SMTP
from html import unescape

import pytest

from core.mail.letters import letter_for, tongue_for
from core.mail.parts import CAP_NEAR, INVITATION, SEAT_GRANTED, Letterhead, Mail, Opened, Paragraph
from core.mail.rendering import Writer
from core.mail.stencil import Written
from core.reading.mail import KINDS as WORDS
from core.services.previewing import NO_TOKEN, READER, example
from core.tongues import Tongue, offered, tongue_of
from tests.letters import KINDS, NOW, mail_of
from tests.pseudo import accented, mirrored

HEAD = Letterhead("Engine Works", "academy@example.com", "help@example.com", "", "join.example.com", None)
URL = "https://join.example.com"
LANGUAGES = offered()
MADE_UP: dict[str, Callable[[], Tongue]] = {"accented": accented, "mirrored": mirrored}
LINK = re.compile(r"https://\S+")
ARABIC = "شركة"


def spoken(language: str) -> Tongue:
    """Return an offered language, or a made-up one."""
    return MADE_UP[language]() if language in MADE_UP else tongue_of(language)


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a text part, each on one line."""
    return [" ".join(each.split()) for each in text.strip().split("\n\n")]


def text_of(tongue: Tongue, mail: Mail) -> str:
    """Return the paragraphs of a mail."""
    return " ".join(
        each.text for each in letter_for(tongue, HEAD, mail).blocks if isinstance(each, Paragraph)
    )


def test_every_kind_of_mail_is_tested_and_can_be_read_before() -> None:
    """What can be previewed, and is looked at here, is what the outbox knows."""
    assert set(KINDS) == set(WORDS)


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_is_whole_in_every_language(kind: str, language: str) -> None:
    """Subject and every paragraph are said in the language, none is left out, and headers and page name it."""
    here, english = mail_of(kind, language), mail_of(kind)
    assert here.language == language
    assert f'<html lang="{language}" dir="ltr">' in here.html
    assert here.subject != english.subject
    pairs = list(zip(paragraphs(here.text), paragraphs(english.text), strict=True))
    assert not [said for said, in_english in pairs if said == in_english]


@pytest.mark.parametrize("kind", KINDS)
def test_no_sentence_misses_its_catalog(kind: str) -> None:
    """In the accented language every paragraph, label and subject comes whole from the catalog, between its brackets."""
    mail = mail_of(kind, accented())
    bare = LINK.sub("", mail.html.partition("<main>")[2])
    told = [" ".join(each.split()) for each in re.sub(r"<[^>]+>", "\n", bare).split("\n") if each.strip()]
    for said in (*told, mail.subject, *paragraphs(LINK.sub("", mail.text))):
        assert (said[0], said[-1]) == ("⟦", "⟧")


@pytest.mark.parametrize("language", [*LANGUAGES, *MADE_UP])
def test_the_invitation_tells_every_fact_in_every_language(language: str) -> None:
    """It names company, address and helpdesk, and until when the link works, as the language writes it, with the zone."""
    tongue = spoken(language)
    mail = mail_of(INVITATION, tongue)
    text = " ".join(mail.text.split())
    until = tongue.moment(NOW + timedelta(days=7))
    for fact in ("Engine Works", READER, "help@example.com", " ".join(until.split()), "UTC"):
        assert fact in text
    assert len(paragraphs(mail.text)) == len(paragraphs(mail_of(INVITATION).text))


@pytest.mark.parametrize("language", [*LANGUAGES, *MADE_UP])
def test_the_link_stands_alone_in_every_language(language: str) -> None:
    """It is a line of its own, short enough never to be broken, and the same in both parts, on one host."""
    mail = mail_of(INVITATION, spoken(language))
    [line] = [line for line in mail.text.splitlines() if "http" in line]
    assert line == f"{URL}/i/{NO_TOKEN}"
    assert len(line) <= 74
    assert set(re.findall(r'href="([^"]+)"', mail.html)) == {line}


@pytest.mark.parametrize("language", [*LANGUAGES, *MADE_UP])
@pytest.mark.parametrize("kind", KINDS)
def test_fast_and_slow_are_the_same_bytes_in_every_language(kind: str, language: str) -> None:
    """What the stencil gives is what the standard library writes, byte for byte, for the first mail and the next ones."""
    tongue = spoken(language)
    writer = Writer(HEAD, speak=lambda _mail, _head: tongue)
    for number, to in ((1, READER), (2, "bo@example.com"), (3, "bo+1@example.com"), (4, "o'bo@example.com")):
        mail = replace(example(kind, NOW, public_url=URL), id=number, to=to)
        fast = writer.write(mail, now=NOW)
        assert isinstance(fast, Written)
        assert fast.as_bytes() == writer.build(mail, now=NOW).as_bytes(policy=SMTP)


@pytest.mark.parametrize("language", [*LANGUAGES, *MADE_UP])
def test_numbers_are_written_as_the_language_writes_them(language: str) -> None:
    """A notice shows a number with the language's own marks between thousands."""
    tongue = spoken(language)
    mail = example(CAP_NEAR, NOW, public_url=URL)
    assert mail.warned is not None
    many = replace(mail, warned=replace(mail.warned, used=12_345, total=23_456))
    told = text_of(tongue, many)
    assert tongue.number(12_345) in told
    assert tongue.number(23_456) in told


@pytest.mark.parametrize("language", [*LANGUAGES, *MADE_UP])
@pytest.mark.parametrize("number", [1, 2, 5, 12, 22, 31, 100])
def test_any_number_of_courses_can_be_told(language: str, number: int) -> None:
    """One, a few and many courses are told in each language, and those beyond thirty are counted."""
    opened = (Opened("Premium Sales", None, tuple(f"C{each}" for each in range(number))),)
    mail = replace(example(SEAT_GRANTED, NOW, public_url=URL), opened=opened)
    tongue = spoken(language)
    told = text_of(tongue, mail)
    assert len(re.findall(r"\bC\d+\b", told)) == min(number, 30)
    assert (tongue.number(number - 30) in told) or number <= 30
    assert "{" not in told


def test_one_course_is_not_told_as_several() -> None:
    """English and German say `course` for one and `courses` for two."""

    def text(language: str, *courses: str) -> str:
        opened = (Opened("Premium Sales", None, courses),)
        mail = replace(example(SEAT_GRANTED, NOW, public_url=URL), opened=opened)
        return text_of(tongue_of(language), mail)

    assert "Course included: Asking." in text("en", "Asking")
    assert "Courses included: Asking, Closing." in text("en", "Asking", "Closing")
    assert "Kurs:" in text("de", "Asking")
    assert "Kurse:" in text("de", "Asking", "Closing")


# --- from right to left -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_from_right_to_left_keeps_names_and_links_whole(kind: str) -> None:
    """The page says its direction, links run from left to right, and each Latin name is set apart; headers are plain."""
    mail = mail_of(kind, mirrored())
    assert '<html lang="ar" dir="rtl">' in mail.html
    shown = re.findall(r'<a dir="(\w+)" href="[^"]+">https:', mail.html)
    assert set(shown) <= {"ltr"}
    assert len(shown) == len(LINK.findall(mail.text))
    for name in re.findall(r"Engine Works|Premium Sales|someone@example\.com", mail.html.partition("<p>")[2]):
        assert f"\u2068{name}\u2069" in mail.html
    assert not set("\u2068\u2069") & set(mail.subject)
    assert not set("\u2068\u2069") & set(re.findall("<title>(.*)</title>", mail.html)[0])


def test_a_name_from_right_to_left_does_not_turn_an_english_sentence_around() -> None:
    """Numbers behind an Arabic license stay where they are, because the name is set apart; a Latin one needs no marks."""
    mail = example("seats_used", NOW, public_url=URL)
    assert mail.warned is not None
    arabic = replace(mail, warned=replace(mail.warned, license=ARABIC))
    assert f"Seats of \u2068{ARABIC}\u2069 in use: 46 of 50." in text_of(tongue_of("en"), arabic)
    assert "\u2068" not in mail_of("seats_used").text


@pytest.mark.parametrize("language", [*LANGUAGES, *MADE_UP])
@pytest.mark.parametrize(
    "company", ["Acme", "Größe & Söhne", "Ünïted Bücher Öfen", "株式会社アカデミー", "Engine-Works-" * 6]
)
def test_a_subject_of_any_length_arrives_as_it_was_written(company: str, language: str) -> None:
    """However long a company's name makes it, a subject is read as written, on lines that begin at once and fit."""
    for length in range(0, 72, 8):
        mail = mail_of("account_ready", spoken(language), company=f"{company} {'x' * length}".strip())
        header = re.findall(rb"\r\n(Subject:(?:[^\r]+|\r\n[ \t])*)", mail.raw)[0].split(b"\r\n")
        assert mail.subject == unescape(re.findall("<title>(.*)</title>", mail.html)[0])
        assert header[0].strip() != b"Subject:"
        assert max(map(len, header)) <= 78


# --- which language -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "companys", "spoken_in"),
    [
        ("de", "", "de"),
        ("de", "fr", "de"),
        ("", "fr", "fr"),
        ("xx", "fr", "fr"),
        ("xx", "yy", "en"),
        ("", "", "en"),
        ("en", "de", "en"),
    ],
)
def test_a_mail_is_in_its_readers_language_else_in_the_companys(
    own: str, companys: str, spoken_in: str
) -> None:
    """Its own language comes first, then the company's, then English; one that is not offered is passed over."""
    mail = replace(example(INVITATION, NOW, public_url=URL), language=own)
    assert tongue_for(mail, replace(HEAD, language=companys)).code == spoken_in
