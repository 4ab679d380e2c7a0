"""How every command ends: which exit code, what is said, and where a mistake of ours is written down."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from core.errors import Problem
    from core.tally import Tally

DONE, REFUSED, USAGE, PARTLY, TRY_AGAIN = 0, 1, 2, 3, 75
INTERRUPTED = 130
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Stopped(click.ClickException):
    """The command cannot go on, for a reason that is no matter of core."""

    def __init__(self, code: str, message: str, *, exit_code: int = REFUSED) -> None:
        """Say why.

        Args:
            code: a word for scripts.
            message: a sentence for people.
            exit_code: what the process ends with.
        """
        super().__init__(message)
        self.code = code
        self.ends_with = exit_code


def ended(run: Callable[[], Any], *, as_json: bool) -> int:
    """Run a command and return its exit code, whatever happens in it.

    Args:
        run: the command; answers with its exit code or with None for done.
        as_json: whether a refusal is an object on stdout instead of a sentence on stderr.
    """
    try:
        code = run()
    except click.exceptions.Abort:
        return INTERRUPTED
    except Stopped as stopped:
        _tell(stopped.code, stopped.message, as_json=as_json)
        return stopped.ends_with
    except click.ClickException as error:
        if as_json:
            _tell("usage", error.format_message(), as_json=True)
        else:
            error.show()
        return USAGE
    except Exception as error:  # noqa: BLE001 - the one place where no exception may get past
        return _after(error, as_json=as_json)
    return code if isinstance(code, int) else DONE


def _after(error: Exception, *, as_json: bool) -> int:
    from core.errors import Problem

    if isinstance(error, Problem):
        _tell(error.code, error.message, as_json=as_json)
        return exit_code_of(error)
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return _without_room(error)
    _tell("crashed", _write_down(error), as_json=as_json)
    return REFUSED


def _without_room(error: OSError) -> int:
    """Say that results could not be written; what of them is left is let go, or Python would fail on it once more."""
    from tui.cli.output import say

    say(f"Something could not be written: {error.strerror}. Make room; `academy log` says what was changed.")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return REFUSED


def exit_code_of(problem: Problem) -> int:
    """Return what the process ends with: what cannot be meant is a matter of usage, what is busy may be tried again."""
    from core.errors import Busy, Invalid, PostError, Setback

    if isinstance(problem, Invalid):
        return USAGE
    if isinstance(problem, PostError):
        return REFUSED if problem.setback in {Setback.REFUSED, Setback.PAUSE} else TRY_AGAIN
    return TRY_AGAIN if isinstance(problem, Busy) else REFUSED


def exit_code_after(tally: Tally) -> int:
    """Return what the process ends with after a run over many: everything, something or nothing was done."""
    if not tally.verdicts:
        return DONE
    return PARTLY if tally.done else REFUSED


def _tell(code: str, message: str, *, as_json: bool) -> None:
    from tui.cli.output import say, write_json

    if as_json:
        write_json({"error": code, "message": message})
    else:
        say(message)


def _write_down(error: Exception) -> str:
    """Write the traceback to a file that only its owner can read; return the sentence to show."""
    import secrets
    import tempfile
    import traceback
    from pathlib import Path

    from core.errors import Misconfigured
    from core.settings import Settings

    try:
        home = Settings.load().home
    except Misconfigured:
        home = Path(tempfile.gettempdir())
    folder = home if home.is_dir() else Path(tempfile.gettempdir())
    _hide_values(error)
    path = folder / f"crash-{secrets.token_hex(4)}.log"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            traceback.print_exception(error, file=file)
    except OSError:
        return f"The command stopped because of a mistake in it ({type(error).__name__})."
    return f"The command stopped because of a mistake in it. Details are in {path}."


def _hide_values(error: BaseException | None) -> None:
    """Keep what was to be written to the database out of the traceback: SQLAlchemy would print it."""
    while error is not None:
        if hasattr(error, "hide_parameters"):
            error.hide_parameters = True
        error = error.__cause__ or error.__context__
