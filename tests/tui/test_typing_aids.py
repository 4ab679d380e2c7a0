"""The parts that make typing easy, without a screen: completion, search, tabs, themes, memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from tui import keys, themes
from tui.memory import Memory
from tui.said import MOST, Messages
from tui.screens.completing import ended_by, words_of
from tui.screens.finding import BEGINS, HOLDS, SPELLS, TELLS, fit_of
from tui.screens.tabs import tabs


def test_a_word_is_made_whole_in_every_way_there_is() -> None:
    """What begins so is offered, without regard to case, the minus stays, and what is whole already is not offered."""
    words = ("role:", "role:trainer", 'dept:"Q3 onboarding"', "status:any")
    assert ended_by("berg RO", words) == ["berg role:", "berg role:trainer"]
    assert ended_by("-st", words) == ["-status:any"]
    assert ended_by('x dept:"q3', words) == ['x dept:"Q3 onboarding"']
    assert ended_by("role:trainer", words) == []


def test_what_is_offered_is_shown_without_what_all_of_it_begins_with() -> None:
    """The line shows the words that differ, as many as fit, and says that there are more."""
    texts = ["users role:trainer", "users role:learner"]
    assert words_of(texts, 40) == "role:trainer  role:learner"
    assert words_of(texts, 18) == "role:trainer  …"
    assert words_of([], 40) == ""
    assert words_of(["department Inside Sales"], 40) == "Sales"


def test_the_closest_choice_is_the_one_whose_words_begin_so() -> None:
    """The beginning of a word is closer than its middle, that closer than the note, and letters in order come last."""
    label, note = "|  :mark-filter FILTER", "Mark every row that a filter finds."
    assert fit_of(["mark", "fi"], label, note) == BEGINS
    assert fit_of(["ark"], label, note) == HOLDS
    assert fit_of(["every"], label, note) == TELLS
    assert fit_of(["mkf"], label, note) == SPELLS
    assert fit_of(["zebra"], label, note) is None


@pytest.mark.parametrize("place", keys.EVERYWHERE)
def test_the_tabs_fit_and_always_name_the_list_in_front(place: str) -> None:
    """At any width from 40 cells the tabs fit, hold every number, and name the list in front."""
    for room in range(40, 140):
        line = tabs(place, room)
        assert len(line) <= room
        assert all(str(number) in line for number in (1, 2, 4, 5, 6, 7, 8, 9))
        assert line.count("[") == 1


def test_a_theme_is_remembered_as_far_as_the_terminal_can_show_it() -> None:
    """Few colors turn a colored theme into its counterpart with sixteen, no color turns every theme into the plain one."""
    rich, few, none = (
        {"few_colors": False, "no_color": False},
        {"few_colors": True, "no_color": False},
        {"few_colors": True, "no_color": True},
    )
    assert themes.fitting("light", **rich) == "light"
    assert themes.fitting("light", **few) == "ansi-light"
    assert themes.fitting("light", **none) == "plain"
    assert themes.fitting("", **rich) == "dark"
    assert themes.fitting("gone", **few) == "ansi-dark"
    assert {theme.name for theme in themes.THEMES} == set(themes.WHAT)


def test_memory_tells_only_what_has_changed_and_each_change_once() -> None:
    """What is as it was kept is not written again."""
    memory = Memory({"theme": "dark", "list.users": {"filter": "berg"}})
    assert memory.take_changes() == {}
    memory.of_list("users")["filter"] = ""
    memory.of_list("mail")
    memory.theme = "light"
    assert memory.take_changes() == {"theme": "light", "list.users": {"filter": ""}}
    assert memory.take_changes() == {}


def test_memory_that_makes_no_sense_is_begun_anew() -> None:
    """Values of another form than expected are passed over."""
    memory = Memory({"theme": 7, "list.users": "berg"})
    assert memory.theme == ""
    assert memory.of_list("users") == {}


def test_what_was_said_is_kept_newest_first_and_within_bounds() -> None:
    """Silence and repetition are left out, and the oldest go first."""
    minutes = count()
    messages = Messages(lambda: datetime(2026, 3, 2, tzinfo=UTC) + timedelta(minutes=next(minutes)))
    for sentence in ("one", "", "one", "two"):
        messages.add(sentence)
    assert [sentence for _, sentence in messages.all] == ["two", "one"]
    for number in range(2 * MOST):
        messages.add(f"sentence {number}")
    assert len(messages.all) == MOST
    assert messages.all[0][1] == f"sentence {2 * MOST - 1}"
