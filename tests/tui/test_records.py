"""How what somebody has learned is drawn."""

from __future__ import annotations

import pytest

from tui.screens.person_records import percent_bar


@pytest.mark.parametrize(("percent", "signs"), [(0, 0), (1, 1), (9, 1), (64, 6), (99, 9), (100, 10)])
def test_a_bar_is_full_only_where_all_is_done(percent: int, signs: int) -> None:
    """The first sign stands for anything at all, the last one only for everything."""
    assert percent_bar(percent).split()[0] == "▰" * signs + "▱" * (10 - signs)
