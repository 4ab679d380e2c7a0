"""Makes what people typed harmless wherever a page's bytes may end up, a terminal included."""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup, escape

_CONTROLS = re.compile("([\x00-\x08\x0b-\x1f\x7f-\x9f])")
_FIRST_LATER = 0x7F


def harmless(value: Any) -> Any:
    """Return `value` for a template: control characters become references, so no byte of them is sent.

    A browser puts an old control character (ESC, for one) back as it was, so a field that is shown again holds what
    was typed. HTML gives the later ones (0x7F-0x9F) and NUL another meaning; they become the replacement mark.
    """
    if not isinstance(value, str) or isinstance(value, Markup) or not _CONTROLS.search(value):
        return value
    pieces = _CONTROLS.split(value)  # text and control character in turn
    return Markup("").join(
        _reference(piece) if number % 2 else escape(piece) for number, piece in enumerate(pieces)
    )


def _reference(control: str) -> Markup:
    number = ord(control)
    return Markup("&#{};").format(number) if 0 < number < _FIRST_LATER else Markup("\ufffd")
