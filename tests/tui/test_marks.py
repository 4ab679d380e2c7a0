"""Marks and ranges."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tui.widgets.marks import MarkedRange, Marks

MILLION = array("q", range(1_000_000))


class Unread(array):  # type: ignore[type-arg]  # array is not generic when the class is made
    """A list of ids that must not be gone through."""

    def __iter__(self) -> Iterator[int]:
        """Refuse."""
        raise AssertionError


def marks_on(*ids: int) -> Marks:
    """Return marks over a shown list."""
    marks = Marks()
    marks.show(array("q", ids))
    return marks


def test_nothing_marked_is_nothing_not_everything() -> None:
    """No marks are an empty set."""
    marks = marks_on(1, 2, 3)
    assert marks.count == 0
    assert list(marks) == []
    assert not marks.marked(1)


def test_marks_survive_a_filter_and_are_counted_as_hidden() -> None:
    """What a filter hides stays a target, and is counted."""
    marks = marks_on(1, 2, 3, 4)
    assert [marks.toggle(row_id) for row_id in (1, 2, 2, 3)] == [True, True, False, True]
    marks.show(array("q", [3, 4]))
    assert (marks.count, marks.hidden) == (2, 1)
    marks.show(array("q", [1, 2, 3, 4]))
    assert (marks.count, marks.hidden) == (2, 0)


def test_marking_a_million_rows_keeps_a_reference() -> None:
    """All of a list is marked, swapped and marked again without a look at any of its rows."""
    marks = Marks()
    marks.show(Unread("q", MILLION))
    marks.mark_all()
    marks.toggle(7)
    assert marks.count == 999_999
    assert not marks.marked(7)
    assert marks.marked(8)
    marks.invert()
    assert marks.count == 1
    marks.mark_all()
    assert (marks.count, marks.hidden) == (1_000_000, 0)
    assert marks.is_whole_list


def test_inverting_twice_is_nothing() -> None:
    """Few become all but few, and back."""
    marks = Marks()
    marks.show(MILLION)
    marks.add(5)
    marks.invert()
    assert marks.count == 999_999
    assert not marks.marked(5)
    marks.invert()
    assert list(marks) == [5]


def test_inverting_leaves_hidden_marks_alone() -> None:
    """Inverting a filtered list does not touch what cannot be seen."""
    marks = marks_on(1, 2, 3)
    marks.add(1)
    marks.show(array("q", [2, 3]))
    marks.add(2)
    marks.invert()
    assert sorted(marks) == [1, 3]
    assert marks.hidden == 1


def test_rows_acted_on_can_be_dropped() -> None:
    """Dropping works on single marks and on a whole list."""
    marks = marks_on(1, 2, 3)
    marks.mark_all()
    marks.forget([2, 99])
    assert list(marks) == [1, 3]


def test_the_marked_come_in_the_order_of_the_list_and_the_hidden_behind() -> None:
    """What acts on the marked rows gets them as they are seen; hidden ones follow by number."""
    marks = marks_on(8, 2, 9, 4)
    marks.mark_all()
    marks.toggle(9)
    assert list(marks) == [8, 2, 4]
    marks.show(array("q", [4, 7, 2]))
    marks.toggle(7)
    assert list(marks) == [4, 7, 2, 8]


def test_the_next_marked_row_is_found_across_a_million() -> None:
    """Both ways, from any place, also when nearly all are marked and when none is."""
    marks = Marks()
    marks.show(MILLION)
    assert marks.next_after(5, 1) is None
    marks.add_ids([3, 999_999])
    assert [marks.next_after(index, 1) for index in (-1, 3, 999_999)] == [3, 999_999, None]
    assert [marks.next_after(index, -1) for index in (999_999, 3, 0)] == [3, None, None]
    marks.invert()
    assert [marks.next_after(index, 1) for index in (2, 999_998)] == [4, None]


def test_a_range_over_a_million_rows_is_a_few_numbers() -> None:
    """From the first row to the last and back, beside a mark of one's own, and cancelled."""
    marks = Marks()
    marks.show(MILLION)
    marks.add(10)
    stretch = MarkedRange(marks, MILLION, 0)
    stretch.stretch(999_999)
    assert (marks.count, marks.hidden) == (1_000_000, 0)
    stretch.stretch(5)
    assert marks.count == 7
    stretch.cancel()
    assert list(marks) == [10]


def test_a_list_that_grows_after_all_was_marked_stays_marked_as_a_whole() -> None:
    """All matching means all, also those that were still on their way."""
    ids = array("q", [1, 2])
    marks = Marks()
    marks.show(ids)
    marks.mark_all()
    ids.extend([3])
    marks.show(ids)
    assert list(marks) == [1, 2, 3]
    assert marks.hidden == 0


def test_a_range_marks_what_it_covers_and_gives_back_what_it_leaves() -> None:
    """Crossing the anchor works; marks made before are not given back."""
    ids = array("q", range(10))
    marks = Marks()
    marks.show(ids)
    marks.add(6)
    stretch = MarkedRange(marks, ids, 5)
    stretch.stretch(8)
    assert list(marks) == [5, 6, 7, 8]
    stretch.stretch(3)
    assert list(marks) == [3, 4, 5, 6]
    stretch.stretch(5)
    assert list(marks) == [5, 6]
    stretch.cancel()
    assert list(marks) == [6]


def test_an_empty_list_has_nothing_to_mark() -> None:
    """All, or swapped, of no rows is no row, and rows that come later are not marked."""
    marks, shown = Marks(), array("q")
    marks.show(shown)
    marks.invert()
    marks.mark_all()
    shown.extend([1, 2])
    marks.show(shown)
    assert marks.count == 0


class MarksAgainstASet(RuleBasedStateMachine):
    """Does to marks and to a plain set the same things, and compares."""

    def __init__(self) -> None:
        super().__init__()
        self.marks = Marks()
        self.shown = array("q", range(8))
        self.truth: set[int] = set()
        self.marks.show(self.shown)

    @rule(ids=st.sets(st.integers(0, 12)))
    def filter(self, ids: set[int]) -> None:
        """Show another list."""
        self.shown = array("q", sorted(ids))
        self.marks.show(self.shown)

    @rule(ids=st.sets(st.integers(0, 12)))
    def grow(self, ids: set[int]) -> None:
        """Let a further part of the list arrive: marked or swapped as a whole, the list takes it in."""
        new = sorted(ids - set(self.shown))
        whole = self.marked_whole
        self.shown.extend(new)
        self.marks.show(self.shown)
        if whole:
            self.truth |= set(new)

    @property
    def marked_whole(self) -> bool:
        """Whether the list was marked or swapped as a whole, and no other marks were made since than of single rows."""
        return self.marks._whole

    @rule(pick=st.integers(0, 12))
    def toggle(self, pick: int) -> None:
        """Mark or unmark a row that is shown."""
        if self.shown:
            row_id = self.shown[pick % len(self.shown)]
            self.truth ^= {row_id}
            assert self.marks.toggle(row_id) == (row_id in self.truth)

    @rule()
    def mark_all(self) -> None:
        """Mark the shown list."""
        self.marks.mark_all()
        self.truth |= set(self.shown)

    @rule()
    def invert(self) -> None:
        """Swap in the shown list."""
        self.marks.invert()
        self.truth ^= set(self.shown)

    @rule()
    def clear(self) -> None:
        """Unmark everything."""
        self.marks.clear()
        self.truth.clear()

    @rule(ids=st.sets(st.integers(0, 12)))
    def add_ids(self, ids: set[int]) -> None:
        """Mark rows wherever they are."""
        self.marks.add_ids(ids)
        self.truth |= ids

    @rule(ids=st.sets(st.integers(0, 12)))
    def forget(self, ids: set[int]) -> None:
        """Unmark rows wherever they are."""
        self.marks.forget(ids)
        self.truth -= ids

    @rule(anchor=st.integers(0, 12), ends=st.lists(st.integers(0, 12), max_size=4), keep=st.booleans())
    def stretch(self, anchor: int, ends: list[int], *, keep: bool) -> None:
        """Open a range, move its end about, keep or cancel it."""
        if not self.shown:
            return
        first = last = anchor % len(self.shown)
        stretched = MarkedRange(self.marks, self.shown, first)
        for end in ends:
            last = end % len(self.shown)
            stretched.stretch(last)
        if keep:
            self.truth |= set(self.shown[min(first, last) : max(first, last) + 1])
        else:
            stretched.cancel()

    @invariant()
    def same(self) -> None:
        """Marks and the set agree on everything that can be asked."""
        assert sorted(self.marks) == sorted(self.truth)
        assert self.marks.count == len(self.truth)
        assert self.marks.hidden == len(self.truth - set(self.shown))
        marked = [row_id in self.truth for row_id in self.shown]
        assert [self.marks.marked(row_id) for row_id in self.shown] == marked
        places = [index for index, is_marked in enumerate(marked) if is_marked]
        assert self.marks.next_after(-1, 1) == min(places, default=None)
        assert self.marks.next_after(len(marked), -1) == max(places, default=None)


MarksAgainstASet.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestMarksAgainstASet = MarksAgainstASet.TestCase
