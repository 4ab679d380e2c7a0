"""What several commands take: `--json`, `--yes`, filter words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import click

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

as_json: Decorator = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
yes: Decorator = click.option("--yes", is_flag=True, help="Do not ask.")

# Filter words such as -role:trainer look like options; what does begin with two dashes is a mistyped one.
FILTERED = {"ignore_unknown_options": True}
filter_words: Decorator = click.argument("words", metavar="[FILTER]...", nargs=-1)

_NAMED = re.compile(r'(-?(?:dept|group|seat|by|subject):)([^"]*\s[^"]*)', re.IGNORECASE)


def filter_text(words: Sequence[str]) -> str:
    """Return the filter that the words of a command line stand for.

    A shell takes the quotes out of `group:"Q3 onboarding"`; they are put back where a name is meant.

    Raises:
        click.UsageError: a word that begins with two dashes.
    """
    for word in words:
        if word.startswith("--"):
            raise click.NoSuchOption(word)
    return " ".join(_NAMED.sub(r'\1"\2"', word) if _NAMED.fullmatch(word) else word for word in words)
