"""What is kept of a mistake in the program: where it happened, never with which values."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4


def write_crash(home: Path, error: BaseException) -> str:
    """Write where `error` came from to a file only its owner can read; return the sentence to show.

    Messages of errors are left out: those of a database driver hold people's data.
    """
    path = home / f"crash-{uuid4().hex[:8]}.log"
    sentence = "The console had to stop because of a mistake in it. Nothing was half done."
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(f"{line}\n" for line in _places(error))
    except OSError:
        return f"{sentence} It was a {type(error).__name__}."
    return (
        f"{sentence} Where it happened is written in {path}: hand that file to whoever looks after the host."
    )


def _places(error: BaseException | None) -> Iterator[str]:
    """Yield each error of the chain with the lines it went through, innermost error first."""
    while error is not None:
        kind = type(error)
        yield f"{kind.__module__}.{kind.__qualname__}"
        for frame in traceback.extract_tb(error.__traceback__):
            yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
