"""What a password may be (R25): length in characters, no common ones, no words of the context."""

from __future__ import annotations

import os
import sys
import threading
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Busy, Invalid
from core.passwords import LONGEST, SHORTEST, Password
from core.ports import APPROVED_METHOD, Hasher, behind_others

CONTEXT = ("bo.berg@engine-works.example", "Engine Works", "Bo", "Bergström")


def refusal(text: str, *context: str) -> str | None:
    """Return the sentence a password is refused with."""
    try:
        Password.parse(text, context=context)
    except Invalid as problem:
        assert list(problem.fields) == ["password"]  # noqa: PT017 - it need not be refused
        return problem.message
    return None


@pytest.mark.parametrize("character", ["q", "ß", "ж", "🙂", "語"])
def test_eight_characters_are_enough_and_seven_are_not(character: str) -> None:
    """Length counts code points, so eight emoji pass and seven do not."""
    seven = "xyzwvu" + character
    assert "8 characters or more" in (refusal(seven) or "")
    assert refusal(seven + "!") is None


def test_length_counts_after_composing() -> None:
    """A letter typed as base and accent counts once, like the composed letter."""
    assert "8 characters or more" in (refusal("zu\u0308rich4") or "")
    assert refusal("zu\u0308rich42") is None


@pytest.mark.parametrize("length", [64, LONGEST])
def test_long_passwords_are_taken_whole(length: int, hasher: Hasher) -> None:
    """A password up to the longest counts to its last character."""
    text = "ab" * (length // 2)
    stored = hasher.hash(Password.parse(text))
    assert hasher.verify(stored, Password.as_typed(text))
    assert not hasher.verify(stored, Password.as_typed(text[:-1] + "c"))


def test_longer_than_the_longest_is_refused() -> None:
    """One character too many is refused and never cut off."""
    assert "1,024 characters or fewer" in (refusal("ab" * (LONGEST // 2) + "c") or "")


def test_composed_and_decomposed_are_one_password(hasher: Hasher) -> None:
    """A keyboard that composes and one that does not sign in with the same password (NFC)."""
    stored = hasher.hash(Password.parse(unicodedata.normalize("NFD", "schöne Grüße")))
    assert hasher.verify(stored, Password.as_typed(unicodedata.normalize("NFC", "schöne Grüße")))


def test_compatibility_letters_stay_themselves(hasher: Hasher) -> None:
    """The ligature `ﬁ` is another password than `fi`, so nothing is silently replaced."""
    stored = hasher.hash(Password.parse("ﬁnal-chapter"))
    assert not hasher.verify(stored, Password.as_typed("final-chapter"))


def test_blanks_at_the_ends_count(hasher: Hasher) -> None:
    """Blanks are characters of a password, at its ends too."""
    stored = hasher.hash(Password.parse(" harbor view "))
    assert not hasher.verify(stored, Password.as_typed("harbor view"))


@pytest.mark.parametrize(
    "text", ["password", "12345678", "iloveyou", "PASSWORD1", "aaaaaaaa", "!!!!!!!!!!", "qwertyuiop"]
)
def test_common_passwords_are_refused(text: str) -> None:
    """The most used passwords, whatever their case, and a single repeated character are refused."""
    assert "easy to guess" in (refusal(text) or "")


@pytest.mark.parametrize(
    "text", ["Bergström1", "engineworks", "Engine-Works-24!", "bo.berg.123", "academy2026", "password2026!"]
)
def test_words_of_the_context_are_refused(text: str) -> None:
    """Name, address and company, with digits and signs around, are refused."""
    assert "made of your name, address or company" in (refusal(text, *CONTEXT) or "")


@pytest.mark.parametrize("text", ["violet harbor 1815", "engine smoke 77", "0000 1815 3141 2718"])
def test_no_composition_is_asked_for(text: str) -> None:
    """Anything else passes: no capitals, digits or signs are demanded."""
    assert refusal(text, *CONTEXT) is None


@pytest.mark.parametrize("text", ["harbor\x00view", f"harbor{chr(0xD800)}view", "harbor\ufffdview"])
def test_what_did_not_arrive_as_typed_is_refused(text: str) -> None:
    """NUL, half a character and the replacement mark are refused, since nobody could type them again."""
    assert "cannot be used" in (refusal(text) or "")


def test_nothing_typed_is_told_apart() -> None:
    """An empty password asks for one instead of counting characters."""
    assert refusal("") == "Enter a password."


@given(st.text(max_size=LONGEST + 2))
def test_any_text_is_judged(text: str) -> None:
    """Every text is a password of a fitting length, or refused with a sentence."""
    try:
        password = Password.parse(text)
    except Invalid:
        return
    assert SHORTEST <= len(password.reveal()) <= LONGEST
    password.reveal().encode()


@given(st.text(max_size=20))
def test_any_text_can_be_tried_at_a_sign_in(hasher: Hasher, text: str) -> None:
    """A wrong password never raises, whatever a terminal delivers."""
    stored = hasher.hash(Password.parse("violet harbor 1815"))
    assert not hasher.verify(stored, Password.as_typed(text + "\udcff"))
    assert not hasher.verify(None, Password.as_typed(text))


def test_the_production_method_is_the_approved_one() -> None:
    """What production hashes with is the method of the OWASP cheat sheet: N=2^15, r=8, p=3."""
    assert APPROVED_METHOD == "scrypt:32768:8:3"
    hasher = Hasher()
    stored = hasher.hash(Password.parse("violet harbor 1815"))
    assert stored.startswith("scrypt:32768:8:3$")
    assert len(stored) <= 255
    assert not hasher.is_weak(stored)
    assert hasher.is_weak("scrypt:16384:8:1$salt$00")


def test_hashing_is_gated() -> None:
    """Whoever finds every turn taken is told to try again."""
    hasher = Hasher("scrypt:256:8:1", at_once=1, wait=0.01)
    with hasher._turn(), pytest.raises(Busy):
        hasher.hash(Password.parse("violet harbor 1815"))
    assert hasher.hash(Password.parse("violet harbor 1815"))


def test_hashing_goes_behind_everybody_else() -> None:
    """On Linux other threads go before a hash; whoever asked for it keeps their priority, and gets its errors."""

    def priority() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before = priority()
    assert (behind_others(priority) > before) == (sys.platform == "linux")
    assert priority() == before
    with pytest.raises(ZeroDivisionError):
        behind_others(lambda: 1 // 0)
