"""Templates, style and script: small, without anything inline, in calm words (design section 5)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import web
from core.core import Core
from tests.databases import sqlite_only
from tests.people import House
from tests.web.visitor import Page, Visitor
from web.brand import stylesheet

pytestmark = sqlite_only

ROOM = Path(web.__file__).parent
UNCALM = re.compile(r"\bplease\b|(?<!aria-)\binvalid\b|required field|mandatory|\boops\b|\bsorry\b")
FILES = sorted([*ROOM.glob("templates/*"), *ROOM.glob("static/*")])
PHYSICAL = re.compile(
    r"(?<![\w-])(?:margin|padding|border)-(?:left|right|top|bottom)|text-align: (?:left|right)|(?<![\w-])(?:left|right|width|height):"
)


def _pages(company: House, visitor: Visitor) -> dict[str, Page]:
    form = visitor.open(company.token_of(company.invite("bo@example.com")))
    wrong = visitor.send({"first_name": '"><script>alert(1)</script>', "born_day": "x"})
    others = {path: visitor.ask(path) for path in ("/welcome", "/nothing", "/i/unknown")}
    return {"form": form, "wrong": wrong, **others}


def test_nothing_is_inline(company: House, visitor: Visitor) -> None:
    """No page has a style or script of its own, an event attribute, or anything from another host (1.2.3, 3.4.3)."""
    for name, page in _pages(company, visitor).items():
        scripts = [attrs for tag, attrs in page.elements if tag == "script"]
        assert all((attrs.get("src") or "").startswith("/static/") for attrs in scripts), name
        assert not [tag for tag, _ in page.elements if tag == "style"], name
        for _, attrs in page.elements:
            assert not [key for key in attrs if key == "style" or key.startswith("on")], name
            for key in ("src", "href", "action"):
                assert (attrs.get(key) or "/").startswith(("/", "#", "?lang=")), name


def test_a_page_weighs_less_than_thirty_kilobytes(company: House, visitor: Visitor) -> None:
    """The heaviest page, its style, script and icon are together smaller than many a logo."""
    heaviest = max(len(page.html.encode()) for page in _pages(company, visitor).values())
    static = sum(path.stat().st_size for path in ROOM.glob("static/*"))
    brand = len(stylesheet("#ffcc00").encode())
    assert heaviest + static + brand < 30_000


def test_every_page_is_laid_out_alike(company: House, visitor: Visitor) -> None:
    """Each page has a language, one heading, a title that begins like it, one main part, and gives nothing to previews (P2)."""
    for name, page in _pages(company, visitor).items():
        tags = [tag for tag, _ in page.elements]
        assert (tags.count("h1"), tags.count("main"), tags.count("title")) == (1, 1, 1), name
        assert ("html", {"lang": "en", "dir": "ltr"}) in page.elements, name
        assert page.text_of("title").removeprefix("Error: ") == page.text_of("h1"), name
        assert "Engine Works" not in page.text_of("title"), name
        assert "og:" not in page.html, name


def test_ids_are_unique_and_everything_pointed_at_exists(company: House, visitor: Visitor) -> None:
    """Labels, descriptions and links of the summary lead somewhere."""
    for name, page in _pages(company, visitor).items():
        ids = [attrs["id"] for _, attrs in page.elements if attrs.get("id")]
        assert len(ids) == len(set(ids)), name
        pointed = [
            target
            for _, attrs in page.elements
            for key in ("for", "aria-describedby", "aria-labelledby")
            for target in (attrs.get(key) or "").split()
        ]
        pointed += [(a["href"] or "")[1:] for _, a in page.elements if (a.get("href") or "").startswith("#")]
        assert not set(pointed) - set(ids), name


def test_the_error_summary_is_announced(company: House, visitor: Visitor) -> None:
    """The summary is an alert that can take the focus, before everything else in the main part."""
    wrong = _pages(company, visitor)["wrong"]
    after_main = wrong.elements[[tag for tag, _ in wrong.elements].index("main") + 1]
    assert after_main[1]["role"] == "alert"
    assert after_main[1]["tabindex"] == "-1"


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.suffix != ".svg"], ids=lambda path: path.name
)
def test_the_words_are_calm(core: Core, path: Path) -> None:
    """Nothing begs, blames or speaks like a computer; the sentences themselves are judged with the catalogs."""
    assert not UNCALM.findall(path.read_text("utf-8").lower())


def test_templates_switch_no_protection_off(core: Core) -> None:
    """No template marks a text as safe or turns escaping off (1.2.1)."""
    for path in ROOM.glob("templates/*"):
        assert not re.search(r"\|\s*safe\b|autoescape|\bMarkup\b", path.read_text("utf-8")), path.name
    assert "innerHTML" not in (ROOM / "static/page.js").read_text("utf-8")


def test_the_style_knows_no_left_or_right(core: Core) -> None:
    """Only logical properties are used, so the page turns around for scripts written from the right."""
    assert not PHYSICAL.findall((ROOM / "static/page.css").read_text("utf-8"))
    assert PHYSICAL.findall("a { margin-left: 0; width: 3px }") == ["margin-left", "width:"]


def _luminance(color: str) -> float:
    digits = color.lstrip("#")
    digits = digits if len(digits) == 6 else "".join(char * 2 for char in digits)
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_the_colors_can_be_told_apart(core: Core, scheme: int) -> None:
    """Text has a contrast of at least 4.5 and borders of 3, in both color schemes (WCAG 1.4.3, 1.4.11)."""
    css = (ROOM / "static/page.css").read_text("utf-8")
    block = re.findall(r":root \{(.*?)\}", css, re.DOTALL)[scheme]
    color = dict(re.findall(r"--([\w-]+): (#\w+)", block))
    for text in ("ink", "soft", "house", "house-strong", "bad", "good"):
        assert _contrast(color[text], color["paper"]) >= 4.5, text
        assert _contrast(color[text], color["tint"]) >= 4.5, text
    for back in ("house", "house-strong"):
        assert _contrast(color["on-house"], color[back]) >= 4.5
    assert _contrast(color["line"], color["paper"]) >= 3
    assert max(_contrast(color["focus"], color["paper"]), _contrast(color["focus-edge"], color["paper"])) >= 3
