"""Why can't they see it? From the reasons about a person on to a course, and the reasons about that (R48)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.errors import Problem
from core.reading.reasons import Fact
from core.reading.users import one
from core.reading.why_courses import CourseAccess, course_of, courses_of, why_course
from core.work import Look
from tui.keys import Command
from tui.owned_jobs import OwnedJobs
from tui.screens.picker import Choice, Picker
from tui.screens.why_screen import Press, Question, WhyScreen, about_person, show_why
from tui.text import UNICODE_GLYPHS

if TYPE_CHECKING:
    from tui.app import Console

COURSES = Command("courses", "", "c", "c", "a course", "Ask why they can or cannot see a course.", ())
_SHORT = {
    "account_archived": "account archived",
    "course_not_licensed": "in no license",
    "seat_needed": "no seat",
    "no_license_in_force": "license expired",
}


class PersonWhyScreen(WhyScreen):
    """The reasons about a person, from which one goes on to a course."""

    def __init__(self, user_id: int, place: str) -> None:
        """Ask about a person.

        Args:
            user_id: who.
            place: the list whose keys count here.
        """
        super().__init__(about_person(user_id), place)
        self._user_id = user_id
        self._asking = False

    @property
    def holds_keys(self) -> bool:
        """Whether the facts or the courses are on their way."""
        return self._asking or super().holds_keys

    def mending(self, facts: Iterable[Fact]) -> dict[str, Command]:
        """Return the commands that mend something; the fact about courses leads on to them."""
        told = list(facts)
        found = super().mending(told)
        if any(fact.mend == COURSES.id for fact in told):
            found[COURSES.id] = COURSES
            self.more_keys = f"   {COURSES.shown} {COURSES.title}"
        return found

    def mend(self, command_id: str) -> None:
        """Go on to the courses, or leave with the id of a command."""
        if command_id == COURSES.id:
            self._offer()
        else:
            super().mend(command_id)

    def _offer(self) -> None:
        """Let a course be chosen; those that do not open come first."""
        user_id, self._asking = self._user_id, True
        OwnedJobs(self.main.jobs, self).ask(
            lambda look: courses_of(look, user_id), self._choose, self._not_read
        )

    def _choose(self, found: list[CourseAccess]) -> None:
        self._asking = False
        choices = [_choice(each) for each in sorted(found, key=lambda each: each.opens)]
        picker = Picker("Which course do you mean?", choices, loose=True)
        self.main.push_screen(picker, self._ask_about)

    def _ask_about(self, chosen: tuple[str, ...] | None) -> None:
        if chosen:
            panel = WhyScreen(about_course(self._user_id, int(chosen[0])), self.place)
            show_why(self.main, panel, self._leave)

    def _leave(self, pressed: str) -> None:
        self.dismiss(pressed)

    def _not_read(self, problem: Problem) -> None:
        self._asking = False
        self.main.say(problem.message)


def about_course(user_id: int, course_id: int) -> Question:
    """Return the question why somebody can or cannot open a course."""

    def ask(look: Look) -> tuple[str, list[Fact]]:
        course, name = course_of(look, user_id, course_id), one(look, user_id).row.name
        can = "can" if course.opens else "cannot"
        return f"{name} {can} open {course.course}", why_course(look, user_id, course_id)

    return ask


def open_why_person(console: Console, user_id: int, place: str, press: Press) -> None:
    """Show why a person is as they are, and from there what they can and cannot open; `press` as in `open_why`."""
    show_why(console, PersonWhyScreen(user_id, place), press)


def _choice(access: CourseAccess) -> Choice:
    sign = UNICODE_GLYPHS.holds if access.opens else UNICODE_GLYPHS.fails
    why = "opens" if access.refusal is None else _SHORT.get(access.refusal.code, access.refusal.message)
    return Choice(str(access.course_id), access.course, f"{sign} {why}")
