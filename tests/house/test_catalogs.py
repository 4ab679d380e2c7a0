"""The catalogs are whole: whatever the page and the mails say is said in each language, with the same facts."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message

from core.registration import LANGUAGES
from tests.catalogs import (
    FOLDER,
    ROOMS,
    TEMPLATE,
    complaints,
    extracted,
    forms_of,
    python_sentences,
    read,
    template_sentences,
    updated,
    written,
)
from tests.house.sources import Source, sources

CODES = [code for code in LANGUAGES if code != "en"]
ENDS = (".", "?", ":", "!")
# What forms say to people nowhere: it asks for mercy or blames whoever typed.
UNWANTED = {
    "en": r"\bplease\b|\binvalid\b|\brequired\b|\boops\b|\bsorry\b",
    "de": r"\bbitte\b|ungültig|\bPflichtfeld|\bdu\b|\bdein",
    "fr": r"s’il vous plaît|veuillez|invalide|\btu\b|\bton\b",
    "es": r"por favor|inválid|\btú\b|\btu\b|\btus\b",
    "it": r"per favore|per cortesia|invalid|\btu\b|\btuo\b|\btua\b",
    "nl": r"alstublieft|ongeldig|\bje\b|\bjij\b|\bjouw\b",
    "pl": r"proszę|nieprawidłow|Państw|\bPan[ai]?\b",
    "pt": r"por favor|inválid|\bvocê|\btu\b",
}


def _french(said: str) -> bool:
    return not re.search(r"[^\xa0\u202f][?!;»]|[^\xa0\d/]:(?!\d|//)|«[^\xa0\u202f]|\w'\w", said)


def _spanish(said: str) -> bool:
    return said.count("?") == said.count("¿") and said.count("!") == said.count("¡")


def _german(said: str) -> bool:
    return said.count("„") == said.count("“") and "”" not in said


TYPOGRAPHY: Mapping[str, Callable[[str], bool]] = {"fr": _french, "es": _spanish, "de": _german}


def _catalog(code: str) -> Catalog:
    return read(code, (FOLDER / f"{code}.po").read_bytes())


def _said(code: str) -> Iterator[tuple[Message, str]]:
    return ((message, said) for message in _catalog(code) if message.id for said in forms_of(message))


def _unreadable(source: Source) -> list[str]:
    """Return where a sentence is not written out, so that no catalog can hold it."""
    found = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"sentence", "mark"}:
            written_out = node.args and isinstance(node.args[0], ast.Constant)
            found += [] if written_out else [source.at(node)]
    return found


def test_the_template_holds_every_sentence() -> None:
    """The committed template is what the tool makes of the program as it is."""
    assert TEMPLATE.read_bytes() == written(extracted()), "Run: python -m tests.catalogs"


def test_every_sentence_is_written_out() -> None:
    """What is marked for the catalogs stands there in full and is not put together."""
    assert not [place for source in sources(*ROOMS) for place in _unreadable(source)]


@pytest.mark.parametrize("code", CODES)
def test_every_catalog_is_whole(code: str) -> None:
    """Each sentence is translated, in every plural form, with the same places, and no other is kept."""
    catalog = _catalog(code)
    assert len(catalog) == len(extracted())
    assert not complaints(code, catalog)
    assert not complaints(code, updated(catalog, extracted()))


@pytest.mark.parametrize("code", CODES)
def test_every_catalog_is_as_the_tool_writes_it(code: str) -> None:
    """Sorted and without dates, so that a change of a sentence is the only difference; the plural rule is the language's."""
    text = (FOLDER / f"{code}.po").read_bytes()
    assert text == written(read(code, text))
    assert Catalog(locale=Locale.parse(code)).plural_forms in text.decode()


@pytest.mark.parametrize("code", CODES)
def test_translations_end_as_their_sentences_do(code: str) -> None:
    """A sentence stays one: where English ends with a full stop, a colon or a question mark, so does the translation."""
    ends = [
        (english, said)
        for message, said in _said(code)
        for english in [message.id if isinstance(message.id, str) else message.id[1]]
        if not english.endswith(",")  # a greeting, which ends in each language's own way
        and (
            english.endswith(ENDS) != said.endswith(ENDS) or (english[-1] in ":?" and said[-1] != english[-1])
        )
    ]
    assert not ends


@pytest.mark.parametrize("code", CODES)
def test_translations_keep_the_signs_of_their_language(code: str) -> None:
    """Quotation marks and apostrophes are the typographic ones, with the blanks that the language puts beside signs."""
    right = TYPOGRAPHY.get(code, bool)
    assert not [said for _, said in _said(code) if re.search(r"[\"']|\.\.\.", said) or not right(said)]


@pytest.mark.parametrize("code", LANGUAGES)
def test_nobody_is_begged_or_blamed(code: str) -> None:
    """No sentence says please, invalid or required field, and all address people politely."""
    said = (
        [text for _, text in _said(code)]
        if code != "en"
        else [str(message.id) for message in extracted() if message.id]
    )
    assert said
    assert not [text for text in said if re.search(UNWANTED[code], text, re.IGNORECASE)]


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ('msgid "Hi {name}"\nmsgstr ""', "is not translated"),
        ('#, fuzzy\nmsgid "Hi {name}"\nmsgstr "Hallo {name}"', "is guessed (fuzzy)"),
        ('msgid "Hi {name}"\nmsgstr "Hallo"', "has other places"),
        ('msgid "Hi {name}"\nmsgstr "Hallo {nome}"', "has other places"),
        ('msgid "Hi {name}"\nmsgstr "Hallo {name.real}"', "has other places"),
        ('msgid "Hi {name}"\nmsgstr "Hallo {name"', "has other places"),
        ('msgid "Hi {name}"\nmsgstr "Hallo {name} "', "has blanks at an end, or two in a row"),
        ('msgid "Hi {name}"\nmsgstr "Hallo  {name}"', "has blanks at an end, or two in a row"),
        (
            'msgid "a"\nmsgid_plural "{n}"\nmsgstr[0] "{n}"',
            "is not translated",
        ),
        ('msgid "a"\nmsgid_plural "{n}"\nmsgstr[0] "{n}"\nmsgstr[1] ""', "is not translated"),
        ('#~ msgid "Gone"\n#~ msgstr "Weg"', "is not in the program"),
        ('msgid "Hi {name}"\nmsgstr "Hallo {name}"', ""),
    ],
)
def test_the_check_sees_what_is_wrong_with_a_catalog(said: str, complaint: str) -> None:
    """A translation that is missing, guessed, left over or of another form is complained of, a good one is not."""
    text = f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n{said}\n'
    found = complaints("de", read("de", text.encode()))
    assert [each.endswith(complaint) for each in found] == ([True] if complaint else [])


def test_a_catalog_follows_the_program_without_guessing() -> None:
    """What stays keeps its translation, what is gone leaves, and what is new or a little different is left empty."""
    there = Catalog(locale="de", fuzzy=False)
    for english, german in (
        ("Stays", "Bleibt"),
        ("Goes away", "Geht"),
        ("Open the link.", "Öffnen Sie den Link."),
    ):
        there.add(english, german)
    wanted = Catalog(fuzzy=False)
    for english in ("Stays", "Open the link!", "New"):
        wanted.add(english)
    after = read("de", written(updated(there, wanted)))
    said = {str(message.id): "".join(forms_of(message)) for message in after if message.id}
    assert said == {"Stays": "Bleibt", "Open the link!": "", "New": ""}
    assert not after.obsolete


def test_the_reader_finds_sentences_wherever_they_are_said() -> None:
    """Functions and methods, joined texts, plurals and templates are read; texts put together are not, and are told of."""
    code = (
        'sentence("A {b}" " c", b=1)\nx.say("D")\nmark("E")\ntongue.count("{number} f", "{number} fs", 2)\n'
        'say(f"G {h}")\nsay("I" if j else "K")\nname.count("l")\nmark("M" if n else "O")\nsentence(p)\n'
    )
    assert list(python_sentences(code)) == ["A {b} c", "D", "E", ("{number} f", "{number} fs")]
    page = '<p>{{ say("Q {r}", r=s) }}</p>{% if t %}{{ tongue.say("U") }}{{ count("v", "w", x) }}{% endif %}{{ y("z") }}'
    assert sorted(map(str, template_sentences(page))) == ["('v', 'w')", "Q {r}", "U"]
    assert _unreadable(Source.parse("sample.py", code)) == ["sample.py:8", "sample.py:9"]
