"""Short words for what may be wrong with a row; the sentences are core's."""

from __future__ import annotations

from collections.abc import Mapping

from core.importing import Detected
from core.tally import Tally

# code -> the word in the column, and what such rows are, behind their number
_WORDS: Mapping[str, tuple[str, str]] = {
    "twice_in_file": ("twice", "listed twice; the first one counts"),
    "already_user": ("has account", "with an account already"),
    "archived_user": ("archived", "with an archived account: reactivate it under Users (status:archived)"),
    "already_invited": ("invited", "with an open invitation: r renews it"),
    "cap_reached": ("no place", "without a place under the company's maximum"),
    "group_full": ("group full", "without a place in the learning group"),
    "invalid_address": ("no address", "not an email address"),
    "broken_quote": ("broken quote", "with a quotation mark that is not closed"),
    "extra_column": ("extra column", "with something in a further column"),
    "garbled_text": ("garbled", "with letters that cannot be read for certain"),
    "header_line": ("heading", "probably a heading"),
    "line_too_long": ("too long", "too long for an address"),
    "name_with_address": ("with a name", "with a name beside the address"),
    "nul_character": ("damaged", "with a NUL character"),
    "role_not_below_own": ("role", "with a role that is not below one's own"),
    "several_addresses": ("several", "with several addresses"),
}
READY, RENEWS, TYPO, UNJUDGED = "ready", "renews", "typo?", "…"
_ENCODINGS = {"utf-8": "UTF-8", "windows-1252": "Windows-1252", "mac-roman": "Mac Roman"}
_SEPARATORS = {"none": "no separator", "tab": "separated by tabs"}
_LINE_ENDS = {"none": "one line", "mixed": "mixed line ends"}


def word_of(code: str) -> str:
    """Return the word for the column."""
    return _WORDS[code][0] if code in _WORDS else code.replace("_", " ")


def phrase_of(code: str) -> str:
    """Return what the rows are, to stand behind their number."""
    return _WORDS[code][1] if code in _WORDS else code.replace("_", " ")


def reasons_of(tally: Tally) -> list[tuple[str, str]]:
    """Return a line for each reason: how many, and what; those skipped first."""
    skipped = [(f"{rows:,}", f"skipped, {phrase_of(code)}") for code, rows in tally.skipped.items()]
    failed = [
        (f"{rows:,}", f"{'error' if rows == 1 else 'errors'}, {phrase_of(code)}")
        for code, rows in tally.failed.items()
    ]
    return [*skipped, *failed]


def describe(detected: Detected) -> str:
    """Return what was found out about a file, for one line."""
    encoding = _ENCODINGS.get(detected.encoding, detected.encoding.upper())
    separator = _SEPARATORS.get(detected.separator, f"separated by {detected.separator}")
    parts = (
        f"{encoding} with its mark" if detected.bom else encoding,
        separator,
        "with a heading" if detected.header else "no heading",
        _LINE_ENDS.get(detected.line_ends, f"lines end in {detected.line_ends.upper()}"),
    )
    return ", ".join(parts)
