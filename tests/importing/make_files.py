"""Writes the nasty files that the import is tested on: `python tests/importing/make_files.py`.

Each file is small and shows one thing that people, spreadsheets or disks do to a list of addresses. What must come of
it, line by line, stands in `expected.toml`; a test compares the files on disk with what this script makes.

The files `libreoffice-*.csv` are not made here but recorded byte for byte: LibreOffice 7.4.7.2 saved the sheet of
`libreoffice.py` with the filter options that stand there beside the names (`soffice --headless --convert-to`).
"""

from __future__ import annotations

import random
import zipfile
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_LE
from io import BytesIO
from pathlib import Path

FOLDER = Path(__file__).parent / "files"
TWO = "ada@example.com\nbob@example.com\n"
UMLAUT = "ada@example.com\ninfo@müller.de\n"


def encodings() -> dict[str, bytes]:
    """Return what the encodings of this world do."""
    return {
        "utf-8.csv": TWO.encode(),
        "utf-8-umlaut.csv": UMLAUT.encode(),
        "utf-8-mark.csv": BOM_UTF8 + TWO.encode(),
        "utf-8-mark-umlaut-crlf.csv": BOM_UTF8 + UMLAUT.replace("\n", "\r\n").encode(),
        "utf-8-mark-twice.csv": BOM_UTF8 * 2 + TWO.encode(),
        "utf-8-mark-inside.csv": "ada@example.com\n\ufeffbob@example.com\n".encode(),
        "utf-8-mark-alone.csv": BOM_UTF8,
        "utf-8-mark-but-windows.csv": BOM_UTF8 + b"ada@example.com\ninfo@m\xfcller.de\nbob@example.com\n",
        "utf-8-cut-letter.csv": "ada@example.com\ninfo@müller.de\njürg@example.com".encode()[:-15],
        "utf-16-le-mark.csv": BOM_UTF16_LE + UMLAUT.encode("utf-16-le"),
        "utf-16-be-mark.csv": BOM_UTF16_BE + UMLAUT.encode("utf-16-be"),
        "utf-16-le-bare.csv": UMLAUT.encode("utf-16-le"),
        "utf-16-be-bare.csv": UMLAUT.encode("utf-16-be"),
        "utf-16-le-crlf-tabs.csv": BOM_UTF16_LE
        + "ada@example.com\t\r\nbob@example.com\t\r\n".encode("utf-16-le"),
        "utf-16-le-odd-byte.csv": BOM_UTF16_LE + TWO.encode("utf-16-le") + b"c",
        "utf-16-le-half-pair.csv": BOM_UTF16_LE
        + "ada\ud83d@example.com\n".encode("utf-16-le", "surrogatepass"),
        "utf-32-le-mark.csv": BOM_UTF32_LE + UMLAUT.encode("utf-32-le"),
        "windows-1252.csv": UMLAUT.encode("cp1252"),
        "windows-1252-crlf.csv": UMLAUT.replace("\n", "\r\n").encode("cp1252"),
        "windows-1252-cr.csv": UMLAUT.replace("\n", "\r").encode("cp1252"),
        "windows-1252-hard-blank.csv": b"ada@example.com\xa0\n\xa0bob@example.com\n",
        "windows-1252-no-letter.csv": b"ada@example.com\n\x81bob@example.com\n",
        "mac-roman-cr.csv": UMLAUT.replace("\n", "\r").encode("mac_roman"),
        "mixed-utf-8-first.csv": "info@müller.de\n".encode() + b"info@b\xe4cker.de\nbob@example.com\n",
        "mixed-windows-first.csv": b"info@b\xe4cker.de\n"
        + "info@müller.de\n".encode()
        + b"bob@example.com\n",
    }


def line_ends() -> dict[str, bytes]:
    """Return what ends a line, and what does not."""
    return {
        "crlf.csv": b"ada@example.com\r\nbob@example.com\r\n",
        "cr.csv": b"ada@example.com\rbob@example.com\r",
        "mixed-ends.csv": b"ada@example.com\r\nbob@example.com\ncy@example.com\rdan@example.com",
        "lf-cr.csv": b"ada@example.com\n\rbob@example.com\n\r",
        "no-last-end.csv": b"ada@example.com\nbob@example.com",
        "blank-lines.csv": b"\n\nada@example.com\n\n   \n\t\nbob@example.com\n\n",
        "no-line-end-unicode.csv": "ada@example.com\u2028bob@example.com\ncy@example.com\u0085dan@example.com\n".encode(),
        "no-line-end-form-feed.csv": b"ada@example.com\x0cbob@example.com\n\x0bcy@example.com\n",
        "empty.csv": b"",
        "only-blank-lines.csv": b"\r\n\r\n  \r\n",
        "only-comments.csv": b"# nobody yet\n#ada@example.com\n",
        "only-separators.csv": b";;;\n,,\n\t\n",
    }


def columns() -> dict[str, bytes]:
    """Return what stands beside the addresses."""
    return {
        "behind-semicolons.csv": b"ada@example.com;\r\nbob@example.com;;;\r\n",
        "behind-commas.csv": b"ada@example.com,\nbob@example.com,,,\n",
        "behind-tabs.csv": b"ada@example.com\t\nbob@example.com\t\t\n",
        "behind-blanks.csv": b"ada@example.com ; ; \nbob@example.com  \n",
        "before-semicolons.csv": b";ada@example.com\n;;bob@example.com;\n",
        "second-semicolon.csv": b"ada@example.com;Ada\nbob@example.com;\ncy@example.com;;Cy\n",
        "second-comma.csv": b"ada@example.com,Ada Lovelace\nbob@example.com\n",
        "second-tab.csv": b"ada@example.com\tAda\nbob@example.com\n",
        "second-is-address.csv": b"ada@example.com;bob@example.com\n",
        "second-quoted.csv": b'ada@example.com,"Lovelace, Ada"\n"bob@example.com",""\n',
        "second-everywhere.csv": b"Lovelace;ada@example.com\nBuilder;bob@example.com\n",
        "separators-mixed.csv": b"ada@example.com,\nbob@example.com;\ncy@example.com;\ndan@example.com,;\n",
        "separator-line.csv": b"sep=;\r\nE-Mail;\r\nada@example.com;\r\n",
    }


def quotes() -> dict[str, bytes]:
    """Return what quotation marks do."""
    return {
        "quoted.csv": b'"ada@example.com"\n"bob@example.com"\n',
        "quoted-crlf-behind.csv": b'"ada@example.com";\r\n"bob@example.com";\r\n"cy@example.com";\r\n',
        "quoted-some.csv": b'ada@example.com\n"bob@example.com"\ncy@example.com\n',
        "quoted-blanks.csv": b'" ada@example.com "\n  "bob@example.com"  \n',
        "quoted-doubled.csv": b'"""ada""@example.com"\n""""\n',
        "quoted-separators.csv": b'"ada,x@example.com"\n"ada@example.com;bob@example.com"\n',
        "quoted-nothing.csv": b'""\n"";""\nada@example.com\n" "\n',
        "quoted-comment.csv": b'"# Line 3: one, two"\nada@example.com\n"#bob@example.com"\n',
        "quote-never-closed.csv": b'ada@example.com\n"bob@example.com\ncy@example.com\ndan@example.com\n',
        "quote-never-closed-last.csv": b'ada@example.com\n"bob@example.com',
        "quote-stray-before-quoted.csv": b'"ada@example.com\n"bob@example.com"\n"cy@example.com"\n',
        "quote-closed-far-away.csv": b'"ada@example.com\n' + b"bob@example.com\n" * 20 + b'cy@example.com"\n',
        "quote-text-behind.csv": b'"ada@example.com" Ada\n"bob@example.com"x;\ncy@example.com\n',
        "quote-inside.csv": b'ada"x"@example.com\nbob@example.com"\ncy@example.com\n',
        "quote-typographic.csv": "“ada@example.com”\nbob@example.com\n".encode(),
        "cell-with-line-break.csv": b'ada@example.com\n"bob@example.com\ncy@example.com"\ndan@example.com\n',
        "cell-ends-with-line-break.csv": b'"ada@example.com\n"\nbob@example.com\n',
        "note-over-lines.csv": b'ada@example.com;"ask\nboss@example.com\n\nfirst"\nbob@example.com\n',
    }


def headings() -> dict[str, bytes]:
    """Return what stands over the addresses."""
    return {
        "heading-english.csv": b"Email\nada@example.com\n",
        "heading-german.csv": b"E-Mail-Adresse;\r\nada@example.com;\r\n",
        "heading-spanish-windows.csv": "Correo electrónico\nada@example.com\n".encode("cp1252"),
        "heading-french-utf-16.csv": BOM_UTF16_LE
        + "Adresse électronique\r\nada@example.com\r\n".encode("utf-16-le"),
        "heading-japanese.csv": "メールアドレス\nada@example.com\n".encode(),
        "heading-quoted-mark.csv": BOM_UTF8 + b'"E-mail:"\n"ada@example.com"\n',
        "heading-after-comment.csv": b"# team\n\nMAIL\nada@example.com\n",
        "heading-two-columns.csv": b"Name;E-Mail\nAda;ada@example.com\n",
        "heading-too-late.csv": b"ada@example.com\nEmail\nbob@example.com\n",
        "heading-is-address.csv": b"email@example.com\nmail@example.com\n",
        "heading-unknown.csv": b"Who\nada@example.com\n",
        "heading-alone.csv": b"Email",
    }


def addresses() -> dict[str, bytes]:
    """Return what people type for an address."""
    return {
        "blanks-around.csv": b"  ada@example.com\n\tbob@example.com\t\n cy@example.com  \n",
        "invisible-around.csv": "\u200bada@example.com\u200b\n\u00a0bob@example.com\u2060\n\u00adcy@example.com\n".encode(),
        "invisible-inside.csv": "ada\u200b@example.com\nbob@example.com\n".encode(),
        "invisible-only.csv": "\u200b\n\u00a0\u00a0\nada@example.com\n\ufeff\n".encode(),
        "blank-inside.csv": b"ada @example.com\nbob@example.com\n",
        "name-with-address.csv": b"Ada Lovelace <ada@example.com>\nbob@example.com\n<cy@example.com>\n",
        "mail-export.csv": b"Ada <ada@example.com>; Bob <bob@example.com>\n",
        "two-by-blank.csv": b"ada@example.com bob@example.com\ncy@example.com\n",
        "mailto.csv": b"mailto:ada@example.com\nbob@example.com\n",
        "no-at.csv": b"ada.example.com\nada@\n@example.com\nbob@example.com\n",
        "comments.csv": b"# team\nada@example.com\n  # more\n#bob@example.com\ncy#x@example.com\n",
        "twice.csv": b"ada@example.com\nADA@Example.com\nada@example.com \n",
        "plain-signs.csv": b"o'neil+x@example.com\na_b-c@example.com\n!#$%&*/=?^`{|}~@example.com\n",
        "formula.csv": b'="ada@example.com"\n=cmd|x!A1\n',
    }


def damage() -> dict[str, bytes]:
    """Return what broken programs and disks do."""
    return {
        "nul-inside.csv": b"ada@example.com\nb\x00ob@example.com\ncy@example.com\n",
        "nul-tail.csv": b"ada@example.com\nbob@example.com\n" + bytes(3),
        "escape-sequence.csv": b"ada@example.com\n\x1b[31mbob@example.com\n",
        "dos-end.csv": b"ada@example.com\r\nbob@example.com\r\n\x1a",
        "replacement-character.csv": "ada@example.com\nj\ufffdrg@example.com\n".encode(),
        "line-of-10000.csv": b"ada@example.com\n" + b"x" * 9_988 + b"@example.com\n" + b"bob@example.com\n",
        "line-of-10001.csv": b"ada@example.com\n" + b"x" * 9_989 + b"@example.com\n" + b"bob@example.com\n",
        "line-of-90000.csv": b"ada@example.com\n" + b"x" * 90_000 + b"\nbob@example.com\n",
        "line-without-end.csv": b"ada@example.com\n" + b"x;" * 45_000,
        "comment-of-90000.csv": b"ada@example.com\n#" + b"x" * 90_000 + b"\nbob@example.com\n",
        "blanks-of-20000.csv": b"ada@example.com\n"
        + b" " * 20_000
        + b"\n"
        + b" " * 20_000
        + b"bob@example.com\n",
    }


def no_text() -> dict[str, bytes]:
    """Return what is no text."""
    return {
        "workbook.xlsx": _workbook(),
        "old-workbook.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500),
        "document.pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< >>\nendobj\n",
        "document.rtf": b"{\\rtf1\\ansi ada@example.com\\par}\n",
        "picture.png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(13),
        "picture.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(20),
        "packed.csv.gz": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03KL\xc9LtH\xadH\xcc-\xc8I\xd5K\xce\xcf\xe5\x02\x00",
        "random.bin": random.Random(4).randbytes(4_000),  # noqa: S311 - the same in each run
        "all-nul.bin": bytes(1_000),
    }


def _workbook() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        entry = zipfile.ZipInfo("xl/worksheets/sheet1.xml", (2026, 3, 2, 9, 0, 0))
        archive.writestr(entry, "<worksheet><v>ada@example.com</v></worksheet>")
    return file.getvalue()


def files() -> dict[str, bytes]:
    """Return every file by name."""
    return {
        **encodings(),
        **line_ends(),
        **columns(),
        **quotes(),
        **headings(),
        **addresses(),
        **damage(),
        **no_text(),
    }


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, content in files().items():
        (FOLDER / name).write_bytes(content)
