"""Settings: the environment over academy.toml; a bad one stops the start and is named."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from core.errors import Misconfigured
from core.settings import DEFAULT_PUBLIC_URL, Settings, make_home


def load(home: Path, **environment: str) -> Settings:
    """Return the settings of a host with this data folder and environment."""
    return Settings.load(
        {"ACADEMY_HOME": str(home)} | {f"ACADEMY_{name}": value for name, value in environment.items()}
    )


def test_nothing_set_means_files_below_the_data_folder(tmp_path: Path) -> None:
    """Without any setting there is a database file, a key file and an outbox folder, and links to this machine."""
    settings = load(tmp_path)
    assert settings.database_url.reveal() == f"sqlite:///{tmp_path}/academy.db"
    assert settings.is_sqlite
    assert (settings.key_file, settings.outbox_folder) == (tmp_path / "key", tmp_path / "outbox")
    assert (settings.public_url, settings.sign_in_url, settings.smtp_url) == (DEFAULT_PUBLIC_URL, None, None)
    assert (settings.mail_from, settings.proxy_hops) == ("academy@127.0.0.1", 0)


def test_everything_can_be_set(tmp_path: Path) -> None:
    """Each setting arrives as it was given."""
    settings = load(
        tmp_path,
        DATABASE_URL="postgresql+psycopg://ada:word@db/academy",
        PUBLIC_URL="https://join.example.com/",
        SIGN_IN_URL="https://learn.example.com/sign-in?from=join",
        SMTP_URL="smtps://user:word@mail.example.com",
        MAIL_FROM="academy@example.com",
        PROXY_HOPS="2",
        IMPORT_FOLDER=str(tmp_path),
        PRIVACY_URL="https://example.com/privacy?of=academy",
        MAIL_BOUNCES="bounces@example.com",
    )
    assert settings.privacy_url == "https://example.com/privacy?of=academy"
    assert settings.mail_bounces == "bounces@example.com"
    assert settings.import_folder == tmp_path.resolve()
    assert not settings.is_sqlite
    assert settings.public_url == "https://join.example.com"
    assert settings.sign_in_url == "https://learn.example.com/sign-in?from=join"
    assert settings.smtp_url is not None
    assert settings.smtp_url.reveal() == "smtps://user:word@mail.example.com"
    assert (settings.mail_from, settings.proxy_hops) == ("academy@example.com", 2)


def test_passwords_in_settings_are_not_shown(tmp_path: Path) -> None:
    """The text of the settings holds no password of the database or of the mail server."""
    settings = load(
        tmp_path,
        DATABASE_URL="postgresql+psycopg://ada:canary@db/academy",
        SMTP_URL="smtp://ada:canary@mail.example.com",
    )
    assert "canary" not in repr(settings) + str(settings)


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    """A setting in academy.toml counts, short or with its whole name, until the environment says otherwise."""
    (tmp_path / "academy.toml").write_text(
        'public_url = "https://file.example.com"\nACADEMY_PROXY_HOPS = 3\nmail_from = "file@example.com"\n',
        "utf-8",
    )
    settings = load(tmp_path, PUBLIC_URL="https://environment.example.com", MAIL_FROM="")
    assert settings.public_url == "https://environment.example.com"
    assert (settings.proxy_hops, settings.mail_from) == (3, "file@example.com")


def test_the_sender_follows_the_public_address(tmp_path: Path) -> None:
    """Where no sender is set, mails come from the host that links lead to."""
    assert load(tmp_path, PUBLIC_URL="https://join.example.com").mail_from == "academy@join.example.com"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://host/academy"),
        ("DATABASE_URL", "postgresql://host/academy"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "academy.db"),
        ("PUBLIC_URL", "join.example.com"),
        ("PUBLIC_URL", "http://join.example.com"),
        ("PUBLIC_URL", "https://join.example.com/academy"),
        ("PUBLIC_URL", "https://join.example.com?x=1"),
        ("PUBLIC_URL", "https://join.example.com#x"),
        ("PUBLIC_URL", "https://ada:word@join.example.com"),
        ("PUBLIC_URL", "https://:word@join.example.com"),
        ("PUBLIC_URL", "https://join.example.com:port"),
        ("PUBLIC_URL", "https://join.example.com:0"),
        ("PUBLIC_URL", "https://join.example.com:70000"),
        ("PUBLIC_URL", "https://join.exa mple.com"),
        ("PUBLIC_URL", "https://join.example.com\r\nX-Header: 1"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://bücher.example"),
        ("SIGN_IN_URL", "https://łódź.example/sign-in"),
        ("SIGN_IN_URL", "https://learn.example.com;script-src/"),
        ("SIGN_IN_URL", "https://learn.example.com'/"),
        ("PUBLIC_URL", "https://[::1"),
        ("HSTS_SUBDOMAINS", "maybe"),
        ("PUBLIC_URL", "javascript:alert(1)"),
        ("SIGN_IN_URL", "javascript:alert(1)"),
        ("SIGN_IN_URL", "data:text/html,x"),
        ("SIGN_IN_URL", "http://learn.example.com/sign-in"),
        ("SIGN_IN_URL", "/sign-in"),
        ("SMTP_URL", "mail.example.com"),
        ("SMTP_URL", "http://mail.example.com"),
        ("SMTP_URL", "smtp://"),
        ("SMTP_URL", "smtp://mail.example.com:port"),
        ("PRIVACY_URL", "javascript:alert(1)"),
        ("PRIVACY_URL", "http://example.com/privacy"),
        ("MAIL_BOUNCES", "bounces"),
        ("MAIL_FROM", "academy"),
        ("MAIL_FROM", "@example.com"),
        ("MAIL_FROM", "Academy <academy@example.com>"),
        ("MAIL_FROM", "a@example.com, b@example.com"),
        ("MAIL_FROM", "a@example.com\r\nBcc: eve@example.com"),
        ("MAIL_FROM", "jörg@example.com"),
        ("MAIL_FROM", "academy@::1"),
        ("IMPORT_FOLDER", "imports"),
        ("IMPORT_FOLDER", "/nowhere/at/all"),
        ("PROXY_HOPS", "-1"),
        ("PROXY_HOPS", "11"),
        ("PROXY_HOPS", "1.5"),
        ("PROXY_HOPS", "\u0661"),
        ("PROXY_HOPS", "many"),
    ],
)
def test_a_bad_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    """A setting that cannot be meant stops the start, names itself and shows no password."""
    with pytest.raises(Misconfigured) as caught:
        load(tmp_path, **{name: value})
    assert caught.value.setting == f"ACADEMY_{name}"
    assert caught.value.message.startswith(f"ACADEMY_{name}: ")
    assert ":word@" not in caught.value.message


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_plain_http_is_for_this_machine_only(tmp_path: Path, host: str) -> None:
    """Without encryption the page may be tried out on the machine itself."""
    assert load(tmp_path, PUBLIC_URL=f"http://{host}:8000").public_url == f"http://{host}:8000"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("public_url = ", "not valid TOML"),
        ('colour = "red"', "no setting colour.*There is: database_url"),
        ('home = "/elsewhere"', "no setting home"),
        ("proxy_hops = 1.5", "must be a text or a number"),
        ("public_url = ['a']", "must be a text or a number"),
        ("[public_url]", "must be a text or a number"),
    ],
)
def test_a_bad_settings_file_is_named(tmp_path: Path, text: str, reason: str) -> None:
    """A mistake in academy.toml is told with the file's path."""
    (tmp_path / "academy.toml").write_text(text, "utf-8")
    with pytest.raises(Misconfigured, match=reason) as caught:
        load(tmp_path)
    assert caught.value.setting == str(tmp_path / "academy.toml")


@pytest.mark.parametrize("answer", ["false", '"no"', '"No"'])
def test_yes_or_no_in_the_settings_file(tmp_path: Path, answer: str) -> None:
    """What is to be answered with yes or no may be a word or TOML's own truth; any other setting refuses the latter."""
    (tmp_path / "academy.toml").write_text(f"hsts_subdomains = {answer}", "utf-8")
    assert not load(tmp_path).hsts_subdomains
    (tmp_path / "academy.toml").write_text("proxy_hops = true", "utf-8")
    with pytest.raises(Misconfigured, match="whole number"):
        load(tmp_path)


def test_a_settings_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A folder or bytes that are no text in place of academy.toml are told with the path."""
    path = tmp_path / "academy.toml"
    path.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(Misconfigured, match="cannot be read"):
        load(tmp_path)
    path.unlink()
    path.mkdir()
    with pytest.raises(Misconfigured, match="cannot be read"):
        load(tmp_path)


def test_the_data_folder_is_made_for_its_owner_only(tmp_path: Path) -> None:
    """The folder and what it lies in are made, and one that was open to others is closed."""
    home = tmp_path / "a" / "home"
    make_home(home)
    home.chmod(0o755)
    make_home(home)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file where the folder should be is told with its path."""
    (tmp_path / "file").write_text("", "utf-8")
    for home in (tmp_path / "file", tmp_path / "file" / "home"):
        with pytest.raises(Misconfigured, match="data folder") as caught:
            make_home(home)
        assert caught.value.setting == "ACADEMY_HOME"
