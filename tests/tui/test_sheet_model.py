"""The sheet without a terminal: typing, filling, pasting, taking back, and what is handed to core."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.keys import Command
from tui.screens import person_keys, sheet_keys
from tui.screens.person_screen import PersonScreen
from tui.screens.sheet_model import MOST_ROWS, Cell, Field, Judged, Sheet, SheetRow, block_of
from tui.screens.sheet_screen import SheetScreen

FIELDS = (
    Field("first_name", "First name", 10, 10),
    Field("department", "Department", 10, 10),
    Field("phone", "Phone", 10, 10),
)


def judge(field: str, text: str) -> Judged:
    """Know two departments, and phones of digits."""
    clean = text.strip()
    if field == "department" and clean.lower() in {"sales", "support"}:
        return Judged(clean.capitalize(), "")
    if field == "department" and clean:
        return Judged(clean, f"There is no department {clean}.")
    if field == "phone" and clean and not clean.isdigit():
        return Judged(clean, "Enter digits.")
    return Judged(clean, "")


def sheet_of(rows: int = 4, *, locked: int = -1) -> Sheet:
    """Return a sheet of people of whom one may not be edited."""
    people = [
        SheetRow(
            10 + index,
            f"p{index}@example.com",
            {"first_name": f"Name {index}", "department": "Sales", "phone": ""},
            "Above you." if index == locked else "",
        )
        for index in range(rows)
    ]
    return Sheet(people, judge, FIELDS)


def test_a_typed_text_is_a_change_and_typing_the_old_one_takes_it_back() -> None:
    """What is counted as changed is what differs from what was read."""
    sheet = sheet_of()
    assert sheet.put({Cell(1, 0): " Bo "}) == 1
    assert (sheet.text(Cell(1, 0)), sheet.changed_cells, sheet.changed_rows) == ("Bo", 1, 1)
    assert sheet.put({Cell(1, 0): "Name 1"}) == 1
    assert (sheet.changed_cells, sheet.edits()) == (0, [])


def test_a_name_is_taken_as_it_is_written_where_it_exists_and_told_where_it_does_not() -> None:
    """Case does not matter for what exists; a wrong text stays, with its sentence, until it is mended."""
    sheet = sheet_of()
    sheet.put({Cell(0, 1): "SUPPORT", Cell(1, 1): "Nowhere"})
    assert (sheet.text(Cell(0, 1)), sheet.wrong(Cell(0, 1))) == ("Support", "")
    assert (sheet.text(Cell(1, 1)), sheet.wrong(Cell(1, 1))) == ("Nowhere", "There is no department Nowhere.")
    assert (sheet.wrong_cells, sheet.next_wrong(Cell(0, 0)), sheet.next_wrong(Cell(3, 0))) == (
        1,
        (1, 1),
        (1, 1),
    )
    sheet.put({Cell(1, 1): "support"})
    assert (sheet.wrong_cells, sheet.next_wrong(Cell(0, 0))) == (0, None)


def test_filling_down_copies_the_first_text_into_every_row_below() -> None:
    """The rows between are filled, the first one stays."""
    sheet = sheet_of()
    sheet.put({Cell(0, 2): "4711"})
    assert sheet.fill_down(Cell(0, 2), 3) == 3
    assert [sheet.text(Cell(row, 2)) for row in range(4)] == ["4711"] * 4


def test_a_block_goes_down_and_right_and_what_has_no_room_is_counted() -> None:
    """Lines go down, columns go right; nothing wraps around."""
    sheet = sheet_of(3)
    changed, outside = sheet.paste(Cell(1, 1), [["Support", "1"], ["Support", "2"], ["Support", "3"]])
    assert (changed, outside) == (4, 2)
    assert [sheet.text(Cell(row, 2)) for row in range(3)] == ["", "1", "2"]


def test_somebody_who_may_not_be_edited_stays_as_they_are() -> None:
    """A paste or a fill over them leaves their cells alone."""
    sheet = sheet_of(locked=1)
    assert sheet.paste(Cell(0, 0), [["A"], ["B"], ["C"]]) == (2, 0)
    assert [sheet.text(Cell(row, 0)) for row in range(3)] == ["A", "Name 1", "C"]


def test_each_step_is_taken_back_as_a_whole_and_done_again() -> None:
    """A paste of many cells is one step; undo says where it was, and redo brings it back."""
    sheet = sheet_of()
    sheet.put({Cell(0, 0): "First"})
    sheet.paste(Cell(1, 0), [["A"], ["B"], ["C"]])
    assert sheet.undo() == Cell(1, 0)
    assert (sheet.changed_cells, sheet.text(Cell(2, 0))) == (1, "Name 2")
    assert sheet.redo() == Cell(1, 0)
    assert [sheet.text(Cell(row, 0)) for row in range(4)] == ["First", "A", "B", "C"]
    assert (sheet.undo(), sheet.undo(), sheet.undo()) == (Cell(1, 0), Cell(0, 0), None)
    assert sheet.changed_cells == 0


def test_what_is_handed_to_core_says_what_is_wanted_and_what_was_seen() -> None:
    """Only fields that differ are sent, each with the text that stood there."""
    sheet = sheet_of()
    sheet.put({Cell(2, 0): "Bo", Cell(2, 1): "Support", Cell(0, 2): "5"})
    first, second = sheet.edits()
    assert (first.id, dict(first.values), dict(first.seen)) == (10, {"phone": "5"}, {"phone": ""})
    assert (second.id, dict(second.values)) == (12, {"first_name": "Bo", "department": "Support"})
    assert dict(second.seen) == {"first_name": "Name 2", "department": "Sales"}


def test_a_conflict_is_skipped_or_overwritten_as_it_was_decided() -> None:
    """Skipping takes what is there now; overwriting keeps what is wanted, and what was seen is the text of now."""
    sheet = sheet_of()
    sheet.put({Cell(0, 0): "Mine", Cell(1, 0): "Mine"})
    sheet.settle(10, "first_name", "Theirs", overwrite=False)
    sheet.settle(11, "first_name", "Theirs", overwrite=True)
    assert (sheet.text(Cell(0, 0)), sheet.text(Cell(1, 0))) == ("Theirs", "Mine")
    [edit] = sheet.edits()
    assert (edit.id, dict(edit.seen)) == (11, {"first_name": "Theirs"})


def test_what_was_saved_is_a_change_no_more_and_what_was_refused_stays() -> None:
    """After saving, only the people who were refused are still to be edited."""
    sheet = sheet_of()
    sheet.put({Cell(0, 0): "Saved", Cell(1, 1): "Nowhere"})
    sheet.saved([10])
    assert (sheet.text(Cell(0, 0)), sheet.changed_cells, sheet.wrong_cells) == ("Saved", 1, 1)


@pytest.mark.parametrize(
    ("pasted", "block"),
    [
        ("a\tb\nc\td\n", [["a", "b"], ["c", "d"]]),
        ("a\r\nb\r\n", [["a"], ["b"]]),
        ("a\rb", [["a"], ["b"]]),
        ("a\n\nb", [["a"], [""], ["b"]]),
        ('"two\nlines"\tx\ny\tz', [["two\nlines", "x"], ["y", "z"]]),
        ('say ""hi""\n\nx', [['say ""hi""'], [""], ["x"]]),
        ('"open\nquote', [['"open'], ["quote"]]),
        ("one", [["one"]]),
    ],
)
def test_what_a_spreadsheet_copies_becomes_lines_and_columns(pasted: str, block: list[list[str]]) -> None:
    """Line ends of every system count, quotes hold line breaks together, and broken quotes are just quotes."""
    assert block_of(pasted) == block


@given(
    st.lists(
        st.dictionaries(
            st.builds(Cell, st.integers(0, 3), st.integers(0, 2)),
            st.sampled_from(["", "a", "Sales", "support", "x1", "77"]),
            min_size=1,
        ),
        max_size=8,
    )
)
def test_taking_back_every_step_leaves_the_sheet_as_it_was_read(steps: list[dict[Cell, str]]) -> None:
    """Whatever was typed and pasted, undo to the end changes nothing, and redo to the end brings all of it back."""
    sheet = sheet_of(locked=3)
    for step in steps:
        sheet.put(step)
    wanted = [sheet.text(Cell(row, column)) for row in range(4) for column in range(3)]
    while sheet.undo() is not None:
        pass
    assert (sheet.changed_cells, sheet.wrong_cells, sheet.edits()) == (0, 0, [])
    while sheet.redo() is not None:
        pass
    assert [sheet.text(Cell(row, column)) for row in range(4) for column in range(3)] == wanted


@pytest.mark.parametrize(
    ("screen", "commands"), [(SheetScreen, sheet_keys.COMMANDS), (PersonScreen, person_keys.COMMANDS)]
)
def test_every_command_has_a_method_a_key_and_help(
    screen: type[SheetScreen | PersonScreen], commands: tuple[Command, ...]
) -> None:
    """What the help lists can be run, and no key is one that terminals keep for themselves."""
    for command in commands:
        assert callable(getattr(screen, f"do_{command.id}"))
        assert command.help.endswith(".")
        assert not {f"ctrl+{key}" for key in "hijmabsqz"} & set(command.keys.split(","))


def test_a_column_of_five_thousand_is_one_step() -> None:
    """Pasting, judging and taking back a sheet of the largest size, cell by cell right."""
    sheet = sheet_of(MOST_ROWS)
    names = [[f"New {row}", "support"] for row in range(MOST_ROWS)]
    assert sheet.paste(Cell(0, 0), names) == (2 * MOST_ROWS, 0)
    assert (sheet.text(Cell(MOST_ROWS - 1, 0)), sheet.text(Cell(17, 1))) == (
        f"New {MOST_ROWS - 1}",
        "Support",
    )
    assert len(sheet.edits()) == MOST_ROWS
    sheet.undo()
    assert sheet.changed_cells == 0
