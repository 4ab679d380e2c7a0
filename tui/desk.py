"""The lists that are open: which is in front, which was before, and what they hear."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

if TYPE_CHECKING:
    from tui.app import Console
    from tui.screens.actions import ActingList
    from tui.screens.list_kind import ListKind

BELOW_LISTS = 2  # on the stack: Textual's own screen and the sign-in


class Desk:
    """Every list is made once and kept, with its cursor, marks and filter, until the sign-in ends."""

    def __init__(self, console: Console) -> None:
        """Begin with no list."""
        self._console = console
        self._lists: dict[str, ActingList[Any]] = {}
        self._order: list[str] = []

    def __iter__(self) -> Iterator[ActingList[Any]]:
        return iter(self._lists.values())

    @property
    def front(self) -> ActingList[Any] | None:
        """The list in front, or right under what stands over it; None before the first."""
        return self._lists[self._order[0]] if self._order else None

    def of_screen(self, screen: Screen[Any]) -> ActingList[Any] | None:
        """Return `screen` where it is a list."""
        found = self._lists.get(screen.name or "")
        return found if found is screen else None

    def kind_of(self, name: str) -> ListKind[Any]:
        """Return what the list called `name` is about, whether it was shown yet or not."""
        return (self._lists.get(name) or self._make(name)).kind

    def show(self, name: str, chosen: str | None = None) -> None:
        """Bring a list to the front, with a filter where one is given; dialogs over it close."""
        console, target = self._console, self._lists.get(name) or self._make(name)
        self._order = [name, *(each for each in self._order if each != name)]
        while len(console.screen_stack) > BELOW_LISTS + 1:
            console.pop_screen()
        if len(console.screen_stack) == BELOW_LISTS:
            console.push_screen(target)
        elif console.screen is not target:
            console.switch_screen(target)
            console.jobs.look_for_changes()  # what was just done on another list shows at once, not with the next look
        if chosen is not None:
            target.set_filter(chosen)

    def show_previous(self) -> bool:
        """Bring the list before this one to the front; return whether there was one."""
        if len(self._order) > 1:
            self.show(self._order[1])
            return True
        return False

    def close_all(self) -> None:
        """Take down every list and what stands over it."""
        console = self._console
        while len(console.screen_stack) > BELOW_LISTS:
            console.pop_screen()
        for each in self._lists.values():
            console.uninstall_screen(each)
            if each.is_running:
                each.remove()
        self._lists, self._order = {}, []

    def _make(self, name: str) -> ActingList[Any]:
        """Return a new list; installed, because Textual would take it apart when another one is in front."""
        from tui.screens.lists import make_list  # noqa: PLC0415 - loaded with core, behind the first frame

        made = self._lists[name] = make_list(name)
        self._console.install_screen(made, name)
        return made
