"""What can be wrong with one line of an import file before anybody looks at the address in it (R20, R21).

None of these is raised: a line that is not one address is reported with its number, and the other lines go on.
`core.importing.problem_of` makes them from what a reading keeps of a line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.errors.families import Invalid


@dataclass(eq=False)
class InvalidLine(Invalid):
    """One line is not one address.

    Attributes:
        skips: whether a bulk report counts it as skipped (harmless) or as failed, like `Refused.skips`.
        mend: what to write instead; empty where that cannot be known.
    """

    code: ClassVar[str] = "invalid_line"
    skips: ClassVar[bool] = False
    mend: str = ""

    def __post_init__(self) -> None:
        """Make the sentence; a mend follows it."""
        said = f"{self.sentence} Write {self.mend}" if self.mend else self.sentence
        self.fields = {"address": said}


class HeaderLine(InvalidLine):
    """R20: a leftover heading over the addresses."""

    code: ClassVar[str] = "header_line"
    sentence: ClassVar[str] = "This is a heading and not an address; it was left out."
    skips: ClassVar[bool] = True


class ExtraColumn(InvalidLine):
    """R21: a second column is filled."""

    code: ClassVar[str] = "extra_column"
    sentence: ClassVar[str] = (
        "More than one column is filled on this line. Leave nothing but the address, one on each line."
    )


class NameWithAddress(InvalidLine):
    """`Name <address>`, which is taken in pasted text only."""

    code: ClassVar[str] = "name_with_address"
    sentence: ClassVar[str] = "A line of a file holds an address without a name and without angle brackets."


class SeveralAddresses(InvalidLine):
    """More than one address on a line of a file."""

    code: ClassVar[str] = "several_addresses"
    sentence: ClassVar[str] = "A line of a file holds one address."


class BrokenQuote(InvalidLine):
    """A quotation mark is not closed on its line, or text follows it."""

    code: ClassVar[str] = "broken_quote"
    sentence: ClassVar[str] = (
        "A quotation mark is not closed on this line, or text stands outside it. "
        "Write the address on one line, without quotation marks."
    )


class LineTooLong(InvalidLine):
    """Over 10,000 characters; only the beginning was kept."""

    code: ClassVar[str] = "line_too_long"
    sentence: ClassVar[str] = (
        "This line is too long for an address. Write one address on each line; this shows only the beginning."
    )


class NulCharacter(InvalidLine):
    """A NUL character inside a line."""

    code: ClassVar[str] = "nul_character"
    sentence: ClassVar[str] = "This line holds a NUL character, a sign of damage. Type the address anew."


class GarbledText(InvalidLine):
    """Letters that cannot be told for certain: another encoding than the rest, or damaged."""

    code: ClassVar[str] = "garbled_text"
    sentence: ClassVar[str] = (
        "The letters of this line cannot be read for certain: they are damaged, or written in another encoding "
        "than the rest. Type the address anew."
    )
