"""Mails of every kind, in any language and house color, about made-up facts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from core.mail.rendering import Writer, letterhead_of
from core.services.previewing import KINDS, Preview, example, read
from core.settings import Settings
from core.tongues import Tongue, tongue_of
from core.values import Secret

__all__ = ["KINDS", "html_of", "mail_of"]

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_PUBLIC_URL, _SIGN_IN_URL = "https://join.example.com", "https://learn.example.com/in"


def mail_of(
    kind: str,
    language: str | Tongue = "en",
    *,
    company: str = "Engine Works",
    color: str = "",
    helpdesk: str = "help@example.com",
) -> Preview:
    """Return the mail of a kind; `language` is a code or a tongue of a test's own."""
    settings = Settings(
        Path("/nowhere"),
        Secret(""),
        public_url=_PUBLIC_URL,
        sign_in_url=_SIGN_IN_URL,
        mail_from="academy@example.com",
    )
    head = letterhead_of(settings, company=company, helpdesk=helpdesk, color=color)
    tongue = tongue_of(language) if isinstance(language, str) else language
    writer = Writer(head, speak=lambda _mail, _head: tongue)
    return read(kind, writer.write(example(kind, NOW, public_url=_PUBLIC_URL), now=NOW))


def html_of(kind: str, language: str | Tongue = "en", **company: str) -> str:
    """Return the page in the mail of a kind, as `mail_of`."""
    return mail_of(kind, language, **company).html
