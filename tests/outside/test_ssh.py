"""The console the way its admins use it: in an SSH session, 80 by 24, a poor terminal, no color."""

from __future__ import annotations

import getpass
import os
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core.core import Core
from core.models import AuditEvent, User
from core.ports import SystemClock
from core.roles import Role
from tests import needs
from tests.databases import sqlite_only
from tests.house.sources import ROOT
from tests.outside.terminal import Terminal
from tests.people import ADMIN_ADDRESS, PASSWORD, House
from tests.services import rows
from tests.services.changes import add_people

pytestmark = [sqlite_only, pytest.mark.slow]

SEPARATION_FOLDER = Path("/run/sshd")  # where sshd as root locks up its unprivileged half
GONE_WITHIN = 3.0

Connect = Callable[[], Terminal]


@dataclass(frozen=True, slots=True)
class Server:
    """A running SSH server of our own."""

    port: int
    key: Path
    process: subprocess.Popen[bytes]


@pytest.fixture
def clock() -> SystemClock:
    """Return the real clock, by which the process behind the connection goes too."""
    return SystemClock()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Lend an SSH server on loopback that lets the present user in with a key made for the test."""
    sshd, keygen = needs.program("sshd"), needs.program("ssh-keygen")
    folder = tmp_path / "ssh"
    folder.mkdir(mode=0o700)
    for name in ("host", "user"):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True, timeout=30)
    (folder / "authorized_keys").write_bytes((folder / "user.pub").read_bytes())
    port = _free_port()
    (folder / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder / 'host'}\n"
        f"AuthorizedKeysFile {folder / 'authorized_keys'}\nPasswordAuthentication no\n"
        "KbdInteractiveAuthentication no\nStrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin yes\nPrintMotd no\n",
        encoding="utf-8",
    )
    if os.getuid() == 0:
        SEPARATION_FOLDER.mkdir(mode=0o755, exist_ok=True)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([sshd, "-D", "-e", "-f", folder / "config"], stdout=log, stderr=log)
        try:
            _wait_until_open(port, process, folder / "log")
            yield Server(port, folder / "user", process)
        finally:
            process.terminate()
            process.wait(10)


@pytest.fixture
def connect(server: Server, company: House, home: Path) -> Iterator[Connect]:
    """Open the company's console in an SSH session, as TERM=vt100 with NO_COLOR=1; its process notes its number."""
    command = (
        f"cd {shlex.quote(str(ROOT))} && echo $$ > {shlex.quote(str(home / 'pid'))} && "
        f"exec env ACADEMY_HOME={shlex.quote(str(home))} NO_COLOR=1 LANG=C.UTF-8 "
        f"{shlex.quote(sys.executable)} -m tui.cli.main"
    )
    options = ["-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]
    options += ["-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "LogLevel=ERROR"]
    where = ["-p", str(server.port), "-i", str(server.key), f"{getpass.getuser()}@127.0.0.1"]
    with ExitStack() as stack:
        yield lambda: stack.enter_context(
            Terminal([needs.program("ssh"), "-tt", *options, *where, command], kind="vt100", size=(80, 24))
        )


def test_an_admin_signs_in_invites_and_signs_out_over_ssh(connect: Connect, core: Core, home: Path) -> None:
    """The whole way over a real connection, and the sign-in's source is the client's address."""
    terminal = connect()
    terminal.wait_for("Password")
    terminal.type(f"{ADMIN_ADDRESS}\r{PASSWORD}\r")
    terminal.wait_for("[1 Users]")
    terminal.type("igrace@example.com\r")
    terminal.wait_for("Days the link works     7")
    terminal.type("\t\t\t\t\r")
    terminal.wait_for("Invited grace@example.com as Learner.")
    terminal.wait_for("grace@example.com          open")
    terminal.type("O")
    terminal.wait_for("You are signed out.")
    terminal.type("\x03")
    assert terminal.end() == 0
    assert b"38;" not in terminal.output
    with core.glance() as visit:
        events = visit.db.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [event.action for event in events][-3:] == [
        "user.signed_in",
        "invitation.created",
        "user.signed_out",
    ]
    assert events[-3].details["source"] == "127.0.0.1"
    assert _gone(_pid(home))


def test_a_department_gets_a_role_and_loses_it_again_over_ssh(connect: Connect, company: House) -> None:
    """On 80 by 24 of a vt100 without color: filter, mark all, role, plan, number, report, and one key takes it back."""
    add_people(company.core, 60)
    terminal = connect()
    terminal.wait_for("Password")
    terminal.type(f"{ADMIN_ADDRESS}\r{PASSWORD}\r")
    terminal.wait_for("[1 Users]")
    terminal.type("/role:learner\r*rtrainer\r")
    terminal.wait_for("Role → Trainer for 60 people")
    terminal.wait_for("type 60 and Enter to go on")
    terminal.type("60\r")
    terminal.wait_for("Done: Role → Trainer for 60 people")
    assert _roles(company.core) == {int(Role.TRAINER): 60, int(Role.COMPANY_ADMIN): 1}
    terminal.type("u")
    terminal.wait_for("Take back “role: Trainer”")
    terminal.type("60\r")
    terminal.wait_for("Done: Take back “role: Trainer”")
    assert _roles(company.core) == {int(Role.LEARNER): 60, int(Role.COMPANY_ADMIN): 1}
    assert b"38;" not in terminal.output


def test_a_dropped_connection_leaves_no_process(connect: Connect, home: Path) -> None:
    """When the client is killed in the middle of typing, the console is gone moments later."""
    terminal = connect()
    terminal.wait_for("Password")
    terminal.type(f"{ADMIN_ADDRESS}\r{PASSWORD}\r")
    terminal.wait_for("[1 Users]")
    terminal.type("ihalf an addr")
    terminal.wait_for("half an addr")
    pid = _pid(home)
    assert not _gone(pid)
    terminal.process.kill()
    terminal.process.wait(10)
    end = time.monotonic() + GONE_WITHIN
    while not _gone(pid) and time.monotonic() < end:
        terminal.read(0.05)
    assert _gone(pid)


def _roles(core: Core) -> dict[int, int]:
    """Return how many people hold each role."""
    return dict(rows.all_of(core, select(User.role, func.count()).group_by(User.role)))


def _pid(home: Path) -> int:
    return int((home / "pid").read_text())


def _gone(pid: int) -> bool:
    """Return whether no such process runs; one that only waits to be counted is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_open(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    raise TimeoutError(f"the SSH server does not answer: {log.read_text('utf-8', 'replace')}")
