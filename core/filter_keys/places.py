"""What the filter words mean for departments and learning groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.filter_keys.words import Condition, combine, one_of
from core.filters import Filter
from core.values import name_key


def place_conditions(chosen: Filter, name: Any, meanings: Mapping[str, Condition]) -> Condition:
    """Return the SQL condition on departments or learning groups.

    Args:
        chosen: bare words match the name anywhere, `is:` takes one of `meanings`.
        name: the column of the name's key.
        meanings: value of `is:` -> what it means.

    Raises:
        InvalidFilter: a value that does not exist.
    """
    return combine(
        chosen,
        lambda term: (
            meanings[one_of(term, meanings)]
            if term.key == "is"
            else name.contains(name_key(term.value), autoescape=True)
        ),
    )
