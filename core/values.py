"""Values that are right by construction: addresses, secrets, short texts.

Whatever a person types goes through here once. What cannot be meant raises `Invalid` with a sentence; nothing is
silently mended except blanks and invisible marks at the two ends, which nobody types on purpose.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import NoReturn

from core.errors import Invalid, InvalidAddress
from core.sentences import sentence

# Blanks of every kind, byte-order mark, zero-width characters: what spreadsheets leave at the ends of a cell.
_EDGE = " \t\r\n\f\v\u00a0\u00ad\u1680\u2028\u2029\u202f\u205f\u2060\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x2010))
)

_LOCAL = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN = re.compile(rf"({_LOCAL})@((?:{_LABEL}\.)+[a-z]{{2,63}})", re.ASCII)
_SPECIAL = (".arpa", ".local", ".localhost", ".invalid", ".onion", ".test", ".alt", ".internal")
_LONGEST_LOCAL, _LONGEST = 64, 254


def strip_edges(text: str) -> str:
    """Return `text` without blanks and invisible marks at its two ends."""
    return text.strip(_EDGE)


class Secret:
    """A text that must not be shown, logged or pickled: a password or a link.

    The only way to the text is `reveal()`, which is easy to find in a review.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def __repr__(self) -> str:
        return f"{type(self).__name__}('…')"

    def __str__(self) -> str:
        return "…"

    def __format__(self, spec: str) -> str:
        return "…"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret cannot be pickled or copied.")


@dataclass(frozen=True, slots=True)
class Address:
    """A mail address.

    Attributes:
        typed: as typed, blanks at the ends removed: what is shown (R58).
        key: lower-cased local part and the domain as A-label: what is compared and what is unique.
    """

    typed: str
    key: str

    @property
    def ascii(self) -> str:
        """The form to hand to a mail server: the typed local part, the domain as A-label."""
        return f"{self.typed.rpartition('@')[0]}@{self.key.rpartition('@')[2]}"

    @classmethod
    def parse(cls, text: str) -> Address:
        """Return the address written as `text`.

        Simple addresses take a fast path (under 1 µs); all others are judged by email-validator, which the fast
        path agrees with (a property test says so).

        Raises:
            InvalidAddress: with the field `address`.
        """
        typed = strip_edges(text)
        key = typed.lower() if typed.isascii() else ""
        match = _PLAIN.fullmatch(key)
        fits = match and len(match[1]) <= _LONGEST_LOCAL and len(key) <= _LONGEST and "--" not in match[2]
        if fits and not key.endswith(_SPECIAL):
            return cls(typed, key)
        return cls._parse_slowly(typed)

    @classmethod
    def _parse_slowly(cls, typed: str) -> Address:
        if not typed:
            raise InvalidAddress({"address": "Enter an email address."})
        from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - 30 ms, seldom needed

        try:
            found = validate_email(typed, check_deliverability=False, allow_smtputf8=False, strict=True)
        except EmailNotValidError as error:
            reason = _printable(str(error))
            raise InvalidAddress(
                {"address": f"“{_printable(typed)}” is not an email address: {reason}"}
            ) from None
        local = found.ascii_local_part
        if local is None:  # cannot happen without allow_smtputf8; mypy cannot know
            raise InvalidAddress({"address": f"“{_printable(typed)}” is not an email address."})
        return cls(typed, f"{local.lower()}@{found.ascii_domain.lower()}")


def _printable(text: str, most: int = 80) -> str:
    shown = "".join(char if char.isprintable() else "\ufffd" for char in text)
    return shown if len(shown) <= most else shown[: most - 1] + "…"


_JOINED_MOST = 4  # characters that can become one in NFC


def composed(text: str, *, most: int) -> str:
    """Return `text` in NFC; unchanged where it is over `most` characters in any case.

    Composing takes quadratic time: 60,000 accents on one letter would hold up every thread for three seconds.
    """
    return unicodedata.normalize("NFC", text) if len(text) <= _JOINED_MOST * most else text


_BREAKS = re.compile("[\x00\r\n\u2028\u2029]")


def short_text(text: str, *, field: str, label: str, most: int) -> str:
    """Return `text` in NFC without blanks at the ends; the empty string if nothing is left.

    Control characters other than NUL and line breaks are kept as typed: showing them harmlessly is the duty of each
    place of output (INTERFACES: nothing is silently fixed). NUL breaks PostgreSQL, line breaks break mail headers.

    Args:
        text: as typed.
        field: where `Invalid` says it stands.
        label: what its sentence begins with; a `Sentence` where that is to be said in other languages too.
        most: characters.

    Raises:
        Invalid: over `most` characters, or with a NUL or line break inside.
    """
    clean = composed(strip_edges(text), most=most)
    if _BREAKS.search(clean):
        raise Invalid(
            {field: sentence("{label} must be on one line and hold no NUL character.", label=label)}
        )
    _check_length(clean, field, label, most)
    return clean


def long_text(text: str, *, field: str, label: str, most: int) -> str:
    """Return `text` like `short_text`, but lines are allowed; every line break becomes a newline.

    Raises:
        Invalid: over `most` characters, or with a NUL inside.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    clean = composed(strip_edges(lines), most=most)
    if "\x00" in clean:
        raise Invalid({field: sentence("{label} must hold no NUL character.", label=label)})
    _check_length(clean, field, label, most)
    return clean


def _check_length(text: str, field: str, label: str, most: int) -> None:
    if len(text) > most:
        raise Invalid(
            {
                field: sentence(
                    "{label} must be {most} characters or fewer; this has {length}.",
                    label=label,
                    most=str(most),
                    length=str(len(text)),
                )
            }
        )
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Invalid(
            {field: sentence("{label} holds a character that cannot be stored. Type it anew.", label=label)}
        ) from None


_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def iso_day(text: str, *, field: str) -> date:
    """Return the day written as year, month and day with dashes between.

    Raises:
        Invalid: any other form, or no day of the calendar.
    """
    clean = strip_edges(text)
    try:
        if _ISO_DAY.fullmatch(clean):
            return date.fromisoformat(clean)
    except ValueError:
        raise Invalid({field: f"There is no day {clean} in the calendar."}) from None
    raise Invalid(
        {field: f"Write the date as 2026-12-31: year, month and day. This is “{_printable(clean)}”."}
    )


def name_key(text: str) -> str:
    """Return what tells two names apart: compatibility form, folded case, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def fold(text: str) -> str:
    """Return `text` for searching and sorting: folded case, without accents, so both databases order alike."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).split())


def search_key(address_key: str, first_name: str, last_name: str) -> str:
    """Return what a search looks in: name and address, folded (R32)."""
    return fold(f"{first_name} {last_name} {address_key}")


def sort_key(address_key: str, first_name: str, last_name: str) -> str:
    """Return what lists of people are ordered by: last name, first name, address, folded."""
    return fold(f"{last_name} {first_name} {address_key}")
