"""The four ports: time, links, password hashing, post. Everything else in core is plain computation and SQL.

Tests hand in their own clock and a cheap hasher through the same constructors; nothing is ever patched.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
import stat
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol, TypeVar

from werkzeug.security import check_password_hash, generate_password_hash

from core.errors import Busy, Misconfigured
from core.passwords import Password
from core.values import Secret

# --- time -------------------------------------------------------------------------------------------------------


class Clock(Protocol):
    """Tells the time; the only source of "now" in core."""

    def now(self) -> datetime:
        """Return the moment, aware, in UTC."""


class SystemClock:
    """The host's clock."""

    def now(self) -> datetime:
        """Return the moment, aware, in UTC."""
        return datetime.now(UTC)


# --- links ------------------------------------------------------------------------------------------------------

ID_BYTES = 16
_MAC_BYTES = 16
_KEY_BYTES = 32
_TOKEN = re.compile(r"[A-Za-z0-9_-]{44}", re.ASCII)
_PURPOSE = b"invitation"


@dataclass(frozen=True, slots=True, repr=False)
class _Key:
    """A key, and a number that stays its own when keys before it are removed (two may share one, which is harmless)."""

    number: int
    secret: bytes


class Links:
    """Makes and reads registration links (R9, R59).

    A token is key number (1 byte) + public id (16) + HMAC-SHA256(key, purpose | installation | key number | public
    id) cut to 16 bytes, base64url: 44 characters. The database knows the public id only, so nothing in it, in a
    backup or in a log can be turned into a link. The purpose keeps the MAC from being used for anything else, the
    installation from being used at another company with a copied key.
    """

    def __init__(self, public_url: str, installation: str, keys: Sequence[bytes]) -> None:
        """Make links with the last of `keys`; links made with earlier ones stay readable until the key is removed."""
        self._public_url = public_url
        self._installation = installation.encode()
        self._keys = [_Key(hashlib.sha256(secret).digest()[0], secret) for secret in keys]
        self._current = self._keys[-1]

    def link_for(self, public_id: bytes) -> Secret:
        """Return the whole link of the invitation with `public_id`; the same one each time."""
        return Secret(f"{self._public_url}/i/{self.token_for(public_id).reveal()}")

    def token_for(self, public_id: bytes) -> Secret:
        """Return the token alone."""
        key = self._current
        raw = bytes([key.number]) + public_id + self._mac(key, public_id)
        return Secret(base64.urlsafe_b64encode(raw).decode())

    def public_id_of(self, token: str) -> bytes | None:
        """Return the public id that `token` proves, or None where it is not one of ours."""
        if not _TOKEN.fullmatch(token):
            return None
        raw = base64.urlsafe_b64decode(token)
        public_id, mac = raw[1 : 1 + ID_BYTES], raw[1 + ID_BYTES :]
        keys = (key for key in self._keys if key.number == raw[0])
        return public_id if any(hmac.compare_digest(mac, self._mac(key, public_id)) for key in keys) else None

    def keys_for(self, purpose: str) -> list[str]:
        """Return keys for something else than links, newest first: derived, so that neither tells the other."""
        text = purpose.encode() + b"\x00" + self._installation
        made = [hmac.digest(key.secret, text, hashlib.sha256).hex() for key in self._keys]
        return made[::-1]

    def _mac(self, key: _Key, public_id: bytes) -> bytes:
        text = b"\x00".join((_PURPOSE, self._installation, bytes([key.number]), public_id))
        return hmac.digest(key.secret, text, hashlib.sha256)[:_MAC_BYTES]

    @classmethod
    def load(cls, path: Path, public_url: str) -> Links:
        """Read the key file.

        Raises:
            Misconfigured: missing, unreadable, open to other users or garbled.
        """
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            lines = path.read_text("ascii").split()
        except FileNotFoundError:
            raise Misconfigured(
                str(path),
                "the key file is missing. Links cannot be made or read without it: bring it back from a backup.",
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise Misconfigured(str(path), f"the key file cannot be read: {reason}.") from None
        if mode & 0o077:
            raise Misconfigured(str(path), f"the key file is open to other users. Close it: chmod 600 {path}")
        try:
            installation, *keys = lines
            secrets_ = [bytes.fromhex(key) for key in keys]
        except ValueError:
            raise Misconfigured(str(path), "the key file is garbled. Bring it back from a backup.") from None
        if not secrets_ or any(len(key) != _KEY_BYTES for key in secrets_):
            raise Misconfigured(str(path), "the key file is cut short. Bring it back from a backup.")
        return cls(public_url, installation, secrets_)

    @staticmethod
    def make_key_file(path: Path) -> None:
        """Write a new key file (mode 0600): a line naming the installation, then a line for each key.

        Raises:
            Misconfigured: it cannot be written.
        """
        text = f"{secrets.token_hex(8)}\n{secrets.token_hex(_KEY_BYTES)}\n"
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return
        except OSError as error:
            raise Misconfigured(str(path), f"the key file cannot be written: {error.strerror}.") from None
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)


# --- passwords --------------------------------------------------------------------------------------------------

APPROVED_METHOD = (
    "scrypt:32768:8:3"  # OWASP password storage cheat sheet: N=2^15, r=8, p=3; 32 MiB, about 0.4 s
)
_LONGEST_WAIT = 5.0
HASHES_AT_ONCE = min(4, os.cpu_count() or 1)
"""One on each core; no more than four, for the memory."""
_LOW_PRIORITY = 10
T = TypeVar("T")


def behind_others(work: Callable[[], T]) -> T:
    """Return what `work` returns, done in a thread of its own that every other one goes before.

    So all cores can hash while pages are answered as if none did. Linux alone gives a thread its own priority; elsewhere
    the cores are shared evenly. Starting a thread costs a two-thousandth of a hash.
    """
    done = Future[T]()

    def run() -> None:
        try:
            if sys.platform == "linux":
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOW_PRIORITY)
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised again where it was asked for
            done.set_exception(error)

    threading.Thread(target=run, name="hash", daemon=True).start()
    return done.result()


class Hasher:
    """Hashes passwords with werkzeug, a bounded number at a time: each takes 32 MiB and a core for 0.4 s."""

    def __init__(
        self, method: str = APPROVED_METHOD, *, at_once: int | None = None, wait: float = _LONGEST_WAIT
    ) -> None:
        """Hash with `method`, at most `at_once` at a time, waiting up to `wait` seconds for a turn."""
        self._method = method
        self._wait = wait
        self._gate = threading.BoundedSemaphore(at_once or HASHES_AT_ONCE)
        self._decoy = f"{method}${secrets.token_hex(8)}${'0' * 128}"  # costs as much to check as a real one

    def hash(self, password: Password) -> str:
        """Return the hash to store.

        Raises:
            Busy: no turn within the wait.
        """
        with self._turn():
            return behind_others(lambda: generate_password_hash(password.reveal(), self._method))

    def verify(self, stored: str | None, password: Password) -> bool:
        """Tell whether `password` fits; takes as long for a missing hash, so that accounts cannot be guessed by time.

        Raises:
            Busy: no turn within the wait.
        """
        with self._turn():
            fits = behind_others(lambda: check_password_hash(stored or self._decoy, password.reveal()))
        return fits and stored is not None

    def is_weak(self, stored: str) -> bool:
        """Tell whether `stored` was made with another method than today's."""
        return not stored.startswith(f"{self._method}$")

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._gate.acquire(timeout=self._wait):
            raise Busy
        try:
            yield
        finally:
            self._gate.release()


# --- post -------------------------------------------------------------------------------------------------------


class Connection(Protocol):
    """An open way to the mail server, for many messages."""

    def send(self, message: EmailMessage, meanwhile: Callable[[], None]) -> None:
        """Hand over one message.

        Args:
            message: with one sender and one recipient.
            meanwhile: something useful to do while the other side is busy with the message; may be left undone.

        Raises:
            PostError: with what the server said and whether trying again makes sense.
        """


class Post(Protocol):
    """Where mails go."""

    def connect(self) -> AbstractContextManager[Connection]:
        """Open a connection for one or many messages.

        Raises:
            PostError: it cannot be opened.
        """

    def describe(self) -> str:
        """Return where mails go, for a person: "written as files into …" or "sent through host:port"."""

    @property
    def is_real(self) -> bool:
        """Whether mails leave this host; False where they are only written as files."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The four, built once per process."""

    clock: Clock
    links: Links
    hasher: Hasher
    post: Post
