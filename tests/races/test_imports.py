"""Imports that meet each other, and imports that die: all or nothing, and each address once (D3, D4, R57)."""

from __future__ import annotations

import random
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import perf_counter

import pytest
from sqlalchemy import ColumnElement, func, select

from core.core import Core
from core.models import AuditEvent, Invitation, OutboxMail
from core.ports import Hasher
from core.selection import lock_company
from core.settings import Settings
from tests.cli.running import Host
from tests.people import House
from tests.races.racers import race
from tests.services import rows

pytestmark = pytest.mark.slow

LINES = 6_000
KILLS = 10


@pytest.fixture
def house(settings: Settings, hasher: Hasher) -> Iterator[House]:
    """Lend a company that lives in today's time, like the other processes."""
    with Core.open(settings, hasher=hasher) as core:
        yield House.set_up(core)


def test_two_admins_import_the_same_file_at_once(house: House, settings: Settings, tmp_path: Path) -> None:
    """Each address is invited once, by one of them, and the other is told that it was already."""
    file = tmp_path / "people.txt"
    file.write_text("".join(f"p{n}@example.com\n" for n in range(2000)), "utf-8")
    admins = [str(house.sign_in()) for _ in range(2)]
    told = race(settings, [("import_file", admin, str(file)) for admin in admins])
    assert sorted(told) == ["done 0 of 2000", "done 2000 of 2000"]
    found = Counter(row.address for row in rows.all_of(house.core, select(Invitation.address)))
    assert (len(found), set(found.values())) == (2000, {1})
    assert len(rows.mails(house.core)) == 2000


def test_two_different_files_with_the_same_people_invite_each_once(
    house: House, settings: Settings, tmp_path: Path
) -> None:
    """Files that overlap in part leave one open invitation for each address."""
    runs = []
    for number, those in enumerate((range(600), range(300, 900))):
        file = tmp_path / f"{number}.txt"
        file.write_text("".join(f"p{n}@example.com\n" for n in those), "utf-8")
        runs.append(("import_file", str(house.sign_in()), str(file)))
    done = sum(int(answer.split()[1]) for answer in race(settings, runs))
    assert done == rows.count(house.core, Invitation) == len(rows.mails(house.core)) == 900
    assert set(rows.states(house.core).values()) == {"open"}


def test_a_killed_import_left_all_or_nothing(house: House, settings: Settings, tmp_path: Path) -> None:
    """Killed at ten random moments an import has either happened or not, and a last run completes it."""
    file = tmp_path / "people.txt"
    file.write_text("".join(f"p{n}@example.com\n" for n in range(LINES)), "utf-8")
    host = Host.of(settings)
    lasts = _seconds(host, file)
    chance = random.Random(20261122)  # noqa: S311 - moments, not secrets
    for turn in range(KILLS):
        _kill_after(host, file, lasts * (turn + chance.random()) / KILLS)
        if _open_after_all_or_nothing(house):
            assert host("undo").code == 0
    last = host("import", str(file), "--json")
    assert (last.code, last.json["created"]) == (0, LINES)
    assert _open_after_all_or_nothing(house) == LINES
    assert host("import", str(file), "--json").json["skipped"] == {"already_invited": LINES}


def _open_after_all_or_nothing(house: House) -> int:
    """Return how many invitations are open, all of one run or none, each with its event and its mail."""
    with house.core.operator() as work:
        lock_company(work.db)  # a server notices only after a moment that its client was killed
    written = rows.count(house.core, Invitation)
    assert written % LINES == 0
    assert _number(house, AuditEvent.action == "invitation.created") == written
    assert rows.count(house.core, OutboxMail) == written
    is_open = _number(house, Invitation.state == "open")
    assert is_open in (0, LINES)
    return is_open


def _number(house: House, condition: ColumnElement[bool]) -> int:
    [row] = rows.all_of(house.core, select(func.count()).where(condition))
    return int(row[0])


def _seconds(host: Host, file: Path) -> float:
    """Return how long a run of the file takes from start to end, measured by one that only plans it."""
    begun = perf_counter()
    assert host.process("import", str(file), "--preview").code == 0
    return 1.5 * (perf_counter() - begun)


def _kill_after(host: Host, file: Path, seconds: float) -> None:
    """Run an import and kill it after so many seconds, unless it has ended by itself."""
    with host.start("import", str(file)) as process:
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=seconds)
        process.kill()
