"""Languages made up from English, to see what was forgotten: text that no catalog can change, lines that run out.

Made from the sentences that `tests.catalogs` finds: what stays plain English on a page is not among them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from string import Formatter

from babel import Locale
from babel.messages.catalog import Catalog

from core.tongues import Tongue, tongue_from
from tests.catalogs import extracted, written

LONGER = 0.4
_ACCENTS = str.maketrans(
    "aceginorsuyzACEGINORSUYZ",
    "áçéğîñöŕšüýžÁÇÉĞÎÑÖŔŠÜÝŽ",
)
# Sound for sound as far as it goes; what matters is that the letters join and run from right to left.
_ARABIC = str.maketrans(
    "abcdefghijklmnopqrstuvwxyz",
    "ابكدهفغحيجقلمنوپقرستعڤوخيز",
)


@cache
def accented() -> Tongue:
    """Return English with accents, two fifths longer, in brackets that show where a sentence was cut."""
    return replace(_spoken("en", accent), code="en-XA")


@cache
def mirrored() -> Tongue:
    """Return English in Arabic letters, from right to left; six plural forms."""
    return _spoken("ar", mirror)


def accent(sentence: str) -> str:
    """Return an English sentence, its places kept, as `accented` says it."""
    said = _changed(sentence, lambda text: text.translate(_ACCENTS))
    words = ["một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười"]
    more = ""
    while len(more) < LONGER * len(sentence):
        more += f" {words[len(more) % len(words)]}"
    return f"⟦{said}{more}⟧"


def mirror(sentence: str) -> str:
    """Return an English sentence, its places kept, as `mirrored` says it."""
    return _changed(sentence, lambda text: text.lower().translate(_ARABIC))


def _changed(sentence: str, change: Callable[[str], str]) -> str:
    return "".join(
        change(text) + (f"{{{name}}}" if name is not None else "")
        for text, name, _, _ in Formatter().parse(sentence)
    )


def _spoken(code: str, change: Callable[[str], str]) -> Tongue:
    catalog = Catalog(locale=Locale.parse(code), fuzzy=False)
    for message in extracted():
        if isinstance(message.id, str):
            catalog.add(message.id, change(message.id))
        else:
            catalog.add(message.id, [change(message.id[1])] * catalog.num_plurals)
    return tongue_from(code, written(catalog))
