"""No password and no link is left behind anywhere: not in a table, a log line or an error (R59, P8, P9)."""

from __future__ import annotations

import contextlib
import logging
import traceback
from collections.abc import Iterator

import pytest

from core.mail.post import FolderPost
from core.services.accepting import accept, read_link
from core.services.inviting import Line, Offer, copy_link, invite_many, renew, withdraw
from core.services.mailing import deliver_due
from core.services.signing_in import change_own_password, sign_in
from tests.clock import MovableClock
from tests.people import House
from tests.services import rows

CANARY = "canary-Wetterleuchten-1969"
NEW_CANARY = "canary-Polarlicht-1972"
FORM = {"first_name": "Bo", "last_name": "Berg", "password": CANARY}


class Trail:
    """Everything that was said while the house was used, and every secret that must not be in it."""

    def __init__(self) -> None:
        """Know the passwords; links come later."""
        self.secrets = {CANARY, NEW_CANARY}
        self.said: list[str] = []

    @contextlib.contextmanager
    def failing(self) -> Iterator[None]:
        """Keep the error of a block with everything Python prints of it."""
        with pytest.raises(Exception) as caught:  # noqa: PT011 - any error, its text is what counts
            yield
        self.said += [str(caught.value), repr(caught.value), repr(vars(caught.value))]
        self.said += traceback.format_exception(caught.value)

    def token(self, house: House, invitation_id: int) -> str:
        """Return an invitation's token, which must be found nowhere from now on."""
        token = house.token_of(invitation_id)
        self.secrets |= {token, token[-22:]}
        return token

    def found_in(self, text: str) -> list[str]:
        """Return the secrets that a text holds."""
        return [secret for secret in self.secrets if secret in text]


def use_everything(house: House, clock: MovableClock, trail: Trail) -> None:
    """Go through every path that touches a token or a password, also those that fail."""
    core = house.core
    first, second = house.invite("bo@example.com"), house.invite("cy@example.com")
    bo, cy = trail.token(house, first), trail.token(house, second)
    with core.work(house.admin) as work:
        trail.said.append(repr(copy_link(work, first)))
        invite_many(work, [Line(1, "dee@example.com"), Line(2, CANARY[:6])], Offer())
        renew(work, [second])
    newest = max(rows.states(core))
    deliver_due(core)
    with core.glance() as visit:
        trail.said.append(repr(read_link(visit, bo)))
    with trail.failing():
        accept(core, cy, FORM)
    with trail.failing():
        accept(core, bo, FORM | {"first_name": ""})
    with trail.failing():
        accept(core, bo, FORM | {"password": CANARY + "\x00"})
    trail.said.append(repr(accept(core, bo, FORM)))
    with trail.failing():
        accept(core, bo, FORM)
    with trail.failing():
        accept(core, trail.token(house, newest)[::-1], FORM)
    rows.set_cap(core, 1)
    with trail.failing():
        accept(core, trail.token(house, newest), FORM)
    with core.work(house.admin) as work:
        withdraw(work, [newest])
    with trail.failing():
        accept(core, trail.token(house, newest), FORM)
    signed_in = sign_in(core, "bo@example.com", CANARY, source="here", surface="platform")
    trail.said.append(repr(signed_in))
    with trail.failing():
        sign_in(core, "bo@example.com", CANARY, source="here")
    for address, password in (("ada@example.com", CANARY), (CANARY, CANARY), ("bo@example.com", NEW_CANARY)):
        with trail.failing():
            sign_in(core, address, password, source="here")
    with trail.failing():
        change_own_password(core, signed_in.sign_in_id, old=NEW_CANARY, new=NEW_CANARY)
    change_own_password(core, signed_in.sign_in_id, old=CANARY, new=NEW_CANARY)
    clock.move(minutes=1)
    deliver_due(core)


def test_no_secret_is_left_anywhere(
    company: House, clock: MovableClock, caplog: pytest.LogCaptureFixture
) -> None:
    """After every path with a token or a password, no table, no log line and no error holds one of them."""
    trail = Trail()
    with caplog.at_level(logging.DEBUG):
        use_everything(company, clock, trail)
    assert len(trail.secrets) > 6
    for name, table in rows.dump(company.core).items():
        assert not [row for row in table if trail.found_in(str(row))], name
        assert not [
            row for row in table if b"canary" in b"".join(each for each in row if isinstance(each, bytes))
        ], name
    assert not trail.found_in("\n".join(trail.said))
    assert not trail.found_in(caplog.text + "".join(str(record.args) for record in caplog.records))
    assert len(trail.said) > 50


def test_only_the_mails_hold_links(company: House, clock: MovableClock) -> None:
    """The files of the outbox folder hold the links of their invitations, and no password."""
    trail = Trail()
    use_everything(company, clock, trail)
    assert isinstance(company.core.ports.post, FolderPost)
    texts = [path.read_text("utf-8") for path in company.core.settings.outbox_folder.iterdir()]
    joined = "".join(texts).replace("=\n", "").replace("=\r\n", "")
    assert "/i/" in joined
    assert CANARY not in joined
    assert NEW_CANARY not in joined
