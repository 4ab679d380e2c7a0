"""Real processes that do something at the same moment, each with a core of its own.

A racer is a function of this module: it is started by its name, says "ready", waits for "go" and says how it went.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

from core.core import Core
from core.errors import Problem
from core.filter_keys import parse_users
from core.importing import open_source, read
from core.ports import Hasher
from core.roles import Role
from core.services.accepting import accept
from core.services.editing import Edit, edit
from core.services.inviting import Line, Offer, StagedLines, invite, invite_many, withdraw
from core.services.merging import merge_departments
from core.services.people import GiveRole, Reactivate, SetJobTitle, change_people
from core.services.runs import begin_run
from core.services.signing_in import sign_in
from core.services.undoing import undo
from core.settings import Settings
from core.targets import Target
from core.values import Secret

ROOT = Path(__file__).resolve().parents[2]
SOME_WORK = "scrypt:8192:8:1"  # long enough that all have read before the first one writes
PATIENCE = 60


def kill(settings: Settings, run: tuple[Any, ...], *, after: float) -> bool:
    """Start a racer, kill it so many seconds after "go", and tell whether it had ended by itself."""
    name, *arguments = run
    with _started(settings, name, arguments) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "ready\n"
        process.stdin.write("go\n")
        process.stdin.flush()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=after)
            return True
        process.kill()
    return False


def race(settings: Settings, runs: Sequence[tuple[Any, ...]]) -> list[str]:
    """Run racers at the same moment and return what each said, in the order of `runs`.

    Args:
        settings: of the host whose database they meet at.
        runs: for each process the racer's name and its arguments.
    """
    with ExitStack() as stack:
        processes = [stack.enter_context(_started(settings, name, arguments)) for name, *arguments in runs]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        return [_outcome(process) for process in processes]


def _started(settings: Settings, racer: str, arguments: Sequence[Any]) -> subprocess.Popen[str]:
    start = [str(settings.home), settings.database_url.reveal(), racer, list(arguments)]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.races.racers"],
        cwd=ROOT,
        env={},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(start) + "\n")
    process.stdin.flush()
    return process


def _outcome(process: subprocess.Popen[str]) -> str:
    told, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    return told.strip()


# --- inside each process ----------------------------------------------------------------------------------------


def register(core: Core, token: str, name: str) -> str:
    """Send the form of a link."""
    fields = {"first_name": name, "last_name": "Berg", "password": "violet harbor 1815"}
    return f"registered {accept(core, token, fields).user_id}"


def bring_in(core: Core, sign_in_id: str, address: str) -> str:
    """Invite one address as a signed-in admin."""
    with core.work(UUID(sign_in_id)) as work:
        return f"invited {invite(work, address, Offer())}"


def bring_in_many(core: Core, sign_in_id: str, *addresses: str) -> str:
    """Import a file as a signed-in admin."""
    lines = [Line(number, address) for number, address in enumerate(addresses, start=1)]
    with core.work(UUID(sign_in_id)) as work:
        return f"done {invite_many(work, lines, Offer(), renew=True).done}"


def import_file(core: Core, sign_in_id: str, file: str) -> str:
    """Import a file the way the command and the console do: read before the lock is taken."""
    with open_source(file) as source:
        staged = StagedLines(read(source), Offer())
        with core.work(UUID(sign_in_id), first=staged.stage) as work:
            tally = invite_many(work, staged, Offer())
    return f"done {tally.done} of {tally.done + tally.refused}"


def take_back(core: Core, sign_in_id: str, invitation_id: int) -> str:
    """Withdraw an invitation as a signed-in admin."""
    with core.work(UUID(sign_in_id)) as work:
        tally = withdraw(work, [invitation_id])
    return "withdrawn" if tally.done else tally.verdicts[0].code


def bring_back(core: Core, sign_in_id: str, *user_ids: int) -> str:
    """Reactivate people as a signed-in admin."""
    with core.work(UUID(sign_in_id)) as work:
        return f"back {change_people(work, Target(ids=user_ids), Reactivate()).done}"


def set_role(core: Core, role: int, *user_ids: int) -> str:
    """Give people a role as the operator of the host."""
    with core.operator() as work:
        return f"changed {change_people(work, Target(ids=user_ids), GiveRole(Role(role))).done}"


def set_title_of_all(core: Core, sign_in_id: str, title: str) -> str:
    """Give everybody a job title as a signed-in admin: a run that is begun in a transaction of its own."""
    everybody = Target(chosen=parse_users("role:learner"))
    with core.work(UUID(sign_in_id)) as work:
        name = begin_run(work, "job_title", title)
    with core.work(UUID(sign_in_id)) as work:
        return f"changed {change_people(work, everybody, SetJobTitle(title), batch=name).done}"


def rename(core: Core, sign_in_id: str, user_id: int, seen: str, wanted: str) -> str:
    """Give somebody another last name, having looked at the one before, as a signed-in admin."""
    with core.work(UUID(sign_in_id)) as work:
        return f"saved {edit(work, Edit(user_id, {'last_name': wanted}, {'last_name': seen})).done}"


def undo_run(core: Core, sign_in_id: str, batch: str) -> str:
    """Take back a bulk change as a signed-in admin."""
    with core.work(UUID(sign_in_id)) as work:
        return f"undone {undo(work, batch).done}"


def merge(core: Core, sign_in_id: str, source_id: int, into_id: int) -> str:
    """Merge a department into another one as a signed-in admin."""
    with core.work(UUID(sign_in_id)) as work:
        return f"merged {merge_departments(work, source_id, into_id).done}"


def come_in(core: Core, address: str, password: str) -> str:
    """Sign in to the console."""
    return f"signed in as {sign_in(core, address, password, source='race').role.name}"


def guess(core: Core, address: str) -> str:
    """Try to sign in with a wrong password."""
    return sign_in(core, address, "a wrong password", source="race").name


RACERS: dict[str, Callable[..., str]] = {
    racer.__name__: racer
    for racer in (
        register,
        bring_in,
        bring_in_many,
        bring_back,
        set_role,
        set_title_of_all,
        import_file,
        take_back,
        rename,
        undo_run,
        merge,
        come_in,
        guess,
    )
}


def main() -> None:
    """Be one racer."""
    home, url, racer, arguments = json.loads(sys.stdin.readline())
    hasher = Hasher(SOME_WORK, at_once=1)
    with Core.open(Settings(Path(home), Secret(url)), hasher=hasher) as core:
        print("ready", flush=True)  # noqa: T201 - the parent reads it
        sys.stdin.readline()
        try:
            told = RACERS[racer](core, *arguments)
        except Problem as problem:
            told = problem.code
    print(told)  # noqa: T201 - the parent reads it


if __name__ == "__main__":
    main()
