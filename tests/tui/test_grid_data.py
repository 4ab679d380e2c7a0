"""The grid and its rows: asking, waiting, late answers, other lists, changes; looked at as plain text."""

from __future__ import annotations

from dataclasses import replace

from textual.pilot import Pilot

from tests.tui.list_app import GENERATIONS, ListApp, person, play
from tests.tui.screen_text import press_keys, until
from tui.widgets.flags import Flags
from tui.widgets.grid import Grid


def test_a_million_rows_are_paged_with_a_few_hundred_rows_read() -> None:
    """Opening, leaping to the end and paging read pages in view and ahead, and paint a screen a step."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        assert sum(len(question.ids) for question in app.asked) == 300
        app.asked.clear()
        app.grid.lines = 0
        await press_keys(pilot, "G")
        assert app.grid.position == "999,978–1,000,000 of 1,000,000"
        assert app.body[-1].startswith("▸  Person 1000000")
        assert sum(len(question.ids) for question in app.asked) == 100
        assert app.grid.lines <= 2 * 24
        app.asked.clear()
        for _ in range(10):
            await press_keys(pilot, "pageup")
        assert sum(len(question.ids) for question in app.asked) <= 500
        assert app.grid.lines <= 13 * 24

    play(story, rows=1_000_000)


def test_a_quick_answer_is_painted_once_and_never_as_dots() -> None:
    """A jump waits a moment for its rows instead of painting them twice."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        app.answering = False
        app.asked.clear()
        app.grid.dots = app.grid.lines = 0
        await press_keys(pilot, "G")
        assert app.grid.lines == 0
        for question in app.asked:
            assert app.answer(question)
        await press_keys(pilot)
        assert app.body[-1].startswith("▸  Person 9999")
        assert app.grid.dots == 0
        assert app.grid.lines == 24

    play(story, rows=9_999)


def test_rows_that_do_not_come_are_dots_until_they_do() -> None:
    """Patience ends: the place of an unknown row is drawn, and filled when its answer arrives."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        app.answering = False
        app.asked.clear()
        app.grid.patience = 0.02
        await press_keys(pilot, "G")
        await until(pilot, lambda: app.grid.dots > 0)
        assert app.body[-1].startswith("▸  ···            ···")
        for question in app.asked:
            assert app.answer(question)
        await press_keys(pilot)
        assert app.body[-1].startswith("▸  Person 5000")

    play(story, rows=5_000)


def test_a_late_answer_to_another_list_is_not_shown() -> None:
    """After a new filter, the old list's rows are dropped and its questions are not worth reading."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        app.answering = False
        app.show(range(1, 5_000))
        app.show(range(6_000, 7_000))
        await press_keys(pilot)
        old, new = app.asked[-6], app.asked[-3]
        assert old.generation < new.generation
        assert not app.answer(old)
        assert not app.grid.wants(old.generation, old.page)
        assert app.answer(new)

    play(story)


def test_a_question_that_failed_is_asked_again_when_the_view_moves() -> None:
    """After `give_up` the rows are not lost for good."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        app.answering = False
        await press_keys(pilot, "G")
        question = app.asked[-1]
        app.grid.give_up(question.generation, question.page)
        app.answering = True
        await press_keys(pilot, "pageup")
        assert app.body[0].startswith("   Person 4955")

    play(story, rows=5_000)


def test_the_cursor_keeps_its_row_and_line_when_the_order_changes() -> None:
    """After a sort the same row is under the cursor, on the same line of the screen, and nothing blinks."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        await press_keys(pilot, *["pagedown"] * 10, "down", "down", "down")
        line = [text[:1] for text in app.body].index("▸")
        app.grid.dots = 0
        app.show(range(1_000, 0, -1))
        await press_keys(pilot)
        assert app.grid.cursor_id == 234
        assert app.body[line].startswith("▸  Person 234 ")
        assert app.grid.dots == 0
        app.show([row_id for row_id in range(1, 1_001) if row_id != 234])
        await press_keys(pilot)
        assert app.body[line].startswith(("▸  Person 233 ", "▸  Person 235 "))

    play(story, rows=1_000)


def test_near_the_ends_of_a_new_list_the_view_is_filled() -> None:
    """A row that becomes the first cannot keep its line; the list starts at the top instead."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        await press_keys(pilot, *["down"] * 10)
        app.show([11, 12, 13])
        await press_keys(pilot)
        assert app.body[0].startswith("▸  Person 11 ")
        assert app.body[3] == ""
        assert app.grid.position == "1–3 of 3"

    play(story)


def test_a_list_that_arrives_in_parts_admits_it() -> None:
    """Until the last part is there the number has a plus; nothing that is in view is painted again."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        app.show(range(1, 101), complete=False)
        await press_keys(pilot)
        assert app.grid.position == "1–23 of 100+"
        app.grid.lines = 0
        app.grid.extend_ids(range(101, 401), next(GENERATIONS), complete=True)
        await press_keys(pilot)
        assert app.grid.lines == 0
        assert app.last(Grid.PositionChanged).text == "1–23 of 400"
        await press_keys(pilot, "G")
        assert app.body[-1].startswith("▸  Person 400 ")

    play(story, rows=None)


def test_changed_cells_carry_a_sign_for_a_while() -> None:
    """A cell that changed has a sign before it, only its line is painted, and the sign comes off by itself."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        app.grid.lines = 0
        app.grid.refresh_rows([replace(person(2), status="archived"), person(3)])
        await press_keys(pilot)
        assert app.body[1] == "   Person 2       p2@example.com     Learner  Δarchived          2"
        assert app.grid.lines == 1
        await until(pilot, lambda: "Δ" not in app.body[1])
        assert app.body[1] == "   Person 2       p2@example.com     Learner   archived          2"
        assert app.grid._flag_timer is None

    play(story, flag_seconds=0.8)


def test_each_row_keeps_its_signs_for_its_own_time() -> None:
    """A further change starts the row's time again and leaves its other signs on; other rows are not touched."""
    flags = Flags(4.0)
    flags.add(1, frozenset({"role"}), 10.0)
    flags.add(2, frozenset({"name"}), 11.0)
    flags.add(1, frozenset({"name"}), 12.0)
    flags.add(3, frozenset(), 12.0)
    assert flags.of(1) == {"role", "name"}
    assert (flags.seconds_left(12.0), list(flags.take_off(15.0))) == (3.0, [2])
    assert (flags.of(2), flags.of(3), flags.seconds_left(20.0)) == (frozenset(), frozenset(), 0.0)
    assert list(flags.take_off(16.0)) == [1]
    assert flags.seconds_left(16.0) is None


def test_removed_rows_keep_their_place_and_cannot_be_opened_or_marked() -> None:
    """What is gone says so until the next list."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        app.grid.refresh_rows([], removed=[2])
        app.heard.clear()
        await press_keys(pilot, "down", "enter", "space")
        assert app.body[1] == "▸  removed"
        assert app.body[2].startswith("   Person 3")
        assert not app.grid.marks.count
        assert Grid.RowOpened not in {type(message) for message in app.heard}

    play(story)


def test_reading_again_paints_only_what_changed() -> None:
    """A refresh asks for what is in view; equal answers paint nothing, one changed row paints one line."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        app.grid.lines = 0
        app.grid.reread()
        await press_keys(pilot)
        assert app.grid.lines == 0
        app.make = lambda row_id: (
            None if row_id == 5 else replace(person(row_id), role="Trainer" if row_id == 4 else "Learner")
        )
        app.grid.reread()
        await press_keys(pilot)
        assert app.grid.lines == 2
        assert app.body[3] == "   Person 4       p4@example.com    ΔTrainer   active            4"
        assert app.body[4] == "   removed"

    play(story)


def test_the_end_of_a_list_that_is_still_arriving_is_followed() -> None:
    """End, pressed before the end is known, means the last row once it is; a move in between stays where it went."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        app.show(range(1, 101), complete=False)
        await press_keys(pilot, "G")
        app.grid.extend_ids(range(101, 501), next(GENERATIONS), complete=False)
        await press_keys(pilot)
        assert app.grid.cursor_id == 500
        await press_keys(pilot, "k")
        app.grid.extend_ids(range(501, 601), next(GENERATIONS), complete=True)
        await press_keys(pilot)
        assert (app.grid.cursor_id, app.grid.position) == (499, "478–500 of 600")

    play(story, rows=None)


def test_whoever_shows_the_position_hears_of_it_before_the_repaint() -> None:
    """Position and number of marks are told at once, so that they come in the same frame as the rows."""

    async def story(app: ListApp, pilot: Pilot[None]) -> None:
        told: list[tuple[str, str]] = []
        app.grid.hear_at_once = lambda: told.append((app.grid.position, app.grid.target_words))
        app.grid.action_page(1)
        app.grid.action_mark_all()
        assert told == [("24–46 of 100", "this row"), ("24–46 of 100", "100 marked")]

    play(story)
