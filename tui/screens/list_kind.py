"""What makes one list different from the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from core.filters import Filter, Term
from core.reading.lists import Sort
from core.work import Look
from tui.widgets.columns import Column

R = TypeVar("R")


@dataclass(frozen=True)
class ListKind(Generic[R]):
    """One list: its name, columns, and the questions it asks core.

    Attributes:
        name: as in `tui.keys`.
        title: what it is called on the screen.
        columns: in their order.
        parse: turns what was typed into a filter.
        ids: yields the ids of a filter in an order, in chunks.
        rows: returns rows by id.
        sort: the order to begin with.
        empty: what to say where there is nothing.
        filter_words: offered while a filter is typed, where `complete` is not set.
        count: counts what a filter finds, up to a number, beyond which it stops; None where counting is no use.
        everything: finds every row, also those that the list leaves out unless they are asked for.
        words: the filter words that say what a row shows in a column; none where no word says that.
        facets: counts what a filter finds by the values of a column; None where that is no use.
        complete: returns what is typed of a filter with its last word made whole, in each way there is; None for
            `filter_words` alone.
    """

    name: str
    title: str
    columns: Sequence[Column[R]]
    parse: Callable[[str], Filter]
    ids: Callable[[Look, Filter, Sort], Iterator[Sequence[int]]]
    rows: Callable[[Look, Sequence[int]], list[R]]
    sort: Sort
    empty: str
    filter_words: tuple[str, ...] = ()
    count: Callable[[Look, Filter, int], int] | None = None
    everything: Filter = field(default_factory=Filter)
    words: Callable[[R, str], tuple[Term, ...]] | None = None
    facets: Callable[[Look, Filter, str], Sequence[Any]] | None = None
    complete: Callable[[Look, str], Sequence[str]] | None = None
