"""What the invited will get: role, department, learning groups and days, as fields of a form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input, Static

from core.reading import company
from core.reading.company import CompanyRow, Place, RoleChoice
from core.roles import Role
from core.services.inviting import MOST_DAYS, Offer
from core.work import Look
from tui.screens.picker import Choice, Picker
from tui.text import content
from tui.widgets.field import Field

NONE = "none"
HOW_MANY_DAYS = f"Enter the days as a number from 1 to {MOST_DAYS}."


@dataclass(frozen=True)
class Options:
    """What there is to choose from, read when the form opens."""

    company: CompanyRow
    roles: list[RoleChoice]
    departments: list[Place]
    groups: list[Place]


def read_options(look: Look) -> Options:
    """Return what there is to choose from."""
    return Options(
        company.company(look), company.roles(look), company.departments(look), company.groups(look)
    )


@dataclass(frozen=True)
class Wish:
    """What was chosen.

    Attributes:
        roles: any number; the highest includes the others (R16), none means Learner (R23).
        department: id, or None.
        groups: ids.
        days: how long the link works; None for the company's setting.
    """

    roles: tuple[Role, ...] = ()
    department: int | None = None
    groups: tuple[int, ...] = ()
    days: int | None = None

    @property
    def role(self) -> Role:
        """The role that is given."""
        return max(self.roles, default=Role.LEARNER)

    @property
    def role_text(self) -> str:
        """The role for a person; where several were ticked it says why this one."""
        if len(self.roles) < 2:  # noqa: PLR2004 - several
            return self.role.label
        return f"{self.role.label}, the highest of {', '.join(role.label for role in sorted(self.roles))}"

    @property
    def offer(self) -> Offer:
        """The same for core."""
        return Offer(self.role, self.department, self.groups, self.days)


class ChoiceField(Static, can_focus=True):
    """A line that shows what was chosen; Enter or Space opens the list to choose from."""

    def __init__(self, name: str, text: str = "") -> None:
        """Make a field whose id is `name`."""
        super().__init__(text, id=name, markup=False)


class OfferFields(Vertical):
    """The fields; they can be walked at once, and open their lists as soon as these are known."""

    def __init__(self, wish: Wish | None = None, *, several_roles: bool = False) -> None:
        """Begin with a wish.

        Args:
            wish: what was chosen before.
            several_roles: whether several roles can be ticked.
        """
        super().__init__()
        self._wish = wish or Wish()
        self._several_roles = several_roles
        self._options: Options | None = None
        self._opening = ""

    def compose(self) -> ComposeResult:
        """Lay out a line for each."""
        yield from labeled("Role", ChoiceField("role"))
        yield from labeled("Department", ChoiceField("department"))
        yield from labeled("Learning groups", ChoiceField("groups"))
        days = "" if self._wish.days is None else str(self._wish.days)
        yield from labeled("Days the link works", Field("days", text=days))

    def show_options(self, options: Options) -> None:
        """Take what there is to choose from; a list that was asked for meanwhile opens."""
        self._options = options
        days = self.query_one("#days", Input)
        days.value = days.value or str(options.company.link_days)
        self._draw()
        focused = self.screen.focused
        if self._opening and focused is not None and focused.id == self._opening:
            self.choose(self._opening)

    def choose(self, name: str) -> None:
        """Open the list of a field, at once or as soon as it is known."""
        if self._options is None:
            self._opening = name
        elif name == "role":
            self._choose_role(self._options)
        elif name == "department":
            self._choose_department(self._options)
        elif name == "groups":
            self._choose_groups(self._options)

    @property
    def is_opening(self) -> bool:
        """Whether a list was asked for that is not known yet."""
        return bool(self._opening) and self._options is None

    def stop_opening(self) -> None:
        """Wait no longer: the lists could not be read."""
        self._opening = ""

    @property
    def wish(self) -> Wish | None:
        """What is chosen; None while the days are no number."""
        days = self.query_one("#days", Input).value.strip()
        if not (days.isascii() and days.isdigit()):
            return None
        return Wish(self._wish.roles, self._wish.department, self._wish.groups, int(days))

    def _choose_role(self, options: Options) -> None:
        """Show the ladder; what is out of reach says why and who could give it (R55)."""
        choices = [
            Choice(
                each.role.slug,
                each.role.label,
                each.role.summary,
                each.refusal.message if each.refusal else "",
                role=each.role,
            )
            for each in options.roles
        ]
        taken = tuple(role.slug for role in self._wish.roles) or (Role.LEARNER.slug,)
        if self._several_roles and len(taken) == 1:
            taken = ()  # so that Enter takes the role under the cursor

        def chosen(keys: tuple[str, ...] | None) -> None:
            roles = tuple(role for key in keys or () if (role := Role.from_slug(key)) is not None)
            if roles:
                self._change(Wish(roles, self._wish.department, self._wish.groups, self._wish.days))

        picker = Picker(
            "Roles, of which the highest is given" if self._several_roles else "Role",
            choices,
            several=self._several_roles,
            taken=taken,
        )
        self.app.push_screen(picker, chosen)

    def _choose_department(self, options: Options) -> None:
        """Show the departments."""
        choices = [
            Choice(NONE, NONE),
            *(Choice(str(each.id), each.name) for each in options.departments),
        ]
        taken = NONE if self._wish.department is None else str(self._wish.department)

        def chosen(keys: tuple[str, ...] | None) -> None:
            if keys:
                department = None if keys[0] == NONE else int(keys[0])
                self._change(Wish(self._wish.roles, department, self._wish.groups, self._wish.days))

        self.app.push_screen(Picker("Department", choices, taken=(taken,)), chosen)

    def _choose_groups(self, options: Options) -> None:
        """Show the learning groups; any number can be ticked."""
        choices = [Choice(str(each.id), each.name) for each in options.groups]
        taken = tuple(str(each) for each in self._wish.groups)

        def chosen(keys: tuple[str, ...] | None) -> None:
            if keys is not None:
                groups = tuple(int(key) for key in keys)
                self._change(Wish(self._wish.roles, self._wish.department, groups, self._wish.days))

        self.app.push_screen(Picker("Learning groups", choices, several=True, taken=taken), chosen)

    def _change(self, wish: Wish) -> None:
        self._wish = wish
        self._draw()

    def _draw(self) -> None:
        if self._options is None:
            return
        department, groups = places_of(self._wish, self._options)
        for name, value in (("role", self._wish.role_text), ("department", department), ("groups", groups)):
            self.query_one(f"#{name}", ChoiceField).update(content(value))


def places_of(wish: Wish, options: Options) -> tuple[str, str]:
    """Return the names of the department and of the groups, `none` for none."""
    department = next((each.name for each in options.departments if each.id == wish.department), NONE)
    names = {each.id: each.name for each in options.groups}
    return department, ", ".join(names[each] for each in wish.groups if each in names) or NONE


def labeled(label: str, field: Widget) -> Iterator[Widget]:
    """Yield a line of a form."""
    with Horizontal(classes="row"):
        yield Static(label, classes="label", markup=False)
        yield field
