"""What a verb on people can be about: roles, departments, learning groups, languages; refusals are core's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.reading import company
from core.registration import LANGUAGES
from core.roles import Role
from core.services.people import GiveRole, Place, SetJobTitle, SetLanguage
from core.work import Look
from tui.screens.group_picker import JOIN, LEAVE
from tui.screens.picker import Choice
from tui.screens.plan_people import Wanted

NOWHERE, OWN_LANGUAGE = "none", "default"
_NO_DEPARTMENT, _COMPANYS = "no department", "the company's language"


def role_choices(look: Look) -> list[Choice]:
    """Return the ladder; what is out of reach says why and who could give it (R55)."""
    return [
        Choice(
            each.role.slug,
            each.role.label,
            each.role.summary,
            each.refusal.message if each.refusal else "",
            role=each.role,
        )
        for each in company.roles(look)
    ]


def department_choices(look: Look) -> list[Choice]:
    """Return the departments, and none of them first."""
    return [
        Choice(NOWHERE, _NO_DEPARTMENT),
        *(Choice(str(each.id), each.name) for each in company.departments(look)),
    ]


def group_choices(look: Look) -> list[Choice]:
    """Return the learning groups."""
    return [Choice(str(each.id), each.name) for each in company.groups(look)]


def language_choices(_look: Look) -> list[Choice]:
    """Return the languages of the platform, and the company's first."""
    return [Choice(OWN_LANGUAGE, _COMPANYS), *(Choice(code, name, code) for code, name in LANGUAGES.items())]


def role_wanted(keys: Sequence[str], _choices: Iterable[Choice]) -> Wanted:
    """Return the change that gives the chosen role."""
    role = Role.from_slug(keys[0]) or Role.LEARNER
    return Wanted(GiveRole(role), f"Role → {role.label}", f"role: {role.label}")


def department_wanted(keys: Sequence[str], choices: Iterable[Choice]) -> Wanted:
    """Return the change that puts people into the chosen department, or out of any."""
    name = _names(choices)[keys[0]]
    place = Place(department_id=None if keys[0] == NOWHERE else int(keys[0]))
    return Wanted(place, f"Department → {name}", f"department: {name}")


def groups_wanted(keys: Sequence[str], choices: Iterable[Choice]) -> Wanted:
    """Return the change that lets people join and leave the chosen groups."""
    names = _names(choices)
    join = [key[1:] for key in keys if key.startswith(JOIN)]
    leave = [key[1:] for key in keys if key.startswith(LEAVE)]
    parts = [
        f"{word} {', '.join(names[key] for key in some)}"
        for word, some in (("join", join), ("leave", leave))
        if some
    ]
    text = " and ".join(parts)
    place = Place(join=tuple(map(int, join)), leave=tuple(map(int, leave)))
    return Wanted(place, text[:1].upper() + text[1:], text)


def language_wanted(keys: Sequence[str], choices: Iterable[Choice]) -> Wanted:
    """Return the change that sets the chosen language."""
    code = "" if keys[0] == OWN_LANGUAGE else keys[0]
    name = _names(choices)[keys[0]]
    return Wanted(SetLanguage(code), f"Language → {name}", f"language: {name}")


def title_wanted(text: str) -> Wanted:
    """Return the change that sets a job title, or clears it."""
    return Wanted(SetJobTitle(text), f"Job title → {text or 'none'}", f"job title: {text or 'none'}")


def named(text: str, choices: Sequence[Choice]) -> Choice | str:
    """Return the choice that was typed: by key or by name, or the only one that begins so; else a sentence."""
    wanted = text.strip().casefold()
    exact = [each for each in choices if wanted in {each.key.casefold(), each.label.casefold()}]
    begun = exact or [each for each in choices if each.label.casefold().startswith(wanted)]
    if len(begun) != 1:
        known = ", ".join(each.label for each in (begun or choices))
        return (
            f"Which one is {text}? There is: {known}." if begun else f"There is no {text}. There is: {known}."
        )
    return begun[0] if not begun[0].refusal else begun[0].refusal


def several_named(text: str, choices: Sequence[Choice]) -> tuple[str, ...] | str:
    """Return the groups that were typed, parted by commas, those behind a minus to leave; else a sentence."""
    found = []
    for word in filter(None, (part.strip() for part in text.split(","))):
        sign = LEAVE if word.startswith(LEAVE) else JOIN
        choice = named(word.lstrip("+-"), choices)
        if isinstance(choice, str):
            return choice
        found.append(f"{sign}{choice.key}")
    return tuple(found)


def _names(choices: Iterable[Choice]) -> dict[str, str]:
    return {each.key: each.label for each in choices}
