"""Mails written fast: what is the same for the next one is kept as bytes, and only the person's parts are put in.

The standard library writes the first mail of each shape; that one is cut into a stencil, and a stencil that would not
give back the very mail it was cut from is not used. What goes in is either encoded as the body of a part, so that it
cannot end it, or is of a form that `is_plain` and we ourselves vouch for; anything else is written the slow way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.quoprimime import body_encode
from typing import Any

TO, DATE, MESSAGE_ID, KIND, BOUNDARY, TEXT, HTML = (
    b"to",
    b"date",
    b"id",
    b"kind",
    b"boundary",
    b"text",
    b"html",
)
Facts = Mapping[bytes, bytes]

_LONGEST_PLAIN = 72  # with its header's name on one line of 76
_ATOM = r"[A-Za-z0-9!#$%&'*+/^_`{|}~-]+"  # without = and ?, which make encoded words
_PLAIN = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_LONGEST_LINE = SMTP.max_line_length or 0
_EASY = re.compile(rf"(?:[ -~]{{0,{_LONGEST_LINE - 2}}}[!-~]\n|\n)*")  # nothing to quote, no line to break
_HEADER = re.compile(rb"[^\r\n]+\r\n(?:[ \t][^\r\n]*\r\n)*")


class Written(EmailMessage):
    """A message whose bytes are made already; only who asks for its headers or parts makes it read them.

    Attributes:
        envelope: sender and recipient, as the mail server is told.
    """

    def __init__(self, content: bytes, envelope: tuple[str, str]) -> None:
        """Take the bytes; the parts of an ordinary message are filled in when they are first asked for."""
        self._content = content
        self.envelope = envelope

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or "_headers" in vars(self):
            raise AttributeError(name)
        read = message_from_bytes(self._content.replace(b"\r\n", b"\n"), policy=SMTP)
        vars(self).update(vars(read))
        return getattr(self, name)

    def as_bytes(self, unixfrom: bool = False, policy: Policy[Any] | None = None) -> bytes:  # noqa: FBT001, FBT002 - as the standard library has it
        """Return the bytes as they were made."""
        del unixfrom, policy
        return self._content


class Stencil:
    """A mail with holes."""

    def __init__(self, template: bytes) -> None:
        """Keep a text for the `%` operator."""
        self._template = template

    def filled(self, facts: Facts) -> bytes:
        """Return the mail with `facts` in its holes."""
        return self._template % facts


def cut(written: bytes, facts: Facts) -> Stencil | None:
    """Return the stencil of a mail that was written with `facts`, or None where it cannot be cut cleanly."""
    headers, gap, body = written.partition(b"\r\n\r\n")
    holes = {
        b"To": TO,
        b"Date": DATE,
        b"Message-ID": MESSAGE_ID,
        b"X-Academy-Mail": KIND,
        b"Content-Type": BOUNDARY,
    }
    try:
        made = [
            _with_hole(header, facts, holes[name])
            if (name := header.partition(b":")[0]) in holes
            else _plain(header)
            for header in _HEADER.findall(headers + b"\r\n")
        ]
        head, rest = body.split(facts[TEXT])
        middle, tail = rest.split(facts[HTML])
    except ValueError:  # a value that stands there twice or not at all
        return None
    parts = [_bounded(part, facts) for part in (head, middle, tail)]
    template = b"".join((*made, b"\r\n", parts[0], _hole(TEXT), parts[1], _hole(HTML), parts[2]))
    stencil = Stencil(template)
    return stencil if gap and stencil.filled(facts) == written else None


def is_plain(address: str) -> bool:
    """Tell whether an address stands in a header exactly as it is: short, of atoms only, and no encoded word."""
    return len(address) <= _LONGEST_PLAIN and _PLAIN.fullmatch(address) is not None


def encoded(text: str) -> bytes:
    """Return lines of a part, each ended by a newline, as quoted-printable; line by line as the standard library does."""
    quoted = text.replace("=", "=3D")
    if not _EASY.fullmatch(quoted):
        quoted = body_encode(text.encode().decode("latin-1"), _LONGEST_LINE)
    return quoted.replace("\n", "\r\n").encode("ascii")


def _plain(part: bytes) -> bytes:
    return part.replace(b"%", b"%%")


def _hole(name: bytes) -> bytes:
    return b"%%(%b)b" % name


def _with_hole(part: bytes, facts: Facts, name: bytes) -> bytes:
    before, after = part.split(facts[name])
    return _plain(before) + _hole(name) + _plain(after)


def _bounded(part: bytes, facts: Facts) -> bytes:
    return _hole(BOUNDARY).join(map(_plain, part.split(facts[BOUNDARY])))
