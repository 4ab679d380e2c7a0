"""The grid on screen: what it draws, and how keys move through it; looked at as plain text."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from tests.tui.list_app import ListApp, person, play
from tests.tui.screen_text import column_of, press_keys, screen_lines
from tui.widgets.grid import Grid

FAMILY = "👨\u200d👩\u200d👧 Family"
HARD_NAMES = (
    "Eve [/x]",
    "[@click=app.quit]Click me[/]",
    "\x1b]52;c;aGVsbG8=\x07Zed",
    "محمد علي",
    "王小明",
    FAMILY,
    "Zoe\u0308 Q\u0301",
    "Bob\u202egnp.exe",
    "line\nfeed\ttab",
    "\ud800 alone",
    "\u0301\u0301starts with marks",
)


def test_a_list_at_80x24_shows_header_rows_cursor_and_position() -> None:
    """The first screen of a list, to the letter; the column with the least priority is left out."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        lines = [line.rstrip() for line in screen_lines(app)]
        assert lines[0] == "  ▸Name           Address            Role      Status          No."
        assert lines[1] == "▸  Person 1       p1@example.com     Learner   active            1"
        assert lines[2] == "   Person 2       p2@example.com     Learner   active            2"
        assert len(lines) == 24
        assert app.grid.position == "1–23 of 10,000"
        assert app.last(Grid.PositionChanged).text == "1–23 of 10,000"
        assert app.grid.dropped_columns == 1

    play(story, rows=10_000)


def test_a_list_at_120x40_has_room_for_all_columns() -> None:
    """The wide screen shows every column, with wider gaps."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        lines = [line.rstrip() for line in screen_lines(app)]
        assert lines[0].split() == ["▸Name", "Address", "Role", "Status", "No.", "Note"]
        assert lines[1].startswith("▸   Person 1        p1@example.com")
        assert len(lines) == 40
        assert app.grid.dropped_columns == 0

    play(story, size=(120, 40))


def test_the_plain_form_is_ascii() -> None:
    """A terminal that can only draw ASCII gets the same states in ASCII signs."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        await press_keys(pilot, "space", "down")
        app.grid.refresh_rows([replace(person(2), name="Zoë")])
        app.grid.show_sort("name", descending=True)
        await press_keys(pilot)
        assert all(line.isascii() for line in screen_lines(app))
        assert screen_lines(app)[0].startswith("  >Namev ")
        assert app.body[:3] == [
            " * Person 1       p1@example.com     Learner   active            1",
            "  !Zoe            p2@example.com     Learner   active            2",
            ">  Person 3       p3@example.com     Learner   active            3",
        ]
        assert app.grid.position == "1-23 of 100"

    play(story, plain=True)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (31, 5)])
def test_no_name_breaks_the_columns(size: tuple[int, int]) -> None:
    """Right-to-left, wide, joined, combining and hostile names leave every line whole and every column in its place."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        app.make = lambda row_id: replace(person(row_id), name=HARD_NAMES[row_id % len(HARD_NAMES)])
        app.show(range(1, 60))
        await press_keys(pilot, "space", "down")
        lines = screen_lines(app)
        assert {cell_len(line) for line in lines} == {size[0]}
        assert all(line.isprintable() for line in lines)
        assert {
            column_of(line, "@example") - len(str(row_id)) for row_id, line in enumerate(lines[1:], 1)
        } == {column_of(lines[0], "Address") + 1}

    play(story, rows=None, size=size)


def test_markup_and_escapes_are_shown_as_text() -> None:
    """A name with markup or an escape sequence is read, not obeyed."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        app.make = lambda row_id: replace(person(row_id), name=HARD_NAMES[row_id])
        app.show(range(3))
        await press_keys(pilot)
        assert app.body[0].startswith("▸   Eve [/x] ")
        assert app.body[1].startswith("    [@click=app.quit]Click …  p1@")
        assert app.body[2].startswith("    ␛]52;c;aGVsbG8=␇Zed ")

    play(story, rows=None, size=(120, 24))


def test_an_empty_list_says_so_and_a_new_sentence_replaces_the_old() -> None:
    """Nothing there is a sentence, not a blank; before the first list there is no claim at all."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        assert not any(app.body)
        app.show([])
        await press_keys(pilot, "down", "G", "space", "v", "enter", "shift+down", "pagedown", "asterisk")
        assert app.body[1] == "  Nobody here yet. Press i to invite."
        assert (app.grid.position, app.grid.cursor_id, len(app.grid.target_ids)) == ("none", None, 0)
        app.grid.empty = "Nobody matches \x1b[1m[dept]."
        await press_keys(pilot)
        assert app.body[1] == "  Nobody matches ␛[1m[dept]."

    play(story, rows=None)


@pytest.mark.parametrize(
    ("keys", "cursor", "position"),
    [
        (["j", "down", "k"], 2, "1–23 of 100"),
        (["down"] * 23, 24, "2–24 of 100"),
        (["pagedown"], 24, "24–46 of 100"),
        (["pagedown", "pagedown", "pageup"], 24, "24–46 of 100"),
        (["ctrl+d"], 12, "12–34 of 100"),
        (["ctrl+d", "ctrl+u"], 1, "1–23 of 100"),
        (["G"], 100, "78–100 of 100"),
        (["end", "k", "home"], 1, "1–23 of 100"),
        (["G", "g", "k"], 1, "1–23 of 100"),
        (["pagedown"] * 9, 100, "78–100 of 100"),
        (["G", *["up"] * 23], 77, "77–99 of 100"),
    ],
)
def test_keys_move_the_cursor_and_the_view(keys: list[str], cursor: int, position: str) -> None:
    """Each movement key ends on its row, with the view where a person expects it, and says so."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        await press_keys(pilot, *keys)
        assert (app.grid.cursor_id, app.grid.position) == (cursor, position)
        assert app.last(Grid.CursorMoved).row_id == cursor
        assert app.last(Grid.PositionChanged).text == position
        assert [line[:1] for line in app.body].count("▸") == 1

    play(story)


def test_over_ssh_the_view_moves_by_half_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaving the view costs one repaint for half a screen of steps."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        await press_keys(pilot, *["down"] * 23)
        assert app.grid.position == "12–34 of 100"
        await press_keys(pilot, *["up"] * 13)
        assert (app.grid.cursor_id, app.grid.position) == (11, "1–23 of 100")

    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22")
    play(story, half_page=None)


def test_moving_the_cursor_paints_two_lines_and_marking_no_more() -> None:
    """What looks the same is not painted again."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        app.grid.lines = 0
        await press_keys(pilot, "down")
        assert app.grid.lines == 2
        await press_keys(pilot, "space")
        assert app.grid.lines == 4
        await press_keys(pilot, "shift+down")
        assert app.grid.lines == 6
        await press_keys(pilot, "right")
        assert app.grid.lines == 7

    play(story)


def test_a_line_is_one_style_run_unless_a_cell_has_its_own() -> None:
    """Styles cost bytes: the cursor's line and a marked line are one run, an ordinary one breaks for its styled cell."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        await press_keys(pilot, "down", "space")
        runs = [len(list(app.grid.render_line(y))) for y in (0, 1, 2, 3)]
        assert runs == [1, 3, 1, 1]

    play(story)


def test_nobody_touching_it_a_grid_paints_nothing() -> None:
    """An idle list sends no bytes: no timer runs, no line is rendered."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        app.grid.lines = 0
        await pilot.pause(0.3)
        assert app.grid.lines == 0
        assert app.grid._patience is None
        assert app.grid._flag_timer is None

    play(story)


def test_the_column_cursor_reaches_columns_that_do_not_fit() -> None:
    """Moving right on to a dropped column brings it into view in place of another; back again all is as before."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        before = screen_lines(app)[0]
        await press_keys(pilot, *["right"] * 9)
        assert app.grid.column_key == "note"
        assert "▸Note" in screen_lines(app)[0]
        assert "Name" in screen_lines(app)[0]
        assert "No." not in screen_lines(app)[0]
        assert app.last(Grid.CursorMoved).column == "note"
        await press_keys(pilot, "0")
        assert screen_lines(app)[0] == before
        await press_keys(pilot, "dollar_sign", "h", "left", "l")
        assert app.grid.column_key == "id"

    play(story)


def test_enter_opens_the_row() -> None:
    """The message names the row."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        await press_keys(pilot, "down", "enter")
        assert app.last(Grid.RowOpened).row_id == 2

    play(story)


def test_a_list_seen_from_its_top_shows_what_is_new_above() -> None:
    """The cursor stays on its row and the view at the top; further down the row stays on its line."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        app.show(range(1, 60))
        await pilot.pause()
        app.show([100, *range(1, 60)])
        await pilot.pause()
        assert "Person 100 " in app.body[0]
        assert app.body[1].startswith("▸")
        await press_keys(pilot, "G")
        before = app.body[-1]
        app.show([101, 100, *range(1, 60)])
        await pilot.pause()
        assert app.body[-1] == before

    play(story)


def test_another_terminal_size_keeps_the_cursor_in_view() -> None:
    """Smaller, larger, wider: the lines fill the width and the cursor is there."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        await press_keys(pilot, *["down"] * 22)
        await pilot.resize_terminal(60, 12)
        await press_keys(pilot)
        assert app.body[-1].startswith("▸  Person 23")
        assert app.grid.position == "13–23 of 100"
        await press_keys(pilot, "G")
        await pilot.resize_terminal(120, 40)
        await press_keys(pilot)
        assert app.grid.position == "62–100 of 100"
        assert app.body[-1].startswith("▸   Person 100")
        assert {cell_len(line) for line in screen_lines(app)} == {120}

    play(story)


def test_columns_grow_with_what_is_seen_and_do_not_shrink() -> None:
    """A long name widens its column when it comes into view, and the column stays so."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        app.make = lambda row_id: replace(
            person(row_id), name="A name of twenty one!" if row_id == 80 else "Ann"
        )
        app.show(range(1, 101))
        await press_keys(pilot)
        narrow = column_of(screen_lines(app)[0], "Address")
        await press_keys(pilot, "G")
        assert column_of(screen_lines(app)[0], "Address") == narrow + 7
        await press_keys(pilot, "g")
        assert column_of(screen_lines(app)[0], "Address") == narrow + 7

    play(story, rows=None)


def test_every_key_of_the_grid_can_be_changed_by_its_name() -> None:
    """Bindings carry distinct ids, and a keymap moves them."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        app.set_keymap({"grid.down": "n"})
        await press_keys(pilot, "n", "n", "j")
        assert app.grid.cursor_id == 3

    ids = [getattr(binding, "id", None) for binding in Grid.BINDINGS]
    assert None not in ids
    assert len(set(ids)) == len(ids)
    play(story)


def test_marks_have_a_sign_and_move_on() -> None:
    """Space marks and goes down; again it unmarks; the numbers are told."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        await press_keys(pilot, "space", "space", "k", "space")
        assert [line[:2] for line in app.body[:3]] == [" ●", "  ", "▸ "]
        assert app.last(Grid.MarksChanged).count == 1
        assert list(app.grid.target_ids) == [1]
        await press_keys(pilot, "M")
        assert list(app.grid.target_ids) == [3]

    play(story)


def test_a_range_follows_the_cursor_and_can_be_cancelled() -> None:
    """`v` opens a range, moves stretch it, crossing the anchor turns it; Esc's screen gives it back."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        await press_keys(pilot, "j", "j", "v", "j", "j")
        assert list(app.grid.marks) == [3, 4, 5]
        assert app.last(Grid.MarksChanged).range_open
        await press_keys(pilot, "g")
        assert [line[:2] for line in app.body[:5]] == ["▸●", " ●", " ●", "  ", "  "]
        assert app.grid.cancel_range()
        assert not app.grid.cancel_range()
        await press_keys(pilot)
        assert [line[:2] for line in app.body[:4]] == ["▸ ", "  ", "  ", "  "]
        await press_keys(pilot, "v", "j", "v", "j")
        assert list(app.grid.marks) == [1, 2]
        assert not app.last(Grid.MarksChanged).range_open

    play(story)


def test_shift_and_arrows_mark_until_a_plain_move() -> None:
    """Shift extends from where the cursor is, back again gives back, and a move without it ends the range."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        await press_keys(pilot, "shift+down", "shift+down", "shift+up", "down", "down")
        assert list(app.grid.marks) == [1, 2]
        assert not app.grid.range_open
        await press_keys(pilot, "shift+up")
        assert list(app.grid.marks) == [1, 2, 3, 4]

    play(story)


def test_all_and_inverted_marks_are_drawn_and_counted() -> None:
    """All marks a million rows; unmarking one leaves the rest; inverting leaves the one."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        await press_keys(pilot, "asterisk", "space")
        assert app.last(Grid.MarksChanged).count == 999_999
        assert [line[:2] for line in app.body[:3]] == ["  ", "▸●", " ●"]
        await press_keys(pilot, "exclamation_mark")
        assert list(app.grid.target_ids) == [1]
        assert [line[:2] for line in app.body[:3]] == [" ●", "▸ ", "  "]
        app.grid.forget_marks([1])
        await press_keys(pilot)
        assert app.body[0][:2] == "  "

    play(story, rows=1_000_000)


def test_marks_hidden_by_a_filter_are_told() -> None:
    """A filter does not unmark; what it hides is counted apart."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        await press_keys(pilot, "space", "space", "space")
        app.show([2, 50, 60])
        await press_keys(pilot)
        told = app.last(Grid.MarksChanged)
        assert (told.count, told.hidden) == (3, 2)
        assert list(app.grid.target_ids) == [2, 1, 3]

    play(story)


def test_sorting_is_asked_for_and_shown_when_it_is_so() -> None:
    """The keys ask for an order by the cursor's column, where it can be sorted by; the header shows what is."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        await press_keys(pilot, "l", "right_square_bracket")
        asked = app.last(Grid.SortRequested)
        assert (asked.column, asked.descending, asked.control) == ("mail", True, app.grid)
        app.grid.show_sort("mail", descending=True)
        await press_keys(pilot)
        assert " ▸Address▼ " in screen_lines(app)[0]
        app.heard.clear()
        await press_keys(pilot, "left_square_bracket", "dollar_sign", "left_square_bracket")
        assert [message.column for message in app.heard if isinstance(message, Grid.SortRequested)] == [
            "mail"
        ]

    play(story)
