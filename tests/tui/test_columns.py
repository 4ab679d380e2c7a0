"""How columns share a line."""

from __future__ import annotations

import json
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.columns import Cell, Column, ColumnLayout, Slot, fit_columns


@dataclass(frozen=True)
class Person:
    """A row."""

    id: int
    name: str
    role: str = "Learner"


COLUMNS = (
    Column[Person](key="name", title="Name", show=lambda person: person.name, width=12, least=8, priority=1),
    Column[Person](key="mail", title="Address", show=lambda _: "", width=20, least=12, most=30, priority=2),
    Column[Person](
        key="role", title="Role", show=lambda person: Cell(person.role, "dim"), width=9, least=7, priority=3
    ),
    Column[Person](key="seen", title="Last sign-in", show=lambda _: "", width=10, least=10, priority=6),
    Column[Person](
        key="seats", title="Seats", show=lambda _: "", width=6, least=5, priority=5, align="right"
    ),
)


def keys(room: int, *, keep: int | None = None) -> list[str]:
    """Return the keys of the columns drawn in `room`."""
    return [COLUMNS[slot.column].key for slot in fit_columns(COLUMNS, room, {}, keep=keep).slots]


def test_columns_drop_by_priority_and_keep_their_order() -> None:
    """What matters least goes first; what stays does not change places."""
    assert keys(78) == ["name", "mail", "role", "seen", "seats"]
    assert keys(46) == ["name", "mail", "role", "seats"]
    assert keys(30) == ["name", "mail", "role"]
    assert keys(22) == ["name", "mail"]
    assert keys(9) == ["name"]


def test_the_column_of_the_cursor_is_drawn_in_any_case() -> None:
    """A dropped column comes into view in place of another."""
    assert keys(30, keep=3) == ["name", "seen"]
    assert fit_columns(COLUMNS, 30, {}, keep=3).dropped == 3


def test_columns_grow_to_what_was_seen_but_not_beyond_their_most() -> None:
    """Room is used where texts are long, most important column first."""
    layout = fit_columns(COLUMNS, 98, {"name": 25, "mail": 60})
    assert layout.slots == (Slot(0, 25), Slot(1, 30), Slot(2, 9), Slot(3, 13), Slot(4, 6))


def test_a_wide_screen_gets_wider_gaps() -> None:
    """Two blanks before each column where there is room."""
    assert fit_columns(COLUMNS, 118, {}).gap == 2
    assert fit_columns(COLUMNS, 78, {}).gap == 1


def test_even_the_smallest_room_gets_the_most_important_column() -> None:
    """A single column is cut rather than dropped."""
    assert fit_columns(COLUMNS, 5, {}).slots == (Slot(0, 4),)
    assert fit_columns(COLUMNS, 0, {}).slots == (Slot(0, 0),)


@given(
    st.integers(2, 200),
    st.dictionaries(st.sampled_from([column.key for column in COLUMNS]), st.integers(0, 90)),
    st.none() | st.integers(0, len(COLUMNS) - 1),
)
def test_a_layout_never_overflows_and_is_always_the_same(
    room: int, widest: dict[str, int], keep: int | None
) -> None:
    """Columns with their gaps fit the room; the kept one is there; the same question has the same answer."""
    layout = fit_columns(COLUMNS, room, widest, keep=keep)
    assert sum(layout.gap + slot.width for slot in layout.slots) <= room
    assert keep is None or keep in [slot.column for slot in layout.slots]
    assert layout == fit_columns(COLUMNS, room, dict(reversed(widest.items())), keep=keep)
    assert layout.dropped == len(COLUMNS) - len(layout.slots)


def test_cells_are_sanitised_and_keep_their_style() -> None:
    """What a column shows passes the sanitiser."""
    person = Person(1, "Eve\x1b[2J", "Train\u202eer")
    assert COLUMNS[0].cell(person) == Cell("Eve␛[2J")
    assert COLUMNS[2].cell(person) == Cell("Train�er", "dim")
    assert COLUMNS[0].cell(Person(1, "Zoë"), plain=True) == Cell("Zoe")


def test_a_layout_puts_columns_in_order_hides_and_sizes_them() -> None:
    """Named columns come first in their order, the others follow in theirs; hidden ones are left out."""
    layout = ColumnLayout(("seats", "gone", "name"), frozenset(("mail",)), (("name", 5), ("gone", 9)))
    assert [column.key for column in layout.ordered(COLUMNS)] == ["seats", "name", "mail", "role", "seen"]
    shown = layout.shown(COLUMNS)
    assert [column.key for column in shown] == ["seats", "name", "role", "seen"]
    assert (shown[1].width, shown[1].least, shown[1].most) == (5, 5, 5)
    assert fit_columns(shown, 118, {"name": 30}).slots[1] == Slot(1, 5)


def test_the_empty_layout_is_how_the_list_has_its_columns() -> None:
    """Nothing chosen changes nothing."""
    assert ColumnLayout().shown(COLUMNS) == list(COLUMNS)
    assert ColumnLayout.from_json(None) == ColumnLayout.from_json({}) == ColumnLayout()


def test_a_list_never_loses_its_last_column() -> None:
    """Where every column is hidden the first one stands."""
    everything = ColumnLayout(hidden=frozenset(column.key for column in COLUMNS))
    assert [column.key for column in everything.shown(COLUMNS)] == ["name"]


def test_a_column_moves_as_far_as_there_is_room() -> None:
    """Beyond either end it stays at the end."""
    layout = ColumnLayout().moved(COLUMNS, "mail", 1)
    assert layout.order == ("name", "role", "mail", "seen", "seats")
    assert layout.moved(COLUMNS, "name", -3) == layout
    assert layout.moved(COLUMNS, "name", 99).order[-1] == "name"


def _json(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    keys = st.sampled_from(["order", "hidden", "widths", "name", "mail"])
    return st.lists(st.sampled_from(["name", "seats"]) | inner, max_size=4) | st.dictionaries(
        keys, inner, max_size=4
    )


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), _json, max_leaves=8))
def test_whatever_was_saved_becomes_a_layout(value: object) -> None:
    """What another version or a mistake left behind shows the list all the same."""
    layout = ColumnLayout.from_json(value)
    assert layout.shown(COLUMNS)
    assert ColumnLayout.from_json(json.loads(json.dumps(layout.to_json()))) == layout
