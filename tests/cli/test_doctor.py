"""`academy doctor`: one line for each thing, and exit code 1 if one of them is wrong."""

from __future__ import annotations

import shutil
import socket
import threading
from datetime import timedelta
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path

import pytest
from sqlalchemy import create_engine, update

from core.models import AuditEvent, Task
from core.services.tasks import run_due
from core.settings import Settings
from tests.cli.running import Host
from tests.databases import sqlite_only
from tests.people import House
from tui.cli.safety import notes

NAMES = ["settings", "home", "key", "database", "mail", "tasks", "page", "clock", "safety"]


def _states(host: Host) -> dict[str, str]:
    return {each["id"]: each["state"] for each in host("doctor", "--json").json}


def _wrong(host: Host) -> list[str]:
    return [name for name, state in _states(host).items() if state == "wrong"]


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_a_host_in_order_has_nothing_wrong(house: House, host: Host) -> None:
    """On a good host each thing has its line, nothing is wrong and the exit code is 0."""
    ran = host("doctor")
    assert [line.split()[1] for line in ran.out.splitlines()] == NAMES
    assert (ran.code, _wrong(host)) == (0, [])
    assert "Engine Works with 1 active user" in ran.out
    assert "postgres:" not in ran.out


@sqlite_only
def test_files_open_to_others_are_wrong(house: House, host: Host, settings: Settings) -> None:
    """A data folder, key or settings file that others can read is wrong, with the command that closes it."""
    settings.home.chmod(0o755)
    settings.key_file.chmod(0o644)
    (settings.home / "academy.toml").touch(mode=0o644)
    ran = host("doctor")
    assert ran.code == 1
    assert _wrong(host) == ["settings", "home", "key"]
    for told in ("chmod 700", "chmod 600"):
        assert told in ran.out


def test_a_fresh_host_is_told_to_set_up(fresh: Host) -> None:
    """Before init folder, key and database are wrong, and looking makes nothing."""
    ran = fresh("doctor")
    assert (ran.code, _wrong(fresh)) == (1, ["home", "key", "database"])
    assert "academy init" in ran.out
    assert _wrong(fresh) == ["home", "key", "database"]


@sqlite_only
@pytest.mark.parametrize(
    ("setting", "value", "wrong"),
    [
        ("ACADEMY_PUBLIC_URL", "nowhere", ["settings"]),
        ("ACADEMY_DATABASE_URL", "postgresql+psycopg://a:hidden@127.0.0.1:1/none", ["database"]),
        ("ACADEMY_SMTP_URL", "smtp://127.0.0.1:{port}", ["mail"]),
    ],
)
def test_what_does_not_work_is_wrong(
    house: House, host: Host, setting: str, value: str, wrong: list[str]
) -> None:
    """A bad setting, a database or a mail server that does not answer is wrong, and no password is shown."""
    broken = Host({**host.environment, setting: value.format(port=_free_port())})
    ran = broken("doctor")
    assert (ran.code, _wrong(broken)) == (1, wrong)
    assert "hidden" not in ran.out
    assert "Traceback" not in ran.err


@sqlite_only
def test_another_program_at_the_public_url_is_wrong(house: House, host: Host) -> None:
    """Where something else answers at the public URL the page is wrong; where nothing does it is a note."""
    assert _states(host)["page"] == "note"
    with HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as other:
        threading.Thread(target=other.handle_request, daemon=True).start()
        url = f"http://127.0.0.1:{other.server_port}"
        assert _states(Host({**host.environment, "ACADEMY_PUBLIC_URL": url}))["page"] == "wrong"


def test_a_clock_behind_its_own_records_is_wrong(house: House, host: Host, settings: Settings) -> None:
    """Where the newest change lies in the future the clock was set back, and that is wrong."""
    engine = create_engine(settings.database_url.reveal())
    with engine.begin() as connection:
        ahead = house.core.ports.clock.now() + timedelta(hours=1)
        connection.execute(update(AuditEvent).values(at=ahead))
    engine.dispose()
    assert _wrong(host) == ["clock"]


def test_tasks_that_nobody_runs_or_that_failed_are_wrong(
    house: House, host: Host, settings: Settings
) -> None:
    """Before the first run tasks are a note, then good with their times, and wrong once overdue or failed."""
    assert _states(host)["tasks"] == "note"
    assert len(run_due(house.core)) == 2
    line = next(line for line in host("doctor").out.splitlines() if " tasks " in line)
    assert line.startswith("ok")
    assert "leavers ran 20" in line
    assert ", next 20" in line
    engine = create_engine(settings.database_url.reveal())
    for changes, told in (
        ({"next_run_at": house.core.ports.clock.now() - timedelta(hours=2)}, "nothing runs them any more"),
        ({"failed": True, "result": "The house burned."}, "leavers failed: The house burned."),
    ):
        with engine.begin() as connection:
            connection.execute(update(Task).where(Task.name == "leavers").values(**changes))
        assert _wrong(host) == ["tasks"]
        assert told in host("doctor").out
    engine.dispose()


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        (
            {
                "ACADEMY_PUBLIC_URL": "https://a.example.com",
                "ACADEMY_SIGN_IN_URL": "https://a.example.com/in",
            },
            "share the host a.example.com",
        ),
        ({"ACADEMY_PUBLIC_URL": "https://example.com"}, "such as join.example.com"),
        ({"ACADEMY_DATABASE_URL": "postgresql+psycopg://a@db.example.com/x"}, "add sslmode=verify-full"),
        (
            {"ACADEMY_DATABASE_URL": "postgresql+psycopg://a@db.example.com/x?sslmode=require"},
            "sslmode=verify-full",
        ),
    ],
)
def test_what_could_be_safer_is_a_note(home: Path, chosen: dict[str, str], told: str) -> None:
    """Sharing a host, a bare domain and an unchecked way to the database are told with what to do."""
    [sentence] = notes(Settings.load({"ACADEMY_HOME": str(home), **chosen}))
    assert told in sentence


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {
            "ACADEMY_PUBLIC_URL": "https://join.example.com",
            "ACADEMY_SIGN_IN_URL": "https://learn.example.com",
        },
        {"ACADEMY_PUBLIC_URL": "https://192.0.2.1"},
        {"ACADEMY_PUBLIC_URL": "https://example.com", "ACADEMY_HSTS_SUBDOMAINS": "no"},
        {"ACADEMY_DATABASE_URL": "postgresql+psycopg://a@/x?host=/run/postgresql"},
        {"ACADEMY_DATABASE_URL": "postgresql+psycopg://a@127.0.0.1/x"},
        {"ACADEMY_DATABASE_URL": "postgresql+psycopg://a@db.example.com/x?sslmode=verify-full"},
    ],
)
def test_a_safe_host_is_told_nothing(home: Path, chosen: dict[str, str]) -> None:
    """A host name of its own, this machine and a checked way to the database are as they should be."""
    assert not list(notes(Settings.load({"ACADEMY_HOME": str(home), **chosen})))


@sqlite_only
def test_a_database_file_that_others_can_read_is_wrong(
    house: House, host: Host, settings: Settings, tmp_path: Path
) -> None:
    """Outside of the data folder the database file itself has to be closed, and the command that closes it is told."""
    elsewhere = tmp_path / "data" / "academy.db"
    elsewhere.parent.mkdir()
    house.core.close()
    shutil.copy(settings.home / "academy.db", elsewhere)
    elsewhere.chmod(0o644)
    moved = Host({**host.environment, "ACADEMY_DATABASE_URL": f"sqlite:///{elsewhere}"})
    ran = moved("doctor")
    assert _wrong(moved) == ["safety"]
    assert f"chmod 600 {elsewhere}" in ran.out
    elsewhere.chmod(0o600)
    assert _wrong(moved) == []
