"""Addresses that are probably mistyped: `gmial.com` for `gmail.com`. Only a suspicion; nothing is ever mended unasked."""

from __future__ import annotations

from functools import lru_cache

# All of them are right; only the first are ever what somebody may have meant.
_OFTEN = """
gmail.com googlemail.com outlook.com hotmail.com yahoo.com icloud.com protonmail.com live.com msn.com aol.com
outlook.de hotmail.de hotmail.fr hotmail.co.uk yahoo.de yahoo.fr yahoo.co.uk gmx.de gmx.net gmx.at gmx.ch web.de
t-online.de freenet.de bluewin.ch libero.it laposte.net
"""
_ALSO_RIGHT = """
mail.com email.com ymail.com gmx.com me.com mac.com proton.me pm.me mail.de mail.ru email.de live.de live.fr
live.co.uk outlook.fr outlook.es outlook.it outlook.at hotmail.es hotmail.it hotmail.nl orange.fr aon.at gmail.de
"""
_ENDINGS = "con cmo ocm comm cim vom xom coom cpm om c0m co cm copm cok"
_MEANT = _OFTEN.split()
_KNOWN = frozenset([*_MEANT, *_ALSO_RIGHT.split()])
_WRONG_ENDINGS = frozenset(_ENDINGS.split())
_BRANDS = {domain.partition(".")[0]: domain for domain in _MEANT if domain.endswith(".com")}
_LONG_ENOUGH = (
    5  # letters before the dot; one letter of `web.de` or `aol.com` away are other people's domains
)


def suggest(address: str) -> str | None:
    """Return what `address` was probably meant to be; None where nothing is suspicious."""
    local, at, domain = address.rpartition("@")
    meant = _meant(domain.lower()) if at else None
    return f"{local}@{meant}" if meant else None


@lru_cache(maxsize=4096)
def _meant(domain: str) -> str | None:
    if domain in _KNOWN:
        return None
    name, _, ending = domain.partition(".")
    if ending in _WRONG_ENDINGS and name in _BRANDS:
        return _BRANDS[name]
    for meant in _MEANT:
        known_name, _, known_ending = meant.partition(".")
        if name == known_name:
            continue  # another country's: yahoo.es
        if ending == known_ending and _is_slip(name, known_name):
            return meant
    return None


def _is_slip(typed: str, meant: str) -> bool:
    """Tell whether one slip of the fingers leads from `meant` to `typed`; for short names only two letters swapped."""
    start = 0
    while start < min(len(typed), len(meant)) and typed[start] == meant[start]:
        start += 1
    end = 0
    while end < min(len(typed), len(meant)) - start and typed[-1 - end] == meant[-1 - end]:
        end += 1
    left, right = typed[start : len(typed) - end], meant[start : len(meant) - end]
    swapped = len(left) == len(right) == 2 and left == right[::-1]  # noqa: PLR2004 - two letters
    return swapped or (len(meant) >= _LONG_ENOUGH and max(len(left), len(right)) == 1)
