"""Examples are looked for only in files that have one.

pytest would import every module and walk all it defines to see that most have none: seconds, on each worker.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

_KINDS = {"DoctestModule", "DoctestTextfile"}  # pytest's own, which it does not export
_PROMPT = b">>>"


class OnlyWhereThereAre:
    """A plugin and no hook of a conftest.py: those see their own folder only."""

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(self, file_path: Path) -> Any:
        collectors = yield
        for each in collectors:
            if type(each).__name__ in _KINDS:
                return (
                    collectors
                    if _PROMPT in file_path.read_bytes()
                    else [other for other in collectors if other is not each]
                )
        return collectors
