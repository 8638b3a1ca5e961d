"""What people at a replica hand to its worker: a file a thing in ``<data>/outbox``, and an answer in another one.

A file, and no socket, because it waits: for a worker that is down, or for the one that has the partition. Rule 1: a
file is whole or not there.  Rule 2: it is removed by the worker that has dealt with it, after its answer is there.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from gateway.journal.chunkfile import sync_folder

FOLDER = "outbox"
LARGEST = 128 << 10
_NAME = re.compile(r"[0-9a-f]{32}")
_ASKED, _ANSWERED = ".json", ".answer"


class Outbox:
    """Of one data folder. Both sides use it; neither keeps anything of it in memory."""

    def __init__(self, data: Path) -> None:
        self.folder = data / FOLDER

    def put(self, name: str, body: Mapping[str, Any]) -> None:
        """Hand something in by a name of 32 hex digits that nobody had before. Raises OSError."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self._write(name + _ASKED, body)

    def waiting(self) -> Iterator[tuple[str, Mapping[str, Any] | None]]:
        """What nobody has dealt with yet, by name; None for a file that says nothing of ours."""
        try:
            names = sorted(path.name for path in self.folder.iterdir() if path.name.endswith(_ASKED))
        except FileNotFoundError:
            return
        for name in names:
            if _NAME.fullmatch(name.removesuffix(_ASKED)):
                with contextlib.suppress(FileNotFoundError):  # taken back meanwhile
                    yield name.removesuffix(_ASKED), self._read(self.folder / name)

    def answer(self, name: str, error: str) -> None:
        """It is dealt with; "" or why not. Raises OSError."""
        self._write(name + _ANSWERED, {"error": error})
        self.remove(name)

    def remove(self, name: str) -> None:
        """Nobody need deal with it any more. Raises OSError."""
        (self.folder / (name + _ASKED)).unlink(missing_ok=True)

    def sweep(self, before_ns: int) -> None:
        """Remove what was written before a time: nobody waits for it any more. Raises OSError."""
        with contextlib.suppress(FileNotFoundError):
            for path in list(self.folder.iterdir()):
                if path.suffix in (_ASKED, _ANSWERED) and path.stat().st_mtime_ns < before_ns:
                    path.unlink(missing_ok=True)

    def answered(self, name: str) -> str | None:
        """What a worker answered, which is then gone; None: nothing yet."""
        path = self.folder / (name + _ANSWERED)
        try:
            said = self._read(path)
        except FileNotFoundError:
            return None
        path.unlink(missing_ok=True)
        return str((said or {}).get("error", "the answer cannot be read"))

    def _write(self, name: str, body: Mapping[str, Any]) -> None:
        half = self.folder / f".{name}.{os.getpid()}"
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(orjson.dumps(dict(body)))
            file.flush()
            os.fsync(file.fileno())
        half.replace(self.folder / name)
        sync_folder(self.folder)

    @staticmethod
    def _read(path: Path) -> Mapping[str, Any] | None:
        with path.open("rb") as file:
            text = file.read(LARGEST + 1)
        try:
            body = orjson.loads(text) if len(text) <= LARGEST else None
        except orjson.JSONDecodeError:
            return None
        return body if isinstance(body, dict) else None
