"""Which rows are marked: one bit for each id, or a whole list without touching any of its rows.

Marks outlive filters. What is marked but not in the list that is shown is *hidden*, is still a target, and is
therefore always counted. A number with a bit for each id makes a million marks 125 KB, and counting, joining and
comparing such sets a matter of microseconds, where sets of numbers take 100 MiB and a tenth of a second.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, count

_FEW = 64
_FIRST_LOOK = 4_096
_TO_FLAGS = bytes.maketrans(b"01", b"\x00\x01")


def bits_of(row_ids: Iterable[int]) -> int:
    """Return the set of `row_ids` as a number with a bit for each; a million take 40 ms, wherever it is called."""
    ids = row_ids if isinstance(row_ids, Sequence | array) else array("q", row_ids)
    if len(ids) <= _FEW:
        few = 0
        for row_id in ids:
            few |= 1 << row_id
        return few
    digits = bytearray(b"0") * (max(ids) + 1)
    one = ord("1")
    for row_id in ids:
        digits[row_id] = one
    digits.reverse()
    return int(digits, 2)


def flags_of(bits: int, highest: int = 0) -> bytes:
    """Return a byte for each id from 0 up to the largest one, at least to `highest`: 1 where its bit is set."""
    digits = bin(bits)[:1:-1].ljust(highest + 1, "0")
    return digits.encode().translate(_TO_FLAGS)


class Marks:
    """A set of row ids, told as what differs from nothing, or from the whole shown list.

    Marking or swapping the whole list therefore costs the same for a million rows as for one.
    """

    def __init__(self) -> None:
        self._shown: array[int] = array("q")
        self._length = 0
        self._shown_bits: int | None = 0
        self._whole = False
        self._other = 0
        self._hidden: int | None = 0

    def show(self, ids: array[int]) -> None:
        """Take note of the list that is shown now, or that it has grown; marks stay what they are."""
        if ids is self._shown:
            self._whole = self._whole and self._length > 0  # of an empty list nothing was marked or swapped
            self._grow()
        else:
            if self._whole:
                self._whole, self._other = False, self.bits
            self._shown, self._shown_bits = ids, None
        self._length = len(ids)
        self._hidden = None

    @property
    def bits(self) -> int:
        """Every marked id as a bit of one number."""
        return self._all_shown ^ self._other if self._whole else self._other

    @property
    def count(self) -> int:
        """How many rows are marked, hidden ones included."""
        if not self._whole:
            return self._other.bit_count()
        return self._length - self._other.bit_count() + 2 * self.hidden

    @property
    def hidden(self) -> int:
        """How many marked rows are not in the list that is shown."""
        if self._hidden is None:
            self._hidden = (self._other & ~self._all_shown).bit_count() if self._other else 0
        return self._hidden

    @property
    def is_whole_list(self) -> bool:
        """Whether exactly the rows of the shown list are marked."""
        return self.count == self._length > 0 and not self.hidden

    def marked(self, row_id: int) -> bool:
        """Whether a row of the shown list is marked."""
        return bool(self._other >> row_id & 1) != self._whole

    def toggle(self, row_id: int) -> bool:
        """Mark or unmark a row of the shown list; return whether it is marked now."""
        self._other ^= 1 << row_id
        return self.marked(row_id)

    def add(self, row_id: int) -> bool:
        """Mark a row of the shown list; return whether that changed anything."""
        return not self.marked(row_id) and self.toggle(row_id)

    def remove(self, row_id: int) -> bool:
        """Unmark a row of the shown list; return whether that changed anything."""
        return self.marked(row_id) and not self.toggle(row_id)

    def add_ids(self, row_ids: Iterable[int]) -> None:
        """Mark rows wherever they are, shown or not."""
        self.add_bits(bits_of(row_ids))

    def forget(self, row_ids: Iterable[int]) -> None:
        """Unmark rows wherever they are: those that were acted on, or that are gone."""
        self.forget_bits(bits_of(row_ids))

    def add_bits(self, bits: int) -> int:
        """Mark the rows of a set made by `bits_of`, shown or not; return how many were not marked before."""
        before = self.bits
        self._settle(before | bits)
        return (bits & ~before).bit_count()

    def forget_bits(self, bits: int) -> int:
        """Unmark the rows of a set made by `bits_of`, shown or not; return how many were marked."""
        before = self.bits
        self._settle(before & ~bits)
        return (before & bits).bit_count()

    def keep_shown(self, bits: int) -> int:
        """Return those of a set made by `bits_of` that are in the shown list."""
        return bits & self._all_shown

    def unmarked_of(self, bits: int) -> int:
        """Return those of a set of shown rows that are not marked."""
        return bits & self._other if self._whole else bits & ~self._other

    def flip_shown(self, bits: int) -> None:
        """Swap marked and unmarked among the rows of a set, all of which are shown."""
        self._other ^= bits

    def mark_all(self) -> None:
        """Mark the whole shown list, in addition to what is marked and hidden."""
        if self._length:
            self._other = self._other & ~self._all_shown if self.hidden else 0
            self._whole = True

    def invert(self) -> None:
        """Swap marked and unmarked in the shown list; what is marked and hidden stays marked."""
        if self._length:
            self._whole = not self._whole

    def clear(self) -> None:
        """Unmark everything, hidden marks too."""
        self._settle(0)

    def ids(self) -> array[int]:
        """Return every marked id once: those that are shown in the order of the list, then the hidden by number."""
        bits = self.bits
        if not bits:
            return array("q")
        if bits == self._all_shown:
            return self._shown[: self._length]
        flags = flags_of(bits, self._all_shown.bit_length())
        found = array("q", [row_id for row_id in self._shown if flags[row_id]])
        if self.hidden:
            found.extend(compress(count(), flags_of(bits & ~self._all_shown)))
        return found

    def __iter__(self) -> Iterator[int]:
        """Every marked id once, as `ids`."""
        return iter(self.ids())

    def next_after(self, index: int, step: int) -> int | None:
        """Return the index of the nearest marked row of the shown list behind `index`, or before it; None for none.

        Args:
            index: where to begin; that row itself does not count.
            step: 1 to look down, -1 to look up.
        """
        if not self._other and not self._whole:
            return None
        flags = flags_of(self._other, max(self._all_shown.bit_length(), 1))
        wanted = b"\x00" if self._whole else b"\x01"
        reach, place = _FIRST_LOOK, index + 1 if step > 0 else index
        while place > 0 if step < 0 else place < self._length:
            first, stop = (place, place + reach) if step > 0 else (max(0, place - reach), place)
            row = bytes(map(flags.__getitem__, self._shown[first:stop]))
            found = row.find(wanted) if step > 0 else row.rfind(wanted)
            if found >= 0:
                return first + found
            place, reach = (stop if step > 0 else first), reach * 4
        return None

    @property
    def _all_shown(self) -> int:
        """The shown list as a set; made when first needed, 40 ms for a million rows."""
        if self._shown_bits is None:
            self._shown_bits = bits_of(self._shown)
        return self._shown_bits

    def _settle(self, bits: int) -> None:
        """Let exactly `bits` be marked."""
        self._whole, self._other, self._hidden = False, bits, None if bits else 0

    def _grow(self) -> None:
        """Take in what the list has got at its end; a whole list stays marked as a whole."""
        if self._shown_bits is None and not (self._whole and self._other):
            return
        part = bits_of(self._shown[self._length :])
        if self._shown_bits is not None:
            self._shown_bits |= part
        if self._whole:
            self._other &= ~part


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
        self._own = 0
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
        self._marks.flip_shown(self._own)
        self._own = 0

    def _cover(self, start: int, stop: int) -> None:
        """Mark the rows of `start` up to, not including, `stop`."""
        if start < stop:
            made = self._marks.unmarked_of(bits_of(self._ids[start:stop]))
            self._own |= made
            self._marks.flip_shown(made)

    def _leave(self, start: int, stop: int) -> None:
        """Give back the marks of `start` up to, not including, `stop`."""
        if start < stop:
            back = bits_of(self._ids[start:stop]) & self._own
            self._own &= ~back
            self._marks.flip_shown(back)
