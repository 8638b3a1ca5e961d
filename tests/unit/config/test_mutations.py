"""A damaged site never ends in a traceback. Two thousand are drawn by chance in tests/unit/reliability."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.reliability.inputs.configs import good, lay
from gateway.config import ConfigErrors, load


def test_a_name_that_is_a_mapping(tmp_path: Path) -> None:
    lay(tmp_path, good("demo"))
    path = tmp_path / "site.yaml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("- name: silo1", "- name: {a: [1]}"))
    with pytest.raises(ConfigErrors, match="a mapping is not a name"):
        load(path)
