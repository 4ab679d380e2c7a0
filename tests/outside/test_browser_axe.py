"""axe-core has nothing to find and nothing to doubt: on every page in every state, and in every HTML mail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal

import pytest

from tests import letters, needs
from tests.outside.browsing import COLOR, clock_of, tab_of
from tests.outside.gallery import STATES, collect, hung_up
from tests.people import House
from tests.pseudo import mirrored

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

Scheme = Literal["light", "dark"]

WINDOW, PHONE = 1280, 320
SHOWN: list[tuple[int, Scheme]] = [(WINDOW, "light"), (WINDOW, "dark"), (PHONE, "light"), (PHONE, "dark")]
# What is no violation but could not be decided counts as well: nobody would look at it later.
JUDGE = """async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const found = await axe.run({runOnly: {type: 'tag', values: tags}, resultTypes: ['violations', 'incomplete']});
    return [...found.violations, ...found.incomplete].flatMap(rule =>
        rule.nodes.map(node => `${rule.id} ${node.target}: ${node.failureSummary ?? rule.help} | ${node.html}`));
}"""


@pytest.fixture(scope="module")
def judge(chromium: Browser) -> Iterator[Page]:
    """Lend a tab that has axe in every page."""
    with tab_of(chromium, bypass_csp=True) as tab:
        tab.add_init_script(path=needs.axe())
        yield tab


@pytest.fixture(scope="module")
def wall(dressed_house: House) -> Iterator[str]:
    """Lend the address before the names of all pages."""
    pages = collect(dressed_house, clock_of(dressed_house), pseudo=[mirrored()])
    pages |= collect(dressed_house, clock_of(dressed_house), ["ar"], [*STATES][:2], [mirrored()])
    with hung_up(dressed_house.core, pages) as url:
        yield url


def _found(judge: Page, shown: Iterable[tuple[int, Scheme]] = SHOWN) -> list[str]:
    found = []
    for width, scheme in shown:
        judge.set_viewport_size({"width": width, "height": 700})
        judge.emulate_media(color_scheme=scheme)
        found += [f"{width} {scheme}: {line}" for line in judge.evaluate(JUDGE)]
    return found


@pytest.mark.parametrize(
    "name", [*(f"{visit.__name__}.en" for visit in STATES), "form.ar", "form_with_errors.ar"]
)
def test_no_page_has_anything_to_find_or_to_doubt(judge: Page, wall: str, name: str) -> None:
    """Each page passes every rule of WCAG 2.2 A and AA in both color schemes, 320 and 1280 pixels wide."""
    answer = judge.goto(wall + name)
    assert answer is not None
    assert answer.status == next(status for visit, status in STATES.items() if visit.__name__ == name[:-3])
    assert _found(judge) == []


@pytest.mark.parametrize("password", ["abc", "long enough for anybody"], ids=["short", "long"])
def test_nor_has_the_form_while_a_password_is_typed(judge: Page, wall: str, password: str) -> None:
    """What the script shows passes as well: the password and how long it is."""
    judge.goto(f"{wall}form.en")
    judge.get_by_role("button", name="Show password").click()
    judge.fill("#password", password)
    assert judge.locator(".length").is_visible()
    assert _found(judge) == []


@pytest.mark.parametrize("kind", letters.KINDS)
def test_nor_has_any_mail(judge: Page, kind: str) -> None:
    """Each kind of mail passes in both color schemes, in a house color as well, on a phone and in a window."""
    judge.goto("about:blank")
    for color in ("", COLOR):
        judge.set_content(letters.html_of(kind, color=color))
        assert _found(judge, [(WINDOW, "light"), (PHONE, "dark")]) == []


def test_axe_does_see_what_is_wrong(judge: Page) -> None:
    """A page with faint text, a picture without words and a small target is not passed over."""
    judge.goto("about:blank")
    judge.set_content(
        "<html lang=en><title>x</title><style>a{display:inline-block;font-size:6px}</style>"
        "<p style='color: #bbb; background: #fff'>faint</p><img src='x.png'><a href='/'>a</a><a href='/'>b</a>"
    )
    rules = {line.split()[2] for line in _found(judge, [(WINDOW, "light")])}
    assert rules >= {"color-contrast", "image-alt", "target-size"}
