"""Texts from outside made harmless: what a mail server answers, what goes into a header."""

from __future__ import annotations

import re

_ESCAPE_CODE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])"  # CSI, OSC and its kin, the rest
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
_JOINERS = "\u200c\u200d"  # part of ordinary Persian, Hindi and of many emoji
_NO_ISOLATES = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069"))
_TOKEN_LIKE = re.compile(r"[A-Za-z0-9_-]{40,}")
_LONGEST_ANSWER = 300
ENCODED_WORD = "=?"


def one_line(text: str) -> str:
    """Return `text` on one line, without escape codes and without marks that print nothing or turn text around."""
    bare = _ESCAPE_CODE.sub("", text)
    shown = "".join(char if char.isprintable() or char in _JOINERS else " " for char in bare)
    return " ".join(shown.split())


def in_header(name: str) -> str:
    """Return a name on one line that readers of mail do not decode into whatever an encoded word in it hides."""
    return one_line(name).replace(ENCODED_WORD, "= ?")


def without_isolates(text: str) -> str:
    """Return a sentence without the marks that keep names in one piece; headers are shown on lines of their own."""
    return text.translate(_NO_ISOLATES)


def answer_of(said: bytes | str, *, hide: str = "") -> str:
    """Return what a mail server said, fit to be stored and shown.

    Spam filters quote the mail they refuse, so whatever is as long as a token is cut out (R59).

    Args:
        said: the answer as it came.
        hide: a password that must not be in it.
    """
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    if hide:
        text = text.replace(hide, "…")
    text = _TOKEN_LIKE.sub("…", one_line(text))
    return text if len(text) <= _LONGEST_ANSWER else f"{text[: _LONGEST_ANSWER - 1]}…"
