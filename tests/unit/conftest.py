"""Properties of units have no deadline: a busy machine is not a broken rule."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("units", settings(), deadline=None)
settings.load_profile("units")
