"""The rows of an import before anything is written: what was read, what core says of it, what was mended.

Plain data, no widget and no database: the screen shows it, jobs fill it.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from core.importing import Row, read_pasted, suggest
from core.services.inviting import Line
from core.tally import Tally, Verdict
from core.values import strip_edges
from tui.screens import import_words as words

_STYLES = {words.READY: "", words.RENEWS: "good", words.TYPO: "warn", words.UNJUDGED: "dim"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: where it stood, what it says now, and what the reading found wrong with it."""

    line: int
    text: str
    problem: str = ""
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class StagedRow:
    """One row as it is shown."""

    id: int
    line: int
    text: str
    word: str
    style: str
    why: str


@dataclass(frozen=True)
class Judgement:
    """What core says of all rows: the plan, every refused row by id, and the rows whose invitation is renewed."""

    tally: Tally
    verdicts: Mapping[int, Verdict] = field(default_factory=dict)
    renewing: frozenset[int] = frozenset()


def entry_of(row: Row) -> Entry:
    """Return the entry of a row that was read, with what it may have been meant to be."""
    return Entry(row.line, row.text, row.problem, _suggestion(row.text, row.problem))


def _suggestion(text: str, problem: str = "") -> str:
    """Return the one address that `text` was probably meant to be, or nothing."""
    if not problem:
        return suggest(text) or ""
    found = [row.text for row in read_pasted(text) if not row.problem and "@" in row.text]
    return found[0] if len(found) == 1 and found[0] != text else ""


class Staging:
    """All rows by id, in their order."""

    def __init__(self) -> None:
        """Start empty."""
        self.entries: dict[int, Entry] = {}
        self.judgement: Judgement | None = None
        self._fresh: set[int] = set()
        self._next = 1
        self._counts: Counter[str] | None = None

    def __len__(self) -> int:
        return len(self.entries)

    def add(self, entries: Iterable[Entry], *, after: int = 0) -> int:
        """Append rows; return how many.

        Args:
            entries: the rows.
            after: what is added to their line numbers, so that a second paste goes on where the first ended.
        """
        self._counts = None
        before = len(self.entries)
        for row_id, entry in enumerate(entries, self._next):
            self.entries[row_id] = replace(entry, line=entry.line + after) if after else entry
            self._fresh.add(row_id)
        self._next = max(self._next, next(reversed(self.entries), 0) + 1)
        return len(self.entries) - before

    def mend(self, row_id: int, text: str) -> None:
        """Let a row say something else; it is judged anew."""
        self._counts = None
        clean = strip_edges(text)
        self.entries[row_id] = Entry(self.entries[row_id].line, clean, "", _suggestion(clean))
        self._fresh.add(row_id)

    def drop(self, row_ids: Iterable[int]) -> int:
        """Leave rows out; return how many there were."""
        self._counts = None
        dropped = [self.entries.pop(row_id, None) for row_id in list(row_ids)]
        return sum(entry is not None for entry in dropped)

    def take_suggestions(self, row_ids: Iterable[int]) -> int:
        """Take what rows were probably meant to be; return how many were mended."""
        wanted = [row_id for row_id in row_ids if row_id in self.entries and self.entries[row_id].suggestion]
        for row_id in wanted:
            self.mend(row_id, self.entries[row_id].suggestion)
        return len(wanted)

    def lines(self) -> list[Line]:
        """Return the rows for core; a row's id stands for its number, since files and pastes number anew."""
        return [Line(row_id, entry.text, entry.problem) for row_id, entry in self.entries.items()]

    def take(self, judgement: Judgement) -> None:
        """Take what core says of the rows as they are."""
        self._counts = None
        self.judgement = judgement
        self._fresh.clear()

    def forget_judgement(self) -> None:
        """What core said is no longer of use: another role, department, group or choice of renewing."""
        self._counts = None
        self._fresh.update(self.entries)

    def row(self, row_id: int) -> StagedRow:
        """Return a row as it is shown."""
        entry = self.entries[row_id]
        word = self._word(row_id, entry)
        return StagedRow(
            row_id, entry.line, entry.text, word, _STYLES.get(word, "bad"), self._why(row_id, entry, word)
        )

    def ids(self, column: str, *, descending: bool = False, only_open_questions: bool = False) -> array[int]:
        """Return ids in the order of a column; rows that are alike keep their order."""
        found: Iterable[int] = self.entries
        if only_open_questions:
            found = [row_id for row_id in found if self._has_question(row_id)]
        order: Callable[[int], object] | None = {
            "text": lambda row_id: self.entries[row_id].text.casefold(),
            "word": lambda row_id: self._word(row_id, self.entries[row_id]),
        }.get(column)
        if order is not None:
            found = sorted(found, key=order)  # type: ignore[arg-type]
        ordered = array("q", found)
        if descending:
            ordered.reverse()
        return ordered

    def counts(self) -> Counter[str]:
        """Return how many rows there are of each word; counted once after each change."""
        if self._counts is None:
            self._counts = Counter(self._word(row_id, entry) for row_id, entry in self.entries.items())
        return self._counts

    @property
    def suspects(self) -> list[int]:
        """Rows for which there is a suggestion."""
        return [row_id for row_id, entry in self.entries.items() if entry.suggestion]

    def _has_question(self, row_id: int) -> bool:
        return self._word(row_id, self.entries[row_id]) not in {words.READY, words.RENEWS}

    def _word(self, row_id: int, entry: Entry) -> str:
        judged = self.judgement
        if judged is None or row_id in self._fresh:
            return words.UNJUDGED
        verdict = judged.verdicts.get(row_id)
        if verdict is not None:
            return words.word_of(verdict.code)
        if entry.suggestion:
            return words.TYPO
        return words.RENEWS if row_id in judged.renewing else words.READY

    def _why(self, row_id: int, entry: Entry, word: str) -> str:
        if word == words.UNJUDGED:
            return ""
        offer = f"Probably {entry.suggestion}: t takes it." if entry.suggestion else ""
        verdict = self.judgement.verdicts.get(row_id) if self.judgement else None
        if verdict is not None:
            return f"{verdict.message} {offer}".rstrip()
        return offer or ("Its open invitation is replaced." if word == words.RENEWS else "")
