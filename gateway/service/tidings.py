"""What happened to a gateway while it did not run, left beside its journal, and told as events at its next start."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from gateway.model import Block, Noted, Severity

NAME = "tidings.json"
_SEVERITIES = {"upgrade_kept": Severity.INFO, "upgrade_returned": Severity.ALARM}


def leave(data: Path, kind: str, facts: Mapping[str, Any], time_ns: int) -> None:
    """Leave one, in place of an older one that nobody has read. Raises OSError."""
    half = data / f"{NAME}.new"
    half.write_bytes(orjson.dumps({"kind": kind, "facts": facts, "time_ns": time_ns}))
    half.chmod(0o644)
    half.replace(data / NAME)


class Tidings:
    """Of one data folder: `found` to be noted, taken away when a block with them was committed."""

    def __init__(self, data: Path, gateway: str) -> None:
        """Reads one small file."""
        self._path = data / NAME
        self.found: Noted | None = None
        try:
            plain = orjson.loads(self._path.read_bytes())
            kind = str(plain["kind"])
            severity = _SEVERITIES.get(kind, Severity.WARNING)
            self.found = Noted(int(plain["time_ns"]), kind, gateway, severity, plain["facts"])
        except (OSError, ValueError, KeyError, TypeError):  # none, or none of ours
            return

    def committed(self, block: Block) -> None:
        """Take the file away once it is an event."""
        if self.found is not None and any(event.event is self.found for event in block.events):
            self.found = None
            with contextlib.suppress(OSError):  # told again at the next start
                self._path.unlink(missing_ok=True)
