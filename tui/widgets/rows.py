"""The rows of a list: every id in view order, and the data of the few that are looked at.

The id vector is a stable snapshot; rows never jump under the cursor. Data comes in pages of a hundred by id, asked
for through a callback that must not block and answered whenever the answer is there. Every question carries the
generation of its vector, so an answer to a list that is no longer shown is dropped.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from typing import Generic, Literal, Protocol, TypeVar, runtime_checkable

PAGE = 100
KEPT_PAGES = 40
AHEAD = 2
_NEIGHBORS = 200


@runtime_checkable
class HasId(Protocol):
    """Whatever can be a row: a frozen dataclass with an id that is never reused."""

    @property
    def id(self) -> int:
        """The row's id."""


class Absent(Enum):
    """Why there is no data for an id."""

    UNKNOWN = "not here yet"
    REMOVED = "no longer in the database"


UNKNOWN: Literal[Absent.UNKNOWN] = Absent.UNKNOWN
REMOVED: Literal[Absent.REMOVED] = Absent.REMOVED

R = TypeVar("R", bound=HasId)


class Need(Protocol):
    """How rows are asked for; returns at once, the answer comes through `Rows.put`."""

    def __call__(self, generation: int, page: int, ids: Sequence[int]) -> None:
        """Ask for the rows `ids`, which are page `page` of vector `generation`."""


@dataclass(frozen=True)
class Change(Generic[R]):
    """What an arrival changed about one row.

    Attributes:
        row_id: which row.
        before: what was shown until now.
        after: what is to be shown now.
    """

    row_id: int
    before: R | Absent
    after: R | Absent


class Rows(Generic[R]):
    """An id vector with a page cache.

    What was known stays readable when the vector changes or the data grows old, until its newer version arrives: a
    list that is refreshed does not blink.
    """

    def __init__(self, need: Need, *, page: int = PAGE, kept_pages: int = KEPT_PAGES) -> None:
        """Start empty.

        Args:
            need: asked for pages that come into view.
            page: rows a page.
            kept_pages: pages whose data is kept at most.
        """
        self._need, self._page, self._kept = need, page, kept_pages
        self._known: dict[int, R | Literal[Absent.REMOVED]] = {}
        self._old: dict[int, R | Literal[Absent.REMOVED]] = {}
        self._fresh: OrderedDict[int, None] = OrderedDict()
        self._asked: set[int] = set()
        self._wanted: tuple[int, ...] = ()
        self._view = range(0)
        self._step = 1
        self.ids: array[int] = array("q")
        self.generation = -1

    def __len__(self) -> int:
        return len(self.ids)

    def show(self, ids: Sequence[int], generation: int, *, cursor: int = 0) -> int:
        """Take a new vector.

        Args:
            ids: unique ids in view order; an `array('q')` is taken as it is, without a copy.
            generation: larger than the one before.
            cursor: index the cursor has in the old vector.

        Returns:
            The index of the cursor's row in the new vector, or of the next one that is still there and so moves up.
        """
        old, self.ids = self.ids, ids if isinstance(ids, array) and ids.typecode == "q" else array("q", ids)
        self.generation = generation
        self._view, self._step = range(0), 1
        self.expire()
        return _where_now(old, cursor, self.ids)

    def extend(self, ids: Sequence[int], generation: int) -> None:
        """Append a further part of a vector that arrives in parts; what is known and asked of full pages stays."""
        self._fresh.pop(len(self.ids) // self._page, None)
        self.ids.extend(ids)
        self.generation = generation
        self._asked.clear()

    def __getitem__(self, index: int) -> R | Absent:
        """Return the row at `index`, or why there is none."""
        row_id = self.ids[index]
        known = self._known.get(row_id)
        return known if known is not None else self._old.get(row_id, UNKNOWN)

    def view(self, first: int, stop: int) -> None:
        """Take note of what is looked at and ask for what is missing there and ahead in the direction of travel.

        Args:
            first: index of the first visible row.
            stop: index behind the last visible row.
        """
        if first != self._view.start:
            self._step = 1 if first > self._view.start else -1
        self._view = range(first, min(stop, len(self.ids)))
        if not self._view:
            self._wanted = ()
            return
        seen = range(first // self._page, (self._view[-1] // self._page) + 1)
        edge = seen[-1] if self._step > 0 else seen[0]
        ahead = (edge + self._step * distance for distance in range(1, AHEAD + 1))
        last = (len(self.ids) - 1) // self._page
        self._wanted = (*seen, *(page for page in ahead if 0 <= page <= last))
        for page in self._wanted:
            self._ask(page)

    def wants(self, generation: int, page: int) -> bool:
        """Whether a question is still worth answering: its list is shown and its page is in view or just ahead."""
        return generation == self.generation and page in self._wanted

    def put(self, generation: int, page: int, rows: Iterable[R]) -> list[Change[R]] | None:
        """Take the answer to a question; ids it leaves out are removed rows.

        Returns:
            What changed, or None for an answer to a vector that is no longer shown.
        """
        ids = self._ids_of(page)
        if generation != self.generation or not ids:
            return None
        self._asked.discard(page)
        self._fresh[page] = None
        self._fresh.move_to_end(page)
        arrived = {row.id: row for row in rows}
        changes = [change for row_id in ids if (change := self._set(row_id, arrived.get(row_id, REMOVED)))]
        self._evict()
        return changes

    def give_up(self, generation: int, page: int) -> None:
        """Take note that a question failed; it is asked again when its page is next looked at."""
        if generation == self.generation:
            self._asked.discard(page)

    def replace(self, rows: Iterable[R]) -> list[Change[R]]:
        """Put newer versions of rows in place; rows that are not known here are ignored."""
        known = (row for row in rows if row.id in self._known or row.id in self._old)
        return [change for row in known if (change := self._set(row.id, row))]

    def remove(self, row_ids: Iterable[int]) -> list[Change[R]]:
        """Take note that rows are gone; they keep their place until the next vector."""
        known = (row_id for row_id in row_ids if row_id in self._known or row_id in self._old)
        return [change for row_id in known if (change := self._set(row_id, REMOVED))]

    def expire(self) -> None:
        """Let everything known be old: readable, and asked for again when it is looked at."""
        old = {**self._old, **self._known}
        surplus = len(old) - self._page * self._kept
        self._old = dict(islice(old.items(), max(0, surplus), None))
        self._known = {}
        self._fresh.clear()
        self._asked.clear()

    def index_of(self, row_id: int, *, near: int = 0) -> int | None:
        """Return the index of an id, or None; looks around `near` first (a full search of a million takes 30 ms)."""
        start = max(0, near - self._page)
        for low, high in ((start, near + self._page), (0, len(self.ids))):
            try:
                return self.ids.index(row_id, low, high)
            except ValueError:
                continue
        return None

    def _ids_of(self, page: int) -> Sequence[int]:
        """Return the ids of a page; none where the vector has no such page."""
        return self.ids[page * self._page : (page + 1) * self._page] if page >= 0 else ()

    def _ask(self, page: int) -> None:
        """Ask for a page unless it is here or on its way."""
        if page in self._fresh:
            self._fresh.move_to_end(page)
        elif page not in self._asked:
            self._asked.add(page)
            self._need(self.generation, page, tuple(self._ids_of(page)))

    def _set(self, row_id: int, after: R | Literal[Absent.REMOVED]) -> Change[R] | None:
        """Keep what is known about a row; equal data keeps the object, so that what was drawn from it stays good."""
        before = self._known.get(row_id)
        old = self._old.pop(row_id, None)
        before = before if before is not None else old
        if before is not None and before == after:
            self._known[row_id] = before
            return None
        self._known[row_id] = after
        return Change(row_id, UNKNOWN if before is None else before, after)

    def _evict(self) -> None:
        """Drop the pages that were not looked at for longest."""
        surplus = len(self._fresh) - self._kept
        if surplus <= 0:
            return
        victims = [page for page in self._fresh if page not in self._wanted][:surplus]
        for page in victims:
            del self._fresh[page]
            for row_id in self._ids_of(page):
                self._known.pop(row_id, None)


def _where_now(old: array[int], index: int, new: array[int]) -> int:
    """Return where the row at `index` of `old` is in `new`; else the next surviving one, or the one before, or 0."""
    if not 0 <= index < len(old):
        return 0
    try:
        return new.index(old[index])
    except ValueError:
        pass
    start = max(0, index - _NEIGHBORS)
    near = old[start : index + _NEIGHBORS]
    alive = set(near).intersection(new)
    if not alive:
        return 0
    after, before = near[index - start + 1 :], reversed(near[: index - start])
    return new.index(next(row_id for row_id in (*after, *before) if row_id in alive))
