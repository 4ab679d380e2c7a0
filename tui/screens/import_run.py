"""The import as a workbench: what is staged, what is under way, and the way from one step to the next.

It owns the jobs and no widget; the screen hears that something has changed and shows what is here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from core.core import Core
from core.errors import Problem
from core.importing import Reject
from core.tally import Tally
from tui.jobs import Jobs
from tui.leash import Leash
from tui.screens import import_jobs
from tui.screens.import_jobs import Found, Outcome
from tui.screens.import_staging import Judgement, Staging
from tui.screens.offer_fields import Wish

READING, JUDGING, IMPORTING = "reading", "judging", "importing"
_STEPS = {"read": 1, "judge": 2}
_STOP = "Esc stops it, and nothing is kept."
_BAR = 12


class Workbench:
    """Everything about one import."""

    def __init__(
        self,
        jobs: Jobs,
        *,
        changed: Callable[[], None],
        progressed: Callable[[], None],
        say: Callable[[str], None],
    ) -> None:
        """Start with nothing staged.

        Args:
            jobs: of the console.
            changed: called on the thread of the widgets after anything has changed.
            progressed: likewise, when only `progress` has.
            say: shows a sentence.
        """
        self.staging = Staging()
        self.wish = Wish()
        self.renew = False
        self._files: list[str] = []
        self._pasted = 0
        self.doing = ""
        self.progress = ""
        self._jobs, self._changed, self._progress_changed, self._say = jobs, changed, progressed, say
        self._readings = 0
        self._leash = Leash(self._tell)

    @property
    def about(self) -> str:
        """What was read, and what was found out about it."""
        pasted = [f"{self._pasted:,} pasted"] if self._pasted else []
        return "; ".join([*pasted, *self._files])

    # --- reading --------------------------------------------------------------------------------------------------

    def read_text(self, text: str) -> None:
        """Stage pasted text."""
        self._begin_reading(lambda _core, _leash: import_jobs.read_text(text))

    def read_file(self, path: str) -> None:
        """Stage a file."""

        def read(core: Core, leash: Leash) -> Found:
            return import_jobs.read_file(path, leash, within=core.settings.import_folder)

        self._begin_reading(read)

    def _begin_reading(self, read: Callable[[Core, Leash], Found]) -> None:
        if not self._readings:
            self._begin(READING)
        self._readings += 1
        leash = self._leash
        self._jobs.run(lambda core: read(core, leash), self._staged, self._not_read)
        self._changed()

    def _staged(self, found: Found) -> None:
        self._readings -= 1
        added = self.staging.add(found.entries, after=0 if found.about else self._pasted)
        if found.about:
            self._files.append(found.about)
        else:
            self._pasted += added
        if self._readings:
            return
        self._end()
        if added:
            self.judge()
        else:
            self._changed()
            self._say("There is no line with content in it.")

    def _not_read(self, problem: Problem) -> None:
        self._readings -= 1
        if not self._readings:
            self._end()
            if len(self.staging):
                self.judge()
        self._changed()
        self._say(problem.message)

    # --- judging and importing ------------------------------------------------------------------------------------

    def judge(
        self, then: Callable[[Tally], None] | None = None, failed: Callable[[], None] | None = None
    ) -> bool:
        """Ask core about all rows as they are; an older question is dropped.

        Args:
            then: gets the plan.
            failed: hears that there is none.

        Returns:
            Whether it was asked; rows that are being read are judged when they are here.
        """
        if self.doing in {READING, IMPORTING}:
            return False
        leash = self._begin(JUDGING)

        def judged(judgement: Judgement) -> None:
            if leash is not self._leash:
                if failed is not None:
                    failed()
                return
            self._end()
            self.staging.take(judgement)
            self._changed()
            if then is not None:
                then(judgement.tally)

        job = partial(
            import_jobs.judge,
            lines=self.staging.lines(),
            offer=self.wish.offer,
            renew=self.renew,
            leash=leash,
        )

        def not_judged(problem: Problem) -> None:
            if failed is not None:
                failed()
            self._failed(leash, problem)

        self._jobs.change(job, judged, not_judged)
        self._changed()
        return True

    def run(self, done: Callable[[Outcome], None]) -> None:
        """Invite what is staged, all or nothing."""
        leash = self._begin(IMPORTING)

        def finished(outcome: Outcome) -> None:
            self._end()
            self._changed()
            done(outcome)

        job = partial(
            import_jobs.apply,
            lines=self.staging.lines(),
            offer=self.wish.offer,
            renew=self.renew,
            leash=leash,
        )
        self._jobs.change(job, finished, partial(self._failed, leash))
        self._changed()

    def refused_by(self, outcome: Outcome, *, to_mend: bool = False) -> list[Reject]:
        """Return what was refused as the lines of a file.

        Args:
            outcome: of the import.
            to_mend: leave out what was skipped, so that the file imports once its lines are mended (D3).
        """
        entries = self.staging.entries
        return [
            Reject(entries[verdict.line].line, verdict.address, verdict.message)
            for verdict in outcome.refused
            if verdict.line is not None and not (to_mend and verdict.skips)
        ]

    def stop(self) -> bool:
        """Let what is under way end without a trace; return whether anything was."""
        self._leash.stop()
        return bool(self.doing)

    # --- inside ---------------------------------------------------------------------------------------------------

    def _begin(self, doing: str) -> Leash:
        self._leash.stop()
        self._leash = Leash(self._tell)
        self.doing, self.progress = doing, f"{doing.capitalize()} …"
        return self._leash

    def _end(self) -> None:
        self.doing = self.progress = ""

    def _failed(self, leash: Leash, problem: Problem) -> None:
        if leash is self._leash:
            self._end()
            self._changed()
            self._say(problem.message)

    def _tell(self, step: str, number: int) -> None:
        """Hand a step over to the thread of the widgets."""
        leash = self._leash
        self._jobs.tell(partial(self._progressed, leash, step, number))

    def _progressed(self, leash: Leash, step: str, number: int) -> None:
        if leash is not self._leash or not self.doing:
            return
        self.progress = progress_text(self.doing, step, number, len(self.staging))
        self._progress_changed()


def progress_text(doing: str, step: str, number: int, rows: int) -> str:
    """Return what is under way, with a bar where the end is known."""
    if doing == READING:
        return f"Reading, {number / 1024:,.0f} KiB so far. Esc stops it."
    if doing == JUDGING:
        return f"Judging {rows:,} rows. Esc stops it."
    if step in {"write", "commit"}:
        return f"Importing, step 3 of 3 {_bar(2.5, 3)} writing {number:,} invitations. {_STOP}"
    done = f"{number:,} of {rows:,} rows" if step == "read" else f"{rows:,} rows"
    share = number / rows if rows and step == "read" else 0
    what = "staging" if step == "read" else "judging"
    return f"Importing, step {_STEPS[step]} of 3 {_bar(_STEPS[step] - 1 + share, 3)} {what} {done}. {_STOP}"


def _bar(done: float, whole: float) -> str:
    filled = min(_BAR, round(_BAR * done / whole))
    return f"[{'#' * filled}{'.' * (_BAR - filled)}]"
