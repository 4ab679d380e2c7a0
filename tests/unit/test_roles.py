"""The ladder and what each step may do (S8-S10)."""

from __future__ import annotations

import itertools

import pytest

from core.roles import Permission, Role, permissions_of


def test_the_ladder_has_five_steps_in_order() -> None:
    """Learner < Trainer < Content Manager < Company Admin < Operator (S8)."""
    assert [role.label for role in sorted(Role)] == [
        "Learner", "Trainer", "Content Manager", "Company Admin", "Operator",
    ]  # fmt: skip


def test_each_role_includes_the_one_before() -> None:
    """Whatever a role may do, the next higher one may too (S8)."""
    ladder = sorted(Role)
    for lower, higher in itertools.pairwise(ladder):
        assert set(permissions_of(lower)) <= set(permissions_of(higher))


def test_managing_starts_at_company_admin_and_the_host_at_operator() -> None:
    """Below Company Admin there is one's own account only, and the host belongs to the operator (S9, S10)."""
    assert permissions_of(Role.CONTENT_MANAGER) == permissions_of(Role.LEARNER) == (Permission.OWN_ACCOUNT,)
    assert set(Permission) - set(permissions_of(Role.COMPANY_ADMIN)) == {Permission.RUN_HOST}
    assert set(permissions_of(Role.OPERATOR)) == set(Permission)


@pytest.mark.parametrize(
    "text", ["content-manager", "Content Manager", "CONTENT_MANAGER", "  content  manager "]
)
def test_a_role_is_found_however_it_is_written(text: str) -> None:
    """Case, blanks and underscores do not matter in the name of a role."""
    assert Role.from_slug(text) is Role.CONTENT_MANAGER


@pytest.mark.parametrize("text", ["", "40", "admin", "content", "Operator!"])
def test_what_is_no_role_is_none(text: str) -> None:
    """A number, a part of a name or anything else is not a role."""
    assert Role.from_slug(text) is None


def test_every_role_says_what_it_is_for() -> None:
    """Each role has a slug that leads back to it and a line about its work."""
    for role in Role:
        assert Role.from_slug(role.slug) is role
        assert role.summary
