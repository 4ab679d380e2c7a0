"""Mail addresses: which are taken, what tells two apart, and what is refused with a reason (R58, P10-P14)."""

from __future__ import annotations

import string

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import InvalidAddress
from core.values import Address, strip_edges

LOCAL = st.text(string.ascii_letters + string.digits + "!#$%&'*+/=?^_`{|}~-..", max_size=70)
LABEL = st.text(string.ascii_letters + string.digits + "--", max_size=65)
ENDINGS = ("com", "de", "museum", "x", "c0m", "123", "co-op", "example", "internal", "alt", "onion")
SPECIAL = (
    "test",
    "local",
    "localhost",
    "invalid",
    "arpa",
    "xn--p1ai",
    "localdomain",
    "domain",
    "lan",
    "home",
)
DOMAIN = st.builds(
    lambda labels, ending: ".".join([*labels, ending]),
    st.lists(LABEL, max_size=4),
    st.sampled_from(ENDINGS + SPECIAL) | LABEL,
)
INVISIBLE = ("\u200b", "\ufeff", "\u00a0", "\u00ad", "\u2060", "\u200e")


def key_or_none(text: str) -> str | None:
    """Return the key under which core knows an address, None where it takes none."""
    try:
        return Address.parse(text).key
    except InvalidAddress:
        return None


def validated(text: str) -> str | None:
    """Return what email-validator alone makes of an address."""
    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError:
        return None
    return f"{found.ascii_local_part}@{found.ascii_domain}".lower()


@given(st.builds("{}@{}".format, LOCAL, DOMAIN))
@example("a@b.co")
@example("a@sub.test")
@example("a@printer.local")
@example(f"{'a' * 64}@example.com")
@example(f"{'a' * 65}@example.com")
@example(f"a@{'b' * 63}.com")
@example(f"a@{'b' * 64}.com")
@example(f"{'a' * 64}@{'.'.join(['b' * 61] * 3)}.com")
@example(f"{'a' * 63}@{'.'.join(['b' * 61] * 3)}.com")
@example("a@ab--cd.com")
@example("a@1.2.3.4")
def test_the_fast_path_agrees_with_the_validator(text: str) -> None:
    """An address of plain characters gets the key that email-validator gives it, or is refused like there."""
    assert key_or_none(text) == validated(text)


@given(st.text(max_size=40) | st.builds("{}@{}".format, st.text(max_size=20), st.text(max_size=20)))
@example("\ud800@example.com")
@example("a@\udcff.com")
@example("")
@example("@")
@example("a\x00@example.com")
def test_any_text_is_an_address_or_refused(text: str) -> None:
    """Whatever is typed either becomes an address that both databases can hold, or is refused as one."""
    try:
        address = Address.parse(text)
    except InvalidAddress as problem:
        assert list(problem.fields) == ["address"]  # noqa: PT017 - it need not be refused
        assert problem.message.isprintable()  # noqa: PT017 - it need not be refused
    else:
        assert address.key.isascii()
        assert max(len(address.key), len(address.typed)) <= 254


@given(st.builds("{}@{}".format, st.from_regex(r"[A-Za-z0-9]{1,12}", fullmatch=True), DOMAIN))
def test_case_never_makes_a_second_person(text: str) -> None:
    """One address has one key in any case, however it is typed (P10)."""
    assert key_or_none(text.upper()) == key_or_none(text.lower()) == key_or_none(text)


def test_an_address_is_shown_as_typed() -> None:
    """Case and Unicode form stay as typed, only blanks at the ends go (R58)."""
    address = Address.parse("  Bo.Berg@Example.COM\n")
    assert address.typed == "Bo.Berg@Example.COM"
    assert address.key == "bo.berg@example.com"


@pytest.mark.parametrize(
    "text",
    [
        "a@bücher.example",
        "a@bu\u0308cher.example",
        "a@BÜCHER.example",
        "a@xn--bcher-kva.example",
        "A@XN--BCHER-KVA.example",
    ],
)
def test_every_spelling_of_a_domain_is_one_key(text: str) -> None:
    """Composed, decomposed, upper case and punycode of one domain are one person, whose mail header is ASCII (P12)."""
    address = Address.parse(text)
    assert address.key == "a@xn--bcher-kva.example"
    assert address.ascii.isascii()


def test_sharp_s_is_another_domain() -> None:
    """The sharp s is a letter of its own in domains and is not folded to ss (P11)."""
    assert Address.parse("a@faß.example").key != Address.parse("a@fass.example").key


@pytest.mark.parametrize(
    "text",
    [
        "b\u0131ll@example.com",
        "\u212aim@example.com",
        "stra\u00dfe@example.com",
        "\uff42o@example.com",
        "bo\u0301@example.com",
    ],
)
def test_look_alikes_before_the_at_sign_are_refused(text: str) -> None:
    """A letter that looks like an ASCII one, or folds to one, is refused with the letter named (P11)."""
    with pytest.raises(InvalidAddress, match="before the @-sign"):
        Address.parse(text)


@pytest.mark.parametrize(
    ("one", "other"), [("bo+x@example.com", "bo@example.com"), ("b.o@example.com", "bo@example.com")]
)
def test_plus_and_dots_tell_people_apart(one: str, other: str) -> None:
    """Plus parts and dots are kept, since they are different mailboxes (P13)."""
    assert Address.parse(one).key != Address.parse(other).key


@pytest.mark.parametrize("mark", [*INVISIBLE, " ", "\t", "\u3000", "\u2028"])
def test_invisible_marks_at_the_ends_go_and_inside_are_refused(mark: str) -> None:
    """What spreadsheets leave around an address is dropped, the same mark inside it is refused (P14)."""
    assert Address.parse(f"{mark}bo@example.com{mark}{mark}").typed == "bo@example.com"
    for inside in (f"b{mark}o@example.com", f"bo@exam{mark}ple.com"):
        with pytest.raises(InvalidAddress):
            Address.parse(inside)


@given(st.text())
def test_only_the_ends_are_stripped(text: str) -> None:
    """Stripping is done once and for all and takes nothing from the inside."""
    stripped = strip_edges(text)
    assert stripped in text
    assert strip_edges(stripped) == stripped


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Enter an email address."),
        (" \ufeff ", "Enter an email address."),
        ("bo", "@-sign"),
        ("Bo <bo@example.com>", "display name"),
        ("bo@example", "period"),
        ("bo@[127.0.0.1]", "IP address"),
        ("bo@printer.local", "special-use"),
        ("bo@a.test", "special-use"),
    ],
)
def test_a_refused_address_says_why(text: str, reason: str) -> None:
    """The sentence names what was typed and what is wrong with it."""
    with pytest.raises(InvalidAddress, match=reason) as caught:
        Address.parse(text)
    assert strip_edges(text) in caught.value.message


def test_a_refused_address_is_shown_harmlessly() -> None:
    """Control characters of a refused address do not reach the sentence, and a long one is cut."""
    with pytest.raises(InvalidAddress) as caught:
        Address.parse("\x1b]52;c;" + "x" * 500)
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 250
