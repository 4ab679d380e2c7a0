"""The company's record, field by field (S23, S29, R10, R49-R51)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import Invalid
from core.filter_keys import parse_words
from core.registration import LANGUAGES
from core.services.company import LOGO_MOST, edit_company, set_logo
from core.work import Work
from tui import keys
from tui.screens.actions import ActingList
from tui.screens.company_rows import (
    ADDRESS,
    CAP,
    IN_ORDER,
    LABELS,
    LANGUAGE,
    LOGO,
    CompanyField,
    company_ids,
    company_rows,
)
from tui.screens.import_jobs import check_is_file, located
from tui.screens.listing import ListKind
from tui.screens.picker import Choice, Picker
from tui.screens.place_form import LINE_BREAK, Asked, PlaceForm, Texts
from tui.screens.place_telling import TellingList
from tui.widgets.columns import Column


def _told(row: CompanyField) -> str:
    return row.told.replace("\n", LINE_BREAK)


COMPANY_COLUMNS: tuple[Column[CompanyField], ...] = (
    Column(key="field", title="Field", show=lambda row: row.label, width=16, least=16, most=16, priority=1, sortable=False),
    Column(key="value", title="Value", show=_told, width=56, least=30, most=100, priority=2, sortable=False),
)  # fmt: skip

COMPANY = ListKind(
    name=keys.COMPANY,
    title="Company",
    columns=COMPANY_COLUMNS,
    parse=parse_words,
    ids=company_ids,
    rows=company_rows,
    sort=IN_ORDER,
    empty="There is no company.",
)


class CompanyList(TellingList[CompanyField], inherit_bindings=True):
    """The fields; Enter or `e` edits the one under the cursor."""

    def sentence(self, row: CompanyField) -> str:
        """Return what the field is for."""
        return row.note

    def open_row(self, row_id: int) -> None:  # noqa: ARG002 - Enter means the row under the cursor
        """Edit the field."""
        self.do_edit("")

    def do_edit(self, argument: str) -> None:
        """Edit the field under the cursor."""
        row = self.row
        if row is None:
            return
        if row.name == CAP:
            self.say(row.note)
        elif row.name == LANGUAGE:
            self._choose_language(row)
        elif row.name == LOGO:
            self._open(row, Asked(LOGO, "Path of the image"), self._save_logo, argument)
        else:
            lines = row.name == ADDRESS
            self._open(row, Asked(row.name, row.label, row.text, lines=lines), _save, argument)

    def _open(self, row: CompanyField, asked: Asked, save: Any, argument: str) -> None:
        typed = {asked.name: argument} if argument else None
        form = PlaceForm(f"{row.label} of the company", (asked,), save, typed=typed, note=row.note)
        self.console.push_screen(form, self._form_left)

    def _form_left(self, sentence: str | None) -> None:
        if sentence is not None:
            self._saved(sentence)

    def _saved(self, sentence: str) -> None:
        self.grid.reread()
        self.read()
        self.say(sentence)

    def _choose_language(self, row: CompanyField) -> None:
        def taken(chosen: tuple[str, ...] | None) -> None:
            if chosen:
                wanted, seen = {LANGUAGE: chosen[0]}, {LANGUAGE: row.text}
                self.jobs.change(lambda work: _save(work, wanted, seen), self._saved, self.fail)

        choices = [Choice(code, name, code) for code, name in LANGUAGES.items()]
        self.console.push_screen(Picker("Language of the company", choices, taken=(row.text,)), taken)

    def _save_logo(self, work: Work, texts: Texts, _seen: Texts) -> str:
        """Read the image from this host, as far as this account may, and hand it to core."""
        path = texts[LOGO].strip()
        changed = set_logo(work, _image(path, self.console.settings.import_folder) if path else b"")
        if not changed:
            return "Nothing was changed."
        return "The logo is saved." if path else "The logo is taken away."


def _save(work: Work, texts: Texts, seen: Texts) -> str:
    changed = edit_company(work, texts, seen=seen)
    return f"{', '.join(LABELS[field] for field in texts)} saved." if changed else "Nothing was changed."


def _image(path: str, within: Path | None) -> bytes:
    """Return a file's bytes, one more than are allowed at most.

    Raises:
        UnreadableFile: missing, no file, outside `within`.
    """
    file = located(path, within)
    check_is_file(file)
    try:
        with file.open("rb") as opened:
            return opened.read(LOGO_MOST + 1)
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise Invalid(
            {LOGO: f"{file.name} cannot be read: {reason}. Check its name and its rights."}
        ) from None


def company_list() -> ActingList[Any]:
    """Return a new list of the company's fields."""
    return CompanyList(COMPANY)
