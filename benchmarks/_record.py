"""Records of long runs: a line of JSON a part, so that a run which was cut short goes on where it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson


def note(record: Path, row: dict[str, Any]) -> None:
    """One part more, on a line of its own also behind one that was cut short."""
    record.parent.mkdir(parents=True, exist_ok=True)
    with record.open("ab+") as file:
        if file.seek(0, 2) and _last_byte(record) != b"\n":
            file.write(b"\n")
        file.write(orjson.dumps(row) + b"\n")


def lines_of(record: Path) -> Iterator[dict[str, Any]]:
    """The parts that are whole."""
    for line in record.read_bytes().splitlines():
        try:
            yield orjson.loads(line)
        except orjson.JSONDecodeError:
            continue  # what a run was cut short in


def _last_byte(record: Path) -> bytes:
    with record.open("rb") as file:
        file.seek(-1, 2)
        return file.read()
