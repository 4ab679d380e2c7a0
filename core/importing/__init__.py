"""Bytes to addresses: what stands in a file, a pipe or pasted text, line by line (R14, R15, R20, R21, D3).

Pure reading: no database, no front end. Nothing is judged here but the form of a line; whether an address is one and
may be invited is decided by `core.values` and `core.rules`.

    with open_source(path) as source:
        reading = read(source, name=path)
        for row in reading:
            ...  # row.line, row.text, and row.problem: a code, or empty where row.text is to be judged
    reading.detected  # encoding, separator, header, line ends, byte-order mark

Every line with content gives exactly one row. Blank lines, lines that begin with `#` and lines of nothing but
separators have none. A line stands for itself: a quotation mark that is never closed spoils one line, and a quoted
text over several lines spoils those, but never the rest of the file.

| module | |
|---|---|
| `sources` | opening, and watching that a file stays as it is while it is read |
| `detecting` | encoding by mark or pattern, what is no text at all, headings |
| `blocks` | pieces of bytes to whole lines; UTF-16 to UTF-8, line ends, lines without end |
| `decoding` | each line's letters |
| `fields` | one line's columns, or the addresses of a line of pasted text |
| `lines` | each line judged; blocks of nothing but plain lines go a way several times quicker |
| `reading` | all of it as one stream |
| `problems` | a row's problem as an error with its sentence |
| `rejects` | rows that were refused as a file that imports once mended |
| `typos` | mistyped domains of well-known mail providers |
"""

from core.importing.detecting import Detected
from core.importing.lines import Row
from core.importing.problems import LINE_PROBLEMS, problem_of
from core.importing.reading import Reading, read, read_pasted
from core.importing.rejects import Reject, write_rejects
from core.importing.sources import name_of, open_source
from core.importing.typos import suggest

__all__ = [
    "LINE_PROBLEMS",
    "Detected",
    "Reading",
    "Reject",
    "Row",
    "name_of",
    "open_source",
    "problem_of",
    "read",
    "read_pasted",
    "suggest",
    "write_rejects",
]
