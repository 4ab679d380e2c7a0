"""What commands print: results on stdout, talk on stderr, nothing that could act on a terminal."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import Any, TextIO

from core.cells import safe_cell
from tui.text import fit, shown, width

_MEASURED = 500
_WIDEST = 48
_GAP = "  "


def write(text: str) -> None:
    """Write one line to stdout, made harmless."""
    _write_line(sys.stdout, text)


def say(text: str) -> None:
    """Write one line to stderr, made harmless."""
    _write_line(sys.stderr, text)


def write_exactly(content: bytes) -> None:
    """Write bytes to stdout as they are: a file to keep, made of parts that are harmless already."""
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def _write_line(stream: TextIO, text: str) -> None:
    stream.write(_safe(stream, text).rstrip() + "\n")
    stream.flush()


def is_plain(stream: TextIO) -> bool:
    """Tell whether a stream takes ASCII only."""
    return not (stream.encoding or "").lower().startswith("utf")


def _safe(stream: TextIO, text: str) -> str:
    return shown(text, plain=is_plain(stream))


def write_json(value: Any) -> None:
    """Write one JSON value to stdout; every control character in it is escaped."""
    sys.stdout.write(_dump(value) + "\n")
    sys.stdout.flush()


def write_json_rows(rows: Iterable[dict[str, Any]]) -> None:
    """Write a JSON array to stdout row by row, so that a million of them need no memory."""
    _write_array(rows)
    sys.stdout.write("\n")
    sys.stdout.flush()


def _write_array(rows: Iterable[dict[str, Any]]) -> None:
    """Write rows one by one; a question that is refused is refused before anything stands there."""
    rows = iter(rows)
    first = list(islice(rows, 1))
    sys.stdout.write("[")
    for number, row in enumerate(chain(first, rows)):
        sys.stdout.write((",\n " if number else "") + _dump(row))
    sys.stdout.write("]")


def write_json_with_rows(facts: dict[str, Any], rows: Iterable[dict[str, Any]]) -> None:
    """Write a JSON object to stdout: `facts`, and under the key `rows` an array written row by row."""
    sys.stdout.write(_dump(facts).removesuffix("}") + (', "rows": ' if facts else '"rows": '))
    _write_array(rows)
    sys.stdout.write("}\n")
    sys.stdout.flush()


def _dump(value: Any) -> str:
    return json.dumps(value).replace("\x7f", "\\u007f")


def write_table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    """Write rows under headers to stdout and return how many there were; the first ones decide the widths."""
    plain = iter([_safe(sys.stdout, cell) if cell else "" for cell in row] for row in rows)
    first = list(islice(plain, _MEASURED))
    if not first:
        return 0
    columns = zip(headers, *first, strict=True)
    widths = [min(_WIDEST, max(map(width, column))) for column in columns]
    count = 0
    sys.stdout.write(_GAP.join(map(fit, headers, widths)).rstrip() + "\n")
    for row in chain(first, plain):
        sys.stdout.write(_GAP.join(_cells(row, widths)).rstrip() + "\n")
        count += 1
    sys.stdout.flush()
    return count


def _cells(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    """Yield the cells side by side; a wide one pushes the others along, since what is cut cannot be copied."""
    for cell, room in zip(row, widths, strict=True):
        yield cell if width(cell) > room else fit(cell, room)


def write_csv(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write rows as CSV to stdout; no cell begins like a formula, and none acts on a terminal."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(headers)
    for row in rows:
        writer.writerow([csv_cell(cell, for_terminal=sys.stdout.isatty()) for cell in row])
    sys.stdout.flush()


def csv_cell(text: str, *, for_terminal: bool = False) -> str:
    """Return a cell that a spreadsheet takes for text: `=`, `+`, `-`, `@` or a tab at the start gets a quote before it."""
    safe = safe_cell(text)
    return _safe(sys.stdout, safe) if for_terminal and safe else safe


def moment(at: datetime | None) -> str:
    """Return a time for people, in UTC."""
    return at.strftime("%Y-%m-%d %H:%M") if at else ""


def iso(at: datetime | None) -> str | None:
    """Return a time for scripts: ISO 8601, UTC."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else None


def number_of(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun: `1 mail`, `2 mails`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
