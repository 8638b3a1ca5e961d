"""What a process of `make test` takes as one piece: a file; and the pages' tests all together.

They share one site and one browser (`tests/web/conftest.py`), which each process would have to start again.
"""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped] # it has no types

WEB = "tests/web/"


class Pieces(LoadFileScheduling):  # type: ignore[misc] # the same
    """As ``--dist loadfile``, with one folder as one piece."""

    def _split_scope(self, nodeid: str) -> str:
        return WEB if nodeid.startswith(WEB) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)  # who runs one file has no xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Pieces | None:
    """Ours, where tests are handed out by file."""
    return Pieces(config, log) if config.getoption("dist") == "loadfile" else None
