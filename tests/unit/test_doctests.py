"""Examples are looked for where there are some, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from _pytest.doctest import DoctestModule, DoctestTextfile

from tests.doctests import OnlyWhereThereAre


def left(path: Path, collectors: list[pytest.Collector]) -> list[pytest.Collector]:
    """What the plugin leaves of what pytest would collect of a file."""
    asked = OnlyWhereThereAre().pytest_collect_file(path)
    next(asked)
    with pytest.raises(StopIteration) as ended:
        asked.send(collectors)
    found: list[pytest.Collector] = ended.value.value
    return found


@pytest.mark.parametrize(("text", "examples"), [(">>> 1 + 1\n2\n", True), ("No example, > or >>.\n", False)])
def test_a_file_is_walked_for_examples_if_it_has_the_prompt(tmp_path, request, text, examples):
    path = tmp_path / "test_it.py"
    path.write_text(f'"""{text}"""\n')
    own = pytest.Module.from_parent(request.session, path=path)
    for kind in (DoctestModule, DoctestTextfile):
        looking = kind.from_parent(request.session, path=path)
        assert left(path, [looking, own]) == ([looking, own] if examples else [own])
    assert left(path, [own]) == [own]


def test_this_run_has_it(request):
    plugins = request.config.pluginmanager.get_plugins()
    assert any(isinstance(each, OnlyWhereThereAre) for each in plugins)
