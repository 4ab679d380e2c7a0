"""What the terminal sends, as keys and pastes.

Textual looks for key sequences inside a paste too, so an escape character in it becomes keys: a hostile list of
addresses could work the console. Here a paste is text from its first mark to its last, whatever stands between them.
Bytes that are no UTF-8 become a visible mark; Textual would end.
"""

from __future__ import annotations

import os
import re
import selectors
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator
from threading import Event

from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

_ESC_AND_A_KEY = re.compile(r"\x1b(?![\x1b\[\]OP_^]|$)")
_START, _END = "\x1b[200~", "\x1b[201~"
_READ = 64 * 1024
_GLANCE = 0.01  # seconds; long enough for the rest of a mark that was cut by the size of a read
_LOOK = 0.1  # seconds; how often Textual's parser wants to hear that nothing came


class Parser(XTermParser):
    """Takes pastes out of the stream; the rest is Textual's."""

    def __init__(self) -> None:
        """Start outside of a paste."""
        super().__init__()
        self._held = ""
        self._pasted: list[str] | None = None

    @property
    def waits(self) -> bool:
        """Whether a mark may have begun at the end of what came."""
        return bool(self._held) and self._pasted is None

    def feed(self, data: str) -> Iterator[Message]:
        """Yield what `data` completes; nothing stands for the end of the stream."""
        if not data:
            yield from super().feed("")
            return
        rest, self._held = self._held + data, ""
        while rest:
            if self._pasted is not None:
                text, end, rest = rest.partition(_END)
                if not end:
                    text, self._held = _without_beginning_of(_END, text)
                self._pasted.append(text)
                if end:
                    pasted, self._pasted = "".join(self._pasted), None
                    yield events.Paste(pasted.replace("\x00", ""))
                continue
            typed, start, rest = rest.partition(_START)
            if start:
                self._pasted = []
            else:
                typed, self._held = _without_beginning_of(_START, typed)
            yield from self._keys(typed)

    def _keys(self, typed: str) -> Iterator[Message]:
        """Yield the keys of `typed`; Esc with a key right behind it is those two, since nothing here is bound to Alt."""
        for number, part in enumerate(_ESC_AND_A_KEY.split(typed)):
            if number:
                yield events.Key("escape", "\x1b")
            if part:
                yield from super().feed(part)

    def release(self) -> Iterable[Message]:
        """Yield what was taken for the beginning of a mark and is none, because nothing followed."""
        held, self._held = self._held, ""
        return super().feed(held) if held else ()


def _without_beginning_of(mark: str, text: str) -> tuple[str, str]:
    """Return `text` without an unfinished `mark` at its end, and that."""
    for length in range(min(len(mark) - 1, len(text)), 0, -1):
        if text.endswith(mark[:length]):
            return text[:-length], text[-length:]
    return text, ""


def read_terminal(file: int, ended: Event, take: Callable[[Message], None]) -> None:
    """Hand over what the terminal sends until `ended` is set.

    Args:
        file: descriptor of the terminal.
        ended: ends the reading within a tenth of a second.
        take: gets each key and paste.
    """
    parser = Parser()
    decoder = getincrementaldecoder("utf-8")("replace")
    with selectors.SelectSelector() as selector:
        selector.register(file, selectors.EVENT_READ)
        while not ended.is_set():
            if selector.select(_GLANCE if parser.waits else _LOOK):
                raw = _read(file)
                if not raw:
                    return
                text = decoder.decode(raw)
                for message in parser.feed(text) if text else ():
                    take(message)
            elif parser.waits:
                for message in parser.release():
                    take(message)
            for message in parser.tick():
                take(message)


def _read(file: int) -> bytes:
    """Return what came; nothing when the terminal is gone."""
    try:
        return os.read(file, _READ)
    except OSError:
        return b""
