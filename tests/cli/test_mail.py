"""`academy mail`: delivering what is due and looking into the outbox."""

from __future__ import annotations

import smtplib
import socket

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from core.settings import Settings
from tests.cli.running import Host
from tests.databases import sqlite_only
from tests.people import House

MAIL_KEYS = (
    "id", "kind", "to", "state", "attempts", "created", "due", "sent", "last_error", "invitation_id", "batch",
)  # fmt: skip


class _Refusing:
    """Takes no mail for bo."""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: object, _session: object, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Refuse one recipient for good."""
        envelope.rcpt_tos.append(address)
        return "550 5.1.1 no such mailbox" if address.startswith("bo@") else "250 OK"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_sending_delivers_what_is_due(house: House, host: Host, settings: Settings) -> None:
    """Send writes the waiting mail as a file, says where, and the outbox tells when it was sent."""
    house.invite("bo@example.com")
    ran = host("mail", "send", "--json")
    assert ran.json == {"sent": 1, "failed": 0, "retried": 0, "dropped": 0, "paused": None}
    assert "written as files" in ran.err
    assert len(list(settings.outbox_folder.glob("*.eml"))) == 1
    [mail] = host("mail", "list", "--json").json
    assert tuple(mail) == MAIL_KEYS
    assert (mail["to"], mail["state"], mail["sent"][-1]) == ("bo@example.com", "sent", "Z")
    again = host("mail", "send")
    assert (again.code, again.out) == (0, "No mail is due.\n")


@sqlite_only
def test_mails_to_several_wait_and_sending_says_so(house: House, host: Host) -> None:
    """Right after a bulk run nothing is due yet, and send says when the next mail is."""
    host("invite", "bo@example.com", "cy@example.com")
    ran = host("mail", "send")
    assert (ran.code, ran.out) == (0, "No mail is due.\n")
    assert "The next one is due at" in ran.err


@sqlite_only
def test_a_folder_that_cannot_be_written_pauses_delivery(
    house: House, host: Host, settings: Settings
) -> None:
    """Where files cannot be written the mail waits on, the reason is said, and the exit code asks to try again."""
    house.invite("bo@example.com")
    settings.outbox_folder.write_text("in the way")
    ran = host("mail", "send")
    assert (ran.code, "Delivery pauses" in ran.out) == (75, True)
    assert [mail["state"] for mail in host("mail", "list", "--json").json] == ["waiting"]


@sqlite_only
def test_the_servers_answer_is_told_and_a_failed_mail_can_be_retried(house: House, host: Host) -> None:
    """A refused mail ends with 3 beside one that was taken, shows the server's words, and can be queued anew."""
    controller = Controller(_Refusing(), hostname="127.0.0.1", port=_free_port())
    controller.start()
    try:
        with smtplib.SMTP("127.0.0.1", controller.port) as probe:
            assert probe.noop()[0] == 250
        relay = Host({**host.environment, "ACADEMY_SMTP_URL": f"smtp://127.0.0.1:{controller.port}"})
        house.invite("bo@example.com")
        house.invite("cy@example.com")
        ran = relay("mail", "send")
        assert (ran.code, ran.out) == (3, "1 mail sent, 1 failed, 0 put off.\n")
    finally:
        controller.stop()
    [failed] = host("mail", "list", "--state", "failed", "--json").json
    assert "no such mailbox" in failed["last_error"]
    assert "no such mailbox" in host("invitations", "mail:failed").out
    number = str(failed["id"])
    assert host("mail", "retry", number).out.startswith("Queued anew: 1 mail.")
    assert host("mail", "list", "--state", "failed", "--json").json == []


def test_a_mail_that_was_sent_is_not_sent_again(house: House, host: Host) -> None:
    """Retrying a mail that has left is refused with its state."""
    house.invite("bo@example.com")
    host("mail", "send")
    ran = host("mail", "retry", "1")
    assert (ran.code, "Mail 1 is sent" in ran.err) == (1, True)


@sqlite_only
@pytest.mark.parametrize("words", [("retry",), ("retry", "x"), ("list", "--limit", "0")])
def test_a_mail_command_that_cannot_be_meant_ends_with_2(
    house: House, host: Host, words: tuple[str, ...]
) -> None:
    """Missing or malformed ids and limits are a matter of usage."""
    assert host("mail", *words, "--json").code == 2


def test_the_line_can_be_paused_slowed_and_resumed(house: House, host: Host) -> None:
    """Pause, resume and rate say how the line stands, and so do list, send and doctor."""
    house.invite("bo@example.com")
    paused = host("mail", "pause", "the", "provider", "moves")
    assert paused.out == "Delivery is paused: the provider moves. Let mails leave: academy mail resume.\n"
    ran = host("mail", "send")
    assert (ran.code, "the provider moves" in ran.out, "academy mail resume" in ran.out) == (75, True, True)
    assert "the provider moves" in host("mail", "list").err
    assert "the provider moves" in host("doctor").out
    assert host("mail", "rate", "30", "--json").json == {
        "paused": True,
        "reason": "the provider moves",
        "per_minute": 30,
    }
    assert host("mail", "resume").out == "Mails leave as they are due. At most 30 mails a minute.\n"
    assert host("mail", "send").out.startswith("1 mail sent")
    assert host("mail", "rate", "none").out == "Mails leave as they are due.\n"


@sqlite_only
def test_a_rate_ends_a_run_and_send_says_when_it_goes_on(house: House, host: Host) -> None:
    """With one mail a minute the second of two waits, and send says until when."""
    host("mail", "rate", "1")
    house.invite("bo@example.com")
    house.invite("cy@example.com")
    ran = host("mail", "send")
    assert (ran.code, ran.out) == (0, "1 mail sent, 0 failed, 0 put off.\n")
    assert "The next one is due at" in ran.err
    assert "the rate is set" in ran.err


@sqlite_only
@pytest.mark.parametrize("number", ["0", "-3", "many", "100001"])
def test_a_rate_that_cannot_be_meant_is_refused(house: House, host: Host, number: str) -> None:
    """A rate that is no number or out of bounds is a matter of usage, and changes nothing."""
    assert host("mail", "rate", number).code == 2
    assert host("mail", "resume").out == "Mails leave as they are due.\n"
