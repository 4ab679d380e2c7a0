"""Which rows are marked: a few of them, or all of a million, without touching each.

Marks outlive filters. What is marked but not in the list that is shown is *hidden*, is still a target, and is
therefore always counted.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator


class Marks:
    """A set of row ids, kept as the smaller story: some ids, or "that whole list except these, and also those".

    Taking a whole list costs nothing: it is a reference to the list and an empty set of exceptions.
    """

    def __init__(self) -> None:
        self._shown: array[int] = array("q")
        self._whole: array[int] | None = None
        self._members: set[int] | None = None
        self._except: set[int] = set()
        self._also: set[int] = set()
        self._hidden: int | None = 0

    def show(self, ids: array[int]) -> None:
        """Take note of the list that is shown now, or that it has grown; marks stay what they are."""
        self._shown = ids
        self._hidden = None
        if ids is self._whole:
            self._members = None

    @property
    def count(self) -> int:
        """How many rows are marked, hidden ones included."""
        whole = len(self._whole) - len(self._except) if self._whole is not None else 0
        return whole + len(self._also)

    @property
    def hidden(self) -> int:
        """How many marked rows are not in the list that is shown.

        Costs one pass over the shown list (30 ms for a million rows) the first time after the list changed.
        """
        if self._hidden is None:
            self._hidden = self.count - self._seen()
        return self._hidden

    def marked(self, row_id: int) -> bool:
        """Whether a row of the shown list is marked."""
        if row_id in self._also:
            return True
        if self._whole is None or row_id in self._except:
            return False
        return self._whole is self._shown or row_id in self._whole_set()

    def add(self, row_id: int) -> bool:
        """Mark a row of the shown list; return whether that changed anything."""
        if self.marked(row_id):
            return False
        if row_id in self._except:
            self._except.remove(row_id)
        else:
            self._also.add(row_id)
        return True

    def remove(self, row_id: int) -> bool:
        """Unmark a row of the shown list; return whether that changed anything."""
        if not self.marked(row_id):
            return False
        if row_id in self._also:
            self._also.remove(row_id)
        else:
            self._except.add(row_id)
        return True

    def toggle(self, row_id: int) -> bool:
        """Mark or unmark a row of the shown list; return whether it is marked now."""
        return self.add(row_id) or not self.remove(row_id)

    def add_ids(self, row_ids: Iterable[int]) -> None:
        """Mark rows wherever they are, shown or not."""
        for row_id in row_ids:
            if self._whole is None or row_id not in self._whole_set():
                self._also.add(row_id)
            else:
                self._except.discard(row_id)
        self._hidden = None

    def forget(self, row_ids: Iterable[int]) -> None:
        """Unmark rows wherever they are: those that were acted on, or that are gone."""
        for row_id in row_ids:
            self._also.discard(row_id)
            if self._whole is not None and row_id in self._whole_set():
                self._except.add(row_id)
        self._hidden = None

    def mark_all(self) -> None:
        """Mark the whole shown list, in addition to what is marked and hidden."""
        if self._whole is not None and self._whole is not self._shown:
            self._also |= self._whole_set() - self._except
        if self._also:
            self._also.difference_update(self._shown)
        self._take_whole(set())

    def invert(self) -> None:
        """Swap marked and unmarked in the shown list; what is marked and hidden stays marked."""
        if self._whole is self._shown:
            self._also |= self._except
            self._whole, self._members, self._except = None, None, set()
            return
        if self._whole is not None:
            self._also |= self._whole_set() - self._except
        seen = self._also.intersection(self._shown) if self._also else set()
        self._also -= seen
        self._take_whole(seen)

    def clear(self) -> None:
        """Unmark everything, hidden marks too."""
        self._whole, self._members, self._except, self._also = None, None, set(), set()
        self._hidden = 0

    def __iter__(self) -> Iterator[int]:
        """Every marked id once: the whole list in its order, then the others by number."""
        if self._whole is not None:
            yield from (row_id for row_id in self._whole if row_id not in self._except)
        yield from sorted(self._also)

    def _take_whole(self, exceptions: set[int]) -> None:
        """Let the shown list be the whole, but for `exceptions`."""
        self._whole, self._members, self._except = self._shown, None, exceptions

    def _whole_set(self) -> set[int]:
        """Return the members of the whole list, as a set made once (0.3 s and 32 MiB for a million)."""
        if self._members is None:
            self._members = set(self._whole or ())
        return self._members

    def _seen(self) -> int:
        """Count the marked rows of the shown list."""
        if self._whole is self._shown:
            return len(self._shown) - len(self._except)
        also = len(self._also.intersection(self._shown)) if self._also else 0
        if self._whole is None:
            return also
        seen = self._whole_set().intersection(self._shown)
        return also + len(seen) - len(seen & self._except)


class MarkedRange:
    """A range that follows the cursor: it marks what it covers and gives back what it leaves.

    Only rows the range itself marked are given back, so going there and returning changes nothing.
    """

    def __init__(self, marks: Marks, ids: array[int], anchor: int) -> None:
        """Open a range on one row.

        Args:
            marks: where the marks are kept.
            ids: the list that is shown, in its order.
            anchor: index of the row that stays in the range.
        """
        self._marks, self._ids, self._anchor = marks, ids, anchor
        self._end = anchor
        self._own: set[int] = set()
        self._cover(anchor, anchor + 1)

    def stretch(self, end: int) -> None:
        """Move the free end of the range to index `end`; only rows between its old and its new place change."""
        old_first, old_last = sorted((self._anchor, self._end))
        first, last = sorted((self._anchor, end))
        self._end = end
        self._leave(old_first, min(old_last + 1, first))
        self._leave(max(old_first, last + 1), old_last + 1)
        self._cover(first, min(last + 1, old_first))
        self._cover(max(first, old_last + 1), last + 1)

    def cancel(self) -> None:
        """Give back every mark the range made."""
        for row_id in self._own:
            self._marks.remove(row_id)
        self._own.clear()

    def _cover(self, start: int, stop: int) -> None:
        """Mark the rows of `start` up to, not including, `stop`."""
        self._own.update(row_id for row_id in self._ids[start : max(start, stop)] if self._marks.add(row_id))

    def _leave(self, start: int, stop: int) -> None:
        """Give back the marks of `start` up to, not including, `stop`."""
        for row_id in self._ids[start : max(start, stop)]:
            if row_id in self._own:
                self._own.remove(row_id)
                self._marks.remove(row_id)
