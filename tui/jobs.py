"""The only place that starts threads and the only caller of core: no key ever waits for the database.

Reads go through one thread, changes through another. A job never touches a widget: its answer is posted as a message
and handed over on the thread of the widgets. `idle()` lets tests wait for quiet instead of sleeping.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from textual.message import Message

from core.errors import Problem, SignedOut
from tui.leash import BEGIN, COMMIT, Run
from tui.messages import DatabaseChanged, JobFinished, RunMoved, SignInEnded

if TYPE_CHECKING:
    from core.core import Core
    from core.work import Look, Work

T = TypeVar("T")
Done = Callable[[T], object]
Failed = Callable[[Problem], object]
_JobLine = queue.SimpleQueue[tuple[Callable[[], None], bool] | None]
_LAST_WISH = 1.8


class Jobs:
    """Two lines of jobs, one for questions and one for changes, on a core that is opened by the first of them."""

    def __init__(self, post: Callable[[Message], bool], open_core: Callable[[], Core]) -> None:
        """Start the threads; `post` must be safe to call from them."""
        self._post = post
        self._open_core = open_core
        self._core: Core | None = None
        self._core_lock = threading.Lock()
        self._sign_in: UUID | None = None
        self._latest: dict[str, int] = {}
        self._open_jobs = 0
        self._quiet = threading.Condition()
        self._token: object = None
        self.changes_made = 0
        self._runs: list[Run] = []
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []
        self._reads = self._start("reads")
        self._writes = self._start("writes")

    @property
    def core(self) -> Core:
        """The core; opened on first use, which imports the database layer. Only for jobs."""
        with self._core_lock:
            if self._core is None:
                self._core = self._open_core()
            return self._core

    @property
    def core_if_open(self) -> Core | None:
        """The core, once a job has opened it."""
        return self._core

    def signed_in(self, sign_in: UUID | None) -> None:
        """Let the following jobs act for this sign-in; None for nobody."""
        self._sign_in = sign_in
        self._latest.clear()

    def run(self, job: Callable[[Core], T], done: Done[T], failed: Failed) -> None:
        """Run something that opens its own doors, on the thread for changes."""
        self._put(self._writes, lambda: job(self.core), done, failed)

    def change(self, job: Callable[[Work], T], done: Done[T], failed: Failed) -> None:
        """Change something in one transaction of the signed-in admin."""
        sign_in = self._sign_in

        def work() -> T:
            if sign_in is None:
                raise SignedOut
            with self.core.work(sign_in) as opened:
                return job(opened)

        self._put(self._writes, work, done, failed)

    def plan(self, job: Callable[[Work], T], done: Done[T], failed: Failed) -> None:
        """Preview a change in a transaction that nobody waits for and of which nothing stays."""
        sign_in = self._sign_in

        def work() -> T:
            if sign_in is None:
                raise SignedOut
            with self.core.plan(sign_in) as opened:
                return job(opened)

        self._put(self._writes, work, done, failed)

    def run_change(
        self,
        run: Run,
        change: Callable[[Work, Run, str], T],
        done: Done[T],
        failed: Failed,
        *,
        begin: Callable[[Work], str] | None = None,
        first: Callable[[Look], None] | None = None,
    ) -> None:
        """Change something that takes long, in one transaction that can be followed and stopped.

        Args:
            run: what it is called; `Stopped` is the problem when somebody stops it, and nothing was changed then.
            change: gets the transaction, `run` as the progress to tell, and what `begin` returned, else nothing.
            done: gets the answer on the thread of the widgets.
            failed: gets the problem, likewise.
            begin: runs in a small transaction of its own before, such as the one that notes that a bulk change begins.
            first: fills temporary tables before anything is locked, as in `Core.work`.
        """
        sign_in = self._sign_in
        run.heard = lambda: self._post(RunMoved())
        self._runs.append(run)

        def work() -> T:
            name = ""
            try:
                if sign_in is None:
                    raise SignedOut
                run(BEGIN, 0)
                if begin is not None:
                    with self.core.work(sign_in) as opened:
                        name = begin(opened)
                with self.core.work(sign_in, first=first) as opened:
                    answer = change(opened, run, name)
                    run(COMMIT, 0)
            finally:
                self._runs.remove(run)
                self._post(RunMoved())
            return answer

        self._put(self._writes, work, done, failed)

    @property
    def runs(self) -> Sequence[Run]:
        """The long changes under way: the one that works first, then those that wait for it."""
        return tuple(self._runs)

    def ask(self, job: Callable[[Look], T], done: Done[T], failed: Failed, *, latest: str = "") -> None:
        """Read something for the signed-in admin.

        Args:
            job: the question.
            done: gets the answer on the thread of the widgets.
            failed: gets the problem, likewise; not called when the sign-in has ended.
            latest: a name under which only the newest question is of interest; older ones are skipped.
        """
        sign_in = self._sign_in
        number = self._latest[latest] = self._latest.get(latest, 0) + 1 if latest else 0

        def work() -> T | None:
            if latest and self._latest.get(latest) != number:
                return None
            if sign_in is None:
                raise SignedOut
            with self.core.look(sign_in) as look:
                return job(look)

        def deliver(answer: T | None) -> None:
            if answer is not None and (not latest or self._latest.get(latest) == number):
                done(answer)

        self._put(self._reads, work, deliver, failed)

    def tell(self, deliver: Callable[[], object]) -> None:
        """Hand over a part of an answer from inside a job."""
        with self._quiet:
            self._open_jobs += 1
        self._finish(deliver)

    def look_for_changes(self) -> None:
        """Ask whether anybody has committed something; posts `DatabaseChanged` if so. Costs microseconds."""

        def compare(token: object) -> None:
            changed, self._token = self._token not in (None, token), token
            if changed:
                self._post(DatabaseChanged())

        self._put(self._reads, self._change_token, compare, lambda _problem: None)

    @property
    def busy(self) -> bool:
        """Whether a job is under way, or its answer."""
        with self._quiet:
            return self._open_jobs > 0

    async def idle(self) -> None:
        """Wait until no job is under way and every answer has been handed over."""
        if self.busy:
            await asyncio.get_running_loop().run_in_executor(None, self._wait_for_quiet)

    def last_wish(self, job: Callable[[Work], object]) -> None:
        """Change something small of the signed-in admin even when the console ends meanwhile, such as what it remembers."""
        sign_in = self._sign_in
        if sign_in is None:
            return

        def work() -> None:
            with suppress(Problem), self.core.work(sign_in) as opened:
                job(opened)

        self._writes.put((work, True))

    def finish(self) -> None:
        """Stop taking jobs, stop long changes, and let what runs commit or roll back.

        A dropped connection is over within 2 s.
        """
        for run in self._runs:
            run.stop()
        self._stopped.set()
        for line in (self._reads, self._writes):
            line.put(None)
        end = monotonic() + _LAST_WISH
        for thread in self._threads:
            thread.join(max(0.0, end - monotonic()))

    def close(self, *, keep_core: bool = False) -> None:
        """Finish, and give the core back unless `keep_core`."""
        self.finish()
        if self._core is not None and not keep_core:
            self._core.close()

    # --- inside ---------------------------------------------------------------------------------------------------

    def _change_token(self) -> object:
        return self.core.change_token()

    def _start(self, name: str) -> _JobLine:
        line: _JobLine = queue.SimpleQueue()

        def loop() -> None:
            while (given := line.get()) is not None:
                job, is_last_wish = given
                if is_last_wish or not self._stopped.is_set():
                    job()

        thread = threading.Thread(target=loop, name=f"academy {name}", daemon=True)
        self._threads.append(thread)
        thread.start()
        return line

    def _put(self, line: _JobLine, work: Callable[[], T], done: Done[T], failed: Failed) -> None:
        with self._quiet:
            self._open_jobs += 1
        sign_in = self._sign_in
        if line is self._writes:
            work = partial(self._counted, work)
        line.put((lambda: self._do(work, done, failed, sign_in), False))

    def _do(self, work: Callable[[], T], done: Done[T], failed: Failed, sign_in: UUID | None) -> None:
        try:
            answer = work()
        except SignedOut as problem:
            self._finish(partial(self._ended, problem, failed, sign_in))
        except Problem as problem:
            self._finish(partial(failed, problem))
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to the widgets' thread, not to this one
            self._finish(partial(_raise, error))
        else:
            self._finish(partial(done, answer))

    def _counted(self, work: Callable[[], T]) -> T:
        """Count what this console has changed itself, so that its lists can take it at once."""
        answer = work()
        self.changes_made += 1
        return answer

    def _ended(self, problem: SignedOut, failed: Failed, sign_in: UUID | None) -> None:
        """Tell of the end, unless somebody has signed in anew since the job was given."""
        if self._sign_in == sign_in:
            failed(problem)
            self._post(SignInEnded(problem.message))

    def _finish(self, deliver: Callable[[], object]) -> None:
        def hand_over() -> None:
            try:
                deliver()
            finally:
                with self._quiet:
                    self._open_jobs -= 1
                    self._quiet.notify_all()

        if not self._post(JobFinished(hand_over)):
            with self._quiet:  # the widgets are gone, so nobody waits for the answer
                self._open_jobs -= 1
                self._quiet.notify_all()

    def _wait_for_quiet(self) -> None:
        with self._quiet:
            self._quiet.wait_for(lambda: self._open_jobs == 0)


def _raise(error: Exception) -> None:
    raise error
