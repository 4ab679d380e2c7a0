"""The operator is whoever runs the host: no account can get that role (S10, S12, R34), on both databases."""

from __future__ import annotations

import pytest

from core.errors import RoleNotBelowOwn
from core.roles import Role
from core.services.editing import Edit, edit
from core.services.inviting import Offer, invite
from core.services.people import Archive, GiveRole
from core.work import Work
from tests.people import House
from tests.services.changes import change_on_host


def test_no_verb_gives_the_role_of_the_operator(company: House) -> None:
    """Not even on the host is it given, by change, edit or invitation; so every account stays within reach there."""
    bo = company.register("bo@example.com")

    def edited(work: Work) -> None:
        edit(work, Edit(bo, {"role": "operator"}))

    def invited(work: Work) -> None:
        invite(work, "cy@example.com", Offer(Role.OPERATOR))

    for verb in (edited, invited):
        with pytest.raises(RoleNotBelowOwn), company.core.operator() as work:
            verb(work)
    with pytest.raises(RoleNotBelowOwn):
        change_on_host(company.core, [bo], GiveRole(Role.OPERATOR))
    assert change_on_host(company.core, [bo, company.admin_id], Archive()).done == 2
