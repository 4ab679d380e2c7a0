"""Keeps the catalogs in step with the sentences of core and web; `python -m tests.catalogs`, from the project's folder.

Reads every `sentence(…)`, `mark(…)`, `say(…)` and `count(…)`, writes core/catalogs/academy.pot, brings each
core/catalogs/<language>.po up to date (new sentences come empty, those that are gone leave, nothing is guessed) and
tells what is left to translate. `python -m tests.catalogs sv` begins a new language; it is offered from then on, and
until it is whole the tests fail. Line numbers and dates are left out, so that only sentences make a difference.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes

from core.sentences import places

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "core" / "catalogs"
TEMPLATE = FOLDER / "academy.pot"
ROOMS = ("core", "web")
TAKEN: Mapping[str, int] = {"sentence": 1, "mark": 1, "say": 1, "count": 2}
"""How many of the first arguments are sentences: two are a singular and a plural."""
_WIDTH = 100

Id = str | tuple[str, str]


def python_sentences(text: str) -> Iterator[Id]:
    """Yield the sentences in the text of a Python file."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield from _taken(called, [getattr(each, "value", None) for each in node.args])


def template_sentences(text: str) -> Iterator[Id]:
    """Yield the sentences in the text of a Jinja template."""
    for node in Environment().parse(text).find_all(nodes.Call):  # noqa: S701 - nothing is rendered
        called = node.node.attr if isinstance(node.node, nodes.Getattr) else getattr(node.node, "name", "")
        yield from _taken(called, [getattr(each, "value", None) for each in node.args])


def _taken(called: str, arguments: list[Any]) -> Iterator[Id]:
    taken = arguments[: TAKEN.get(called, 0)]
    if taken and len(taken) == TAKEN[called] and all(isinstance(each, str) for each in taken):
        yield (taken[0], taken[1]) if len(taken) > 1 else taken[0]


def extracted() -> Catalog:
    """Return every sentence of the program, untranslated."""
    template = Catalog(fuzzy=False)
    for path in sorted(path for room in ROOMS for path in (ROOT / room).rglob("*")):
        found = _READERS.get(path.suffix)
        for message in found(path.read_text("utf-8")) if found else ():
            template.add(message, locations=[(path.relative_to(ROOT).as_posix(), 0)])
    return template


_READERS: Mapping[str, Callable[[str], Iterator[Id]]] = {".py": python_sentences, ".html": template_sentences}


def written(catalog: Catalog) -> bytes:
    """Return the text of a catalog: sorted, without what changes from day to day."""
    head = ["MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"]
    if catalog.locale is not None:
        head = [f"Language: {catalog.locale_identifier}", *head, f"Plural-Forms: {catalog.plural_forms}"]
    made = BytesIO()
    write_po(
        made, catalog, width=_WIDTH, omit_header=True, sort_output=True, ignore_obsolete=True, include_lineno=False
    )  # fmt: skip
    lines = [
        'msgid ""',
        'msgstr ""',
        *(f'"{line}\\n"' for line in head),
        "",
        made.getvalue().decode().strip(),
        "",
    ]
    return "\n".join(lines).encode()


def catalogs() -> dict[str, Catalog]:
    """Return the catalogs there are, by the code of their language."""
    return {path.stem: read(path.stem, path.read_bytes()) for path in sorted(FOLDER.glob("*.po"))}


def read(code: str, text: bytes) -> Catalog:
    """Return a catalog out of its text."""
    return read_po(BytesIO(text), locale=Locale.parse(code), abort_invalid=True)


def updated(catalog: Catalog, template: Catalog) -> Catalog:
    """Return `catalog` with the sentences of `template`, no other."""
    catalog.update(template, no_fuzzy_matching=True, update_header_comment=True)
    catalog.obsolete.clear()
    return catalog


def forms_of(message: Message) -> tuple[str, ...]:
    """Return how a message is said, once or for each plural form."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def wanting(message: Message) -> str:
    """Return what is wrong with the form of a translation; the empty string where nothing is."""
    source = message.id if isinstance(message.id, str) else message.id[1]
    forms = forms_of(message)
    if not all(forms):
        return "is not translated"
    if message.fuzzy:
        return "is guessed (fuzzy)"
    if any(said != said.strip() or "  " in said for said in forms):
        return "has blanks at an end, or two in a row"
    return "" if all(_places(said) == places(source) for said in forms) else "has other places"


def _places(said: str) -> frozenset[str] | None:
    try:
        return places(said)
    except ValueError:
        return None


def complaints(code: str, catalog: Catalog) -> list[str]:
    """Return what is wrong with the catalog of a language."""
    found = [
        f"{code}: {message.id!r} {wrong}" for message in catalog if message.id and (wrong := wanting(message))
    ]
    return found + [f"{code}: {message.id!r} is not in the program" for message in catalog.obsolete.values()]


def main(begin: list[str]) -> int:
    """Bring the template and all catalogs up to date; begin those that are named."""
    template = extracted()
    TEMPLATE.write_bytes(written(template))
    there = catalogs() | {code: Catalog(locale=Locale.parse(code), fuzzy=False) for code in begin}
    left = []
    for code, catalog in there.items():
        left += complaints(code, updated(catalog, template))
        (FOLDER / f"{code}.po").write_bytes(written(catalog))
    print(*left, f"{len(template)} sentences, {len(there)} catalogs, {len(left)} to mend", sep="\n")  # noqa: T201
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
