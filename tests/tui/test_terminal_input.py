"""What the terminal sends: keys stay keys, and a paste is text whatever stands in it."""

from __future__ import annotations

import os
import threading

import pytest
from textual import events
from textual.message import Message

from tui.terminal_input import Parser, read_terminal

START, END = "\x1b[200~", "\x1b[201~"


def said(messages: list[Message]) -> list[str]:
    """Return keys by name and pastes in quotation marks."""
    return [
        repr(message.text) if isinstance(message, events.Paste) else message.key
        for message in messages
        if isinstance(message, events.Paste | events.Key)
    ]


def fed(*parts: str) -> list[str]:
    """Return what becomes of parts that come one after the other."""
    parser = Parser()
    return said([message for part in parts for message in parser.feed(part)])


@pytest.mark.parametrize(
    "text",
    [
        "a@example.com\r\nb@example.com",
        "\x1b",
        "\x1b\x1b[A\x1b]52;c;aGk=\x07y",
        "\x1b[20",
        "\x1b[200~",
        "ends with \x1b[201",
        "",
    ],
)
def test_a_paste_is_one_text(text: str) -> None:
    """Whatever stands between its marks arrives as it is and as nothing else, between the keys around it."""
    assert fed(f"i{START}{text}{END}j") == ["i", repr(text), "j"]


def test_a_paste_can_come_in_any_pieces() -> None:
    """However a paste and its marks are cut by the size of a read, the same arrives."""
    whole = f"x{START}a\x1b[Ab\x1b[201{END}\x1b[By"
    for cut in range(1, len(whole)):
        assert fed(whole[:cut], whole[cut:]) == ["x", repr("a\x1b[Ab\x1b[201"), "down", "y"], cut
    assert fed(*whole) == ["x", repr("a\x1b[Ab\x1b[201"), "down", "y"]


def test_nul_characters_of_a_paste_are_left_out() -> None:
    """A paste is handed over without NUL characters, as Textual does."""
    assert fed(f"{START}a\x00b{END}") == [repr("ab")]


def test_an_escape_by_itself_is_released() -> None:
    """An escape that might begin a mark is held only until nothing follows."""
    parser = Parser()
    assert said(list(parser.feed("\x1b"))) == []
    assert parser.waits
    assert said([*parser.release(), *parser.feed("[A")]) == ["up"]
    assert not parser.waits


def test_a_terminal_is_read_until_it_is_gone() -> None:
    """Keys, a paste and bytes that are no UTF-8 arrive in order, and reading ends with the terminal."""
    reader, writer = os.pipe()
    os.write(writer, b"j" + START.encode() + b"caf\xe9 \xc3\xa9" + END.encode() + b"k")
    os.close(writer)
    heard: list[Message] = []
    thread = threading.Thread(target=read_terminal, args=(reader, threading.Event(), heard.append))
    thread.start()
    thread.join(30)
    os.close(reader)
    assert not thread.is_alive()
    assert said(heard) == ["j", repr("caf\ufffd é"), "k"]
