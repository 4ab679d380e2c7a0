"""What is left out on the way to the terminal must not be missed there: the same screen, with fewer bytes."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pyte
import pytest
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.driver import Frame

COLUMNS, LINES = 40, 10
LETTERS = ["a", "b", " ", "é", "王", "e\u0301", "…", "▸", "─", "~"]
STYLES = ["", "1", "38;2;1;2;3;48;2;4;5;6", "7", "31", "1;97;104", "4;38;5;7;48;5;4", "48;5;4"]
BLANKS = 0.1


class Screens:
    """Two terminals: one gets everything, one what the frame leaves."""

    def __init__(self) -> None:
        self.all, self.less = pyte.Screen(COLUMNS, LINES), pyte.Screen(COLUMNS, LINES)
        self._all, self._less = pyte.Stream(self.all), pyte.Stream(self.less)
        self.frame = Frame()
        self.sent = 0

    def write(self, data: str) -> str:
        """Write to both; return what was left."""
        left = self.frame.lessen(data)
        self._all.feed(data.replace("\n", ""))
        self._less.feed(left)
        self.sent += len(left)
        return left

    def same(self) -> bool:
        """Return whether both show the same, cursor included."""
        cells = [
            [[seen(screen.buffer[y][x]) for x in range(COLUMNS)] for y in range(LINES)]
            for screen in (self.all, self.less)
        ]
        return cells[0] == cells[1] and (self.all.cursor.x, self.all.cursor.y) == (
            self.less.cursor.x,
            self.less.cursor.y,
        )


def seen(cell: Any) -> Any:
    """Return what can be seen of a cell: of a blank only its background, unless a line or reverse shows in it."""
    if cell.data != " " or cell.reverse or cell.underscore or cell.strikethrough:
        return cell
    return (" ", cell.bg)


def piece(chance: random.Random) -> str:
    """Return a cursor move and some styled text that stays on its line, as Textual writes it.

    Wide characters stand on even columns and pieces end there, because the emulator draws halves of them wrongly.
    """
    x = 2 * chance.randrange(COLUMNS // 2)
    end = x + 2 * chance.randrange(1, (COLUMNS - x) // 2 + 1)
    text = f"\x1b[{chance.randrange(LINES) + 1};{x + 1}H"
    while x < end:
        style, part = chance.choice(STYLES), ""
        if chance.random() < BLANKS:
            text += f"\x1b[{style}m{' ' * (end - x)}\x1b[0m" if style else " " * (end - x)
            break
        for _ in range(chance.randrange(1, 6)):
            letter = chance.choice(LETTERS if x % 2 == 0 else LETTERS[:4])
            if x < end:
                part += letter
                x += 2 if letter == "王" else 1
        text += f"\x1b[{style}m{part}\x1b[0m" if style else part
    return text + "\n"


@pytest.mark.parametrize("seed", range(40))
def test_the_terminal_looks_as_if_it_had_got_everything(seed: int) -> None:
    """Whatever is painted over whatever, cell for cell and style for style the screen is the same."""
    chance, screens = random.Random(seed), Screens()  # noqa: S311 - examples, not secrets
    screens.frame.erases = seed % 2 == 1
    for _ in range(60):
        screens.write("".join(piece(chance) for _ in range(chance.randrange(1, 8))) + "\x1b[3;4H")
        assert screens.same()


def test_painting_the_same_again_sends_nothing() -> None:
    """A frame that changes nothing is left out whole; one that moves the cursor sends the move."""
    screens = Screens()
    line = "\x1b[1;1H\x1b[1mhello\x1b[0m there\x1b[2;1H"
    assert screens.write(line)
    assert screens.write(line) == ""
    assert screens.write("\x1b[1;1H\x1b[1mhello\x1b[0m there\x1b[5;1H") == "\x1b[5;1H"
    assert screens.same()


def test_only_the_cells_that_changed_are_sent() -> None:
    """One letter in a line costs a move and a letter."""
    screens = Screens()
    screens.write("\x1b[1;1Hhello there\x1b[1;1H")
    assert screens.write("\x1b[1;1Hhello where\x1b[1;1H") == "\x1b[1;7Hw\x1b[1;1H"


@pytest.mark.parametrize("data", ["\x1b[?1049h", "\x1b[2J"])
def test_after_the_screen_was_cleared_everything_is_sent_again(data: str) -> None:
    """Nothing is taken for granted on another page."""
    screens = Screens()
    line = "\x1b[1;1Hhello\x1b[1;1H"
    screens.write(line)
    assert screens.frame.lessen(data) == data
    assert "hello" in screens.frame.lessen(line)


def test_what_is_no_frame_passes_as_it_is() -> None:
    """Modes, questions, the clipboard and the bell are not touched."""
    frame = Frame()
    for data in ("\x1b[?25l", "\x1b[?2026$p", "\x1b]52;c;aGk=\x07", "\x07", ""):
        assert frame.lessen(data) == data


@pytest.mark.parametrize(
    ("style", "left"),
    [
        ("1;38;5;123;48;2;10;20;30;7", "1;7"),
        ("31", ""),
        ("97;104;4", "4"),
        ("39;49", ""),
        ("2;30;47", "2"),
        ("1", "1"),
    ],
)
def test_a_colorless_frame_keeps_everything_but_color(style: str, left: str) -> None:
    """Bold, dim, underlined and reversed stay, colors of every depth go."""
    frame = Frame()
    frame.colorless = True
    sent = f"\x1b[1;1H\x1b[{left}mhello\x1b[2;1H\x1b[m" if left else "\x1b[1;1Hhello\x1b[2;1H"
    assert frame.lessen(f"\x1b[1;1H\x1b[{style}mhello\x1b[2;1H") == sent


def test_a_control_character_inside_a_frame_is_made_visible() -> None:
    """An escape sequence that got as far as a frame is drawn as signs."""
    left = Frame().lessen("\x1b[1;1Hname \x1b]52;c;aGk=\x07 \x9b2J end\x1b[1;1H")
    assert "name ␛]52;c;aGk=␇ �2J end" in left


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("▸● Zoë", ">* Zoe"),
        ("王!", "??!"),
        ("─│…", "-|~"),
        ("↑↓", "^v"),
        ("“a”", '"a"'),
        ("1–2", "1-2"),
        ("e\u0301x", "ex"),
    ],
)
def test_a_plain_terminal_gets_ascii_of_the_same_width(text: str, plain: str) -> None:
    """Where only ASCII can be drawn, every cell becomes one, and columns stay in line."""
    assert Frame(plain=True).lessen(f"\x1b[1;1H{text}\x1b[2;1H") == f"\x1b[1;1H{plain}\x1b[2;1H"


class Dialog(ModalScreen[None]):
    """A panel over the app."""

    def compose(self) -> ComposeResult:
        """Show a field."""
        with Vertical():
            yield Static("Question [x]", markup=False)
            yield Input()


class Sample(App[None]):
    """An app whose frames are caught as Textual writes them."""

    CSS = "Dialog { align: center bottom; } Dialog Vertical { height: 5; border: solid red; }"

    def compose(self) -> ComposeResult:
        """Show lines in several styles."""
        for number in range(8):
            yield Static(f"[b]line[/b] {number} 王 [red]{'x' * number}[/red]")


def test_textual_writes_frames_in_the_form_this_stands_on() -> None:
    """Every update of Textual's, full or partial, is moves, styles and text, and nothing of it is made visible."""

    async def run() -> list[str]:
        written: list[str] = []
        app: App[Any] = Sample()
        async with app.run_test(size=(COLUMNS, LINES)) as pilot:

            def catch(*, full: bool) -> None:
                compositor = app.screen._compositor
                update: Any = compositor.render_update(full=full, screen_stack=app._background_screens)
                if update is not None:
                    written.append(update.render_segments(app.console) + "\x1b[1;1H")

            catch(full=True)
            app.query(Static)[3].update("another 王 [b]text[/b]")
            app.screen._compositor.update_widgets(set(app.query(Static)))
            catch(full=False)
            await app.push_screen(Dialog())
            await pilot.pause()
            catch(full=True)
            await pilot.press("h", "i")
            catch(full=True)
        return written

    frames = asyncio.run(run())
    assert len(frames) >= 3
    screens = Screens()
    for frame in frames:
        left = screens.write(frame)
        assert "�" not in left
        assert "␛" not in left
        assert screens.same()
    shown = "\n".join(screens.less.display)
    assert "Question [x]" in shown
    assert "hi" in shown


def test_a_run_of_blanks_costs_a_few_bytes_where_the_terminal_can_blank() -> None:
    """A line that becomes empty is blanked, not written; blanks that already look so are not sent at all."""
    frame = Frame()
    frame.erases = True
    frame.lessen("\x1b[1;1H\x1b[1;48;5;4m" + "x" * COLUMNS + "\x1b[0m\x1b[1;1H")
    assert frame.lessen("\x1b[1;1H\x1b[1;48;5;4m" + " " * COLUMNS + "\x1b[0m\x1b[1;1H") == (
        "\x1b[1;1H\x1b[48;5;4m\x1b[40X\x1b[1;1H\x1b[m"
    )
    assert frame.lessen("\x1b[1;1H\x1b[31;48;5;4m" + " " * COLUMNS + "\x1b[0m\x1b[1;1H") == ""
