"""What the environment says about the terminal and about who sits in front of it."""

from __future__ import annotations

import os
from collections.abc import Mapping

_RICH_TERMINALS = ("256color", "direct", "kitty", "truecolor")
_TRUE_COLOR = ("truecolor", "24bit")
_LONGEST_SOURCE = 100


def has_few_colors(environment: Mapping[str, str]) -> bool:
    """Return whether the terminal has sixteen colors or wants none: subtle grays would vanish there."""
    if wants_no_color(environment):
        return True
    kind = environment.get("TERM", "").lower()
    rich = environment.get("COLORTERM", "").lower() in _TRUE_COLOR or kind.endswith(_RICH_TERMINALS)
    return not rich


def wants_no_color(environment: Mapping[str, str]) -> bool:
    """Return whether the person has asked every program to leave colors alone (no-color.org)."""
    return bool(environment.get("NO_COLOR"))


def speaks_utf8(environment: Mapping[str, str]) -> bool:
    """Return whether the locale says that the terminal draws UTF-8, by the variable that counts first.

    Python itself sets LC_CTYPE to C.UTF-8 where the locale is plain C, so that value says nothing about the terminal.
    """
    kinds = environment.get("LC_ALL", ""), environment.get("LC_CTYPE", ""), environment.get("LANG", "")
    whole, kind, language = (each.lower().replace("-", "") for each in kinds)
    return "utf8" in (whole or (language if kind == "c.utf8" else kind) or language)


def source_of_session(environment: Mapping[str, str]) -> str:
    """Return where this session comes from: the network address of the SSH client, or the local user."""
    client = environment.get("SSH_CONNECTION", "").split()
    return client[0][:_LONGEST_SOURCE] if client else f"local user {os.getuid()}"
