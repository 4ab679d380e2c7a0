"""Registration links: made from a key file, proof of themselves, never stored (R9, R59, P33)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Misconfigured
from core.ports import Links

URL = "https://join.example.com"
FIRST, SECOND = b"\x01" * 32, b"\x02" * 32
PUBLIC_ID = bytes(range(16))
LINKS = Links(URL, "here", [FIRST])
TOKEN = LINKS.token_for(PUBLIC_ID).reveal()


def test_a_link_is_the_public_origin_and_a_short_token() -> None:
    """The link fits one line of a mail and needs nothing but the configured origin."""
    assert LINKS.link_for(PUBLIC_ID).reveal() == f"{URL}/i/{TOKEN}"
    assert len(TOKEN) == 44
    assert TOKEN.replace("-", "").replace("_", "").isalnum()


def test_a_token_proves_its_public_id_again_and_again() -> None:
    """The same invitation has the same link each time, and the token leads back to it."""
    assert LINKS.token_for(PUBLIC_ID).reveal() == TOKEN
    assert LINKS.public_id_of(TOKEN) == PUBLIC_ID


@pytest.mark.parametrize("bit", range(33 * 8))
def test_a_flipped_bit_kills_a_token(bit: int) -> None:
    """No single bit of a token can be changed."""
    raw = bytearray(base64.urlsafe_b64decode(TOKEN))
    raw[bit // 8] ^= 1 << bit % 8
    assert LINKS.public_id_of(base64.urlsafe_b64encode(raw).decode()) is None


@pytest.mark.parametrize(
    "token",
    [
        "",
        TOKEN[:-1],
        TOKEN + "A",
        TOKEN[:-1] + "=",
        TOKEN[:-1] + "é",
        " " + TOKEN[1:],
        TOKEN[:-1] + "\n",
        "A" * 44,
        "%" * 44,
        TOKEN.replace(TOKEN[5], "+", 1),
    ],
)
def test_a_garbled_token_is_not_ours(token: str) -> None:
    """A token that is cut, longer, padded or of other characters proves nothing."""
    assert LINKS.public_id_of(token) is None


def test_a_token_is_written_in_one_way() -> None:
    """The letters of other alphabets that mean the same bytes are not taken: one link, one address."""
    token = LINKS.token_for(b"\xfb\xef\xbe" * 5 + b"\xff").reveal()
    assert "-" in token
    assert LINKS.public_id_of(token) is not None
    assert LINKS.public_id_of(token.replace("-", "+")) is None
    assert LINKS.public_id_of(token.replace("_", "/").replace("-", "+")) is None


@given(st.text(min_size=44, max_size=44) | st.text(max_size=60))
def test_no_text_is_a_token_by_chance(text: str) -> None:
    """Any text is answered without an error, and proves nothing."""
    assert LINKS.public_id_of(text) is None


def test_another_key_and_another_installation_make_other_links() -> None:
    """A link is worth nothing at a host with another key, or with a copied key at another installation, nor is a cookie."""
    assert Links("", "here", [FIRST]).keys_for("cookie") != Links("", "there", [FIRST]).keys_for("cookie")
    assert Links(URL, "here", [SECOND]).public_id_of(TOKEN) is None
    assert Links(URL, "there", [FIRST]).public_id_of(TOKEN) is None


@pytest.mark.parametrize(("purpose", "opens"), [(b"invitation", True), (b"reset", False), (b"", False)])
def test_a_proof_holds_for_its_purpose_only(purpose: bytes, *, opens: bool) -> None:
    """A token made with the same key for anything but an invitation opens nothing, and the form of ours never changes (P33)."""
    number = hashlib.sha256(FIRST).digest()[:1]
    mac = hmac.digest(FIRST, b"\x00".join((purpose, b"here", number, PUBLIC_ID)), "sha256")[:16]
    token = base64.urlsafe_b64encode(number + PUBLIC_ID + mac).decode()
    assert (LINKS.public_id_of(token) == PUBLIC_ID) == opens == (token == TOKEN)


def test_the_origin_is_not_part_of_the_proof() -> None:
    """Moving to another public address leaves mailed tokens valid."""
    assert Links("https://new.example.com", "here", [FIRST]).public_id_of(TOKEN) == PUBLIC_ID


def test_a_new_key_makes_new_links_and_reads_old_ones() -> None:
    """After a key was added, links are made with it, and those made before still open."""
    rotated = Links(URL, "here", [FIRST, SECOND])
    assert rotated.token_for(PUBLIC_ID).reveal() != TOKEN
    assert rotated.public_id_of(TOKEN) == PUBLIC_ID
    assert rotated.public_id_of(rotated.token_for(PUBLIC_ID).reveal()) == PUBLIC_ID


def test_removing_a_key_kills_its_links_only() -> None:
    """Once the old key is removed, its links are dead and those of the newer key still open."""
    newer = Links(URL, "here", [FIRST, SECOND]).token_for(PUBLIC_ID).reveal()
    alone = Links(URL, "here", [SECOND])
    assert alone.public_id_of(TOKEN) is None
    assert alone.public_id_of(newer) == PUBLIC_ID


# --- the key file -----------------------------------------------------------------------------------------------


def test_a_key_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    """The file is readable by its owner only, and making it again leaves it alone."""
    path = tmp_path / "key"
    Links.make_key_file(path)
    first = path.read_text("ascii")
    Links.make_key_file(path)
    assert path.read_text("ascii") == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    token = Links.load(path, URL).token_for(PUBLIC_ID).reveal()
    assert Links.load(path, URL).public_id_of(token) == PUBLIC_ID


def test_two_hosts_make_different_keys(tmp_path: Path) -> None:
    """A link of one host means nothing at another."""
    for name in ("one", "two"):
        Links.make_key_file(tmp_path / name)
    token = Links.load(tmp_path / "one", URL).token_for(PUBLIC_ID).reveal()
    assert Links.load(tmp_path / "two", URL).public_id_of(token) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "garbled"),
        ("here\n", "cut short"),
        (f"here\n{'ab' * 31}\n", "cut short"),
        ("here\nno hex at all\n", "garbled"),
        (f"here\n{'ab' * 32}\nrest", "garbled"),
        ("h\u00e9re\n", "not text"),
    ],
)
def test_a_damaged_key_file_is_named(tmp_path: Path, text: str, reason: str) -> None:
    """A key file that is empty, cut or garbled stops the start with its path and what to do."""
    path = tmp_path / "key"
    path.write_text(text, "utf-8")
    path.chmod(0o600)
    with pytest.raises(Misconfigured, match=reason) as caught:
        Links.load(path, URL)
    assert caught.value.setting == str(path)
    assert "ab" * 31 not in caught.value.message


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    """Without its key file the program stops and asks for the backup."""
    with pytest.raises(Misconfigured, match=r"missing.*backup"):
        Links.load(tmp_path / "key", URL)


def test_a_folder_in_place_of_the_key_file_is_named(tmp_path: Path) -> None:
    """What cannot be read as a file is told with the system's reason."""
    with pytest.raises(Misconfigured, match="cannot be read: Is a directory"):
        Links.load(tmp_path, URL)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """A key that is open to other users is no secret, so nothing starts before it is closed."""
    path = tmp_path / "key"
    Links.make_key_file(path)
    path.chmod(mode)
    with pytest.raises(Misconfigured, match="chmod 600"):
        Links.load(path, URL)


def test_a_key_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """Where there is no folder to write into, the path and the reason are told."""
    with pytest.raises(Misconfigured, match="cannot be written"):
        Links.make_key_file(tmp_path / "nowhere" / "key")
