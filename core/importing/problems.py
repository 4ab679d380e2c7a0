"""What a reading found wrong with a line, as an error with its sentence and, where there is one, its mend."""

from __future__ import annotations

from core import errors
from core.errors import InvalidAddress, InvalidLine
from core.importing.fields import entries_of
from core.values import Address

LINE_PROBLEMS: dict[str, type[InvalidLine]] = {
    kind.code: kind
    for kind in (
        errors.BrokenQuote,
        errors.ExtraColumn,
        errors.GarbledText,
        errors.HeaderLine,
        errors.LineTooLong,
        errors.NameWithAddress,
        errors.NulCharacter,
        errors.SeveralAddresses,
    )
}
_MENDABLE = {errors.NameWithAddress.code, errors.SeveralAddresses.code}
_MOST_SHOWN = 3


def problem_of(code: str, text: str) -> InvalidLine:
    """Return the problem that a `Row` with this problem and text tells of.

    Raises:
        KeyError: `code` is none that a reading gives.
    """
    mend = _addresses_in(text) if code in _MENDABLE else ""
    return LINE_PROBLEMS[code](mend=mend)


def _addresses_in(text: str) -> str:
    """Return the valid addresses in `text` as the end of a sentence; empty where there are none."""
    found = [entry for entry in entries_of(text) if _is_address(entry)]
    if len(found) <= 1:
        return f"{found[0]} only." if found else ""
    more = ", …" if len(found) > _MOST_SHOWN else "."
    return f"each on a line of its own: {', '.join(found[:_MOST_SHOWN])}{more}"


def _is_address(text: str) -> bool:
    try:
        Address.parse(text)
    except InvalidAddress:
        return False
    return True
