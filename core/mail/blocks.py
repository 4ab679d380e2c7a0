"""The paragraphs and links of a letter, as text and as HTML.

Most of an invitation says the same to everybody, and invitations come by the thousand: a `Draft` is one encoded already,
in which only the address and the link are missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from html import escape
from operator import xor

from core.mail.parts import Letter, Link, Paragraph
from core.mail.stencil import encoded

_LINE = 72
_GAP = b"\r\n"
_EASY_URL = re.compile(r"[A-Za-z0-9:/._-]+")  # nothing to quote, nothing to escape
_DIFFERENT = re.compile(rb"[^\0]+")

Block = Paragraph | Link


def text_of(letter: Letter) -> str:
    """Return the text part."""
    return "\n\n".join(map(_text, letter.blocks)) + "\n"


def html_of(letter: Letter) -> str:
    """Return what stands in the page of the HTML part."""
    return "\n".join(map(_html, letter.blocks))


def encoded_text_of(letter: Letter) -> bytes:
    """Return the text part, quoted-printable."""
    return _GAP.join(
        _encoded_text(each) if isinstance(each, Link) else _kept_text(each) for each in letter.blocks
    )


def encoded_html_of(letter: Letter) -> bytes:
    """Return what stands in the page of the HTML part, quoted-printable."""
    return b"".join(
        _encoded_html(each) if isinstance(each, Link) else _kept_html(each) for each in letter.blocks
    )


class Draft:
    """A letter in which the recipient's address and the link are filled in later; all the rest is encoded."""

    def __init__(self, letter: Letter, somebody: str) -> None:
        """Take a letter to `somebody`, a word that stands for the address and is found nowhere else."""
        self.subject = letter.subject
        self._somebody = somebody
        self._text = tuple(self._parts(letter, _encoded_text, _GAP))
        self._html = tuple(self._parts(letter, _encoded_html, b""))
        self._cut = lru_cache(maxsize=16)(_cut)

    def text(self, to: str, url: str) -> bytes:
        """Return the text part for a recipient."""
        return self._filled(self._text, _encoded_text, to, url=url)

    def html(self, to: str, url: str) -> bytes:
        """Return what stands in the page of the HTML part for a recipient."""
        return self._filled(self._html, _encoded_html, to, url=url)

    def _parts(self, letter: Letter, encode: Callable[[Block], bytes], gap: bytes) -> Iterator[bytes | Block]:
        """Yield, in order, what is encoded and the blocks that are still to be filled in."""
        ready = b""
        for number, block in enumerate(letter.blocks):
            ready += gap if number else b""
            if isinstance(block, Link) or self._somebody in block.text:
                yield ready
                yield block
                ready = b""
            else:
                ready += encode(block)
        yield ready

    def _filled(
        self, parts: tuple[bytes | Block, ...], encode: Callable[[Block], bytes], to: str, *, url: str
    ) -> bytes:
        return b"".join(
            part if isinstance(part, bytes) else self._completed(part, encode, to, url=url) for part in parts
        )

    def _completed(self, block: Block, encode: Callable[[Block], bytes], to: str, *, url: str) -> bytes:
        if isinstance(block, Paragraph):
            return encode(Paragraph(block.text.replace(self._somebody, to), block.faint))
        if not _EASY_URL.fullmatch(url):
            return encode(Link(block.label, block.told, url))
        pieces = self._cut(block, encode, len(url))
        return b"".join(piece if isinstance(piece, bytes) else url[piece].encode() for piece in pieces)


def _cut(link: Link, encode: Callable[[Block], bytes], length: int) -> tuple[bytes | slice, ...]:
    """Return an encoded link in pieces, with which part of an easy URL of that length stands between them.

    Encoding depends on how long such a URL is, for lines have to be broken, and on nothing else of it: two made-up ones
    show where its letters go.
    """
    one, other = (encode(Link(link.label, link.told, letter * length)) for letter in "ab")
    pieces, done, at = list[bytes | slice](), 0, 0
    for run in _DIFFERENT.finditer(bytes(map(xor, one, other))):
        begins, ends = run.span()
        pieces += [one[done:begins], slice(at, at + ends - begins)]
        done, at = ends, (at + ends - begins) % length
    return (*pieces, one[done:])


def wrapped(text: str) -> str:
    """Return `text` on lines of 72 characters at most, words left whole; what `textwrap.fill` does, ten times as fast."""
    lines, line = list[str](), ""
    for word in text.split(" "):
        if not line:
            line = word
        elif len(line) + len(word) < _LINE:
            line = f"{line} {word}"
        else:
            lines.append(line)
            line = word
    return "\n".join((*lines, line))


def _text(block: Block) -> str:
    return f"{block.told}\n{block.url}" if isinstance(block, Link) else wrapped(block.text)


def _html(block: Block) -> str:
    if isinstance(block, Paragraph):
        return f'<p class="faint">{escape(block.text)}</p>' if block.faint else f"<p>{escape(block.text)}</p>"
    url = escape(block.url)
    return (
        f'<p><a class="button" href="{url}">{escape(block.label)}</a></p>\n'
        f'<p class="faint">{escape(block.told)} <a dir="ltr" href="{url}">{url}</a></p>'
    )


def _encoded_text(block: Block) -> bytes:
    return encoded(f"{_text(block)}\n")


def _encoded_html(block: Block) -> bytes:
    return encoded(f"{_html(block)}\n")


# Paragraphs only: most say the same to everybody. A link is never kept.
@lru_cache(maxsize=64)
def _kept_text(block: Paragraph) -> bytes:
    return _encoded_text(block)


@lru_cache(maxsize=64)
def _kept_html(block: Paragraph) -> bytes:
    return _encoded_html(block)
