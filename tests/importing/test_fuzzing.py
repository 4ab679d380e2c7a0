"""Whatever the bytes are: no error but our own, an end, and every line told (issue: acceptance 1)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import UnreadableFile
from core.importing import Row, problem_of, read, read_pasted
from core.values import strip_edges
from tests.importing.make_files import files
from tests.importing.outcomes import FAR
from tests.importing.test_rejects import rejects_of
from tests.properties.effort import effort

GOOD = sorted(content for name, content in files().items() if name.endswith(".csv") and len(content) < 2_000)
TRICKY = (
    b"\r",
    b"\n",
    b'"',
    b";",
    b",",
    b"\t",
    b"#",
    b" ",
    b"\0",
    b"@",
    b"\xc3",
    b"\xfc",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
)
LINE_ENDS = re.compile(r"\r\n|\r|\n")
PARTS = [
    "ada@example.com",
    "Ada",
    "@",
    " ",
    "\t",
    ",",
    ";",
    "#",
    "<",
    ">",
    "é",
    "\u00a0",
    "\u200b",
    "\0",
    "x" * 30,
]
NEAR = f"# {'-' * 1_000}\nada@example.com\n"
ENDS = ["\n", "\r\n", "\r", "\n\n"]
LINES = st.lists(
    st.tuples(st.lists(st.sampled_from(PARTS), max_size=6).map("".join), st.sampled_from(ENDS)), max_size=12
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Return a good file with a few cuts, repeats and strange bytes in it."""
    content = bytearray(draw(st.sampled_from(GOOD)))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 20)))
        piece = draw(st.sampled_from(TRICKY) | st.binary(max_size=4) | st.just(bytes(content[start:end]) * 2))
        content[start:end] = piece
    return bytes(content)


def rows_of(pieces: Sequence[bytes], *, pasted: bool = False) -> list[Row] | str:
    """Return the rows, or the sentence of the refusal; let nothing else pass."""
    try:
        reading = read(pieces, pasted=pasted)
        rows = list(reading)
    except UnreadableFile as refusal:
        return refusal.message
    reading.detected.to_json()
    return rows


def rows_told(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Return text and problem of each row but the first."""
    return [(row.text, row.problem) for row in read(["".join(texts).encode()])][1:]


def check(rows: list[Row]) -> None:
    """Let rows pass that are in order, on one line each, and whose problem has a sentence."""
    numbers = [row.line for row in rows]
    assert numbers == sorted(set(numbers))
    for row in rows:
        assert row.text
        assert "\n" not in row.text
        assert "\r" not in row.text
        assert len(row.text) <= 10_000
        if row.problem:
            assert problem_of(row.problem, row.text).message.endswith((".", "…"))


@effort(300, 600)
@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_read_or_refused(content: bytes, pasted: bool) -> None:  # noqa: FBT001 - drawn
    """Random bytes give rows or a refusal, and never an error of Python."""
    rows = rows_of([content], pasted=pasted)
    if isinstance(rows, list):
        check(rows)


@effort(400, 800)
@given(mutated(), st.integers(1, 50))
def test_mutations_of_good_files_are_read_alike_in_any_pieces(content: bytes, size: int) -> None:
    """A damaged file gives rows or a refusal, and the same ones however it is cut behind its beginning."""
    alone = rows_of([content])
    if isinstance(alone, list):
        check(alone)
    rows = rows_of([FAR, content])
    assert isinstance(rows, list)
    check(rows)
    assert rows_of([FAR, *(content[at : at + size] for at in range(0, len(content), size))]) == rows


@effort(300, 600)
@given(st.text(max_size=200))
def test_any_pasted_text_is_read(text: str) -> None:
    """Pasted text is never refused as a whole, whatever a terminal sends."""
    check(list(read_pasted(text)))


@effort(400, 800)
@given(LINES)
def test_every_line_with_content_is_told_once(lines: list[tuple[str, str]]) -> None:
    """Without quotation marks, each physical line with content gives one row with its number, the others none."""
    text = FAR.decode() + "".join(line + end for line, end in lines)
    expected = [
        number
        for number, line in enumerate(LINE_ENDS.split(text), 1)
        if any(map(strip_edges, re.split("[,;\t]", line))) and not strip_edges(line).startswith("#")
    ]
    assert [row.line for row in read([text.encode()])] == expected


@effort(400, 800)
@given(mutated())
@example(b'"a@b.c\n\nx@y.z"\n')
@example(b'"\n a@b.c \n"\n')
@example(b'a@b.c;"\n#@\n@"\n"')
def test_no_line_with_an_at_sign_gets_lost(content: bytes) -> None:
    """However quotation marks are strewn, a line with an @ outside of a comment gives a row."""
    rows = rows_of([b"ada@example.com\n" + content])
    if b"\0" in content or b"\xff" in content or not isinstance(rows, list):
        return  # may be UTF-16, whose lines this test does not count
    lines = LINE_ENDS.split(content.decode("latin-1"))
    wanted = {number for number, line in enumerate(lines, 2) if "@" in line and "#" not in line}
    assert wanted <= {row.line for row in rows}


@effort(300, 600)
@given(LINES)
def test_quick_and_slow_lines_agree(lines: list[tuple[str, str]]) -> None:
    """Each line is judged the same by itself as among others (headings and encodings apart)."""
    together = rows_told([FAR.decode(), *map("".join, lines)])
    alone = [row for line, end in lines for row in rows_told([NEAR, line, end])]
    assert together == alone


@effort(200, 800)
@given(LINES)
def test_rejects_read_as_the_rows_they_were_made_of(lines: list[tuple[str, str]]) -> None:
    """Rows that are written as rejects and read again are the same texts with the same problems (D3)."""
    text = FAR.decode() + "".join(line + end for line, end in lines)
    rows = [row for row in read([text.encode()]) if "\0" not in row.text]
    assert [row[1:] for row in read([rejects_of(rows)])] == [row[1:] for row in rows]
