"""Letters out of bytes, line by line: UTF-8 where it can be, one older encoding where it cannot (R21)."""

from __future__ import annotations

from core.importing.blocks import LineEnds
from core.importing.detecting import MAC_ROMAN, UTF_8, WINDOWS_1252

_EIGHT_BIT = {WINDOWS_1252: "cp1252", MAC_ROMAN: "mac_roman"}
_LOW_LETTERS = bytes(range(0x80, 0xA0))


class LineDecoder:
    """Decodes the lines of one source, which have one encoding.

    The first line that is not ASCII settles which one. A later line that contradicts it is uncertain: guessing anew
    on each line would now and then make somebody else's address.

    Attributes:
        encoding: empty until a line has shown it.
    """

    def __init__(self, encoding: str, line_ends: LineEnds) -> None:
        self.encoding = encoding
        self._line_ends = line_ends

    def decode(self, raw: bytes) -> tuple[str, bool]:
        """Return the text of a line, and whether it is certain."""
        if raw.isascii():
            return raw.decode("ascii"), True
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            return self._decode_eight_bit(raw)
        if self.encoding in _EIGHT_BIT:
            return raw.decode("ascii", "replace"), False
        self.encoding = self.encoding or UTF_8
        return text, "\ufffd" not in text

    def _decode_eight_bit(self, raw: bytes) -> tuple[str, bool]:
        if not self.encoding:
            self.encoding = MAC_ROMAN if self._is_from_old_mac(raw) else WINDOWS_1252
        codec = _EIGHT_BIT.get(self.encoding)
        if codec is None:
            return raw.decode(errors="replace"), False
        try:
            return raw.decode(codec), True
        except UnicodeDecodeError:
            return raw.decode("latin-1"), True

    def _is_from_old_mac(self, raw: bytes) -> bool:
        """Tell whether Excel for Mac wrote it: lines end with CR, and what are letters there are signs on Windows."""
        high = raw.translate(None, bytes(range(0x80)))
        return self._line_ends.name == "cr" and not high.translate(None, _LOW_LETTERS)
