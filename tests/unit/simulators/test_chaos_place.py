"""Folders of runs: gone afterwards, and those of runs that were killed are cleared by the next one."""

from __future__ import annotations

import os
from pathlib import Path

from simulators.chaos.place import place

NOBODY = 2**22 + 1  # more than a pid can be (proc(5), pid_max)


def test_what_nobody_runs_any_more_is_cleared_and_the_rest_is_left(tmp_path: Path) -> None:
    dead, alive = tmp_path / f"lotwatch-chaos-{NOBODY}-abc", tmp_path / f"lotwatch-chaos-{os.getpid()}-abc"
    foreign = tmp_path / "lotwatch-chaos-notes-2026"
    for folder in (dead, alive, foreign):
        (folder / "gateway").mkdir(parents=True)
        (folder / "gateway" / "journal.sqlite").write_bytes(b"x")
    with place(tmp_path) as folder:
        assert folder.is_dir()
        assert not dead.exists()
    assert not folder.exists()
    assert alive.is_dir()
    assert foreign.is_dir()
