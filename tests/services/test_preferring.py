"""What the console remembers for each admin: saved views and how the lists were left, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import Invalid, Missing, NameTaken, Problem
from core.passwords import Password
from core.reading import preferences
from core.services.preferring import KEYS, VALUE_BYTES, View, drop_view, remember, rename_view, save_view
from tests.people import House
from tests.services import rows

SLEEPERS = View("seen>90d", "seen", True, [["name", 20], ["seen", 12]])


def save(house: House, name: str, view: View = SLEEPERS, *, of_list: str = "users") -> int:
    """Save a view as the admin."""
    with house.core.work(house.admin) as work:
        return save_view(work, of_list, name, view)


def names(house: House, of_list: str = "users") -> list[str]:
    """Return the names of the admin's views of a list."""
    with house.core.look(house.admin) as look:
        return [view.name for view in preferences.views(look, of_list)]


def test_a_view_comes_back_as_it_was_saved(company: House) -> None:
    """Filter, order and columns of a saved view are found again by its name, whatever its case."""
    saved = save(company, "Sleepers")
    with company.core.look(company.admin) as look:
        found = preferences.view(look, "users", "SLEEPERS")
    assert (found.id, found.name, found.filter, found.sort, found.descending, found.columns) == (
        saved,
        "Sleepers",
        "seen>90d",
        "seen",
        True,
        (["name", 20], ["seen", 12]),
    )


def test_saving_under_the_same_name_replaces(company: House) -> None:
    """A second view of the same name takes the first one's place; on another list it is another view."""
    first = save(company, "Mine")
    assert save(company, "MINE", View("role:trainer")) == first
    save(company, "Mine", View("state:open"), of_list="invitations")
    with company.core.look(company.admin) as look:
        assert [(view.name, view.filter) for view in preferences.views(look, "users")] == [
            ("MINE", "role:trainer")
        ]
        assert preferences.view(look, "invitations", "mine").filter == "state:open"


def test_views_are_renamed_and_dropped(company: House) -> None:
    """A view takes a new name unless another has it, and is gone once dropped; unknown names list what there is."""
    save(company, "One")
    save(company, "Two")
    with company.core.work(company.admin) as work:
        rename_view(work, "users", "one", "ONE")
        with pytest.raises(NameTaken):
            rename_view(work, "users", "one", "two")
    assert names(company) == ["ONE", "Two"]
    with company.core.work(company.admin) as work:
        drop_view(work, "users", "one")
        with pytest.raises(Missing, match="There is: Two"):
            drop_view(work, "users", "one")
    assert names(company) == ["Two"]


def test_everybody_has_their_own(company: House) -> None:
    """Another admin neither sees one's views nor what is remembered."""
    save(company, "Mine")
    rows.add_admin(
        company.core, "cy@example.com", company.core.ports.hasher.hash(Password.parse(company.password))
    )
    other = company.sign_in("cy@example.com")
    with company.core.work(company.admin) as work:
        remember(work, "theme", "dark")
    with company.core.look(other) as look:
        assert preferences.views(look, "users") == []
        assert preferences.recall(look, "theme") is None


def test_what_is_remembered_comes_back(company: House) -> None:
    """A value is replaced by the next one under the same key and forgotten by None."""
    with company.core.work(company.admin) as work:
        remember(work, "list.users", {"sort": "name", "columns": ["name", "role"]})
        remember(work, "list.users", {"sort": "role", "columns": []})
        remember(work, "theme", "dark")
    with company.core.look(company.admin) as look:
        assert preferences.recall(look, "list.users") == {"sort": "role", "columns": []}
        assert preferences.recall_all(look) == {
            "list.users": {"sort": "role", "columns": []},
            "theme": "dark",
        }
    with company.core.work(company.admin) as work:
        remember(work, "theme", None)
    with company.core.look(company.admin) as look:
        assert preferences.recall(look, "theme") is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("nonsense", 1),
        (KEYS[0], "x" * VALUE_BYTES),
        (KEYS[0], object()),
        (KEYS[0], float("nan")),
        (KEYS[0], ["a\0b"]),
    ],
)
def test_what_cannot_be_remembered_is_refused(company: House, key: str, value: Any) -> None:
    """Unknown keys, too much of it, and what JSON or a database cannot hold are refused with a sentence."""
    with pytest.raises(Invalid), company.core.work(company.admin) as work:
        remember(work, key, value)


@pytest.mark.parametrize(
    ("of_list", "name", "view"),
    [
        ("nonsense", "Mine", View()),
        ("users", "  ", View()),
        ("users", "x" * 61, View()),
        ("users", "Mine", View(filter="x" * 2001)),
        ("users", "Mine", View(columns=["x" * VALUE_BYTES])),
    ],
)
def test_a_view_that_cannot_be_kept_is_refused(company: House, of_list: str, name: str, view: View) -> None:
    """Unknown lists, names that are none, and what is too long are refused."""
    with pytest.raises(Invalid):
        save(company, name, view, of_list=of_list)


def test_the_operator_of_the_host_has_no_memory(company: House) -> None:
    """Without an account there is nobody to remember things for."""
    with pytest.raises(Problem, match="There is no account"), company.core.operator() as work:
        remember(work, "theme", "dark")
    with company.core.operator_look() as look:
        assert preferences.views(look, "users") == []
