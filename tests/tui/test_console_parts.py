"""The parts of the console that need no screen: the registry of commands, the surroundings, the crash file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui import keys
from tui.crash import write_crash
from tui.screens.lists import make_list
from tui.surroundings import has_few_colors, source_of_session, speaks_utf8
from tui.widgets.grid import Grid

NEVER = {f"ctrl+{letter}" for letter in "habijmqsz"} | {"ctrl+backslash", "ctrl+space", "shift+enter"}


@pytest.mark.parametrize("place", keys.EVERYWHERE)
def test_every_command_has_its_action_on_every_list_where_it_works(place: str) -> None:
    """A list has a method for each command that works on it."""
    kind = type(make_list(place))
    assert not [
        each.id for each in keys.commands_of(place) if not callable(getattr(kind, f"do_{each.id}", None))
    ]


def test_every_command_is_explained_and_found_by_its_name() -> None:
    """A command of the registry has a title, a sentence, at least one list, and a name of its own."""
    for command in keys.COMMANDS:
        assert command.title
        assert command.help.endswith((".", "…")), command.id
        assert command.lists
        assert set(command.lists) <= set(keys.EVERYWHERE)
        assert all(keys.named(command.name, place) is command for place in keys.EVERYWHERE)


@pytest.mark.parametrize("place", keys.EVERYWHERE)
def test_no_two_commands_of_a_list_share_a_key_and_none_takes_one_that_terminals_steal(place: str) -> None:
    """Keys of commands and of the grid are all different on a list, and never those that arrive as something else."""
    bound = [key for command in keys.commands_of(place) for key in command.keys.split(",") if key]
    grid = [key for binding in Grid.BINDINGS for key in str(getattr(binding, "key", "")).split(",")]
    assert len({*bound, *grid}) == len(bound) + len(grid)
    assert not {*bound, *grid} & NEVER


def test_the_same_key_is_another_command_on_another_list() -> None:
    """`r` changes a role among people and renews among invitations."""
    [role, renew] = [keys.at("r", place) for place in (keys.USERS, keys.INVITATIONS)]
    assert (role and role.id, renew and renew.id) == ("role", "renew")
    assert keys.at("L", keys.USERS) is None
    assert keys.elsewhere("L").id == "copy_link"


@pytest.mark.parametrize("place", keys.EVERYWHERE)
def test_the_hints_fit_and_always_name_the_help(place: str) -> None:
    """At any width the hint line fits, and `?` is in it."""
    for room in range(10, 200):
        line = keys.hints(place, room)
        assert len(line) <= room
        assert "? help" in line


def test_a_crash_that_cannot_be_written_down_is_still_told(tmp_path: Path) -> None:
    """Where the folder is gone, the sentence names the kind of error and nothing of its text."""
    sentence = write_crash(tmp_path / "gone", ValueError("grace@example.com"))
    assert sentence.endswith("Nothing was half done. It was a ValueError.")


@pytest.mark.parametrize(
    ("environment", "few"),
    [
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, False),
        ({"TERM": "xterm-kitty"}, False),
        ({"TERM": "xterm"}, True),
        ({"TERM": "vt100"}, True),
        ({"TERM": "linux"}, True),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, True),
        ({}, True),
    ],
)
def test_a_terminal_with_sixteen_colors_or_none_is_told_apart(environment: dict[str, str], few: bool) -> None:  # noqa: FBT001 - a row of the table
    """Only a terminal that says it has more than sixteen colors gets shades of gray."""
    assert has_few_colors(environment) is few


@pytest.mark.parametrize(
    ("environment", "utf8"),
    [
        ({"LANG": "en_US.UTF-8"}, True),
        ({"LANG": "C.utf8"}, True),
        ({"LC_ALL": "C", "LANG": "en_US.UTF-8"}, False),
        ({"LC_CTYPE": "de_DE.UTF-8", "LANG": "C"}, True),
        ({"LANG": "de_DE.ISO-8859-1"}, False),
        ({"LC_CTYPE": "C.UTF-8"}, False),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "C"}, False),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "C.UTF-8"}, True),
        ({"LC_CTYPE": "UTF-8"}, True),
        ({}, False),
    ],
)
def test_the_locale_says_whether_the_terminal_draws_utf8(environment: dict[str, str], utf8: bool) -> None:  # noqa: FBT001 - as above
    """The variable that counts first decides, as for every other program."""
    assert speaks_utf8(environment) is utf8


def test_the_source_of_a_session_is_the_ssh_client_or_the_local_user() -> None:
    """Failed sign-ins are counted by where they come from."""
    assert source_of_session({"SSH_CONNECTION": "203.0.113.7 50022 10.0.0.1 22"}) == "203.0.113.7"
    assert source_of_session({}).startswith("local user ")
