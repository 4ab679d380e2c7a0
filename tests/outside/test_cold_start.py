"""The console is there almost as fast as anything drawn with Textual could be, and the help as fast as Click allows."""

from __future__ import annotations

import statistics

import pytest

from bench.cold_start import measure, ratios

ROUNDS = 11


@pytest.mark.slow
@pytest.mark.alone
def test_the_console_and_the_help_start_almost_as_fast_as_what_they_stand_on() -> None:
    """Side by side, the first frame takes at most 1.3 times that of an empty app, the help 1.5 times `import click`."""
    times = measure(ROUNDS)
    told = {name: f"{1000 * statistics.median(taken):.0f} ms" for name, taken in times.items()}
    assert not [(name, value) for name, value, most in ratios(times) if value > most], told
