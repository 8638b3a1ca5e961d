"""Where a run keeps its files: in memory where that is to be had, in a folder that names its process.

A run that was killed leaves its folder; the next one clears what belongs to nobody any more, or nights that are cut
short would fill the memory.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NAME = "lotwatch-chaos-"


@contextmanager
def place(under: Path | None = None) -> Iterator[Path]:
    """A folder for one run, gone afterwards. `under`: /dev/shm where it is, else where temporary files go."""
    memory = Path("/dev/shm")  # noqa: S108 # a folder of our own is made in it
    root = under or (memory if memory.is_dir() else Path(tempfile.gettempdir()))
    clear(root)
    with tempfile.TemporaryDirectory(prefix=f"{_NAME}{os.getpid()}-", dir=root) as folder:
        yield Path(folder).resolve()


def clear(root: Path) -> None:
    """Remove folders of our own whose process is gone."""
    for folder in root.glob(f"{_NAME}*-*"):
        pid = folder.name.removeprefix(_NAME).split("-", 1)[0]
        if pid.isdecimal() and folder.lstat().st_uid == os.getuid() and not Path("/proc", pid).exists():
            shutil.rmtree(folder, ignore_errors=True)
