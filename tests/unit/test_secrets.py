"""Secrets do not leak through what Python does with objects by itself (P9)."""

from __future__ import annotations

import copy
import logging
import pickle

import pytest

from core.passwords import Password
from core.ports import Links
from core.values import Secret

TEXT = "correct horse battery"
LINKS = Links("https://join.example.com", "here", [b"k" * 32])
SECRETS = [
    Secret(TEXT),
    Password.parse(TEXT),
    Password.as_typed(TEXT),
    LINKS.link_for(b"p" * 16),
    LINKS.token_for(b"p" * 16),
]


@pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: type(secret).__name__)
def test_a_secret_is_shown_nowhere(secret: Secret, caplog: pytest.LogCaptureFixture) -> None:
    """Neither str, repr, any format, a container, a log line nor a traceback's text holds the secret."""
    logging.getLogger("tests").warning("%s %r %s", secret, secret, [secret])
    shown = [str(secret), repr(secret), f"{secret:>40}", f"{secret!r}", "%s" % secret, str({"a": [secret]})]  # noqa: UP031 - the old format too
    shown += [caplog.text, str(ValueError(secret)), repr(ValueError(secret))]
    assert not [text for text in shown if secret.reveal() in text]


@pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: type(secret).__name__)
@pytest.mark.parametrize("take", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_secret_cannot_be_taken_along(secret: Secret, take: object) -> None:
    """Pickling and copying a secret raise, so it enters no cache and no crash report."""
    assert callable(take)
    with pytest.raises(TypeError, match="secret cannot be pickled"):
        take(secret)


def test_a_secret_has_no_dictionary() -> None:
    """What prints the attributes of objects finds none on a secret."""
    assert not hasattr(Secret(TEXT), "__dict__")
