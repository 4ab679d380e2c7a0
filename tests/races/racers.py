"""Real processes that do something at the same moment, each with a core of its own.

A racer is a function of this module: it is started by its name, says READY, waits for GO and says how it went.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.core import Core
from core.errors import Busy, Missing, Problem
from core.filter_keys import parse_users
from core.importing import open_source, read
from core.models import User
from core.ports import Hasher
from core.roles import Role
from core.services.accepting import accept
from core.services.deleting import delete_person
from core.services.editing import Edit, edit
from core.services.inviting import Line, Offer, StagedLines, invite, invite_many, withdraw
from core.services.merging import merge_departments
from core.services.people import (
    Archive,
    Change,
    GiveRole,
    GiveSeat,
    Reactivate,
    SetJobTitle,
    TakeSeat,
    change_people,
)
from core.services.runs import begin_run
from core.services.signing_in import sign_in
from core.services.undoing import undo
from core.settings import Settings
from core.targets import Target
from core.values import Secret

SOME_WORK = "scrypt:8192:8:1"  # long enough that all have read before the first one writes
PATIENCE = 60
READY, GO = "ready", "go"
TURNS = 5


def kill(settings: Settings, run: tuple[Any, ...], *, after: float) -> bool:
    """Start a racer, kill it so many seconds after "go", and tell whether it had ended by itself."""
    name, *arguments = run
    with _started(settings, name, arguments) as racer:
        assert racer.heard() == READY
        racer.line.send(GO)
        racer.process.join(after)
        if racer.process.exitcode is not None:
            return True
        racer.process.kill()
    return False


def race(settings: Settings, runs: Sequence[tuple[Any, ...]]) -> list[str]:
    """Run racers at the same moment and return what each said, in the order of `runs`.

    Args:
        settings: of the host whose database they meet at.
        runs: for each process the racer's name and its arguments.
    """
    with ExitStack() as stack:
        racers = [stack.enter_context(_started(settings, name, arguments)) for name, *arguments in runs]
        for racer in racers:
            assert racer.heard() == READY
        for racer in racers:
            racer.line.send(GO)
        return [_outcome(racer) for racer in racers]


@dataclass(frozen=True, slots=True)
class _Racer:
    """A process that races, and the line to it."""

    process: ForkServerProcess
    line: Connection[str, str]

    def heard(self) -> str:
        """Return what it says next."""
        assert self.line.poll(PATIENCE)
        return self.line.recv()


@contextmanager
def _started(settings: Settings, racer: str, arguments: Sequence[Any]) -> Iterator[_Racer]:
    """Lend a racer; what is sent to it is JSON, so that nobody hands over more than a process can be told."""
    line, its_line = _FORKS.Pipe()
    start = json.dumps([str(settings.home), settings.database_url.reveal(), racer, list(arguments)])
    process = _FORKS.Process(target=_be, args=(its_line, start), daemon=True)
    process.start()
    its_line.close()
    with line:
        yield _Racer(process, line)
        process.join(PATIENCE)
    process.close()


def _outcome(racer: _Racer) -> str:
    told = racer.heard()
    racer.process.join(PATIENCE)
    assert racer.process.exitcode == 0
    return told


# --- inside each process ----------------------------------------------------------------------------------------


def register(core: Core, token: str, name: str) -> str:
    """Send the form of a link."""
    fields = {"first_name": name, "last_name": "Berg", "password": "violet harbor 1815"}
    return f"registered {accept(core, token, fields).user_id}"


def register_at_once(core: Core, token: str, names: Sequence[str]) -> str:
    """Send the form of one link from many threads; say how often each answer came."""

    def send(name: str) -> str:
        try:
            return register(core, token, name).split()[0]
        except Problem as problem:
            return problem.code

    with ThreadPoolExecutor(len(names)) as threads:
        return json.dumps(Counter(threads.map(send, names)))


def post_at_once(core: Core, port: int, forms: Sequence[Sequence[str]]) -> str:
    """Send forms, each a cookie and a body, to a running page from many threads; say how often each status came."""

    def send(form: Sequence[str]) -> str:
        cookie, body = form
        page = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        kind = "application/x-www-form-urlencoded"
        page.request("POST", "/register", body, {"Content-Type": kind, "Cookie": cookie})
        status = page.getresponse().status
        page.close()
        return str(status)

    with ThreadPoolExecutor(len(forms)) as threads:
        return json.dumps(Counter(threads.map(send, forms)))


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


def hand_out(core: Core, sign_in_id: str, seed: int, licenses: Sequence[int], people: Sequence[int]) -> str:
    """Give seats to people picked by chance and take some back, again and again; say how often it was done."""
    chance = random.Random(seed)  # noqa: S311 - who is picked
    told: Counter[str] = Counter()
    for turn in range(TURNS):
        bought = chance.choice(licenses)
        change: Change = GiveSeat(bought, chance.random() < 0.2) if turn % 3 < 2 else TakeSeat((bought,))
        told[change.verb] += _change_patiently(core, sign_in_id, chance.sample(people, 40), change)
    return json.dumps(told)


def come_and_go(
    core: Core, sign_in_id: str, seed: int, licenses: Sequence[int], people: Sequence[int]
) -> str:
    """Archive people picked by chance, bring some back with a seat, delete one, again and again; say how often."""
    chance = random.Random(seed)  # noqa: S311 - who is picked
    told: Counter[str] = Counter()
    for turn in range(TURNS):
        change: Change = Reactivate(tuple(licenses)) if turn % 2 else Archive()
        told[change.verb] += _change_patiently(core, sign_in_id, chance.sample(people, 60), change)
        told["delete"] += _patiently(lambda: _delete(core, sign_in_id, chance.choice(people)))
    return json.dumps(told)


def _change_patiently(core: Core, sign_in_id: str, ids: Sequence[int], change: Change) -> int:
    def run() -> int:
        with core.work(UUID(sign_in_id)) as work:
            return change_people(work, Target(ids=ids), change).done

    return _patiently(run)


def _delete(core: Core, sign_in_id: str, user_id: int) -> int:
    """Delete a person and return 1, or 0 where somebody else has."""
    with suppress(Missing), core.work(UUID(sign_in_id)) as work:
        address = work.db.scalar(select(User.address).where(User.id == user_id)) or ""
        delete_person(work, user_id, confirm=address)
        return 1
    return 0


def _patiently(run: Callable[[], int]) -> int:
    """Do something as somebody does who is told that the system is busy, and tries again."""
    for _ in range(PATIENCE):
        with suppress(Busy):
            return run()
    raise Busy


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
        register_at_once,
        post_at_once,
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
        hand_out,
        come_and_go,
        come_in,
        guess,
    )
}


def _be(line: Connection[str, str], start: str) -> None:
    """Be one racer."""
    home, url, racer, arguments = json.loads(start)
    hasher = Hasher(SOME_WORK, at_once=1)
    with Core.open(Settings(Path(home), Secret(url)), hasher=hasher) as core:
        line.send(READY)
        line.recv()
        try:
            told = RACERS[racer](core, *arguments)
        except Problem as problem:
            told = problem.code
    line.send(told)


# Everything is imported once, in a process that opens nothing; each racer is forked from it: 0.1 s instead of 1 s.
_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload([__name__])
