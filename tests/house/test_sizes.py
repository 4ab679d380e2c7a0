"""Files and functions stay small enough to be read in one go."""

from __future__ import annotations

import pytest

from tests.house.sources import Source, sources

LONGEST_FUNCTION = 60


def _long_functions(source: Source) -> list[str]:
    return [
        f"{source.at(node)} {node.name}"
        for node in source.functions()
        if (node.end_lineno or node.lineno) - node.lineno + 1 > LONGEST_FUNCTION
    ]


@pytest.mark.parametrize(("folder", "most"), [("core", 350), ("tui", 350), ("web", 350), ("tests", 500)])
def test_files_stay_short(folder: str, most: int) -> None:
    """No Python file of a room is longer than what its readers agreed on."""
    lines = {source.name: source.text.count("\n") for source in sources(folder)}
    assert lines
    assert not {name: count for name, count in lines.items() if count > most}


@pytest.mark.parametrize("folder", ["core", "tui", "web", "tests"])
def test_functions_stay_short(folder: str) -> None:
    """No function is longer than sixty lines, its docstring included."""
    assert not [place for source in sources(folder) for place in _long_functions(source)]


def test_the_check_sees_a_long_function() -> None:
    """The check names a function of sixty-one lines and lets one of sixty pass."""
    text = "".join(f"def of_{lines}():\n" + "    pass\n" * (lines - 1) for lines in (60, 61))
    assert _long_functions(Source.parse("sample.py", text)) == ["sample.py:61 of_61"]
