"""What a password may be: length in characters, a list of common ones, words of the context; nothing else (R25).

Source: NIST SP 800-63B-4 section 3.1.1.2 and OWASP ASVS 5.0 6.2: count code points after NFC, block common and
expected ones, no composition rules, no cutting. One service for every pathway (form, first admin, change).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from importlib import resources

from core.errors import Invalid
from core.sentences import Sentence, sentence
from core.values import Secret, composed

SHORTEST = 8
LONGEST = 1024
_SHORTEST_WORD = 2
_HALVES = re.compile("[\ud800-\udfff]")


class Password(Secret):
    """A password as it will be hashed: NFC, otherwise exactly as typed. Make one with `Password.parse`."""

    __slots__ = ()

    @classmethod
    def as_typed(cls, text: str) -> Password:
        """Return the password to check at a sign-in: only NFC, no judgement.

        Half characters (a terminal that speaks no UTF-8) become the replacement mark, which no password holds.
        """
        return cls(composed(_HALVES.sub("\ufffd", text), most=LONGEST))

    @classmethod
    def parse(cls, text: str, *, context: Iterable[str] = ()) -> Password:
        """Return a new password, judged.

        Args:
            text: as typed; blanks at the ends count.
            context: words too obvious here: names, address, company.

        Raises:
            Invalid: field `password`, with the reason.
        """
        password = cls.as_typed(text)
        clean = password.reveal()
        if not clean:
            raise _refused(sentence("Enter a password."))
        if len(clean) < SHORTEST:
            raise _refused(sentence("The password must be {shortest} characters or more.", shortest=SHORTEST))
        if len(clean) > LONGEST:
            raise _refused(sentence("The password must be {longest} characters or fewer.", longest=LONGEST))
        if _unstorable(clean):
            raise _refused(
                sentence("The password holds a character that cannot be used. Choose other characters.")
            )
        lowered = clean.lower()
        if lowered in _common() or len(set(lowered)) == 1:
            raise _refused(
                sentence("This password is among the most common ones and easy to guess. Choose another.")
            )
        bare = re.sub(r"[\W\d_]+", "", lowered)
        if bare and _made_of(bare, _obvious(context)):
            raise _refused(
                sentence("This password is made of your name, address or company. Choose another.")
            )
        return password


def _refused(reason: Sentence) -> Invalid:
    return Invalid({"password": reason})


def _unstorable(text: str) -> bool:
    """NUL and the replacement mark are signs that the password did not arrive as it was typed."""
    return "\x00" in text or "\ufffd" in text


def _obvious(context: Iterable[str]) -> set[str]:
    words = {"online", "academy", "password", "passwort"}
    for phrase in context:
        words.update(re.sub(r"[\W\d_]+", "", part) for part in re.split(r"[\s@.\-_]+", phrase.lower()))
    return {word for word in words if len(word) >= _SHORTEST_WORD}


def _made_of(text: str, words: set[str]) -> bool:
    """Tell whether `text` is nothing but `words` in a row; in one pass, so that no text takes long."""
    reached = {0}
    for start in range(len(text)):
        if start in reached:
            reached.update(start + len(word) for word in words if text.startswith(word, start))
    return len(text) in reached


@functools.cache
def _common() -> frozenset[str]:
    text = resources.files("core").joinpath("data/common_passwords.txt").read_text("utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))
