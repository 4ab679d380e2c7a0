"""What may be typed next: the rest of a filter word, a command, its argument."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from core.reading import completion
from core.reading.completion import last_word
from core.work import Look

MOST_OFFERED = 50
MORE = "…"


def completer(list_name: str) -> Callable[[Look, str], Sequence[str]]:
    """Return what makes the last word of a filter whole, as core knows it for a list."""
    return lambda look, text: [
        _before(text) + each.word for each in completion.complete(look, list_name, text)
    ]


def _before(text: str) -> str:
    """Return what stands before the word that is being typed."""
    return text[: len(text) - len(last_word(text))]


def ended_by(text: str, words: Iterable[str]) -> Sequence[str]:
    """Return `text` with its last word made whole in every way that `words` allow.

    A minus in front of it stays. A text that is whole already is not among them.
    """
    head, word = _before(text), last_word(text)
    sign = "-" if word.startswith("-") else ""
    begun = word.removeprefix("-").lower()
    whole = (each for each in words if each.lower().startswith(begun) and each.lower() != begun)
    return [f"{head}{sign}{each}" for each in dict.fromkeys(whole)][:MOST_OFFERED]


def words_of(texts: Sequence[str], room: int) -> str:
    """Return what is offered without what all of it begins with, as many as fit into `room` cells."""
    first = texts[0] if texts else ""
    begin = len(_before(first))
    while begin and not all(text.startswith(first[:begin]) for text in texts):
        begin = len(_before(first[: begin - 1]))
    kept: list[str] = []
    for text in texts:
        word = text[begin:]
        if sum(map(len, kept)) + 2 * len(kept) + len(word) + 3 > room:
            return "  ".join([*kept, MORE])
        kept.append(word)
    return "  ".join(kept)
