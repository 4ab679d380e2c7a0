"""From a proposal to its report: plan, confirm, carry out, tell. Every bulk run of the console goes this way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from core.errors import PlanChanged, Problem, WaitsForSeat
from core.tally import Tally
from core.work import Work
from tui.leash import Leash, Run
from tui.owned_jobs import OwnedJobs
from tui.screens.front import is_in_front
from tui.screens.full_screen import FullScreen
from tui.screens.plan_proposal import Asked, Proposal, ids_of
from tui.screens.plan_screen import MOST_BY_ONE_KEY, Confirmed, PlanScreen
from tui.screens.plan_words import passed_on_in_words, refused_in_words
from tui.screens.report_screen import ReportScreen
from tui.widgets.marks import bits_of

if TYPE_CHECKING:
    from tui.app import Console


_NOWHERE = "Nothing was changed."
_WAIT_ALREADY = "No seat is left, and who was to get one waits for the next already."
_BUSY = "A plan is on its way. Wait for it, or stop it with Ctrl+C."
_SOON = 20_000  # up to here a plan is there before anybody could want to stop it


class Host(Protocol):
    """The screen a run is begun on.

    Attributes:
        asking: whether a question is on its way, so that keys wait for it.
        planning: stops the plan that is on its way, for Ctrl+C; None while there is none.
    """

    asking: bool
    planning: Leash | None

    @property
    def console(self) -> Console:
        """The application."""

    @property
    def jobs(self) -> OwnedJobs:
        """The jobs, for as long as the screen is there."""

    def say(self, sentence: str) -> None:
        """Show a message until the next one."""


class Flow:
    """One run on its way."""

    def __init__(self, host: Host, proposal: Proposal, done: Callable[[Tally], None]) -> None:
        """Begin with nothing planned.

        Args:
            host: where it was begun.
            proposal: what is to be done.
            done: hears what was done, before it is told.
        """
        self._host, self._proposal, self._done = host, proposal, done
        self._asked = Asked()
        self._name = ""

    def plan(self, notice: str = "") -> None:
        """Let core plan it, then show the plan."""
        host, proposal, asked = self._host, self._proposal, self._asked
        host.asking = True

        leash = host.planning = Leash(_ignore_step)

        def plan(work: Work) -> Tally:
            return proposal.run(work, asked, preview=True, progress=leash)

        def planned(tally: Tally) -> None:
            self._stop_waiting()
            self._show(tally, notice)

        if proposal.size > _SOON:
            host.say(f"Planning {proposal.summary} … Ctrl+C stops it.")
        host.jobs.plan(plan, planned, self._refused)

    def _stop_waiting(self) -> None:
        self._host.asking, self._host.planning = False, None

    def _refused(self, problem: Problem) -> None:
        self._stop_waiting()
        self._host.say(problem.message)

    def _show(self, tally: Tally, notice: str) -> None:
        host, proposal = self._host, self._proposal
        if not is_in_front(self._host):
            host.say(
                f"{proposal.heading(tally.done, tally.done)}: you went elsewhere, so the plan was dropped."
            )
            return
        if not proposal.number_in(tally) and tally.refused <= 1 and not self._asked.without:
            wait = WaitsForSeat.code in tally.skipped  # and nobody begins to
            reason = _WAIT_ALREADY if wait else next(iter(tally.sentences.values()), _NOWHERE)
            host.say(proposal.refused(reason))
            return
        screen = PlanScreen(proposal, tally, asked=self._asked, notice=notice)
        host.console.push_screen(screen, self._answered)

    def _answered(self, confirmed: Confirmed | None) -> None:
        if confirmed is None:
            self._host.say(_NOWHERE)
            return
        self._asked = confirmed.asked
        self._carry_out(confirmed.rows)

    def _carry_out(self, expect: int) -> None:
        proposal, asked = self._proposal, self._asked

        def begin(work: Work) -> str:
            self._name = proposal.begin(work)
            return self._name

        def change(work: Work, run: Run, name: str) -> Tally:
            return proposal.run(work, asked, preview=False, expect=expect, batch=name or None, progress=run)

        self._host.asking = expect <= MOST_BY_ONE_KEY  # so quick that the next key means what it leads to
        run = Run(proposal.summary)
        self._host.jobs.run_change(run, change, self._carried_out, self._failed, begin=begin)

    def _failed(self, problem: Problem) -> None:
        """Forget the run that was begun; where the plan has changed meanwhile, show the new one."""
        self._host.asking = False
        if self._name:
            self._host.jobs.change(partial(_forget, self._name), _ignore, _ignore)
            self._name = ""
        if isinstance(problem, PlanChanged):
            self.plan(problem.message)
        else:
            self._host.say(problem.message)
            self._say_over_it(problem.message)

    def _say_over_it(self, sentence: str) -> None:
        """Say it on a screen that was opened over this one meanwhile, too."""
        front = self._host.console.screen
        if isinstance(front, FullScreen):
            front.say(sentence)

    def _carried_out(self, tally: Tally) -> None:
        self._host.asking = False
        self._done(tally)
        if tally.conflicts and self._proposal.conflicts(self._host, tally):
            return
        host, console = self._host, self._host.console
        ahead = self._proposal.gives_seats or self._asked.seats  # their notes tell what was going to happen
        notes = tally.effects.notes if tally.effects is not None and not ahead else ()
        sentence = "  ".join(
            part
            for part in (
                self._proposal.told(tally),
                passed_on_in_words(tally),
                *notes[:1],
                refused_in_words(tally),
                "u takes it back." if tally.batch and self._proposal.verb != "undo" else "",
            )
            if part
        )
        console.say(sentence)  # also under a report, which a Ctrl+C that comes too late closes unread
        self._say_over_it(sentence)
        alone = tally.done + tally.refused <= 1 or not self._proposal.has_report
        if not alone and is_in_front(self._host):
            console.push_screen(
                ReportScreen(
                    self._proposal,
                    tally,
                    mark=partial(_mark, host, self._proposal.list_name),
                    undo=partial(_undo, host),
                )
            )


def start(host: Host, proposal: Proposal, done: Callable[[Tally], None] | None = None) -> None:
    """Plan a run on the screen `host`, and carry it out once it is confirmed.

    Args:
        host: a list, or another screen that is a `Host`.
        proposal: what is to be done.
        done: hears what was done, before it is told; by default a list forgets the marks and reads again.
    """
    if host.asking:
        host.say(_BUSY)
        return
    Flow(host, proposal, done or partial(settle, host)).plan()


def settle(host: Any, tally: Tally) -> None:
    """Take the rows that were acted on out of the marks of a list, and read it again."""
    host.grid.forget_marks(ids_of(tally))
    host.grid.reread()
    host.read()


def _mark(host: Any, list_name: str, ids: Sequence[int]) -> None:
    """Mark exactly these rows, to act on next; on their list, where they are rows of another one."""
    if host.kind.name != list_name:
        host.console.show_list(list_name)
        host = host.console.desk.front
    host.grid.action_clear_marks()
    host.grid.mark_bits(bits_of(ids))
    host.say(f"{len(ids):,} marked.")


def _undo(host: Any, name: str) -> None:
    host.run("undo", name)


def _forget(name: str, work: Work) -> bool:
    from core.services.runs import drop_run  # noqa: PLC0415 - loaded with core, behind the first frame

    drop_run(work, name)
    return True


def _ignore_step(_step: str, _number: int) -> None:
    """Let a step go: a plan is too quick to be followed."""


def _ignore(_answer: object) -> None:
    """Let an answer go: nobody waits for it."""
