"""Asking whoever sits at the terminal; where nobody does, saying what to type instead."""

from __future__ import annotations

import sys

import click


def is_terminal() -> bool:
    """Tell whether somebody is there to be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def has_screen() -> bool:
    """Tell whether something can be shown on a whole screen and keys come back."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def ask(question: str, option: str) -> str:
    """Return the answer to a question.

    Raises:
        click.UsageError: nobody can be asked; names the option that answers it.
    """
    _need_somebody(question, option)
    return str(click.prompt(question, err=True))


def ask_password(question: str, option: str) -> str:
    """Return a password, typed twice and never shown.

    Raises:
        click.UsageError: as `ask`.
    """
    _need_somebody(question, option)
    return str(click.prompt(question, hide_input=True, confirmation_prompt="The same again", err=True))


def read_password() -> str:
    """Return the first line of standard input."""
    return sys.stdin.readline().rstrip("\r\n")


def confirm(question: str, *, yes: bool) -> None:
    """Go on only after a yes; without a terminal nobody is asked.

    Raises:
        click.Abort: the answer was no.
    """
    if not yes and is_terminal():
        click.confirm(question, abort=True, err=True)


def _need_somebody(question: str, option: str) -> None:
    if not is_terminal():
        raise click.UsageError(
            f"{question} is missing. Name it with {option}, or run this in a terminal to be asked."
        )
