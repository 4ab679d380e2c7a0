"""The paragraphs and links of a letter, as text and as HTML.

Most of an invitation says the same to everybody, and invitations come by the thousand: a `Draft` is one encoded already,
in which only the address and the link are missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from html import escape

from core.mail.parts import Letter, Link, Paragraph
from core.mail.stencil import encoded

_LINE = 72
_GAP = b"\r\n"
_EASY = re.compile(r"[A-Za-z0-9@:/._+-]+")
_RUN = re.compile(rb"\x01+|\x02+")

Block = Paragraph | Link
_Piece = bytes | tuple[int, slice]


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
    """A letter of which only the recipient's address and the link are still to be filled in; the rest is encoded.

    How lines are broken depends on how long the two are, and on nothing else of them: for each length that comes, letters
    with made-up ones are encoded, and where those differ the real ones go.
    """

    def __init__(self, write: Callable[[str, str], Letter]) -> None:
        """Take what writes the letter for an address and a link."""
        self._write = write
        self.subject = write("", "").subject
        self._shape = lru_cache(maxsize=64)(self._shape_of)

    @staticmethod
    def takes(to: str, url: str) -> bool:
        """Tell whether these can be filled in: nothing in them has to be quoted or escaped."""
        return bool(to and url and _EASY.fullmatch(to) and _EASY.fullmatch(url))

    def filled(self, to: str, url: str) -> tuple[bytes, bytes]:
        """Return the text part, and what stands in the page of the HTML part."""
        text, html = self._shape(len(to), len(url))
        facts = to.encode(), url.encode()
        return _joined(text, facts), _joined(html, facts)

    def _shape_of(self, to: int, url: int) -> tuple[tuple[_Piece, ...], tuple[_Piece, ...]]:
        """Return both parts in pieces, for an address and a link of these lengths."""
        letters = [self._write(a * to, b * url) for a, b in ("aa", "ba", "ab")]
        text, html = ([encode(each) for each in letters] for encode in (encoded_text_of, encoded_html_of))
        return tuple(_pieces(text, (to, url))), tuple(_pieces(html, (to, url)))


def _pieces(written: Sequence[bytes], lengths: tuple[int, int]) -> Iterator[_Piece]:
    """Yield what is the same for all, and between it which part of which fact is to stand there.

    Args:
        written: a part; the same with another address; the same with another link.
        lengths: of the address and the link.
    """
    one, done, at = written[0], 0, [0, 0]
    # 1 where the address stands, 2 where the link does, 0 elsewhere.
    where = bytes((a != b) + 2 * (a != c) for a, b, c in zip(*written, strict=True))
    for run in _RUN.finditer(where):
        begins, ends = run.span()
        fact = where[begins] - 1
        yield one[done:begins]
        yield fact, slice(at[fact], at[fact] + ends - begins)
        done, at[fact] = ends, (at[fact] + ends - begins) % lengths[fact]
    yield one[done:]


def _joined(pieces: tuple[_Piece, ...], facts: tuple[bytes, bytes]) -> bytes:
    return b"".join([each if isinstance(each, bytes) else facts[each[0]][each[1]] for each in pieces])


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
