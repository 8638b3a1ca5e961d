"""A disk that can be full: a small tmpfs of our own, where we may mount one; else a plain folder that never is."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Self


class Disk:
    """Use it as a context; `can_fill` says whether it is a disk of its own."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder, self._megabytes = folder, megabytes
        self._filler = folder / "filler"
        self.can_fill = False

    def __enter__(self) -> Self:
        self.folder.mkdir()
        mount = shutil.which("mount")
        if os.geteuid() == 0 and mount is not None:
            command = [
                mount,
                "-t",
                "tmpfs",
                "-o",
                f"size={self._megabytes}m",
                "lotwatch-kills",
                str(self.folder),
            ]
            self.can_fill = subprocess.run(command, capture_output=True, check=False).returncode == 0
        return self

    def __exit__(self, *_: object) -> None:
        if self.can_fill:  # lazily: a process that is about to end may still be in it
            subprocess.run(["umount", "-l", str(self.folder)], capture_output=True, check=True)
            self.can_fill = False

    def fill(self) -> None:
        """Take all the room there is."""
        with self._filler.open("ab", buffering=0) as file:
            size = 1 << 20
            while size:
                try:
                    written = file.write(b"\0" * size)
                except OSError:
                    written = 0
                if written < size:
                    size //= 2

    def free(self) -> None:
        self._filler.unlink(missing_ok=True)
