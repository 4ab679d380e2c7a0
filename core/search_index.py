"""Searching anywhere in names and addresses: which words the index answers, and how (R32).

Rare strings are found by the index of three letters; common ones by walking through the list in its order, which meets
fifty of them at once, while sorting all hits takes its time. Both find the same people: what the index proposes is
looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    column,
    func,
    inspect,
    literal_column,
    select,
    table,
    text,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.dialects import analyze, is_sqlite
from core.models import User
from core.models.search import (
    DROP_TRIGGERS,
    FILL,
    LETTERS,
    LETTERS_OF,
    MAKE_TRIGGERS,
    SEARCH,
    SEARCH_TERMS,
    TRIGRAMS,
)

MOST_HITS = 40_000  # up to here reading and sorting the hits beats a walk through everybody
_GRAM = 3
_LAST_LETTER = "\U0010ffff"
_MOST_TERMS = 64
_THREE_LETTERS = re.compile(r"[a-z0-9]{3}")
_PLAIN = re.compile(r"[ -~]+")
_SEARCH = table(SEARCH, column("rowid"))
_TERMS = table(SEARCH_TERMS, column("term"), column("doc"))


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the index proposes for some words.

    Attributes:
        condition: holds for everybody who has all of the words, and for some more.
        most: for how many at most; None where counting would cost as much as looking.
        ids: their ids, straight from the index; None where that cannot tell them without looking at the people.
    """

    condition: ColumnElement[bool]
    most: int | None = None
    ids: Select[int] | None = None


def holds(db: Session, where: InstrumentedAttribute[str], word: str) -> ColumnElement[bool]:
    """Return the condition that `word` occurs in a text, letter by letter; no letter has another meaning."""
    find = func.instr if is_sqlite(db) else func.strpos
    return find(where, word) > 0


def propose(db: Session, words: Sequence[str]) -> Proposal | None:
    """Return what the index knows about people who have all of `words`, folded; None where it does not help."""
    words = [word for word in words if word]
    if not words:
        return None
    return _by_grams(db, words) if is_sqlite(db) else _by_patterns(db, words)


# --- every three letters in a row ----------------------------------------------------------------------------------


def _by_grams(db: Session, words: Sequence[str]) -> Proposal | None:
    """Ask the full-text table; counting its hits up to the most that help takes a millisecond."""
    if not _exists(db, SEARCH):
        return None
    long = [word for word in words if len(word) >= _GRAM]
    grams = {word[start : start + _GRAM] for word in long for start in range(len(word) - _GRAM + 1)}
    found = " AND ".join(map(_quoted, sorted(grams))) or _beginning_with(db, max(words, key=len))
    if not found:
        return None
    hits = select(_SEARCH.c.rowid).where(literal_column(SEARCH).op("MATCH")(bindparam(None, found)))
    number = db.scalar(select(func.count()).select_from(hits.limit(MOST_HITS + 1).subquery())) or 0
    return None if number > MOST_HITS else Proposal(User.id.in_(hits), number, hits)


def _beginning_with(db: Session, word: str) -> str:
    """Return the three letters that begin with one or two; nothing where they are too many or too common."""
    beyond = word + _LAST_LETTER * (_GRAM - len(word))
    terms = select(_TERMS.c.term, _TERMS.c.doc).where(_TERMS.c.term.between(word, beyond))
    grams, number = [], 0
    with db.execute(terms.limit(_MOST_TERMS + 1).execution_options(yield_per=1)) as found:
        for term, documents in found:  # one by one: a common one takes as long as its hits are many
            grams.append(_quoted(term))
            number += documents
            if number > MOST_HITS or len(grams) > _MOST_TERMS:
                return ""
    return " OR ".join(grams) or _quoted(beyond)


def _quoted(gram: str) -> str:
    doubled = gram.replace('"', '""')
    return f'"{doubled}"'


# --- patterns ------------------------------------------------------------------------------------------------------


def _by_patterns(db: Session, words: Sequence[str]) -> Proposal | None:
    """Let LIKE use the trigrams, and letters beside ASCII an index of their own; the database judges their number."""
    parts: list[ColumnElement[bool]] = []
    if _exists(db, TRIGRAMS):
        parts += [User.search_key.contains(word, autoescape=True) for word in _with_grams(words)]
    letters = sorted(set(_PLAIN.sub("", "".join(words))))
    if letters and _exists(db, LETTERS):
        has = bindparam(None, letters, ARRAY(Text))
        parts.append(literal_column(LETTERS_OF).bool_op("@>")(has))
    return Proposal(and_(true(), *parts)) if parts else None


def _with_grams(words: Iterable[str]) -> list[str]:
    return [word for word in words if _THREE_LETTERS.search(word)]


def _exists(db: Session, index: str) -> bool:
    """Tell whether this database has the index; asked once for each connection."""
    known = db.connection().info
    if index not in known:
        by_name = text("SELECT to_regclass(:name)")
        if is_sqlite(db):
            by_name = text("SELECT 1 FROM pragma_table_info(:name)")
        known[index] = bool(db.execute(by_name, {"name": index}).scalar())
    return bool(known[index])


# --- writing very many people ---------------------------------------------------------------------------------------


@contextmanager
def built_afterwards(db: Session) -> Iterator[None]:
    """Write very many people without their indexes, which are built at the end in a fraction of the time."""
    connection = db.connection()
    people = cast("Table", User.__table__)
    there = {index["name"] for index in inspect(connection).get_indexes(people.name)}
    indexes = [index for index in people.indexes if index.name in there]
    by_grams = is_sqlite(db) and _exists(db, SEARCH)
    for index in indexes:
        index.drop(connection)
    for statement in DROP_TRIGGERS if by_grams else ():
        connection.exec_driver_sql(statement)
    yield
    for index in sorted(indexes, key=lambda each: str(each.name)):
        index.create(connection)
    for statement in (*FILL, *MAKE_TRIGGERS) if by_grams else ():
        connection.exec_driver_sql(statement)
    analyze(db, people)
