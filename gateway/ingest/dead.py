"""Dead letters: messages that are not ours, kept with the reason, in two files of bounded size."""

from __future__ import annotations

import base64
import contextlib
from pathlib import Path

import orjson

from gateway.ports import Clock

NAME = "dead-letters.jsonl"
FILE_BYTES = 8 << 20  # then it becomes .old, and the .old before is gone
PAYLOAD_BYTES = 4_096  # of a message are kept


class DeadLetters:
    """One for an ingest worker."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._path, self._clock = folder / NAME, clock
        self.count = 0

    def put(self, topic: str, payload: bytes, reason: str) -> None:
        """Put one aside. A disk that is full takes no letters, but they are counted."""
        self.count += 1
        line = orjson.dumps(
            {
                "time_ns": self._clock.now().time_ns,
                "topic": topic.encode("utf-8", "backslashreplace").decode("utf-8")[:500],
                "reason": reason[:500],
                "bytes": len(payload),
                "payload": base64.b64encode(payload[:PAYLOAD_BYTES]).decode("ascii"),
            },
            option=orjson.OPT_APPEND_NEWLINE,
        )
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if self._path.exists() and self._path.stat().st_size > FILE_BYTES:
                self._path.replace(self._path.with_suffix(".old"))
            with self._path.open("ab") as file:
                file.write(line)
