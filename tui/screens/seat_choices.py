"""What the marked people can get or lose: seats of licenses, with the room there is; refusals are core's."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from datetime import date
from functools import partial

from core.filters import Filter
from core.reading import licenses
from core.services.people import GiveSeat, TakeSeat
from core.work import Look
from tui.screens.license_words import ends, room_of, state_of
from tui.screens.picker import Choice
from tui.screens.plan_people import Wanted

GIVE, TAKE = "give:", "take:"
NOTHING = "No license is recorded yet. The operator of the host adds one: academy license add NAME --seats N."
NOTHING_HELD = "No seat of any license is held here."
MOST = 1000


def to_give(look: Look, own: Container[int] = ()) -> list[Choice]:
    """Return the licenses with the seats that are free; those without room or out of force come last and say why.

    Args:
        look: where.
        own: the licenses of which the only person it is about holds a seat already.
    """
    found = licenses.first(look, Filter(), limit=MOST)
    return [
        Choice(
            f"{GIVE}{each.id}",
            each.name,
            "  ".join(["holds a seat"] * (each.id in own) + [room_of(each), ends(each)]),
            each.closed.message if each.closed is not None else "",
            state_of(each),
        )
        for each in sorted(found, key=lambda row: row.closed is not None)
    ]


def to_take(ids: Sequence[int], look: Look) -> list[Choice]:
    """Return the licenses of which seats are held: by the only person it is about, or by anybody."""
    own = _own(ids, look)
    used = [each for each in licenses.first(look, Filter(), limit=MOST) if each.used]
    held = used if own is None else [each for each in used if each.id in own]
    choices = [
        Choice(
            f"{TAKE}{each.id}",
            each.name,
            f"{f'{each.used:,} in use' if own is None else f'held since {own[each.id]}'}  {ends(each)}",
        )
        for each in held
    ]
    if len(held) > 1:
        keys = ",".join(str(each.id) for each in held)
        choices.append(Choice(f"{TAKE}{keys}", "every license", f"the seats of all {len(held)}"))
    return choices


def to_give_or_take(ids: Sequence[int], look: Look) -> list[Choice]:
    """Return both under headings; nothing where there is no license."""
    give, take = to_give(look, _own(ids, look) or ()), to_take(ids, look)
    headed = [Choice("", "Give a seat", is_heading=True), *give] if give else []
    return [*headed, Choice("", "Take a seat back", is_heading=True), *take] if take else headed


def readers(ids: Sequence[int]) -> tuple[partial[list[Choice]], partial[list[Choice]]]:
    """Return what reads the choices of both, and of taking alone, for some people."""
    return partial(to_give_or_take, ids), partial(to_take, ids)


def seats_wanted(keys: Sequence[str], choices: Iterable[Choice]) -> Wanted:
    """Return the change that gives or takes what was chosen."""
    key = keys[0]
    name = next(each.label for each in choices if each.key == key)
    if key.startswith(GIVE):
        return give(int(key.removeprefix(GIVE)), name)
    return take(tuple(map(int, key.removeprefix(TAKE).split(","))), name)


def give(license_id: int, name: str) -> Wanted:
    """Return the change that gives a seat."""
    return Wanted(GiveSeat(license_id), f"Give a seat of {name}", f"give a seat: {name}", " to ")


def take(license_ids: tuple[int, ...], name: str) -> Wanted:
    """Return the change that takes seats back; `name` is that of the license, or says how many."""
    what = f"the seat of {name}" if len(license_ids) == 1 else f"every seat of {len(license_ids)} licenses"
    return Wanted(TakeSeat(license_ids), f"Take {what}", f"revoke: {name}", " from ")


def _own(ids: Sequence[int], look: Look) -> dict[int, date] | None:
    """Return the licenses of the only person it is about, and since when they hold a seat; None for several people."""
    if len(ids) != 1:
        return None
    return {each.license_id: each.held_since.date() for each in licenses.seats_of(look, ids[0])}
