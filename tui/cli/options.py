"""What several commands take: `--json`, `--yes`, filter words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import click

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

as_json: Decorator = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
yes: Decorator = click.option("--yes", is_flag=True, help="Do not ask.")

in_language: Decorator = click.option(
    "--language",
    default="",
    metavar="CODE",
    help="Of the mail and the page, such as de; else the company's, and on the page the reader's own.",
)

# Filter words such as -role:trainer look like options; what does begin with two dashes is a mistyped one.
FILTERED = {"ignore_unknown_options": True}
filter_words: Decorator = click.argument("words", metavar="[FILTER]...", nargs=-1)

_NAMED = re.compile(r'(-?(?:dept|group|seat|waits|course|by|subject):)([^"]*\s[^"]*)', re.IGNORECASE)
_SEVERAL = re.compile(
    r"\s-?[a-z]+[:<>][^\s:<>]", re.IGNORECASE
)  # 'dept:sales role:learner' in one word of the shell


def _has_lost_quotes(word: str) -> bool:
    return bool(_NAMED.fullmatch(word)) and not _SEVERAL.search(word)


def filter_text(words: Sequence[str]) -> str:
    """Return the filter that the words of a command line stand for.

    A shell takes the quotes out of `group:"Q3 onboarding"`; they are put back where a name is meant, not where one
    word holds a whole filter.

    Raises:
        click.UsageError: a word that begins with two dashes.
    """
    for word in words:
        if word.startswith("--"):
            raise click.NoSuchOption(word)
    return " ".join(_NAMED.sub(r'\1"\2"', word) if _has_lost_quotes(word) else word for word in words)


def assigned(settings: Sequence[str], *, hint: str | None = None) -> dict[str, str]:
    """Return field -> value of words such as `phone=+4930123`.

    Args:
        settings: as typed.
        hint: the option they were given with.

    Raises:
        click.BadParameter: one has no equals sign or no field; or a field is set twice.
    """
    values: dict[str, str] = {}
    for setting in settings:
        field, sign, value = setting.partition("=")
        name = field.strip().lower().replace("-", "_")
        if not sign or not name:
            raise click.BadParameter(f"{setting} is not written as field=value.", param_hint=hint)
        if name in values:
            raise click.BadParameter(f"{name} is set twice. Name each field once.", param_hint=hint)
        values[name] = value
    return values
