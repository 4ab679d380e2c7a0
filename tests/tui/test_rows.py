"""The id vector and its page cache, with questions collected in a list."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.rows import REMOVED, UNKNOWN, Change, Rows


@dataclass(frozen=True)
class Person:
    """A row."""

    id: int
    name: str = ""


class Reader:
    """Collects questions; answers those it is told to."""

    def __init__(self, count: int = 0) -> None:
        self.asked: list[tuple[int, int, Sequence[int]]] = []
        self.rows: Rows[Person] = Rows(self.ask)
        if count:
            self.rows.show(range(1, count + 1), 1)

    def ask(self, generation: int, page: int, ids: Sequence[int]) -> None:
        """Note a question."""
        self.asked.append((generation, page, ids))

    @property
    def pages(self) -> list[int]:
        """Pages asked for so far."""
        return [page for _, page, _ in self.asked]

    def answer_all(self) -> None:
        """Answer every open question with a row for each id."""
        for generation, page, ids in self.asked:
            self.rows.put(generation, page, [Person(row_id, f"person {row_id}") for row_id in ids])
        self.asked.clear()


def test_a_view_asks_for_its_page_and_two_ahead() -> None:
    """Traveling down, the next two pages are asked for as well, each once, by ids."""
    reader = Reader(1_000)
    reader.rows.view(120, 160)
    reader.rows.view(130, 170)
    assert reader.pages == [1, 2, 3]
    assert reader.asked[0] == (1, 1, tuple(range(101, 201)))


def test_prefetch_turns_with_the_direction_of_travel() -> None:
    """Traveling up, pages above are asked for; there is none before the first or behind the last."""
    reader = Reader(1_000)
    reader.rows.view(960, 1_000)
    assert reader.pages == [9]
    reader.rows.view(940, 980)
    assert reader.pages == [9, 8, 7]
    reader.asked.clear()
    reader.rows.view(10, 50)
    assert reader.pages == [0]


def test_a_million_ids_cost_three_pages_of_rows() -> None:
    """The length of a list does not matter for how much of it is read."""
    reader = Reader(1_000_000)
    reader.rows.view(500_000, 500_040)
    assert sum(len(ids) for _, _, ids in reader.asked) == 300
    reader.answer_all()
    assert reader.rows[500_000] == Person(500_001, "person 500001")
    assert reader.rows[10] is UNKNOWN


def test_a_late_answer_is_dropped() -> None:
    """An answer to a list that is no longer shown changes nothing."""
    reader = Reader(10)
    reader.rows.view(0, 10)
    reader.rows.show(range(20, 30), 2)
    assert reader.rows.put(1, 0, [Person(20, "wrong")]) is None
    assert reader.rows[0] is UNKNOWN
    assert not reader.rows.wants(1, 0)


def test_ids_an_answer_leaves_out_are_removed_rows() -> None:
    """A row that is gone keeps its place until the next list."""
    reader = Reader(3)
    changes = reader.rows.put(1, 0, [Person(1), Person(3), Person(99)])
    assert [reader.rows[index] for index in range(3)] == [Person(1), REMOVED, Person(3)]
    assert changes == [
        Change(1, UNKNOWN, Person(1)),
        Change(2, UNKNOWN, REMOVED),
        Change(3, UNKNOWN, Person(3)),
    ]


def test_the_pages_longest_not_looked_at_are_forgotten() -> None:
    """Forty pages are kept, whatever is scrolled past; the one in view always is."""
    reader = Reader(100_000)
    for first in range(0, 100_000, 100):
        reader.rows.view(first, first + 40)
        reader.answer_all()
    known = sum(reader.rows[index] is not UNKNOWN for index in range(100_000))
    assert known == 40 * 100
    assert reader.rows[99_900] is not UNKNOWN
    reader.rows.view(0, 40)
    assert 0 in reader.pages


def test_a_page_looked_at_again_outlives_one_that_was_not() -> None:
    """The cache forgets by last use, not by arrival."""
    reader = Reader()
    reader.rows = Rows(reader.ask, page=10, kept_pages=4)
    reader.rows.show(range(1_000), 1)
    for first in (0, 500, 0, 700):
        reader.rows.view(first, first + 10)
        reader.answer_all()
    assert reader.rows[0] is not UNKNOWN
    assert reader.rows[500] is UNKNOWN


def test_a_new_list_shows_what_was_known_until_its_rows_arrive() -> None:
    """Sorting does not blink: known rows are readable at once, and asked for again."""
    reader = Reader(50)
    reader.rows.view(0, 20)
    reader.answer_all()
    reader.rows.show(range(50, 0, -1), 2)
    assert reader.rows[0] == Person(50, "person 50")
    reader.rows.view(0, 20)
    assert reader.pages == [0]
    assert reader.rows.put(2, 0, [Person(i, f"person {i}") for i in range(1, 51)]) == []


def test_the_cursor_follows_its_row_into_the_new_list() -> None:
    """Sorting and filtering tell where the row is now, or the next one that is left."""
    reader = Reader(1_000)
    assert reader.rows.show(range(1_000, 0, -1), 2, cursor=99) == 900
    assert reader.rows.show([1, 95, 108, 1_000], 3, cursor=900) == 1
    assert reader.rows.show([5_000], 4, cursor=2) == 0
    assert reader.rows.show([], 5, cursor=0) == 0


def test_where_the_row_under_the_cursor_left_the_next_one_moves_up_to_its_line() -> None:
    """The nearest row further down that is still there takes the line; the one above does so only where none is left."""
    reader = Reader(10)
    assert reader.rows.show([1, 3, 4, 5, 6, 7, 8, 9, 10], 2, cursor=1) == 1
    assert reader.rows.show([1, 7, 8, 9, 10], 3, cursor=1) == 1
    assert reader.rows.show([1, 7, 8, 9], 4, cursor=4) == 3


def test_newer_versions_report_what_changed_and_nothing_else() -> None:
    """Equal data is no change and keeps its object; unknown rows are ignored."""
    reader = Reader(3)
    first = Person(1, "Ann")
    reader.rows.put(1, 0, [first, Person(2, "Bob"), Person(3, "Cid")])
    changes = reader.rows.replace([Person(1, "Ann"), Person(2, "Rob"), Person(77, "Nobody")])
    assert changes == [Change(2, Person(2, "Bob"), Person(2, "Rob"))]
    assert reader.rows[0] is first
    assert reader.rows.remove([3, 78]) == [Change(3, Person(3, "Cid"), REMOVED)]
    assert reader.rows.replace([Person(3, "Cid")]) == [Change(3, REMOVED, Person(3, "Cid"))]


def test_expired_data_stays_readable_and_is_asked_for_again() -> None:
    """After a change elsewhere only what is looked at is read again."""
    reader = Reader(1_000)
    reader.rows.view(0, 40)
    reader.answer_all()
    reader.rows.expire()
    assert reader.rows[0] == Person(1, "person 1")
    reader.rows.view(0, 40)
    assert reader.pages == [0, 1, 2]


def test_a_question_that_failed_is_asked_again() -> None:
    """Giving up reopens the question for the next look."""
    reader = Reader(10)
    reader.rows.view(0, 10)
    reader.rows.view(0, 10)
    assert reader.pages == [0]
    reader.rows.give_up(1, 0)
    reader.rows.view(0, 10)
    assert reader.pages == [0, 0]


def test_a_list_that_grows_keeps_what_it_knows() -> None:
    """A further part asks again only for the page that was not full."""
    reader = Reader(150)
    reader.rows.view(0, 150)
    reader.answer_all()
    reader.rows.extend(range(151, 401), 2)
    assert len(reader.rows) == 400
    assert reader.rows[149] == Person(150, "person 150")
    reader.rows.view(0, 150)
    assert reader.pages == [1, 2, 3]
    reader.answer_all()
    assert reader.rows[399] == Person(400, "person 400")


def test_an_id_is_found_near_and_far() -> None:
    """A position is found wherever it is; None for an id that is not in the list."""
    reader = Reader(10_000)
    assert reader.rows.index_of(5_001, near=5_010) == 5_000
    assert reader.rows.index_of(9_999, near=3) == 9_998
    assert reader.rows.index_of(10_001) is None


def test_a_vector_is_taken_without_a_copy() -> None:
    """A million ids are not held twice."""
    ids = array("q", [3, 1, 2])
    reader = Reader()
    reader.rows.show(ids, 1)
    assert reader.rows.ids is ids


@given(st.lists(st.tuples(st.integers(0, 299), st.booleans()), max_size=40))
def test_what_was_answered_last_is_what_is_shown(steps: list[tuple[int, bool]]) -> None:
    """However one scrolls and whatever expires, the rows in view are the newest answer for their ids."""
    reader = Reader()
    reader.rows = Rows(reader.ask, page=10, kept_pages=5)
    reader.rows.show(range(300), 1)
    for version, (first, expire) in enumerate(steps):
        if expire:
            reader.rows.expire()
        reader.rows.view(first, first + 15)
        fresh = {row_id for _, _, ids in reader.asked for row_id in ids}
        for generation, page, ids in reader.asked:
            reader.rows.put(generation, page, [Person(row_id, f"{row_id} v{version}") for row_id in ids])
        reader.asked.clear()
        for index in range(first, min(first + 15, 300)):
            row = reader.rows[index]
            assert isinstance(row, Person)
            assert row.id == index
            assert row.name == f"{index} v{version}" or index not in fresh
