"""The whole story on real parts: invite, mail, link, form, account, sign-in, change, seat, archive, undo.

Each step says what it checked, or fails.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.errors import Problem, RoleNotBelowOwn, SignedOut
from core.filter_keys import parse_invitations, parse_users
from core.reading import company, invitations, users
from core.roles import Role
from core.services.inviting import Offer, invite
from core.services.mailing import deliver_due
from core.services.signing_in import sign_in, sign_out
from tui.cli.output import say, write, write_json_rows
from tui.cli.story_parts import PASSWORD, SOURCE, Step, StepFailed, Story, expect
from tui.cli.story_people import STEPS as WITH_PEOPLE
from tui.cli.visitor import Answer, Visitor

_FIELDS = {"first_name": "Kim", "last_name": "Ōsaka", "password": PASSWORD}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step went: what it checked, or why it failed."""

    step: str
    went_well: bool
    told: str


# --- the steps --------------------------------------------------------------------------------------------------


def _sign_in(story: Story) -> str:
    signed_in = sign_in(story.core, story.made.address, story.made.password, source=SOURCE)
    expect(signed_in.role is Role.COMPANY_ADMIN, f"signed in as {signed_in.role.label}")
    story.sign_in_id = signed_in.sign_in_id
    return f"{signed_in.name} is signed in as {signed_in.role.label} of {signed_in.company}"


def _invite(story: Story) -> str:
    with story.core.work(story.signed_in) as work:
        places = company.departments(work)
        place = places[0] if places else None
        story.guest, story.second_guest = (
            _free_address(story, "kim.osaka"),
            _free_address(story, "robin.vale"),
        )
        story.department = place.name if place else ""
        made = invite(work, story.guest, Offer(Role.TRAINER, place.id if place else None))
    with story.core.look(story.signed_in) as look:
        row = invitations.rows(look, [made])[0]
    expect(
        row.state == "open" and row.mail == "waiting", f"the invitation is {row.state}, its mail {row.mail}"
    )
    return f"{story.guest} is invited as Trainer; the invitation is open and its mail waits"


def _free_address(story: Story, name: str) -> str:
    """Return an address that was never used here, so that the story can be played again in a kept company."""
    with story.core.look(story.signed_in) as look:
        for number in range(1, 10_000):
            address = f"{name}{number if number > 1 else ''}@example.com"
            everywhere = parse_users(f"status:any {address}")
            if not users.count(look, everywhere) and not _invitations_of(story, address):
                return address
    raise StepFailed("no free address was found")


def _invitations_of(story: Story, address: str) -> int:
    with story.core.look(story.signed_in) as look:
        return invitations.count(look, parse_invitations(address))


def _invite_too_high(story: Story) -> str:
    try:
        with story.core.work(story.signed_in) as work:
            invite(work, story.second_guest, Offer(Role.COMPANY_ADMIN))
    except RoleNotBelowOwn as refusal:
        expect(
            not _invitations_of(story, story.second_guest), "something was written in spite of the refusal"
        )
        return f"refused, nothing written: {refusal.message}"
    raise StepFailed("a Company Admin could invite another Company Admin")


def _invite_second(story: Story) -> str:
    with story.core.work(story.signed_in) as work:
        invite(work, story.second_guest, Offer(Role.CONTENT_MANAGER))
    expect(_invitations_of(story, story.second_guest) == 1, "the invitation was not written")
    return f"{story.second_guest} is invited as Content Manager"


def _deliver(story: Story) -> str:
    delivery = deliver_due(story.core)
    expect(delivery.paused is None, str(delivery.paused))
    with story.core.look(story.signed_in) as look:
        states = {invitations.newest_of(look, guest).mail for guest in (story.guest, story.second_guest)}
    expect(states == {"sent"}, f"the mails are {', '.join(sorted(states))}")
    return f"{delivery.sent} mails {story.core.ports.post.describe()}"


def _read_mail(story: Story) -> str:
    files = sorted(story.core.settings.outbox_folder.glob("*.eml"))
    mails = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files]
    own = [mail for mail in mails if str(mail["To"]).endswith(story.guest)]
    expect(len(own) == 1, f"{len(own)} mails to {story.guest} among {len(files)}")
    body = own[0].get_body(("plain",))
    found = set(re.findall(r"https?://\S+/i/[\w-]+", body.get_content() if body else ""))
    expect(len(found) == 1, f"{len(found)} links in the mail")
    [story.link] = found
    site = story.core.settings.public_url
    expect(story.link.startswith(f"{site}/i/"), "the link leads elsewhere")
    return f"“{own[0]['Subject']}” holds one link to {site}"


def _open_link(story: Story) -> str:
    site = story.core.settings.public_url
    story.visitor = Visitor(site)
    for _ in range(3):
        answer = story.visitor.get(story.link)
        expect(answer.status == 303, f"the link answered {answer.status}")  # noqa: PLR2004 - See Other
        expect(answer.location == f"{site}/register", f"the link leads to {answer.location}")
    page = _page(story.visitor.get("/register"))
    expect(story.guest in page.text, "the form does not show the address")
    story.form = page.fields
    expect(story.form.get("csrf_token"), "the form has no CSRF token")
    return "opened three times, led to the form each time; the form shows the address"


def _page(answer: Answer) -> Answer:
    expect(answer.status == 200, f"the page answered {answer.status}")  # noqa: PLR2004 - OK
    return answer


def _send_wrong_form(story: Story) -> str:
    answer = story.browser.post("/register", story.form | _FIELDS | {"password": "short"})
    expect(answer.status == 422, f"a short password was answered with {answer.status}")  # noqa: PLR2004 - Unprocessable
    expect(_FIELDS["last_name"] in answer.text, "what was typed is gone")
    story.form = answer.fields
    with story.core.look(story.signed_in) as look:
        expect(invitations.newest_of(look, story.guest).state == "open", "the link was spent")
    return "a short password is refused, what was typed is kept, the link is not spent"


def _send_form(story: Story) -> str:
    answer = story.browser.post("/register", story.form | _FIELDS)
    expect(answer.status == 303, f"the form was answered with {answer.status}")  # noqa: PLR2004 - See Other
    site = story.core.settings.public_url
    wanted = story.core.settings.sign_in_url or f"{site}/welcome"
    expect(answer.location == wanted, f"the form leads to {answer.location}")
    if wanted.startswith(f"{site}/"):
        _page(story.browser.get(wanted))
    return f"accepted, led to {wanted}"


def _find_person(story: Story) -> str:
    with story.core.look(story.signed_in) as look:
        found = users.first(look, parse_users(story.guest))
        accepted = invitations.newest_of(look, story.guest)
    expect(len(found) == 1, f"{len(found)} people with this address")
    person = found[0]
    name = f"{_FIELDS['first_name']} {_FIELDS['last_name']}"
    seen = (person.name, person.role, person.department, person.status, accepted.state)
    wanted = (name, Role.TRAINER, story.department, "active", "accepted")
    expect(seen == wanted, f"found {seen} instead of {wanted}")
    return f"{name} is active in Users as {person.role.label} in {person.department or 'no department'}"


def _open_again(story: Story) -> str:
    answer = Visitor(story.core.settings.public_url).get(story.link)
    expect(answer.status == 410, f"the link answered {answer.status}")  # noqa: PLR2004 - Gone
    expect("already" in answer.text, "the page does not say that the link was used")
    return "another browser is told that the link was already used (410)"


def _sign_in_as_guest(story: Story) -> str:
    signed_in = sign_in(story.core, story.guest, _FIELDS["password"], source=SOURCE, surface="platform")
    expect(signed_in.role is Role.TRAINER, f"signed in as {signed_in.role.label}")
    return f"{signed_in.name} can sign in with the chosen password"


def _sign_out(story: Story) -> str:
    with story.core.work(story.signed_in) as work:
        sign_out(work)
    try:
        with story.core.look(story.signed_in) as look:
            company.company(look)
    except SignedOut as refusal:
        return f"the old sign-in is refused: {refusal.message}"
    raise StepFailed("the sign-in still works")


STEPS: tuple[tuple[str, Step], ...] = (
    ("sign in", _sign_in),
    ("invite", _invite),
    ("invite into too high a role", _invite_too_high),
    ("invite a second person", _invite_second),
    ("deliver the mails", _deliver),
    ("read the link in the mail", _read_mail),
    ("open the link", _open_link),
    ("send the form with a mistake", _send_wrong_form),
    ("register", _send_form),
    ("find the person in Users", _find_person),
    ("open the link again", _open_again),
    ("sign in as the new person", _sign_in_as_guest),
    *WITH_PEOPLE,
    ("sign out", _sign_out),
    ("sign in again", _sign_in),
)


# --- playing ----------------------------------------------------------------------------------------------------


def play(story: Story, steps: Iterable[tuple[str, Step]] = STEPS) -> Iterator[Outcome]:
    """Yield how each step went, up to the first that failed."""
    for name, step in steps:
        try:
            told = step(story)
        except (StepFailed, Problem, OSError) as failure:
            yield Outcome(name, went_well=False, told=str(failure))
            return
        yield Outcome(name, went_well=True, told=told)


def tell_as_text(outcomes: Iterable[Outcome]) -> bool:
    """Print each step as it ends; return whether all went well."""
    went_well = True
    for number, outcome in enumerate(outcomes, 1):
        write(f"{number:>2}. {'ok    ' if outcome.went_well else 'FAILED'}  {outcome.step}: {outcome.told}")
        went_well = outcome.went_well
        if not went_well:
            say(f"The story stopped at step {number}, {outcome.step}: {outcome.told}")
    return went_well


def tell_as_json(outcomes: Iterable[Outcome]) -> bool:
    """Print all steps as JSON; return whether all went well."""
    told = list(outcomes)
    write_json_rows(
        {"id": number, "step": outcome.step, "ok": outcome.went_well, "checked": outcome.told}
        for number, outcome in enumerate(told, 1)
    )
    return all(outcome.went_well for outcome in told)
