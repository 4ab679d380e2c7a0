"""How the server reads requests: stricter than waitress where two readers could see two different requests (4.2.1)."""

from __future__ import annotations

import re

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError

_FOLDED = re.compile(rb"\r\n[ \t]")
_NAME = re.compile(rb"\r\n([^:\r\n]*):")
_LENGTH, _ENCODING = b"content-length", b"transfer-encoding"


class StrictParser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """Refuses what RFC 9112 lets a server mend, since the one in front may have mended it differently."""

    def parse_header(self, header_plus: bytes) -> None:
        """Read the first line and the headers.

        Raises:
            ParsingError: a header goes on in a second line, or there are two ways to tell how long the body is.
        """
        if _FOLDED.search(header_plus):
            raise ParsingError("A header has to stand in one line")
        names = [name.lower() for name in _NAME.findall(header_plus)]
        if _ENCODING in names and (_LENGTH in names or not _speaks_11(header_plus)):
            raise ParsingError("Transfer-Encoding cannot stand beside Content-Length or below HTTP/1.1")
        try:
            super().parse_header(header_plus)
        except ParsingError:  # its words quote the request, which may hold a link
            raise ParsingError("The request cannot be read") from None


def _speaks_11(header_plus: bytes) -> bool:
    return header_plus.partition(b"\r\n")[0].rstrip().endswith(b"HTTP/1.1")


class StrictChannel(HTTPChannel):  # type: ignore[misc]  # as above
    """A connection whose requests are read strictly."""

    parser_class = StrictParser
