"""The people of a small company, registered and looked at, for tests of bulk changes in the console."""

from __future__ import annotations

from core.filter_keys import parse_users
from core.reading import users
from core.reading.users import UserRow
from core.roles import Role
from tests.people import House

ADA, BO, CY, DI = "ada@example.com", "bo@example.com", "cy@example.com", "di@example.com"


def crew(house: House) -> dict[str, int]:
    """Register two learners and a trainer; return address -> id."""
    return {
        BO: house.register(BO, department="Sales"),
        CY: house.register(CY, Role.TRAINER, first_name="Cy", last_name="Dahl"),
        DI: house.register(DI, first_name="Di", last_name="Eis", department="Support"),
    }


def crowd(house: House, number: int) -> list[int]:
    """Register that many learners; return their ids."""
    return [house.register(f"p{each}@example.com", last_name=f"P{each:03}") for each in range(number)]


def people(house: House) -> dict[str, UserRow]:
    """Return everybody by address, as lists show them."""
    with house.core.operator_look() as look:
        every = [row_id for chunk in users.ids(look, parse_users("status:any")) for row_id in chunk]
        return {row.address: row for row in users.rows(look, every)}


def roles(house: House) -> dict[str, Role]:
    """Return everybody's role by address."""
    return {address: row.role for address, row in people(house).items()}
