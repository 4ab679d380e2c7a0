"""Mistyped domains are suspected, right ones never."""

from __future__ import annotations

import pytest

from core.importing import suggest, typos


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gmai.com", "gmail.com"),
        ("gmaill.com", "gmail.com"),
        ("gnail.com", "gmail.com"),
        ("GMIAL.COM", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("hotmial.com", "hotmail.com"),
        ("hotmai.com", "hotmail.com"),
        ("hotmil.co.uk", "hotmail.co.uk"),
        ("outlok.com", "outlook.com"),
        ("outloook.de", "outlook.de"),
        ("yaho.com", "yahoo.com"),
        ("yhaoo.com", "yahoo.com"),
        ("yahoo.cmo", "yahoo.com"),
        ("iclod.com", "icloud.com"),
        ("aol.con", "aol.com"),
        ("wbe.de", "web.de"),
        ("gxm.de", "gmx.de"),
        ("t-onlin.de", "t-online.de"),
        ("protonmial.com", "protonmail.com"),
    ],
)
def test_a_slip_of_the_fingers_is_suspected(typed: str, meant: str) -> None:
    """One wrong, missing, doubled or swapped letter in a well-known domain brings up what was probably meant."""
    assert suggest(f"Ada.B@{typed}") == f"Ada.B@{meant}"


@pytest.mark.parametrize("domain", sorted(typos._KNOWN))
def test_a_known_domain_is_never_suspected(domain: str) -> None:
    """No well-known domain is taken for another one, however alike they are."""
    assert suggest(f"ada@{domain}") is None


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.com", "ada@mail.example.com", "ada@web.com", "ada@wed.de", "ada@al.com", "ada@ge.com",
        "ada@yahoo.es", "ada@outlook.com.br", "ada@müller.de", "ada@", "ada", "", "@", "ada@gmail", "ada@.com",
    ],
)  # fmt: skip
def test_other_domains_are_left_alone(address: str) -> None:
    """Companies with short names, other countries and what is no address at all bring up nothing."""
    assert suggest(address) is None
