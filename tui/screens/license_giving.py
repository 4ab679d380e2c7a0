"""Every way to give seats on the screen of a license: one person, a list, a department, a group, a filter (S17, S18)."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

from textual import events, on

from core.errors import Invalid
from core.filter_keys import parse_users
from core.filters import Filter, Term
from core.reading.licenses import LicenseRow
from core.services.inviting import Line as ListedLine
from core.work import Look
from tui import keys
from tui.leash import Leash
from tui.screens import import_jobs, plan_flow
from tui.screens import people_choices as choices
from tui.screens.completing import completer
from tui.screens.import_jobs import Found
from tui.screens.import_prompt import PATH, PathField, holds_addresses
from tui.screens.license_finder import PersonFinder
from tui.screens.license_proposals import ListedProposal
from tui.screens.license_view import LicenseView
from tui.screens.picker import Choice, Picker
from tui.screens.plan_people import Aim, ChangeProposal, Wanted
from tui.screens.plan_proposal import count_of
from tui.screens.seat_choices import give
from tui.widgets.prompt import Prompt

FILTER = "filter"
_NO_IDS: array[int] = array("q")


class LicenseGiving(LicenseView):
    """The commands that give seats."""

    @property
    def bought(self) -> LicenseRow:
        """The license; keys wait until it is read."""
        assert self.held is not None  # noqa: S101 - keys wait until it is read
        return self.held.row

    def propose(self, wanted: Wanted, aim: Aim) -> None:
        """Show the plan of a change."""
        plan_flow.start(self, ChangeProposal(wanted, aim))

    def do_add(self) -> None:
        """Search a person and give them a seat."""
        row = self.bought
        finder = PersonFinder(f"Give a seat of {row.name} to", row.name)

        def taken(chosen: tuple[str, ...] | None) -> None:
            if chosen:
                found = finder.found[chosen[0]]
                who = found.name if found.name == found.address else f"{found.name}, {found.address}"
                self.propose(give(row.id, row.name), Aim(array("q", [found.id]), found.name, who))

        self.console.push_screen(finder, taken)

    def do_paste(self) -> None:
        """Ask for addresses or the path of a file."""
        self.say("Paste the addresses, or type one, or the path of a file with one on each line.")
        self.prompt.ask(PATH, "Addresses or file: ")

    def do_department(self) -> None:
        """Give everybody in a department a seat."""
        self._by_place("Department", choices.department_choices, "dept")

    def do_teams(self) -> None:
        """Give everybody in a learning group a seat."""
        self._by_place("Learning group", choices.group_choices, "group")

    def do_filter(self) -> None:
        """Give everybody a filter finds a seat."""
        self.say("Everybody whom the filter finds, such as role:trainer dept:sales joined>30d.")
        self.prompt.ask(FILTER, "Everybody who is ")

    def _by_place(self, title: str, read: Callable[[Look], list[Choice]], key: str) -> None:
        row = self.bought

        def offer(offered: list[Choice]) -> None:
            self.asking = False
            if not offered:
                self.say(f"There is no {title.lower()} yet. n on their list adds one.")
                return
            labels = {each.key: each.label for each in offered}

            def taken(chosen: tuple[str, ...] | None) -> None:
                if chosen:
                    label = labels[chosen[0]]
                    value = chosen[0] if chosen[0] == choices.NOWHERE else label
                    self._give_to(Filter((Term(key, ":", value, negated=False),)), f"everybody in {label}")

            self.console.push_screen(Picker(f"{title} that gets seats of {row.name}", offered), taken)

        self.asking = True
        self.jobs.ask(read, offer, self.fail)

    def _give_to(self, chosen: Filter, words: str) -> None:
        row = self.bought
        self.propose(give(row.id, row.name), Aim(_NO_IDS, "", words, chosen))

    # --- pasting and typing ---------------------------------------------------------------------------------------

    def on_paste(self, event: events.Paste) -> None:
        """Take what was pasted as a list of addresses."""
        event.stop()
        self._take_text(event.text)

    @on(PathField.Pasted)
    def take_pasted(self, message: PathField.Pasted) -> None:
        """Take addresses that were pasted into the prompt."""
        self._take_text(message.text)

    @on(PathField.Completing)
    def complete(self, message: PathField.Completing) -> None:
        """Look for the rest of a path, or of a filter."""
        kind, text = self.prompt.kind, message.text

        def complete(look: Look) -> tuple[str, Sequence[str]]:
            if kind == PATH:
                return import_jobs.complete(text, within=self.console.settings.import_folder)
            found = completer(keys.USERS)(look, text)
            return (found[0] if found else text), found

        def completed(found: tuple[str, Sequence[str]]) -> None:
            field = self.prompt.field
            if self.prompt.kind == kind and field.value == text:
                field.put(found[0])
                self.say("" if len(found[1]) < 2 else "  ".join(found[1][:20]))  # noqa: PLR2004 - one needs no list

        self.jobs.ask(complete, completed, self.fail)

    @on(Prompt.Given)
    def take_answer(self, message: Prompt.Given) -> None:
        """Take what was typed."""
        self.grid.focus()
        self.say("")
        text = message.text.strip()
        if message.kind == FILTER and text:
            self._take_filter(text)
        elif text and holds_addresses(text):
            self._take_text(text)
        elif text:
            self._read_lines(
                lambda: import_jobs.read_file(
                    text, Leash(_follow), within=self.console.settings.import_folder
                )
            )

    @on(Prompt.Closed)
    def drop_answer(self) -> None:
        """Go back to the grid."""
        self.grid.focus()
        self.say("")

    def _take_filter(self, text: str) -> None:
        try:
            chosen = parse_users(text)
        except Invalid as problem:
            self.say(problem.message)
            return
        self._give_to(chosen, f"everybody whom {chosen} finds")

    def _take_text(self, text: str) -> None:
        self._read_lines(lambda: import_jobs.read_text(text))

    def _read_lines(self, read: Callable[[], Found]) -> None:
        def staged(found: Found) -> None:
            self.asking = False
            lines = [ListedLine(each.line, each.text, each.problem) for each in found.entries]
            if not lines:
                self.say("There is no line with content in it.")
                return
            about = f"{count_of(len(lines), 'line', 'lines')}{f' of {found.about}' if found.about else ', pasted'}."
            plan_flow.start(self, ListedProposal(self.bought, lines, about))

        self.asking = True
        self.jobs.run(lambda _core: read(), staged, self.fail)


def _follow(_step: str, _number: int) -> None:
    """Let a step of reading go; a file that a screen reads is short."""
