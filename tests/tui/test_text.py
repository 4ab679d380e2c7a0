"""The sanitiser and the fitting of text into cells."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style
from wcwidth import wcwidth

from tui.text import ASCII_GLYPHS, UNSHOWABLE, content, crop, fit, rich_text, shown, strip, width, wrap

ANYTHING = st.text(st.characters(exclude_categories=()))
HOSTILE = "Eve [/x][@click=app.quit]\x1b]52;c;aGVsbG8=\x07\x9b31m\u202e\u2028\ud800"
FAMILY = "👨\u200d👩\u200d👧"


def wcwidth_sum(text: str) -> int:
    """Return the width by the other library terminals are measured with, one character at a time."""
    return sum(wcwidth(char) for char in text)


def test_plain_text_stays_the_very_same_object() -> None:
    """ASCII without control characters is not copied."""
    text = "Jane Doe <jane@example.com>"
    assert shown(text) is text


def test_control_characters_become_their_pictures() -> None:
    """An escape sequence is readable and no longer one."""
    assert shown("\x1b]0;title\x07\r\n\t\x00\x7f") == "␛]0;title␇␍␊␉␀␡"


@pytest.mark.parametrize(
    "char",
    [
        "\x80",
        "\x9b",
        "\u061c",
        "\u200e",
        "\u202e",
        "\u2066",
        "\u2069",
        "\u2028",
        "\u2029",
        "\ufeff",
        "\ud800",
        "\U000e0041",
        "\u3164",
    ],
)
def test_what_acts_or_hides_becomes_a_visible_mark(char: str) -> None:
    """C1 controls, bidi controls, separators, surrogates, tags and fillers leave a trace."""
    assert shown(f"a{char}b") == f"a{UNSHOWABLE}b"


def test_letters_of_every_script_stay() -> None:
    """Sanitising is not flattening."""
    for name in ("Zoë", "محمد علي", "王小明", "Ірина", "नेहा", "می\u200cخواهم"):  # noqa: RUF001 - names
        assert shown(name) == name


def test_joined_emoji_come_apart_instead_of_having_two_widths() -> None:
    """A family is three faces; a skin tone and a variation selector fall off; a flag is its two letters."""
    assert shown(FAMILY) == "👨👩👧"
    assert shown("👋🏽 ❤\ufe0f 🇩🇪") == "👋 ❤ DE"


def test_a_mark_at_the_start_does_not_land_on_the_column_before() -> None:
    """A combining accent without a letter gets something to stand on."""
    assert shown("\u0301a") == "\N{DOTTED CIRCLE}\u0301a"


def test_piles_of_accents_are_cut() -> None:
    """A letter keeps a few accents; hundreds would cover the lines around it."""
    assert len(shown("q" + "\u0301" * 500)) == 5


def test_text_made_of_nothing_visible_is_not_shown_as_nothing() -> None:
    """Joiners alone leave a mark; only empty text is empty."""
    assert shown("\u200d\ufe0f") == UNSHOWABLE
    assert shown("") == ""


@given(ANYTHING)
@example(HOSTILE)
@example(FAMILY)
def test_what_is_shown_is_one_printable_line_and_stays_so(text: str) -> None:
    """No text whatever gets a control, bidi or line character through, and twice is as good as once."""
    clean = shown(text)
    assert all(char.isprintable() or char == "\u200c" or 0x20000 <= ord(char) <= 0x3FFFD for char in clean)
    assert shown(clean) == clean
    clean.encode()


@given(ANYTHING)
@example(HOSTILE)
def test_the_plain_form_is_ascii(text: str) -> None:
    """On a terminal that can only draw ASCII nothing else is sent."""
    assert shown(text, plain=True).isascii()
    assert shown(text, plain=True).isprintable() or text == ""


def test_accents_fall_off_in_the_plain_form() -> None:
    """Müller stays readable without its dots."""
    assert shown("Müller 王", plain=True) == "Muller ?"


def test_every_character_has_one_width_after_sanitising() -> None:
    """Textual's width table and the one other terminal programs use agree on whatever is shown."""
    planes = (*range(0x40000), *range(0xE0000, 0xE0200), 0xFFFFD, 0x10FFFD)
    told = ((code, shown(chr(code))) for code in planes)
    apart = [code for code, text in told if width(text) != wcwidth_sum(text)]
    assert apart == []


@given(ANYTHING, st.integers(0, 30), st.sampled_from(["left", "right"]))
@example(FAMILY, 3, "left")
@example("王小明", 4, "right")
def test_fitted_text_fills_its_cells_exactly(text: str, cells: int, align: str) -> None:
    """Columns stay aligned whatever is in them, by both width tables."""
    fitted = fit(shown(text), cells, "right" if align == "right" else "left")
    assert width(fitted) == cell_len(fitted) == wcwidth_sum(fitted) == cells


def test_a_wide_character_that_does_not_fit_leaves_a_blank() -> None:
    """Half a Chinese character is not drawn."""
    assert fit("王小明", 4) == "王… "
    assert fit("王小明", 6) == "王小明"
    assert fit("abc", 5, "right") == "  abc"


def test_cropping_keeps_accents_with_their_letter() -> None:
    """The cut falls behind a whole letter, and says that it is one."""
    assert crop("q\u0301q\u0301q\u0301", 2) == "q\u0301…"
    assert crop("abcdef", 4, more=ASCII_GLYPHS.more) == "abc~"
    assert crop("abc", 0) == ""


@given(ANYTHING, st.integers(2, 20))
def test_wrapped_lines_fit_and_lose_nothing_but_blanks(text: str, cells: int) -> None:
    """Wrapping keeps every visible character in order."""
    lines = wrap(text, cells)
    assert all(width(line) <= cells for line in lines)
    kept = "".join(shown(part) for part in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    assert "".join(lines).replace(" ", "") == kept.replace(" ", "")


def test_wrapping_breaks_at_blanks_and_keeps_line_feeds() -> None:
    """Words stay whole as long as they fit."""
    assert wrap("No invitations yet.\nPress i.", 12) == ["No", "invitations", "yet.", "Press i."]
    assert wrap("abcdefgh", 3) == ["abc", "def", "gh"]


def test_brackets_are_brackets_in_every_helper() -> None:
    """Markup in a name neither crashes nor acts."""
    line = strip(HOSTILE, 20, Style())
    assert content(HOSTILE).plain == rich_text(HOSTILE).plain == shown(HOSTILE)
    assert not content(HOSTILE).spans
    assert not rich_text(HOSTILE).spans
    assert line.cell_length == 20
    assert line.text == fit(shown(HOSTILE), 20)


def test_the_sanitiser_does_not_load_textual() -> None:
    """One-shot commands use it and must start fast."""
    code = "import sys, tui.text; sys.exit('textual' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
