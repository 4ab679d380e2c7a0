"""Mails that were written as files, read again."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage

from core.core import Core


def written_mails(core: Core) -> list[EmailMessage]:
    """Return the mails in the outbox folder, oldest first."""
    files = sorted(core.settings.outbox_folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    texts = [path.read_bytes().replace(b"\r\n", b"\n") for path in files]
    return [message_from_bytes(text, policy=policy.default) for text in texts]


def mail_to(core: Core, address: str) -> EmailMessage:
    """Return the only mail to an address."""
    [found] = [mail for mail in written_mails(core) if str(mail["To"]).endswith(address)]
    return found


def everything_in(mail: EmailMessage) -> str:
    """Return headers and the decoded text of each part."""
    parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join([*(f"{name}: {value}" for name, value in mail.items()), *parts])
