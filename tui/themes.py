"""The themes: two colored ones, two in the terminal's own sixteen colors, and one without any color.

Words and signs carry every state, so all of them show the same.
"""

from __future__ import annotations

from dataclasses import replace

from textual.theme import BUILTIN_THEMES, Theme

DARK, LIGHT, ANSI_DARK, ANSI_LIGHT, PLAIN = "dark", "light", "ansi-dark", "ansi-light", "plain"
WHAT: dict[str, str] = {
    DARK: "colored, for a dark room",
    LIGHT: "colored, for a bright room",
    ANSI_DARK: "the terminal's sixteen colors on its dark background",
    ANSI_LIGHT: "the terminal's sixteen colors on its light background",
    PLAIN: "no color at all: bold, underlined, reversed",
}
SIXTEEN = (ANSI_DARK, ANSI_LIGHT, PLAIN)
_COUNTERPARTS = {DARK: ANSI_DARK, LIGHT: ANSI_LIGHT}
_NONE = "ansi_default"
# Textual's own themes for sixteen colors hold variables that its style sheets ask for; those without a color keep them.
_PLAIN = replace(
    BUILTIN_THEMES[ANSI_DARK],
    name=PLAIN,
    primary=_NONE,
    secondary=_NONE,
    warning=_NONE,
    error=_NONE,
    success=_NONE,
    accent=_NONE,
    variables={
        name: _NONE if value.startswith("ansi_") else value
        for name, value in BUILTIN_THEMES[ANSI_DARK].variables.items()
    },
)

THEMES = (
    Theme(
        name=DARK,
        primary="#2f6f9f",
        secondary="#3d7f8f",
        warning="#f0b45a",
        error="#ef7f73",
        success="#7fbf7a",
        accent="#8fc7ff",
        foreground="#dfe3e8",
        background="#12151a",
        surface="#1a1f26",
        panel="#242b34",
        dark=True,
    ),
    Theme(
        name=LIGHT,
        primary="#1f5f8f",
        secondary="#1f6f7f",
        warning="#8a5200",
        error="#a3241a",
        success="#256b2a",
        accent="#0b4f8a",
        foreground="#1a1d21",
        background="#fafaf7",
        surface="#eff0ec",
        panel="#e2e5e0",
        dark=False,
    ),
    BUILTIN_THEMES[ANSI_DARK],
    BUILTIN_THEMES[ANSI_LIGHT],
    _PLAIN,
)


def first_theme(*, few_colors: bool, no_color: bool) -> str:
    """Return the theme to begin with."""
    return PLAIN if no_color else ANSI_DARK if few_colors else DARK


def fitting(name: str, *, few_colors: bool, no_color: bool) -> str:
    """Return the theme nearest to `name` that the terminal can show; the one to begin with where there is no such."""
    if no_color or name not in WHAT:
        return first_theme(few_colors=few_colors, no_color=no_color)
    return _COUNTERPARTS.get(name, name) if few_colors else name
