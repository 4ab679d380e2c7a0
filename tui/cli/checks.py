"""What `academy doctor` looks at."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url

from core.core import Core
from core.errors import Misconfigured, Problem
from core.filters import Filter
from core.mail.post import post_for
from core.models.outbox import FAILED, WAITING
from core.ports import Links, SystemClock
from core.reading import audit, company, mail, tasks
from core.settings import Settings
from core.upgrade import HEAD
from tui.cli.delivering import line_sentence
from tui.cli.output import moment, number_of
from tui.cli.safety import notes, open_files

FINE, NOTE, WRONG = "ok", "note", "wrong"
_SECONDS = 5.0
_CLOCK_SLACK = timedelta(minutes=1)
_SECRETS = 0o077
_RUN_THEM = "Keep one running: academy serve, academy mail send --forever, or a timer with academy tasks run"
_TRY_AGAIN = "Once that is mended: academy tasks run"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look has shown: `ok`, `note` (worth knowing, nothing is wrong) or `wrong` with what to do."""

    state: str
    message: str


@dataclass(slots=True)
class Host:
    """What is looked at; `core` is None where the database cannot be used."""

    settings: Settings
    core: Core | None = None


def checked() -> Iterator[tuple[str, Finding]]:
    """Yield each thing to look at with what was found; without settings there is nothing else to look at."""
    try:
        host = Host(Settings.load())
    except Problem as problem:
        yield "settings", Finding(WRONG, problem.message)
        return
    with ExitStack() as stack:
        with suppress(Problem):  # `key` or `database` will say why
            host.core = stack.enter_context(Core.open(host.settings))
        for name, look in CHECKS:
            try:
                yield name, look(host)
            except Problem as problem:
                yield name, Finding(WRONG, problem.message)


def _settings(host: Host) -> Finding:
    file = host.settings.home / "academy.toml"
    if file.exists() and _is_open(file):
        return Finding(
            WRONG, f"{file} is open to other users and may hold passwords. Close it: chmod 600 {file}"
        )
    return Finding(FINE, f"from the environment{f' and {file}' if file.exists() else ''}.")


def _home(host: Host) -> Finding:
    home = host.settings.home
    if not home.is_dir():
        return Finding(
            WRONG, f"{home} does not exist. Set the host up: academy init --company NAME --admin EMAIL"
        )
    if _is_open(home):
        return Finding(WRONG, f"{home} is open to other users. Close it: chmod 700 {home}")
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        return Finding(WRONG, f"{home} cannot be written by this user. Run as the user it belongs to.")
    return Finding(FINE, f"{home}, for its owner only.")


def _key(host: Host) -> Finding:
    Links.load(host.settings.key_file, host.settings.public_url)
    return Finding(FINE, f"{host.settings.key_file}, for its owner only.")


def _database(host: Host) -> Finding:
    url = make_url(host.settings.database_url.reveal()).render_as_string(hide_password=True)
    with ExitStack() as stack:
        try:
            core = host.core or stack.enter_context(Core.open(host.settings))
        except Misconfigured as problem:
            if problem.setting == str(host.settings.key_file):
                return Finding(NOTE, f"{url} was not looked at: the key file comes first.")
            raise
        with core.operator_look() as look:
            found = company.company(look)
    people = number_of(found.active_users, "active user")
    return Finding(FINE, f"{url}, schema {HEAD}, {found.name} with {people}.")


def _mail(host: Host) -> Finding:
    post = post_for(host.settings)
    if post.is_real:
        with post.connect():
            pass
    elif not _can_write(host.settings.outbox_folder):
        return Finding(WRONG, f"mails are {post.describe()}, but it cannot be written.")
    waiting = ""
    state = FINE if post.is_real else NOTE
    if host.core is not None:
        with host.core.operator_look() as look:
            line = mail.line(look)
        waiting = f" {number_of(line.counts[WAITING], 'mail')} waiting, {line.counts[FAILED]} failed."
        if line.paused or line.per_minute is not None:
            waiting += f" {line_sentence(line)}"
        state = NOTE if line.counts[FAILED] or line.paused else state
    return Finding(state, f"mails are {post.describe()}.{waiting}")


def _tasks(host: Host) -> Finding:
    if host.core is None:
        return Finding(NOTE, "tasks were not looked at: the database comes first.")
    with host.core.operator_look() as look:
        rows = tasks.tasks(look)
    told = "; ".join(_task_words(row) for row in rows)
    if failed := [row for row in rows if row.failed]:
        return Finding(WRONG, f"{failed[0].name} failed: {failed[0].result} {told}. {_TRY_AGAIN}")
    if any(row.overdue for row in rows):
        return Finding(WRONG, f"nothing runs them any more: {told}. {_RUN_THEM}")
    if any(row.last_run is None for row in rows):
        return Finding(NOTE, f"{told}. {_RUN_THEM}")
    return Finding(FINE, f"{told}.")


def _task_words(row: tasks.TaskRow) -> str:
    if row.last_run is None:
        return f"{row.name} never ran"
    return f"{row.name} ran {moment(row.last_run)}, next {moment(row.next_run)}"


def _page(host: Host) -> Finding:
    url = host.settings.public_url
    parts = urlsplit(url)
    proxies = f"{number_of(host.settings.proxy_hops, 'proxy', 'proxies')} trusted"
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_SECONDS)
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse().read(16)
    except (OSError, HTTPException) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        return Finding(NOTE, f"{url} does not answer ({reason}), {proxies}. Start it: academy serve")
    finally:
        connection.close()
    if answer.strip() != b"ok":
        return Finding(
            WRONG, f"{url} answers, but not with our page. Check ACADEMY_PUBLIC_URL and the proxy."
        )
    if parts.scheme == "https" and not host.settings.proxy_hops:
        return Finding(
            NOTE,
            f"{url} answers, but no proxy is trusted: visitors' addresses are lost. Set ACADEMY_PROXY_HOPS.",
        )
    return Finding(FINE, f"{url} answers, {proxies}.")


def _clock(host: Host) -> Finding:
    now = SystemClock().now()
    if host.core is not None:
        with host.core.operator_look() as look:
            newest = audit.events(look, Filter(), limit=1)
        if newest and newest[0].at > now + _CLOCK_SLACK:
            return Finding(
                WRONG,
                f"it is {moment(now)} UTC here, but the newest change was made at {moment(newest[0].at)}. "
                "Set the clock, or links expire too late.",
            )
    return Finding(FINE, f"{moment(now)} UTC.")


def _safety(host: Host) -> Finding:
    if others := open_files(host.settings):
        names = " ".join(map(str, others))
        return Finding(WRONG, f"{names} can be read by other users. Close it: chmod 600 {names}")
    told = " ".join(notes(host.settings))
    return Finding(NOTE, told) if told else Finding(FINE, "nothing else could be set up more safely.")


def _can_write(folder: Path) -> bool:
    """Tell whether files can be put into a folder, which may still have to be made."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _is_open(path: Path) -> bool:
    return bool(stat.S_IMODE(path.stat().st_mode) & _SECRETS)


CHECKS: tuple[tuple[str, Callable[[Host], Finding]], ...] = (
    ("settings", _settings),
    ("home", _home),
    ("key", _key),
    ("database", _database),
    ("mail", _mail),
    ("tasks", _tasks),
    ("page", _page),
    ("clock", _clock),
    ("safety", _safety),
)
