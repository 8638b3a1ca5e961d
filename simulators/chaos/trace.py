"""What happened, line by line: a hash of all of it, and the newest lines for whoever asks why."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable
from typing import TextIO
from zlib import crc32

KEPT = 40


class Trace:
    """`at` gives virtual time, in nanoseconds. `out` takes every line."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.lines = 0
        self._hash, self._out = hashlib.sha256(), out
        self.newest: deque[str] = deque(maxlen=KEPT)
        self.at: Callable[[], int] = lambda: 0

    def say(self, what: str) -> None:
        """One thing that happened now."""
        line = f"{self.at() / 1e9:.6f} {what}"
        self._hash.update(line.encode() + b"\n")
        self.lines += 1
        self.newest.append(line)
        if self._out is not None:
            self._out.write(line + "\n")

    def bytes(self, where: str, what: str, data: bytes) -> None:
        """Bytes that passed somewhere."""
        self.say(f"{where} {what} {len(data)} {crc32(data):08x}")

    @property
    def hash(self) -> str:
        """Of all lines until now."""
        return self._hash.hexdigest()
