"""Where mails go: through the mail server that is set, else as files into the outbox folder."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from email.headerregistry import AddressHeader, DateHeader
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Self

from core.errors import PostError, Setback
from core.mail.rendering import KIND_HEADER
from core.ports import Connection, Post
from core.settings import Settings

_UNSAFE = re.compile(r"[^A-Za-z0-9@._+-]")
_LONGEST_NAME = 160


def post_for(settings: Settings) -> Post:
    """Return the post that `settings` ask for.

    Raises:
        Misconfigured: the mail server's user or password cannot be used.
    """
    if settings.smtp_url is None:
        return FolderPost(settings.outbox_folder)
    from core.mail.hosts import mail_host  # noqa: PLC0415 - as below
    from core.mail.smtp import SmtpPost  # noqa: PLC0415 - smtplib and ssl cost 40 ms, needed with a mail server only

    return SmtpPost(settings.smtp_url, own_name=mail_host(settings.public_url), bounces=settings.mail_bounces)


class FolderPost:
    """Writes each mail as a file that any mail program opens."""

    is_real = False

    def __init__(self, folder: Path) -> None:
        """Write into `folder`, which is made, readable by its owner only, with the first mail."""
        self._folder = folder

    def __repr__(self) -> str:
        return f"FolderPost({str(self._folder)!r})"

    def describe(self) -> str:
        """Return where mails go, for a person."""
        return f"written as files into {self._folder}, because no mail server is set (ACADEMY_SMTP_URL)"

    @contextmanager
    def connect(self) -> Iterator[Self]:
        """Make the folder.

        Raises:
            PostError: it cannot be used.
        """
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.chmod(0o700)
        except OSError as error:
            raise self._cannot_write(error) from None
        yield self

    def send(self, message: EmailMessage, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Write one mail; it appears whole or not at all.

        Raises:
            PostError: it cannot be written; neither could the next one.
        """
        del meanwhile  # writing a file leaves nothing to wait for
        path = self._folder / file_name(message)
        unfinished = self._folder / f".{secrets.token_hex(8)}.part"
        try:
            handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(message.as_bytes(policy=SMTP))
                unfinished.replace(path)
            except BaseException:
                with contextlib.suppress(OSError):
                    unfinished.unlink()
                raise
        except OSError as error:
            raise self._cannot_write(error) from None

    def _cannot_write(self, error: OSError) -> PostError:
        return PostError(
            Setback.PAUSE,
            f"Mails cannot be written into {self._folder}: {error.strerror}. Make room or give the right.",
        )


def file_name(message: EmailMessage) -> str:
    """Return a name that sorts by time and says which mail it is, safe on any file system."""
    date, to = message["Date"], message["To"]
    at = f"{date.datetime:%Y%m%dT%H%M%SZ}" if isinstance(date, DateHeader) and date.datetime else "undated"
    recipient = to.addresses[0].addr_spec if isinstance(to, AddressHeader) and to.addresses else "nobody"
    number, _, kind = str(message.get(KIND_HEADER, "0 mail")).partition(" ")
    name = _UNSAFE.sub("_", f"{at}-{number:0>8}-{kind}-{recipient}")
    return f"{name[:_LONGEST_NAME]}.eml"


class OneConnection:
    """The one connection of a run, opened with its first mail: a run that finds nothing to send connects to nobody.

    A sender that has to keep to a rate holds it from run to run.
    """

    def __init__(self, post: Post) -> None:
        """Connect to nobody yet."""
        self._post = post
        self._stack = ExitStack()
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up; the next mail connects anew."""
        self._connection = None
        self._stack.close()

    def send(self, message: EmailMessage, meanwhile: Callable[[], None]) -> None:
        """Hand over one message.

        Raises:
            PostError: as `Connection.send`, or the connection cannot be opened.
        """
        if self._connection is None:
            self._connection = self._stack.enter_context(self._post.connect())
        self._connection.send(message, meanwhile)
