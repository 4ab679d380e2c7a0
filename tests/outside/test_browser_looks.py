"""How the page looks in a real Chromium: nothing cut, nothing too small, in any language, scheme and size; and on paper."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader

from core.colors import contrast
from core.tongues import offered, tongue_of
from tests import letters
from tests.outside.browsing import COLOR, PASSWORD, Site, clock_of, fill_in, running_site, tab_of
from tests.outside.gallery import STATES, Collector, collect, hung_up
from tests.people import House
from tests.pseudo import accented, mirrored

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

# What WCAG 1.4.12 lets a reader set.
SPACED = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-block-end: 2em !important }"
BOTH, CUTS = "320 pixels, text twice as large", "cuts its text"  # no browser breaks the line of a select
SETTINGS: dict[str, tuple[int, str]] = {
    "320 pixels": (320, ""),
    "320 pixels, spaced": (320, SPACED),
    "1280 pixels, text twice as large": (1280, "html { font-size: 200% }"),
    BOTH: (320, "html { font-size: 200% }"),
    "1280 pixels": (1280, ""),
}
SET = """css => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [sheet];
}"""
MISFITS = """() => {
    const found = [], root = document.documentElement, smallest = 24;
    const name = e => e.localName + (e.id && '#' + e.id) + (e.className && '.' + e.className);
    if (root.scrollWidth > root.clientWidth) found.push(`the page scrolls sideways: ${root.scrollWidth}`);
    for (const e of document.body.querySelectorAll('*:not(option, .unseen)')) {
        if (!e.checkVisibility()) continue;
        const box = e.getBoundingClientRect();
        if (box.left < -.5 || box.right > root.clientWidth + .5) found.push(`${name(e)} sticks out of the window`);
        if (e.matches('input, textarea, bdi, span, a:not(.button)')) continue;
        if (e.scrollWidth > e.clientWidth + 1 || e.matches('button, .button') && e.scrollHeight > e.clientHeight + 1)
            found.push(`${name(e)} is too small for its text`);
    }
    for (const e of document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea'))
        for (const box of e.getClientRects())
            if (Math.min(box.width, box.height) < smallest) found.push(`${name(e)} is ${box.width} by ${box.height}`);
    const pen = document.createElement('canvas').getContext('2d');
    for (const e of document.querySelectorAll('select')) {
        const style = getComputedStyle(e), arrow = 20;
        pen.font = style.font;
        pen.letterSpacing = style.letterSpacing;
        pen.wordSpacing = style.wordSpacing;
        const room = e.clientWidth - parseFloat(style.paddingInlineStart) - parseFloat(style.paddingInlineEnd) - arrow;
        if (pen.measureText(e.selectedOptions[0].label).width > room) found.push(`${name(e)} cuts its text`);
    }
    return found;
}"""
HEX = "const hex = c => '#' + c.match(/[0-9.]+/g).slice(0, 3).map(n => (+n).toString(16).padStart(2, '0')).join('');"
BEHIND = """const clear = c => /^rgba.*, 0\\)$/.test(c);
    const behind = e => { const c = getComputedStyle(e).backgroundColor; return clear(c) ? behind(e.parentElement) : c; };"""
RING = f"""() => {{ {HEX} {BEHIND}
    const e = document.activeElement, style = getComputedStyle(e), ground = hex(behind(e.parentElement));
    const shadow = style.boxShadow.match(/rgba?\\([^)]*\\)/);
    return {{
        name: e.localName + e.id, last: e.matches('nav li:last-child a'), ground,
        line: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
        colors: [style.outlineColor, ...(shadow ? [shadow[0]] : [])].map(hex),
    }};
}}"""
EDGES = f"""() => {{ {HEX} {BEHIND}
    return [...document.querySelectorAll('input:not([type=hidden]), textarea, select, button, .button')].map(e => {{
        const style = getComputedStyle(e), shown = [style.borderTopColor, style.backgroundColor].filter(c => !clear(c));
        return {{ name: e.localName + e.id, ground: hex(behind(e.parentElement)), colors: shown.map(hex) }};
    }});
}}"""
TEXTS = f"""() => {{ {HEX} {BEHIND}
    return [...document.querySelectorAll('body *:not(.unseen, option)')].filter(e => e.checkVisibility()
        && [...e.childNodes].some(n => n.nodeType === Node.TEXT_NODE && n.data.trim())).map(e =>
        ({{ name: e.localName + e.id, ground: hex(behind(e)), colors: [hex(getComputedStyle(e).color)] }}));
}}"""
MEDIA: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "forced_colors": "none"},
    "forced light": {"color_scheme": "light", "forced_colors": "active"},
    "forced dark": {"color_scheme": "dark", "forced_colors": "active"},
}
ADDRESS_LINE = "<span class='url' style='font-size: 8pt'></span>"  # what browsers print below a page
IN_EACH_LANGUAGE = (Collector.form_with_errors, Collector.expired_while_typing)


@pytest.fixture(scope="module")
def wall(dressed_house: House) -> Iterator[str]:
    """Lend the address before the names of all pages with longer words, and of a few kinds in each language."""
    clock = clock_of(dressed_house)
    pages = collect(dressed_house, clock, ["en-XA"], pseudo=[accented()])
    pages |= collect(dressed_house, clock, [*offered(), "ar"], IN_EACH_LANGUAGE, [mirrored()])
    with hung_up(dressed_house.core, pages) as url:
        yield url


@pytest.fixture(scope="module")
def site(dressed_house: House) -> Iterator[Site]:
    """Lend the page."""
    with running_site(dressed_house, signs_in=True) as running:
        yield running


@pytest.fixture(scope="module")
def one_tab(chromium: Browser) -> Iterator[Page]:
    """Lend one tab for many pages: a fresh browser for each takes longer than the look."""
    with tab_of(chromium) as tab:
        yield tab


@pytest.fixture
def eye(one_tab: Page) -> Page:
    """Return the tab as it was in the beginning."""
    one_tab.set_viewport_size({"width": 1280, "height": 800})
    one_tab.emulate_media(**MEDIA["light"])
    return one_tab


def _misfits(eye: Page) -> list[str]:
    found = []
    for name, (width, css) in SETTINGS.items():
        eye.set_viewport_size({"width": width, "height": 800})
        eye.evaluate(SET, css)
        found += [f"{name}: {line}" for line in eye.evaluate(MISFITS)]
    return [line for line in found if not line.startswith(BOTH) or CUTS not in line]


def _faint(shown: list[dict[str, Any]], least: float) -> list[dict[str, Any]]:
    """Return what none of its colors sets off from its ground."""
    assert shown
    return [
        each
        for each in shown
        if max((contrast(color, each["ground"]) for color in each["colors"]), default=0) < least
    ]


# --- sizes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [visit.__name__ for visit in STATES])
def test_no_text_is_too_long_for_its_page(eye: Page, wall: str, state: str) -> None:
    """With words two fifths longer than English nothing is cut or scrolls sideways, and each target has 24 pixels."""
    eye.goto(f"{wall}{state}.en-XA")
    assert [line for line in _misfits(eye) if CUTS not in line] == []


@pytest.mark.parametrize("code", [*offered(), "ar"])
def test_no_language_is_too_long_for_the_form(eye: Page, wall: str, code: str) -> None:
    """Nothing is cut or scrolls sideways in any language, nor where it is written from the right."""
    for visit in IN_EACH_LANGUAGE:
        eye.goto(f"{wall}{visit.__name__}.{code}")
        assert _misfits(eye) == []


def test_nothing_is_cut_while_a_password_is_typed(eye: Page, wall: str) -> None:
    """The button beside the password and the line below it fit as well."""
    eye.goto(f"{wall}form.en-XA")
    eye.fill("#password", "abc")
    assert eye.locator(".length").is_visible()
    assert [line for line in _misfits(eye) if CUTS not in line] == []


@pytest.mark.parametrize("kind", letters.KINDS)
def test_no_mail_is_too_wide_for_a_phone(eye: Page, kind: str) -> None:
    """No mail scrolls sideways on 320 pixels, with longer words or written from the right."""
    eye.goto("about:blank")
    eye.set_viewport_size({"width": 320, "height": 800})
    for tongue in (accented(), mirrored()):
        eye.set_content(letters.html_of(kind, tongue, color=COLOR))
        assert eye.get_attribute("html", "dir") == tongue.direction
        assert not [line for line in eye.evaluate(MISFITS) if "scrolls" in line or "sticks out" in line]


# --- colors -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("media", MEDIA)
def test_the_focus_is_seen_everywhere(eye: Page, wall: str, media: str) -> None:
    """Whatever the keyboard reaches gets a ring that stands out from its ground, also in a reader's own colors."""
    eye.emulate_media(**MEDIA[media])
    eye.goto(f"{wall}form_with_errors.en")
    seen: list[dict[str, Any]] = []
    while not (seen and seen[-1]["last"]):
        eye.keyboard.press("Tab")
        seen.append(eye.evaluate(RING))
    assert len({each["name"] for each in seen}) > len(IN_EACH_LANGUAGE)
    assert [each for each in seen if each["line"] < 2] == []
    assert _faint(seen, 3) == []


@pytest.mark.parametrize("media", MEDIA)
def test_fields_and_buttons_are_seen(eye: Page, wall: str, media: str) -> None:
    """Each has an edge or a face that stands out, also in a reader's own colors, where axe cannot judge the text."""
    eye.emulate_media(**MEDIA[media])
    for state in ("form_with_errors", "used"):
        eye.goto(f"{wall}{state}.en-XA")
        assert _faint(eye.evaluate(EDGES), 3) == []
        assert _faint(eye.evaluate(TEXTS), 4.5) == []


def test_the_logo_is_shown(eye: Page, wall: str) -> None:
    """It is as high as the page left room for, and as wide, and keeps its white paper in a reader's own colors."""
    eye.goto(f"{wall}form.en-XA")
    size = "image => [image.naturalWidth, image.naturalHeight, image.clientWidth, image.clientHeight, image.width]"
    assert eye.eval_on_selector("header img", size) == [152, 80, 76, 40, 76]
    eye.emulate_media(**MEDIA["forced dark"])
    paper = eye.eval_on_selector("header img", "image => getComputedStyle(image).backgroundColor")
    assert paper == "rgb(255, 255, 255)"


# --- written from the right ---------------------------------------------------------------------------------------


def test_a_page_written_from_the_right_is_turned_around(eye: Page, wall: str) -> None:
    """Text and marks stand at the right, what is Latin by nature runs from left to right."""
    eye.goto(f"{wall}form_with_errors.ar")
    assert eye.get_attribute("html", "dir") == "rtl"
    turned = """() => {
        const right = e => e.getBoundingClientRect().right, main = document.querySelector('main');
        const words = document.createRange();
        words.selectNodeContents(document.querySelector('h1'));
        const show = document.querySelector('.show').getBoundingClientRect();
        return [
            Math.abs(right(words) - right(main) + parseFloat(getComputedStyle(main).paddingInlineStart)) < 1,
            getComputedStyle(document.querySelector('.wrong')).borderRightStyle,
            show.right < document.querySelector('#password').getBoundingClientRect().left,
        ];
    }"""
    assert eye.evaluate(turned) == [True, "solid", True]
    directions = (
        "names => names.map(name => getComputedStyle(document.querySelector(`[name=${name}]`)).direction)"
    )
    latin = ["email", "password", "phone", "born_day", "born_year"]
    assert eye.evaluate(directions, latin) == ["ltr"] * len(latin)
    eye.goto(f"{wall}expired_while_typing.ar")
    assert eye.eval_on_selector("[href^=mailto]", "link => getComputedStyle(link).direction") == "ltr"


# --- on paper -----------------------------------------------------------------------------------------------------


def test_the_form_can_be_printed(chromium: Browser, site: Site) -> None:
    """What was typed is on paper, black on white even from a dark screen; no button, token or password is."""
    link = site.link("printer@example.com")
    with tab_of(chromium, color_scheme="dark") as tab:
        tab.goto(link)
        fill_in(tab, job_title="Head of printing")
        pages = PdfReader(io.BytesIO(tab.pdf(display_header_footer=True, footer_template=ADDRESS_LINE))).pages
        printed = " ".join(" ".join(page.extract_text() for page in pages).split())
        tab.emulate_media(media="print", color_scheme="dark")
        assert {each["ground"] for each in tab.evaluate(TEXTS)} == {"#ffffff"}
        assert _faint(tab.evaluate(TEXTS), 7) == []
        for unseen in ("button", "nav", ".length"):
            assert not [each for each in tab.locator(unseen).all() if each.is_visible()]
    say = tongue_of("en").say
    for text in (
        say("Create your account"),
        "Engine Works",
        "Berg",
        "printer@example.com",
        "Head of printing",
        "/register",
    ):
        assert text in printed
    for text in (link.rpartition("/")[2], PASSWORD, say("Create account"), "Deutsch"):
        assert text not in printed
