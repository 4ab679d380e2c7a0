"""Settings: the environment over `academy.toml` in the data folder; a bad one stops the start and is named."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from core.errors import Misconfigured
from core.values import Secret

DEFAULT_PUBLIC_URL = "http://127.0.0.1:8000"
_NAMES = (
    "ACADEMY_HOME",
    "ACADEMY_DATABASE_URL",
    "ACADEMY_PUBLIC_URL",
    "ACADEMY_SIGN_IN_URL",
    "ACADEMY_SMTP_URL",
    "ACADEMY_MAIL_FROM",
    "ACADEMY_MAIL_BOUNCES",
    "ACADEMY_PROXY_HOPS",
    "ACADEMY_IMPORT_FOLDER",
    "ACADEMY_PRIVACY_URL",
    "ACADEMY_HSTS_SUBDOMAINS",
)
_MOST_HOPS = 10
_YES_OR_NO = {True: "yes", False: "no"}
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+", re.ASCII)  # as `urlsplit` tells it: lower case, no brackets
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between hosts, judged.

    Attributes:
        home: the data folder; database, key file, settings file and `outbox/` live here.
        database_url: SQLAlchemy URL, `sqlite:///…` or `postgresql+psycopg://…`; may hold a password.
        public_url: origin of every link, without a slash at the end.
        sign_in_url: where a registered person goes next; None for the plain confirmation page.
        smtp_url: None where mails are written as files instead.
        mail_from: sender address.
        mail_bounces: envelope sender, where mail servers report what could not be delivered; None for `mail_from`.
        proxy_hops: how many reverse proxies in front of the page are ours.
        privacy_url: where the company says how it handles personal data; None for no link beside the optional fields.
        hsts_subdomains: whether browsers are told to insist on https for every host below the page's own, too.
        import_folder: the only folder the console reads import files from; None for wherever the admin may read.
    """

    home: Path
    database_url: Secret
    public_url: str = DEFAULT_PUBLIC_URL
    sign_in_url: str | None = None
    smtp_url: Secret | None = None
    mail_from: str = "academy@127.0.0.1"
    proxy_hops: int = 0
    import_folder: Path | None = None
    privacy_url: str | None = None
    mail_bounces: str | None = None
    hsts_subdomains: bool = True

    @property
    def key_file(self) -> Path:
        """The file with the keys that links are made with (mode 0600)."""
        return self.home / "key"

    @property
    def outbox_folder(self) -> Path:
        """Where mails are written when no mail server is set."""
        return self.home / "outbox"

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file of this host."""
        return self.database_url.reveal().startswith("sqlite:")

    @classmethod
    def load(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Return the settings of this host.

        Raises:
            Misconfigured: naming the first setting that is wrong.
        """
        home = _home(environment)
        values = _from_file(home / "academy.toml") | {
            name: environment[name] for name in _NAMES if environment.get(name)
        }
        public_url = _origin("ACADEMY_PUBLIC_URL", values.get("ACADEMY_PUBLIC_URL", DEFAULT_PUBLIC_URL))
        host = urlsplit(public_url).hostname or ""
        sender = f"academy@{host if host.isascii() and ':' not in host else 'localhost'}"
        sign_in_url = values.get("ACADEMY_SIGN_IN_URL")
        smtp_url = values.get("ACADEMY_SMTP_URL")
        privacy_url = values.get("ACADEMY_PRIVACY_URL")
        bounces = values.get("ACADEMY_MAIL_BOUNCES")
        return cls(
            home=home,
            database_url=_database(values.get("ACADEMY_DATABASE_URL"), home),
            public_url=public_url,
            sign_in_url=_web_url("ACADEMY_SIGN_IN_URL", sign_in_url).geturl() if sign_in_url else None,
            smtp_url=_smtp(smtp_url) if smtp_url else None,
            mail_from=_sender("ACADEMY_MAIL_FROM", values.get("ACADEMY_MAIL_FROM", sender)),
            mail_bounces=_sender("ACADEMY_MAIL_BOUNCES", bounces) if bounces else None,
            proxy_hops=_hops(values.get("ACADEMY_PROXY_HOPS", "0")),
            import_folder=_folder(values.get("ACADEMY_IMPORT_FOLDER")),
            privacy_url=_web_url("ACADEMY_PRIVACY_URL", privacy_url).geturl() if privacy_url else None,
            hsts_subdomains=_yes("ACADEMY_HSTS_SUBDOMAINS", values.get("ACADEMY_HSTS_SUBDOMAINS", "yes")),
        )


def _folder(text: str | None) -> Path | None:
    if text is None:
        return None
    folder = Path(text).expanduser()
    if not folder.is_absolute() or not folder.is_dir():
        raise Misconfigured(
            "ACADEMY_IMPORT_FOLDER", f"{text} is not a folder of this host. Name one by its full path."
        )
    return folder.resolve()


def _home(environment: Mapping[str, str]) -> Path:
    named = environment.get("ACADEMY_HOME")
    if named:
        return Path(named).expanduser().absolute()
    from platformdirs import user_data_path  # noqa: PLC0415 - only where no folder is named

    return user_data_path("academy", appauthor=False)


def make_home(home: Path) -> None:
    """Make the data folder, readable by its owner only.

    Raises:
        Misconfigured: it cannot be made or is open to others.
    """
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not home.is_dir():
            raise NotADirectoryError
        if stat.S_IMODE(home.stat().st_mode) & 0o077 and home.stat().st_uid == os.getuid():
            home.chmod(0o700)
    except OSError as error:
        reason = error.strerror or "it is not a folder"
        raise Misconfigured("ACADEMY_HOME", f"the data folder {home} cannot be used: {reason}.") from None


def _from_file(path: Path) -> dict[str, str]:
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(str(path), f"the settings file cannot be read: {error}.") from None
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(str(path), f"the settings file is not valid TOML: {error}.") from None
    values: dict[str, str] = {}
    for name, value in found.items():
        setting = name if name.startswith("ACADEMY_") else f"ACADEMY_{name.upper()}"
        if setting not in _NAMES or setting == "ACADEMY_HOME":
            known = ", ".join(known.removeprefix("ACADEMY_").lower() for known in _NAMES[1:])
            raise Misconfigured(str(path), f"there is no setting {name}. There is: {known}.")
        if not isinstance(value, str | int):
            raise Misconfigured(str(path), f"{name} must be a text or a number.")
        values[setting] = _YES_OR_NO[value] if isinstance(value, bool) else str(value)
    return values


def _database(url: str | None, home: Path) -> Secret:
    if url is None:
        return Secret(f"sqlite:///{home / 'academy.db'}")
    if url.startswith("sqlite:///") and len(url) > len("sqlite:///"):
        if ":memory:" in url:
            raise Misconfigured(
                "ACADEMY_DATABASE_URL", "a database in memory would be lost at once. Name a file."
            )
        return Secret(url)
    if url.startswith("postgresql+psycopg://"):
        return Secret(url)
    raise Misconfigured(
        "ACADEMY_DATABASE_URL",
        "it must start with sqlite:/// (and name a file) or with postgresql+psycopg://.",
    )


def _web_url(setting: str, url: str) -> SplitResult:
    try:
        parts = urlsplit(url.strip())
        valid = (
            parts.scheme in {"http", "https"} and parts.hostname and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        valid = False
        parts = urlsplit("")
    if (
        not valid
        or parts.username
        or parts.password
        or any(char.isspace() or ord(char) < ord("!") for char in url.strip())
    ):
        raise Misconfigured(setting, "it must be a web address such as https://join.example.com.")
    if not _HOST.fullmatch(parts.hostname or ""):
        raise Misconfigured(
            setting, "write its host as browsers send it: letters of ASCII, such as xn--bcher-kva.example."
        )
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise Misconfigured(setting, "outside this machine it must start with https://.")
    return parts


def _origin(setting: str, url: str) -> str:
    parts = _web_url(setting, url)
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise Misconfigured(setting, "it must be an origin alone, without a path: https://join.example.com.")
    return f"{parts.scheme}://{parts.netloc}"


def _smtp(url: str) -> Secret:
    try:
        parts = urlsplit(url)
        valid = parts.scheme in {"smtp", "smtps"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        valid = False
    if not valid:
        raise Misconfigured(
            "ACADEMY_SMTP_URL", "it must look like smtp://user:password@host:587 or smtps://host."
        )
    return Secret(url)


def _sender(setting: str, text: str) -> str:
    local, at, domain = text.strip().rpartition("@")
    plain = text.strip().isascii() and not any(char.isspace() or char in '<>,;":[]' for char in text.strip())
    if not (local and at and domain and plain):
        raise Misconfigured(setting, "it must be a single mail address such as academy@example.com.")
    return text.strip()


def _hops(text: str) -> int:
    if not text.strip().isascii() or not text.strip().isdigit() or int(text) > _MOST_HOPS:
        raise Misconfigured("ACADEMY_PROXY_HOPS", f"it must be a whole number from 0 to {_MOST_HOPS}.")
    return int(text)


def _yes(setting: str, text: str) -> bool:
    answer = {"yes": True, "no": False}.get(text.strip().lower())
    if answer is None:
        raise Misconfigured(setting, "it must be yes or no.")
    return answer
