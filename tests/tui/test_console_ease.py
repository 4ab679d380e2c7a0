"""What makes the console easy: completion, history, the palette, themes, and that it remembers."""

from __future__ import annotations

import pytest

from core.models import Department
from core.reading.preferences import recall_all
from core.roles import Role
from tests.databases import sqlite_only
from tests.people import House
from tests.tui.console_app import Admin, play

pytestmark = [sqlite_only, pytest.mark.slow]


@pytest.fixture
def crowd(company: House) -> House:
    """Return a company with two people beside the admin."""
    company.register("bo@example.com", Role.TRAINER, department="Sales")
    company.register("cyrus@example.com", first_name="Cyrus", last_name="Çelik")
    return company


def test_the_prompt_makes_commands_and_their_arguments_whole(crowd: House) -> None:
    """Tab puts the first of what is offered, again the next, and behind a name it offers what that command takes."""

    async def story(admin: Admin) -> None:
        await admin.type(":inv")
        assert admin.lines[22].startswith(" invite  invitations ")
        await admin.type("\t")
        assert admin.lines[23] == " :invite"
        await admin.type("\t")
        assert admin.lines[23] == " :invitations"
        await admin.type("\x15role ")
        assert "learner  trainer  content-manager" in admin.lines[22]
        assert "operator" not in admin.lines[22]
        await admin.type("tr\t")
        assert admin.lines[23] == " :role trainer"
        await admin.type("\x15theme ansi-l\t\r")
        assert admin.console.theme == "ansi-light"
        await admin.type(":department su\t")
        assert admin.lines[23] == " :department Support"

    play(crowd.core, story)


def test_the_filter_prompt_makes_words_whole(crowd: House) -> None:
    """What may come next stands above the prompt, and Tab puts it behind what is typed already."""

    async def story(admin: Admin) -> None:
        await admin.type("/berg role:tr")
        assert "role:trainer" in admin.lines[22]
        await admin.type("\t\r")
        assert admin.lines[22].startswith(" /berg role:trainer")
        assert "Bo Berg" in admin.text

    play(crowd.core, story)


def test_the_filter_prompt_counts_and_names_the_wrong_word_while_typing(crowd: House) -> None:
    """After a pause the number of matches is there, and a wrong word is named, both before Enter."""

    async def story(admin: Admin) -> None:
        await admin.type("/example")
        await admin.pilot.pause(0.4)
        await admin.quiet()
        assert "3 match" in admin.lines[22]
        await admin.type(" color:red ")
        await admin.pilot.pause(0.4)
        await admin.quiet()
        assert "there is no key color" in admin.said
        await admin.press("escape")
        assert "no key color" not in admin.text
        assert "1–3 of 3" in admin.lines[22]

    play(crowd.core, story)


def test_the_arrows_go_through_what_was_typed_before(crowd: House) -> None:
    """Up goes back through the commands, down forward to what was begun, and filters are kept apart from commands."""

    async def story(admin: Admin) -> None:
        await admin.type(":users berg\r:users\r/cyrus\r")
        await admin.type(":xy")
        await admin.press("up")
        assert admin.lines[23] == " :users"
        await admin.press("up", "up")
        assert admin.lines[23] == " :users berg"
        await admin.press("down", "down")
        assert admin.lines[23] == " :xy"
        await admin.type("\x1b/")
        await admin.press("up")
        assert admin.lines[23] == " /berg cyrus"

    play(crowd.core, story)


def test_the_palette_finds_by_any_word_shows_the_key_and_runs(crowd: House) -> None:
    """Letters in order are enough, the key stands in front, and Enter runs what is under the cursor."""

    async def story(admin: Admin) -> None:
        await admin.press("ctrl+p")
        await admin.type("mail trail")
        assert "Nothing fits what was typed." in admin.text
        await admin.type("\x15old new audit")
        assert "7      :audit" in admin.text
        await admin.press("enter")
        assert "[7 Audit]" in admin.lines[0]

    play(crowd.core, story)


def test_the_palette_says_why_a_command_is_refused_here(crowd: House) -> None:
    """A command of another list is there, marked as not now, with the reason below, and Enter does not run it."""

    async def story(admin: Admin) -> None:
        await admin.press("ctrl+p")
        await admin.type("renew")
        assert "not now" in admin.row(":renew")
        assert "Renew works on the list of invitations." in admin.said
        await admin.press("enter")
        assert ":renew" in admin.text
        await admin.press("escape")
        assert "[1 Users]" in admin.lines[0]

    play(crowd.core, story)


def test_the_help_has_topics_that_the_cursor_passes_over(crowd: House) -> None:
    """Headings stand over their commands, and going down never stops on one."""

    async def story(admin: Admin) -> None:
        await admin.press("question_mark")
        assert "  This row" in admin.text
        for _ in range(5):
            await admin.press("down")
            [line] = [line for line in admin.lines[5:] if line.startswith(" ▸")]
            assert ":" in line

    play(crowd.core, story, size=(120, 40))


def test_what_the_console_has_said_can_be_read_again(crowd: House) -> None:
    """`E` shows the sentences of this session, the newest first."""

    async def story(admin: Admin) -> None:
        await admin.type(":dance\r")
        await admin.press("minus", "j", "E")
        said = admin.text
        assert said.index("There is no list before this one.") < said.index("There is no command dance.")

    play(crowd.core, story)


def test_an_unknown_theme_is_named_and_those_there_are_listed(crowd: House) -> None:
    """`:theme` with another word lists the five."""

    async def story(admin: Admin) -> None:
        await admin.type(":theme neon\r")
        assert "There is no theme neon. There is: dark, light, ansi-dark, ansi-light, plain." in admin.said

    play(crowd.core, story)


@pytest.mark.parametrize("name", ["dark", "light", "ansi-dark", "ansi-light", "plain"])
def test_every_theme_shows_the_same_words(crowd: House, name: str) -> None:
    """State is in words and signs, so the text of the screen is the same in every theme."""
    texts: list[str] = []

    async def story(admin: Admin) -> None:
        await admin.press("space")
        texts.append(admin.text)
        admin.console.use_theme(name)
        await admin.pilot.pause()
        texts.append(admin.text)
        assert admin.console.frame.colorless is (name == "plain")

    play(crowd.core, story)
    assert texts[0] == texts[1]


def test_theme_filter_and_order_are_there_again_at_the_next_sign_in(crowd: House) -> None:
    """Signing out keeps them for this admin, and signing in brings them back."""

    async def leave(admin: Admin) -> None:
        await admin.type(":theme plain\r/example\r")
        await admin.press("right", "right_square_bracket", "O")
        assert "You are signed out." in admin.text

    async def come_back(admin: Admin) -> None:
        assert admin.console.theme == "plain"
        assert admin.lines[22].startswith(" /example")
        assert "▸Name" in admin.lines[1]
        assert "Email▼" in admin.lines[1]

    play(crowd.core, leave)
    with crowd.core.look(crowd.admin) as look:
        assert recall_all(look)["theme"] == "plain"
    play(crowd.core, come_back)


def test_quitting_remembers_too_and_a_filter_that_makes_no_sense_any_more_is_dropped(crowd: House) -> None:
    """The filter of a department that is gone does not keep the list from opening."""

    async def leave(admin: Admin) -> None:
        await admin.type("/dept:support\r")
        await admin.press("Q")

    async def come_back(admin: Admin) -> None:
        assert "there is no department support" in admin.said
        assert "Bo Berg" in admin.text

    play(crowd.core, leave)
    with crowd.core.operator() as work:
        work.db.delete(work.db.get_one(Department, crowd.departments["Support"]))
    play(crowd.core, come_back)


def test_rows_are_copied_as_a_table_in_which_nothing_is_a_formula(company: House) -> None:
    """`Y` copies titles and cells with tabs between them, and says how many rows it were."""
    company.register("eve@example.com", first_name="=HYPERLINK(1)", last_name="Eve")

    async def story(admin: Admin) -> None:
        await admin.press("Y")
        assert "1 row copied." in admin.said
        await admin.press("asterisk", "Y")
        assert "2 rows copied." in admin.said
        titles, *rows = [line.split("\t") for line in admin.copied.splitlines()]
        assert titles[:3] == ["Name", "Email", "Role"]
        assert {row[0] for row in rows} == {"Ada Byron", "'=HYPERLINK(1) Eve"}

    play(company.core, story)
