"""What may follow behind `:`: the commands of a list, and what each of them takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.reading import batches, mail, preferences
from core.work import Look
from tui import keys, themes
from tui.screens import people_choices as choices
from tui.screens import seat_choices
from tui.screens.completing import MOST_OFFERED, ended_by

if TYPE_CHECKING:
    from tui.screens.list_kind import ListKind

Offers = Callable[[Look], Sequence[str]]
_HERE = {"filter", "mark_filter", "unmark_filter"}
_LISTS = {
    **{name: name for name in keys.EVERYWHERE},
    "give": keys.USERS,
}  # whose filter words a command takes


def offers_for(text: str, place: str, kind_of: Callable[[str], ListKind[Any]]) -> Offers | None:
    """Return the question what may stand in place of `text`; None where nothing can be offered.

    Args:
        text: as typed behind the colon.
        place: name of the list in front.
        kind_of: returns the kind of a list by its name.
    """
    name, blank, argument = text.partition(" ")
    if not blank:
        found = _names(name.lower(), place)
        return lambda _look: found
    command = keys.named(name.lower(), place)
    if command is None:
        return None
    list_name = _LISTS.get(command.id, "")
    if command.id in _HERE:
        list_name = place
    if list_name:
        return _filter_words(kind_of(list_name), text)
    words = _WORDS.get(command.id)
    if words is None:
        return None
    head, begun = _part(name, argument, several=command.id == "teams")
    return lambda look: _begun(head, begun, words(look, place))


def _names(begun: str, place: str) -> list[str]:
    here = [command.name for command in keys.commands_of(place)]
    return [name for name in here if name.startswith(begun) and name != begun]


def _filter_words(kind: ListKind[Any], text: str) -> Offers:
    complete = kind.complete
    if complete is None:
        return lambda _look: ended_by(text, kind.filter_words)
    name, _, argument = text.partition(" ")
    return lambda look: [f"{name} {each}" for each in complete(look, argument)]


def _part(name: str, argument: str, *, several: bool) -> tuple[str, str]:
    """Return what stays in front, and what is to be made whole; several are parted by commas, a minus stays."""
    if not several:
        return f"{name} ", argument
    before, comma, last = argument.rpartition(",")
    bare = last.lstrip(" +-")
    return f"{name} {before}{comma}{last[: len(last) - len(bare)]}", bare


def _begun(head: str, begun: str, words: Iterable[str]) -> list[str]:
    low = begun.casefold()
    whole = (word for word in words if word.casefold().startswith(low) and word.casefold() != low)
    return [f"{head}{word}" for word in whole][:MOST_OFFERED]


def _roles(look: Look, _place: str) -> list[str]:
    return [each.key for each in choices.role_choices(look) if not each.refusal]


def _departments(look: Look, _place: str) -> list[str]:
    return [
        each.key if each.key == choices.NOWHERE else each.label for each in choices.department_choices(look)
    ]


def _groups(look: Look, _place: str) -> list[str]:
    return [each.label for each in choices.group_choices(look)]


def _licenses(look: Look, _place: str) -> list[str]:
    return [each.label for each in seat_choices.to_give(look) if not each.refusal]


def _licenses_held(look: Look, _place: str) -> list[str]:
    return [each.label for each in seat_choices.to_take((), look)]


def _languages(look: Look, _place: str) -> list[str]:
    return [each.key for each in choices.language_choices(look)]


def _undoable(look: Look, _place: str) -> list[str]:
    return [each.batch for each in batches.recent(look) if each.finished and not each.undone_by]


def _mails(_look: Look, _place: str) -> list[str]:
    return list(mail.KINDS)


def _views(look: Look, place: str) -> list[str]:
    return [each.name for each in preferences.views(look, place)]


def _themes(_look: Look, _place: str) -> list[str]:
    return list(themes.WHAT)


_WORDS: Mapping[str, Callable[[Look, str], Sequence[str]]] = {
    "role": _roles,
    "department": _departments,
    "teams": _groups,
    "language": _languages,
    "seats": _licenses,
    "revoke": _licenses_held,
    "undo": _undoable,
    "save_view": _views,
    "mail_preview": _mails,
    "theme": _themes,
}
