"""The colors of mails: the company's where it can be read, by day and by night."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.colors import ENOUGH, contrast
from core.mail.colors import DARK, LIGHT, in_house_color
from core.mail.parts import INVITATION
from tests.letters import html_of


@given(st.from_regex(r"#[0-9a-f]{6}", fullmatch=True))
@example("#ffffff")
@example("#000000")
@example("#767676")
def test_texts_can_be_read_on_their_background(color: str) -> None:
    """With any house color every text of a mail stands apart from what is behind it by 4.5 to 1, by day and by night."""
    for palette in (LIGHT, DARK, *in_house_color(color)):
        for ink in (palette.ink, palette.faint, palette.link):
            assert contrast(ink, palette.paper) >= ENOUGH
        assert contrast(palette.button_ink, palette.button) >= ENOUGH


def test_contrast_is_that_of_wcag() -> None:
    """Black on white is 21 to 1, a color on itself 1 to 1, and the order does not matter."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#336699", "#336699") == pytest.approx(1)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01) == contrast("#ffffff", "#767676")


@pytest.mark.parametrize(
    ("color", "by_day", "by_night"),
    [
        ("#0a7d33", "#0a7d33", None),
        ("#FFEE00", None, "#FFEE00"),
        ("", LIGHT.button, DARK.button),
        ("red", LIGHT.button, DARK.button),
        ("#0a7d33;}", LIGHT.button, DARK.button),
    ],
)
def test_a_house_color_is_used_where_it_can_be_read(
    color: str, by_day: str | None, by_night: str | None
) -> None:
    """It colors letterhead, button and links; where it cannot be read its nearest shade does, and a wrong one nothing."""
    html = html_of(INVITATION, color=color)
    day, _, night = html.partition("prefers-color-scheme: dark")
    for css, wanted in ((day, by_day), (night, by_night)):
        used = re.findall(r"button \{[^}]*background: ([^;]+);", css)
        assert [each.lower() for each in used] == [(wanted or used[0]).lower()]
        assert (used[0] in {LIGHT.button, DARK.button}) == (not re.fullmatch("#[0-9a-zA-Z]{6}", color))
    assert f"background: {re.findall(r'a.button .*background: ([^;]+)', day)[0]}; color: #ffffff" in day


def test_the_letterhead_is_the_companys_name_in_its_color() -> None:
    """Above the heading stands the company's name, in the house color and with an ink that can be read on it."""
    html = html_of(INVITATION, company="A & <b>Sons</b>", color="#0a7d33")
    head, _, rest = html.partition("</header>")
    assert "<p><bdi>A &amp; &lt;b&gt;Sons&lt;/b&gt;</bdi></p>" in head
    assert "<h1>" in rest
    [style] = re.findall(r"^header p \{.*background: (#\w{6}); color: (#\w{6});", html, re.MULTILINE)
    assert style == ("#0a7d33", "#ffffff")
    assert contrast(*style) >= ENOUGH
