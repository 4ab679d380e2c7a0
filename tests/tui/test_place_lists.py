"""The lists of departments, learning groups, roles and the company's record: what they show and what can be done there."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from core.models import Company, Department, Group
from core.reading.company import record
from core.roles import Role
from core.services.company import edit_company, set_cap
from core.services.places import add_department, add_group, edit_department, edit_group
from tests.databases import sqlite_only
from tests.people import House
from tests.services import rows
from tests.tui.console_app import Admin, play

pytestmark = [sqlite_only, pytest.mark.slow]

TO_SAVE = {"4": "", "5": "\t\t\t"}  # how to come from the name of a new one to the end of its form
NASTY = (
    "\u0627\u0644\u0645\u0628\u064a\u0639\u0627\u062a",
    "\u9500\u552e\u90e8\u95e8",
    "Crew \U0001f469\u200d\U0001f692\U0001f3fd",
    "Bu\u0308ro \u0301\u0302\u0303\u0304\u0305\u0306",
    "[bold red]Legal[/]",
    "\x1b]52;c;aGk=\x07Stores",
    "\u202eelas",
)


@pytest.fixture
def crowd(company: House) -> House:
    """Return a company with Bo and the archived Cy in Sales, and an invitation to Sales and Q3 onboarding."""
    company.register(
        "bo@example.com", Role.TRAINER, department="Sales", groups=["Q3 onboarding", "Night shift"]
    )
    cy = company.register("cy@example.com", first_name="Cy", department="Sales", groups=["Q3 onboarding"])
    rows.archive(company.core, cy)
    company.invite("eve@example.com", department="Sales", groups=["Q3 onboarding"])
    with company.core.work(company.admin) as work:
        edit_group(work, company.groups["Q3 onboarding"], {"max_size": "2", "description": "First\nweeks"})
    return company


def names(house: House, model: type[Department | Group]) -> list[str]:
    """Return the names of all departments or learning groups."""
    return [row.name for row in rows.all_of(house.core, select(model.name).order_by(model.id))]


# --- what they show ---------------------------------------------------------------------------------------------


def test_the_departments_at_80x24_to_the_letter(crowd: House) -> None:
    """Departments by name with people, archived people and invitations, and the keys that act on them."""

    async def story(admin: Admin) -> None:
        await admin.press("4")
        assert admin.lines[1:5] == [
            "  ▸Department▲                   People  Archived   Invited   Expired",
            "▸  Sales                              1         1         1         0",
            "   Support                            0         0         0         0",
            "",
        ]
        assert "[4 Departments]" in admin.lines[0]
        assert admin.lines[22].endswith("1–2 of 2")
        assert admin.lines[23].startswith(" n new   Enter open   r rename   e edit   m merge   D delete")

    play(crowd.core, story)


def test_the_groups_at_80x24_to_the_letter(crowd: House) -> None:
    """Learning groups with members, maximum size and room; a full one says so in words."""

    async def story(admin: Admin) -> None:
        await admin.press("5")
        assert admin.lines[1:4] == [
            "  ▸Learning group▲        People   Most     Room  Invited  Archived Description",
            "▸  Night shift                 1   none no limit        0         0",
            "   Q3 onboarding               1      2     full        1         1 First weeks",
        ]

    play(crowd.core, story)


def test_wide_screens_show_everything(crowd: House) -> None:
    """At 120x40 the groups have room for the expired invitations and the roles for what their holders do."""

    async def story(admin: Admin) -> None:
        await admin.press("5")
        assert admin.lines[1].split() == [
            "▸Learning", "group▲", "People", "Most", "Room", "Invited", "Archived", "Expired", "Description",
        ]  # fmt: skip
        await admin.press("6")
        assert "manages users, roles, licenses, branding and settings" in admin.row("Company Admin")
        await admin.press("9")
        assert len(admin.lines) == 40
        assert admin.row("Most users").split(maxsplit=2)[2] == "no limit; 2 active, 1 invited"

    play(crowd.core, story, size=(120, 40))


def test_the_ladder_at_80x24_to_the_letter(crowd: House) -> None:
    """The highest role stands first; the one under the cursor says why it is out of reach and who could give it (R55)."""

    async def story(admin: Admin) -> None:
        await admin.press("6")
        assert admin.lines[1:7] == [
            "  ▸Role▼              People  Invited You give it  What a holder does",
            "▸  Operator                0        0 out of reach runs the platform; given on …",
            "   Company Admin           1        0 out of reach manages users, roles, licens…",
            "   Content Manager         0        0 yes          builds paths and templates, …",
            "   Trainer                 1        0 yes          runs own courses, enrolls an…",
            "   Learner                 0        1 yes          takes courses, earns certifi…",
        ]
        assert (
            "Operator is not below your own role (Company Admin). It is given on the host only." in admin.said
        )
        await admin.press("j")
        assert "appointed by the operator of the host" in admin.said
        await admin.press("j", "j")
        assert "Trainer: runs own courses, enrolls and follows participants." in admin.said

    play(crowd.core, story)


def test_the_company_at_80x24_to_the_letter(crowd: House) -> None:
    """Every field of the record with its value; the one under the cursor says what it is for."""
    with crowd.core.operator() as work:
        set_cap(work, 2)
        edit_company(work, {"color": "#0550ae", "address": "Kai 5\n20457 Hamburg"})

    async def story(admin: Admin) -> None:
        await admin.press("9")
        assert admin.lines[2:12] == [
            "▸  Name             Engine Works",
            "   Email            not given",
            "   Phone            not given",
            "   Website          not given",
            "   Address          Kai 5 | 20457 Hamburg",
            "   Days links work  7",
            "   Language         English",
            "   House color      #0550ae, contrast 7.6 on white",
            "   Logo             not given",
            "   Most users       2; 2 active, 1 invited, 1 more than that, so nobody new",
        ]
        assert "On the console, the page and in every mail." in admin.said
        await admin.press("G", "e")
        assert "Only the operator sets it, on the host: academy company set cap=500" in admin.said

    play(crowd.core, story)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_nasty_names_break_no_list_and_no_dialog(company: House, size: tuple[int, int]) -> None:
    """Arabic, Chinese, emoji, piled marks, markup and escape codes stay on their line, in lists, forms and pickers."""
    with company.core.work(company.admin) as work:
        for name in NASTY:
            company.departments[name], company.groups[name] = (
                add_department(work, name),
                add_group(work, name, description=name, max_size=3),
            )
    company.register("bo@example.com", department="Sales", groups=["Night shift"])

    async def story(admin: Admin) -> None:
        for key, first in (("4", "Sales"), ("5", "Night shift")):
            await admin.press(key)
            assert len(admin.lines) == size[1]
            assert "\x1b" not in admin.text
            assert "[bold red]Legal[/]" in admin.text
            assert "␛]52;c;aGk=␇Stores" in admin.text
            places = [line for line in admin.lines if line.endswith((" 0", " 1"))]
            assert len({line.rstrip()[-1:] for line in places}) <= 2
            await admin.type(f"/{first}\r")
            await admin.press("m")
            for shown in ("[bold red]Legal[/]", "␛]52;c;aGk=␇Stores", "销售部门"):
                assert shown in admin.text
            await admin.press("escape", "escape")
            for _row in range(len(NASTY) + 2):
                await admin.press("r", "enter")
                assert "Nothing was changed." in admin.said
                await admin.press("j")

    before = names(company, Department), names(company, Group)
    play(company.core, story, size=size)
    assert (names(company, Department), names(company, Group)) == before


# --- departments and groups -------------------------------------------------------------------------------------


def test_a_department_is_added_renamed_and_deleted_by_keys(company: House) -> None:
    """`n`, `r` and `D` do it, each with a sentence; what is taken is refused in the form that stays open."""

    async def story(admin: Admin) -> None:
        await admin.press("4")
        await admin.type("nsales\r")
        assert "A department named sales exists already." in admin.said
        await admin.press("backspace", "backspace", "backspace", "backspace", "backspace")
        await admin.type("Stores\r")
        assert "The department Stores is added." in admin.said
        await admin.type("/stores\r")
        await admin.type("r North\r")
        assert "Stores North is saved." in admin.said
        await admin.press("D")
        assert "Delete the department Stores North?" in admin.said
        await admin.press("y")
        assert "The department Stores North is deleted." in admin.said

    play(company.core, story)
    assert names(company, Department) == ["Sales", "Support"]


@pytest.mark.parametrize(("key", "model"), [("4", Department), ("5", Group)])
def test_after_n_the_keys_mean_the_new_row(company: House, key: str, model: type[Department | Group]) -> None:
    """What is typed in one burst behind `n` renames the new one; where a filter hides it, that is said."""

    async def story(admin: Admin) -> None:
        await admin.type(f"{key}nStores{TO_SAVE[key]}\rr North\r")
        assert "Stores North is saved." in admin.said
        assert admin.row("Stores North").startswith("▸")
        await admin.type(f"/Stores\rnYard{TO_SAVE[key]}\r")
        assert "Yard is added. It is hidden here; Esc shows all." in admin.said

    play(company.core, story)
    assert names(company, model)[2:] == ["Stores North", "Yard"]


def test_what_is_not_empty_is_not_deleted_and_says_why(crowd: House) -> None:
    """`D` on a department with people names them, archived ones too, and asks nothing (S24)."""

    async def story(admin: Admin) -> None:
        await admin.press("4", "D")
        assert (
            "it has 1 active person, 1 archived person and 1 open or expired invitation. Merge it into another "
            "department, or move them out first." in admin.said
        )
        assert "y yes" not in admin.text

    play(crowd.core, story)
    assert names(crowd, Department) == ["Sales", "Support"]


def test_a_department_is_merged_and_the_merge_taken_back(crowd: House) -> None:
    """`m`, a choice, the plan and `y` move everybody; `u` and `y` bring the department back (R60)."""

    async def story(admin: Admin) -> None:
        await admin.press("4", "m")
        assert "Merge Sales into" in admin.text
        await admin.press("enter")
        assert "Merge Sales into Support" in admin.text
        assert admin.row("Sales → Support").split()[-4:] == ["2", "Sales", "→", "Support"]
        assert "1 of them archived." in admin.text
        assert "Merge Sales into Support for 3: 2 people and 1 invitation" in admin.text
        assert "1 open or expired invitation will move too." in admin.text
        assert "The department Sales will be dropped." in admin.text
        assert "y apply to 3" in admin.text
        await admin.press("y")
        assert "Sales is merged into Support: 2 people moved." in admin.said
        assert not any(line.startswith("▸  Sales") for line in admin.lines)
        await admin.press("u")
        assert "Take back “Sales into Support” for 3: 2 people and 1 invitation" in admin.text
        assert "1 open or expired invitation will move back too." in admin.said
        await admin.press("y")
        assert "Done: Take back “Sales into Support” for 3: 2 people and 1 invitation" in admin.text
        await admin.press("escape")
        assert "“Sales into Support” is taken back for 3: 2 people and 1 invitation." in admin.said
        await admin.press("4")
        assert admin.row("Sales").split()[-5:] == ["Sales", "1", "1", "1", "0"]

    play(crowd.core, story)


def test_a_merge_names_its_target_behind_the_colon(crowd: House) -> None:
    """`:merge NAME` goes straight to the plan; a name that is not there is said with those that are."""

    async def story(admin: Admin) -> None:
        await admin.press("4")
        await admin.type(":merge Stores\r")
        assert "There is no other department Stores. There is: Support." in admin.said
        await admin.type(":merge support\r")
        assert "Merge Sales into Support" in admin.text
        await admin.press("escape")
        assert "Nothing was changed." in admin.said
        await admin.press("j", "m")
        assert "Nobody is in Support. D deletes it." in admin.said

    play(crowd.core, story)


def test_a_group_that_is_too_small_takes_nobody_in(crowd: House) -> None:
    """A merge over the maximum size is refused with the number that is needed (S30)."""
    rows.set_group_size(crowd.core, crowd.groups["Night shift"], 1)

    async def story(admin: Admin) -> None:
        await admin.press("5", "j", "m", "enter")
        assert "open invitations need 2. Allow 2 or more" in admin.said

    play(crowd.core, story)


def test_a_group_is_edited_in_a_form_that_stays_until_it_is_right(crowd: House) -> None:
    """`e` shows every field; a maximum below what is held is refused with the rest kept; `|` begins a new line (S30)."""

    async def story(admin: Admin) -> None:
        await admin.press("5", "j", "e")
        assert admin.value("Description") == "First | weeks"
        await admin.press("tab")
        await admin.press("end")
        await admin.type(" | and more")
        await admin.press("tab", "end", "backspace")
        await admin.type("1\t\r")
        assert "A maximum size of 1 is too small" in admin.said
        assert admin.value("Description") == "First | weeks | and more"
        await admin.press("up", "end", "backspace")
        await admin.type("9\t\r")
        assert "Q3 onboarding is saved." in admin.said

    play(crowd.core, story)
    with crowd.core.operator_look() as look:
        group = look.db.get_one(Group, crowd.groups["Q3 onboarding"])
        assert (group.description, group.max_size) == ("First\nweeks\nand more", 9)


def test_two_admins_who_rename_at_once_do_not_overwrite_each_other(company: House) -> None:
    """The form tells what the name was, is and was to be; only `y` overwrites it."""

    async def story(admin: Admin) -> None:
        await admin.press("4", "r")
        with company.core.operator() as work:
            edit_department(work, company.departments["Sales"], {"name": "Vertrieb"})
        await admin.type(" Team\r")
        said = " ".join(admin.text.split())
        assert "“Sales” when you looked and is “Vertrieb” now (operator" in said
        assert "you wanted “Sales Team”" in said
        await admin.press("n")
        assert names(company, Department)[0] == "Vertrieb"
        await admin.press("enter", "y")
        assert "Sales Team is saved." in admin.said

    play(company.core, story)
    assert names(company, Department)[0] == "Sales Team"


def test_enter_shows_who_is_in_it(crowd: House) -> None:
    """Enter goes to the people of a department, a learning group or a role; archived people where there are only such."""
    with crowd.core.work(crowd.admin) as work:
        add_department(work, 'The "A" team')
    rows.archive(crowd.core, crowd.register("di@example.com", first_name="Di", department="Support"))

    async def story(admin: Admin) -> None:
        await admin.press("4", "enter")
        assert "[1 Users]" in admin.lines[0]
        assert "/dept:Sales" in admin.lines[22]
        assert "Bo Berg" in admin.lines[2]
        await admin.press("4", "j", "enter")
        assert "/dept:Support status:any" in admin.lines[22]
        assert "Di Berg" in admin.lines[2]
        await admin.press("5", "enter")
        assert '/group:"Night shift"' in admin.lines[22]
        await admin.press("6", "G", "k", "enter")
        assert "/role:trainer" in admin.lines[22]
        await admin.press("4", "G", "enter")
        assert "/dept:" in admin.lines[22]
        assert "filter word" not in admin.said

    play(crowd.core, story)


def test_keys_that_arrive_with_the_list_wait_for_its_rows(company: House) -> None:
    """`4` and `r` in one burst rename the first department: the key waits until it is there."""

    async def story(admin: Admin) -> None:
        await admin.type("4r North\r")
        assert "Sales North is saved." in admin.said

    play(company.core, story)


def test_an_empty_list_says_what_to_press(company: House) -> None:
    """Without any department the list names the key that adds one, and keys that need a row say so."""
    with company.core.operator() as work:
        work.db.query(Department).delete()

    async def story(admin: Admin) -> None:
        await admin.press("4")
        assert "No departments yet. Press n to add one." in admin.text
        for key in ("r", "e", "m", "D"):
            await admin.press(key)
            assert "There is no department here. n adds one." in admin.said

    play(company.core, story)


def test_what_is_marked_elsewhere_is_not_taken_for_the_row_under_the_cursor(company: House) -> None:
    """With another row marked the keys that change one department change none and say what to do."""

    async def story(admin: Admin) -> None:
        await admin.press("4", "space")
        for key in ("r", "e", "m", "D"):
            await admin.press(key)
            assert "but 1 row is marked. M unmarks, then press it again." in admin.said
        await admin.press("k", "D")
        assert "Delete the department Sales?" in admin.said

    play(company.core, story)


# --- roles and company ------------------------------------------------------------------------------------------


def test_w_on_a_role_tells_what_it_permits(company: House) -> None:
    """`w` lists what a role permits and what it does not, who holds it and who may give it (R55)."""

    async def story(admin: Admin) -> None:
        await admin.press("6", "w")
        assert "May be given by" in admin.text
        assert "change own password" in admin.text

    play(company.core, story)


def test_fields_of_the_company_are_edited_one_by_one(company: House) -> None:
    """Enter and `e` open a field; what is wrong is said with what to do, and what is right is saved (S23, S29)."""

    async def story(admin: Admin) -> None:
        await admin.press("9", "e")
        await admin.type(" & Sons\r")
        assert "Name saved." in admin.said
        assert "Engine Works & Sons" in admin.row("Name  ")
        await admin.press("j", "enter")
        await admin.type("help\r")
        assert "is not an email address" in admin.said
        await admin.type("@example.com\r")
        assert "Email saved." in admin.said
        await admin.type(":8\r")
        await admin.type("e#ffcc00\r")
        assert "#8e7200 is the nearest shade that can be read." in admin.said
        await admin.press("escape")
        await admin.type(":5\r")
        await admin.press("e")
        await admin.type("\x1b[200~Kai 5\n20457 Hamburg\x1b[201~\r")
        assert "Kai 5 | 20457 Hamburg" in admin.row("Address")
        await admin.type(":7\re")
        await admin.type("deut\r")
        assert "Deutsch" in admin.row("Language")

    play(company.core, story)
    with company.core.operator_look() as look:
        fields = record(look).fields
    assert (fields["name"], fields["email"], fields["address"], fields["language"]) == (
        "Engine Works & Sons", "help@example.com", "Kai 5\n20457 Hamburg", "de",
    )  # fmt: skip


def test_a_logo_is_taken_from_a_file_of_this_host(company: House, tmp_path: Path) -> None:
    """A PNG is saved and told by kind and size; a missing file, a folder and a text are refused."""
    image, text = tmp_path / "a.png", tmp_path / "a.txt"
    image.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 92)
    text.write_text("no image")

    async def story(admin: Admin) -> None:
        for path, sentence in (
            (tmp_path / "none.png", "cannot be read"),
            (tmp_path, "cannot be read"),
            (text, "must be a PNG or a JPEG image"),
        ):
            await admin.press("9")
            await admin.type(":9\re")
            await admin.type(f"{path}\r")
            assert sentence in admin.said
            await admin.press("escape")
        await admin.type(f":9\re{image}\r")
        assert "The logo is saved." in admin.said
        assert admin.row("Logo").endswith("PNG, 100 bytes")
        await admin.type("e\r")
        assert "The logo is taken away." in admin.said

    play(company.core, story)
    assert rows.all_of(company.core, select(Company.logo)) == [(None,)]


def test_two_admins_who_edit_the_company_at_once_do_not_overwrite_each_other(company: House) -> None:
    """The form tells what the field was, is and was to be, and who changed it."""

    async def story(admin: Admin) -> None:
        await admin.press("9", "e")
        with company.core.operator() as work:
            edit_company(work, {"name": "Motor Works"})
        await admin.type(" Ltd\r")
        assert "“Engine Works” when you looked and is “Motor Works” now" in " ".join(admin.text.split())
        await admin.press("n", "escape")
        await admin.notice_changes()
        assert "Motor Works" in admin.row("Name  ")

    play(company.core, story)
