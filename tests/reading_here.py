"""A site's config read in this process: a process of its own, as commands start one, takes half a second of CPU.

The code that reads is the very same (`gateway.config.__main__`). That commands do start a process, and what they say
when it fails, is tested where this is not used.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Self

import pytest

from gateway.cli import options
from gateway.config import __main__ as reading


class _Done:
    """What `subprocess.Popen` gives, of a command that is done at once."""

    def __init__(self, command: Sequence[str], **_: object) -> None:
        assert command[1:3] == ["-m", "gateway.config"]
        said, problems = io.TextIOWrapper(io.BytesIO()), io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(problems):
            self.returncode = reading.main(list(command[3:]))
        said.flush()
        self._told = said.buffer.getvalue(), problems.getvalue().encode()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def communicate(self) -> tuple[bytes, bytes]:
        return self._told


def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on, until the test ends."""
    monkeypatch.setattr(options, "subprocess", SimpleNamespace(Popen=_Done, PIPE=-1))
