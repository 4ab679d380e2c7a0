"""A reading as a whole: pieces, what is detected when, pasted text, headings."""

from __future__ import annotations

import json

import pytest

from core.importing import problem_of, read, read_pasted
from core.importing.headings import is_heading
from tests.importing.make_files import files
from tests.importing.outcomes import FAR

HEADINGS = [
    "Email", "E-MAIL", "e_mail:", "Email Address", "E-Mail-Adresse", "Mailadresse", "Empfänger", "E-mailadres",
    "E-postadress", "Sähköposti", "Courriel", "Adresse e-mail", "adresse électronique", "Correo electrónico",
    "Dirección de correo electrónico", "Endereço de e-mail", "Indirizzo e-mail", "Posta elettronica", "Adres e-mail",
    "E-mailová adresa", "E-posta adresi", "E-POSTA ADRESİ", "Электронная почта", "Эл. почта", "メール", "邮箱",
    "電子郵件", "이메일 주소", "דוא״ל", "البريد الإلكتروني", "\uff25mail",
]  # fmt: skip


def texts_of(text: str) -> list[str]:
    """Return the addresses of pasted text."""
    return [row.text for row in read_pasted(text)]


# --- as a stream ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_the_size_of_the_pieces_does_not_matter(size: int) -> None:
    """Every nasty file gives the same rows and facts in small pieces as in one, wherever they are cut."""
    for name, content in files().items():
        if len(content) > 5_000:
            continue
        cut = read([FAR, *(content[at : at + size] for at in range(0, len(content), size))])
        whole = read([FAR + content])
        assert list(cut) == list(whole), name
        assert cut.detected == whole.detected, name


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'"a@b.co"\n"c@d.co";\n', [("a@b.co", ""), ("c@d.co", "")]),
        (b'"a@b.co\nc@d.co"\n', [('"a@b.co', "broken_quote"), ('c@d.co"', "broken_quote")]),
        (b'"a@b.co\n"\n', [("a@b.co", "")]),
        (
            b'"\xc3\xbc@b.co"\n"\na\xfc@b.co"\n',
            [("ü@b.co", ""), ('"', "broken_quote"), ('a\ufffd@b.co"', "broken_quote")],
        ),
        (b"x" * 10_001 + b"\na@b.co\n", [("x" * 100 + "…", "line_too_long"), ("a@b.co", "")]),
        (
            b'"a@b.co\n' + b"x" * 90_000 + b"\n",
            [('"a@b.co', "broken_quote"), ("x" * 100 + "…", "line_too_long")],
        ),
        (b"o'neil@b.co\n'a@b.co'\n", [("o'neil@b.co", ""), ("'a@b.co'", "")]),
    ],
)
def test_lines_far_behind_the_beginning_are_judged_alike(
    content: bytes, expected: list[tuple[str, str]]
) -> None:
    """The quick ways through a big file take nothing that the slow one would not."""
    assert [(row.text, row.problem) for row in read([FAR, content])][1:] == expected


def test_what_is_detected_is_known_before_the_first_row_is_taken() -> None:
    """The beginning of a file already tells encoding, separator, heading and line ends."""
    reading = read([b"\xef\xbb\xbfE-Mail;\r\nada@example.com;\r\n"])
    assert reading.detected.to_json() == {
        "encoding": "utf-8",
        "separator": ";",
        "header": True,
        "line_ends": "crlf",
        "bom": True,
    }


def test_what_is_detected_follows_the_file() -> None:
    """An umlaut far behind the beginning still settles the encoding, and nothing before it is read differently."""
    reading = read([b"person@example.com\n" * 10_000, b"info@m\xfcller.de\n"])
    assert reading.detected.encoding == "utf-8"
    rows = list(reading)
    assert reading.detected.encoding == "windows-1252"
    assert rows[-1] == (10_001, "info@müller.de", "")


def test_what_is_detected_can_be_written_as_json() -> None:
    """The promised keys are there and JSON takes them."""
    found = json.loads(json.dumps(read([b"ada@example.com\tAda\n"]).detected.to_json()))
    assert {key: found[key] for key in ("encoding", "separator", "header")} == {
        "encoding": "utf-8",
        "separator": "tab",
        "header": False,
    }


def test_line_numbers_go_on_over_quick_and_slow_lines() -> None:
    """Blank, quoted, plain and broken lines far apart all keep their numbers."""
    block = b'a@example.com\n\n"b@example.com"\nc@example.com;x\n'
    rows = list(read([block * 10_000]))
    assert [row.line for row in rows[-3:]] == [39_997, 39_999, 40_000]
    assert [row.problem for row in rows[-3:]] == ["", "", "extra_column"]


# --- headings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_heading_is_recognised_in_many_languages(heading: str) -> None:
    """What people write over a column of addresses is a heading in the first line, and counts as skipped (R20)."""
    [first, second] = read([f"{heading}\nada@example.com\n".encode()])
    assert first == (1, heading, "header_line")
    assert problem_of(first.problem, first.text).skips
    assert second == (2, "ada@example.com", "")


@pytest.mark.parametrize(
    "text", ["", "ada@example.com", "Ada Lovelace", "email@example.com", "e" * 100, "---"]
)
def test_other_text_is_no_heading(text: str) -> None:
    """Names, addresses and scribbles are not taken for a heading."""
    assert not is_heading(text)


def test_a_heading_beside_an_address_is_a_second_column() -> None:
    """A first line that holds an address is no heading, whatever stands beside it."""
    [row] = read([b"Mail;ada@example.com\n"])
    assert row.problem == "extra_column"


# --- pasted text ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "ada@example.com\nbob@example.com",
        "ada@example.com bob@example.com",
        "ada@example.com,bob@example.com;",
        "ada@example.com;bob@example.com",
        "ada@example.com\tbob@example.com",
        "Ada Lovelace <ada@example.com>; Bob <bob@example.com>",
        '"Lovelace, Ada" <ada@example.com>, "Bob" <bob@example.com>,',
        "Lovelace, Ada <ada@example.com>; Builder, Bob <bob@example.com>",
        "ada@example.com <ada@example.com>, 'bob@example.com' <bob@example.com>",
        "<ada@example.com> <bob@example.com>",
        "<mailto:ada@example.com>\r\nmailto:bob@example.com",
        "'ada@example.com'; \"bob@example.com\"",
        "# the team\nada@example.com\n\n\u200bbob@example.com\u00a0",
        "ada@example.com, Bob <bob@example.com>",
    ],
)
def test_pasted_addresses_are_found_as_mail_programs_write_them(text: str) -> None:
    """Two addresses are found, whatever stands between and around them."""
    assert texts_of(text) == ["ada@example.com", "bob@example.com"]


def test_pasted_addresses_are_numbered_one_by_one() -> None:
    """In pasted text, where a line may hold many, each address has a number of its own."""
    rows = list(read_pasted("\nada@example.com, bob@example.com\n\n# more\ncy@example.com\n"))
    assert [row.line for row in rows] == [1, 2, 3]


def test_nothing_that_was_pasted_gets_lost() -> None:
    """Words that are no address stay as entries to be mended, with the addresses around them."""
    assert texts_of("John Doe ada@example.com and bob.example.com\nBob <bob>") == [
        "John Doe",
        "ada@example.com",
        "and bob.example.com",
        "Bob <bob>",
    ]


def test_another_address_as_a_name_is_an_entry_too() -> None:
    """An address that stands where a name should, but is not the one in brackets, is not swallowed."""
    assert texts_of("bob@example.com <ada@example.com>") == ["bob@example.com", "ada@example.com"]


def test_a_pasted_heading_is_recognised() -> None:
    """A heading that was copied along with the column is told and not mailed."""
    rows = list(read_pasted("E-Mail-Adresse\nada@example.com"))
    assert [row.problem for row in rows] == ["header_line", ""]


def test_thousands_of_addresses_on_one_pasted_line_are_taken() -> None:
    """A mail program's list of 5,000 recipients is one line of 150,000 characters, and no line is too long here."""
    rows = list(read_pasted("; ".join(f"Person {i} <person{i}@example.com>" for i in range(5_000))))
    assert len(rows) == 5_000
    assert rows[-1] == (5_000, "person4999@example.com", "")


def test_pasted_addresses_far_behind_are_unwrapped_too() -> None:
    """The quick way of plain lines does not keep the apostrophes that Outlook puts around addresses."""
    rows = list(read_pasted("ada@example.com\n" * 10_000 + "'bob@example.com'\no'neil@example.com\n"))
    assert [row.text for row in rows[-2:]] == ["bob@example.com", "o'neil@example.com"]


def test_pasted_letters_are_never_guessed() -> None:
    """Half a character from a terminal makes that entry uncertain, and a hostile one stays what it is."""
    rows = list(read_pasted("a\udc80b@example.com\nbob@example.com\n\x1b]0;x\x07@example.com"))
    assert [row.problem for row in rows][:2] == ["garbled_text", ""]
    assert "".join(row.text for row in rows[2:]) == "\x1b]0x\x07@example.com"


# --- sentences --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "end"),
    [
        ("Ada <ada@example.com>", "Write ada@example.com only."),
        (
            "Ada <ada@example.com>; Bob <bob@example.com>",
            "Write each on a line of its own: ada@example.com, bob@example.com.",
        ),
        (
            "ada@example.com bob@example.com",
            "Write each on a line of its own: ada@example.com, bob@example.com.",
        ),
        ("Ada <ada@@example>", "without angle brackets."),
        (
            " ".join(f"p{i}@example.com" for i in range(9)),
            "p0@example.com, p1@example.com, p2@example.com, …",
        ),
    ],
)
def test_a_name_in_a_file_is_refused_with_the_mend(line: str, end: str) -> None:
    """A file is not guessed at, but the sentence says what to write instead."""
    [row] = read([f"{line}\n".encode()])
    assert problem_of(row.problem, row.text).message.endswith(end)
