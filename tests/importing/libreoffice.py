"""A one-column sheet, and how LibreOffice saves it as CSV: really, where it is installed, or as it once did."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

FILES = Path(__file__).parent / "files"

# Name of the recorded file -> options of the filter "Text - txt - csv (StarCalc)": field separator, text delimiter,
# character set (76 UTF-8, 65535 UTF-16, 1 Windows-1252), first line, cell formats, language, quote all text cells.
SAVED_AS = {
    "libreoffice-utf-8.csv": "44,34,76",
    "libreoffice-quoted.csv": "59,34,76,1,,0,true",
    "libreoffice-windows-1252.csv": "59,34,1",
    "libreoffice-utf-16-tabs.csv": "9,34,65535",
}
# Cells of the sheet; a line break in a cell is a paragraph of its own.
CELLS = (
    "ada@example.com",
    " bob@example.com ",
    "",
    "info@müller.de",
    "O'Neil+x@example.com",
    "cy@example.com\n",
    "dan@example.com",
)
_NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)


def soffice() -> str | None:
    """Return the program, None where LibreOffice is not installed."""
    return shutil.which("soffice")


def recorded(name: str) -> bytes:
    """Return what LibreOffice 7.4.7.2 wrote with the options of `name`."""
    return (FILES / name).read_bytes()


def saved(name: str, folder: Path) -> bytes:
    """Return what the LibreOffice of this machine writes with the options of `name`; it works in `folder`."""
    program = soffice()
    assert program
    sheet = folder / "sheet.fods"
    sheet.write_text(_sheet(), "utf-8")
    command = (
        program,
        "--headless",
        "--norestore",
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--convert-to",
        f"csv:Text - txt - csv (StarCalc):{SAVED_AS[name]}",
        "--outdir",
        str(folder),
        str(sheet),
    )
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return sheet.with_suffix(".csv").read_bytes()


def _sheet() -> str:
    rows = "".join(f"<table:table-row>{_cell(text)}</table:table-row>" for text in CELLS)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document {_NAMESPACES} office:version="1.3" '
        'office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body><office:spreadsheet>'
        f'<table:table table:name="People">{rows}</table:table></office:spreadsheet></office:body></office:document>'
    )


def _cell(text: str) -> str:
    if not text:
        return "<table:table-cell/>"
    paragraphs = "".join(f"<text:p>{_with_blanks(line)}</text:p>" for line in text.split("\n"))
    return f'<table:table-cell office:value-type="string">{paragraphs}</table:table-cell>'


def _with_blanks(line: str) -> str:
    return line.replace(" ", "<text:s/>")  # bare blanks at the ends would be lost
