"""`academy mail`: delivering what is due and looking into the outbox."""

from __future__ import annotations

import re
import smtplib
import socket

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from core.services.previewing import KINDS
from core.settings import Settings
from core.tongues import tongue_of
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


# --- previews -----------------------------------------------------------------------------------------------------


@sqlite_only
def test_a_mail_is_read_before_it_is_sent(house: House, host: Host) -> None:
    """Preview shows headers and text of a kind, in the language asked for, and queues nothing."""
    ran = host("mail", "preview", "invitation", "--language", "De")
    german = tongue_of("de").say("Hello,")
    assert ran.code == 0
    assert ran.out.startswith("Subject: ")
    assert "\nFrom: Engine Works <academy@" in ran.out
    assert f"\nTo: someone@example.com\n\n{german}\n" in ran.out
    assert host("mail", "list", "--json").json == []
    assert host("mail", "preview", "account-ready").out.startswith("Subject: Your account")


@sqlite_only
def test_a_preview_gives_each_part_as_it_is(house: House, host: Host) -> None:
    """`--html`, `--text` and `--raw` print exactly what would leave, and `--json` all of it for scripts."""
    facts = host("mail", "preview", "invitation", "--json").json
    assert tuple(facts) == ("kind", "language", "from", "to", "reply_to", "subject", "text", "html")
    without_time = re.compile(r"\d\d:\d\d UTC")
    for form in ("text", "html"):
        ran = host("mail", "preview", "invitation", f"--{form}")
        assert without_time.sub("", ran.out) == without_time.sub("", facts[form])
    raw = host("mail", "preview", "invitation", "--raw").out
    assert "Auto-Submitted: auto-generated" in raw
    assert "Content-Transfer-Encoding: quoted-printable" in raw


@sqlite_only
@pytest.mark.parametrize("words", [("postcard",), ("test", "--language", "tlh"), ()])
def test_a_preview_of_nothing_we_write_is_a_matter_of_usage(
    house: House, host: Host, words: tuple[str, ...]
) -> None:
    """An unknown kind, a language without mails and no kind at all end with 2; the first two list what there is."""
    ran = host("mail", "preview", *words)
    assert (ran.code, ran.out) == (2, "")
    assert not words or "There is: " in ran.err


@sqlite_only
def test_a_preview_has_one_form(house: House, host: Host) -> None:
    """JSON holds all parts already, so that nobody who asks for one of them beside it is left to guess."""
    ran = host("mail", "preview", "invitation", "--raw", "--json")
    assert ran.code == 2
    assert ran.json["message"] == "--raw and --json exclude each other. Choose one."


@sqlite_only
def test_the_help_names_every_kind_of_mail(house: House, host: Host) -> None:
    """Whoever asks for help learns what can be previewed."""
    told = host("mail", "preview", "--help").out
    assert not [kind for kind in KINDS if kind not in told]
