"""The mails before anybody gets one: each kind in each language, as it would leave now about made-up facts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from core.errors import Problem
from core.mail.plain import without_isolates
from core.reading.mail import KINDS as WORDS
from core.registration import LANGUAGES
from core.services.previewing import KINDS, Preview, preview
from core.tongues import offered
from tui.owned_jobs import OwnedJobs
from tui.screens.facts import content_lines
from tui.text import content, wrap

if TYPE_CHECKING:
    from tui.app import Console

_KEYS = "←→ mail   l L language   ↑↓ scroll   Esc close"


class MailPreview(ModalScreen[None], inherit_bindings=False):
    """Shows the headers and the text of a mail; keys go to the next kind and the next language."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,ctrl+g,p", "dismiss", show=False, id="preview.close"),
        Binding("right,tab", "kind(1)", show=False, id="preview.next"),
        Binding("left,shift+tab", "kind(-1)", show=False, id="preview.previous"),
        Binding("l", "language(1)", show=False, id="preview.language"),
        Binding("L", "language(-1)", show=False, id="preview.language_before"),
        Binding("down,j", "scroll(1)", show=False, id="preview.down"),
        Binding("up,k", "scroll(-1)", show=False, id="preview.up"),
        Binding("pagedown,ctrl+d,space", "scroll(9)", show=False, id="preview.page_down"),
        Binding("pageup,ctrl+u", "scroll(-9)", show=False, id="preview.page_up"),
    ]

    def __init__(self, kind: str = KINDS[0], language: str = "") -> None:
        """Begin with a kind, in the company's language where none is named."""
        super().__init__()
        self._kind, self._language = kind, language
        self._preview: Preview | None = None

    def compose(self) -> ComposeResult:
        """Lay out the panel."""
        with Vertical(classes="panel tall"):
            yield Static("Preview", id="preview-title", classes="panel-title", markup=False)
            with VerticalScroll(id="facts", can_focus=False):
                yield Static("", id="preview-text", markup=False)
            yield Static(_KEYS, classes="panel-keys", markup=False)

    @property
    def main(self) -> Console:
        """The console."""
        return cast("Console", self.app)

    @property
    def holds_keys(self) -> bool:
        """Whether the first mail is on its way."""
        return self._preview is None

    def on_mount(self) -> None:
        """Ask for the first mail."""
        self._ask()

    def on_resize(self) -> None:
        """Break lines at the new width."""
        self.call_after_refresh(self._draw)

    def action_scroll(self, step: int) -> None:
        """Scroll by lines."""
        self._text_area.scroll_relative(y=step, animate=False)

    def action_kind(self, step: int) -> None:
        """Go to the next kind, or the one before."""
        self._kind = _after(KINDS, self._kind, step)
        self._ask()

    def action_language(self, step: int) -> None:
        """Go to the next language that mails are written in, or the one before."""
        written_in = self._language or (self._preview.language if self._preview else "")
        self._language = _after(offered(), written_in, step)
        self._ask()

    @property
    def _text_area(self) -> VerticalScroll:
        return self.query_one("#facts", VerticalScroll)

    def _ask(self) -> None:
        job = partial(preview, settings=self.main.settings, kind=self._kind, language=self._language)
        OwnedJobs(self.main.jobs, self).ask(job, self._answered, self._failed, latest="mail preview")

    def _answered(self, found: Preview) -> None:
        self._preview = found
        self._text_area.scroll_home(animate=False)
        self._draw()

    def _failed(self, problem: Problem) -> None:
        self.dismiss()
        self.main.say(problem.message)

    def _draw(self) -> None:
        if self._preview is None:
            return
        found = self._preview
        language = LANGUAGES.get(found.language, found.language)
        title = f"Preview: {WORDS[found.kind]}, {language}. Made-up facts; the link opens nothing."
        self.query_one("#preview-title", Static).update(content(title))
        room = max(20, self._text_area.size.width)
        told = "\n".join((*found.headers(), "", without_isolates(found.text).rstrip()))
        self.query_one("#preview-text", Static).update(content_lines(wrap(told, room)))


def _after(several: tuple[str, ...], one: str, step: int) -> str:
    place = several.index(one) if one in several else 0
    return several[(place + step) % len(several)]
