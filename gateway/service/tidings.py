"""What happened to a gateway while it did not run, left beside its journal, and told as events at its next start."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from gateway.journal.chunkfile import sync_folder
from gateway.model import Block, Noted, Severity

NAME = "tidings.json"


def leave(data: Path, kind: str, facts: Mapping[str, Any], time_ns: int) -> None:
    """Leave one, in place of an older one that nobody has read. On the disk when this returns. Raises OSError.

    An upgrade does so as root, in a folder of the gateway's user: no link that lies there leads it elsewhere.
    """
    half = data / f"{NAME}.new"
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
        file.write(orjson.dumps({"kind": kind, "facts": facts, "time_ns": time_ns}))
        os.fchmod(file.fileno(), 0o644)
        file.flush()
        os.fsync(file.fileno())
    half.replace(data / NAME)
    sync_folder(data)


class Tidings:
    """Of one data folder: `found` to be noted, taken away when a block with them was committed."""

    def __init__(self, data: Path, gateway: str) -> None:
        """Reads one small file."""
        self._path = data / NAME
        self.found: Noted | None = None
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):  # none, or none of ours
            self.found = _told(orjson.loads(self._path.read_bytes()), gateway)

    def committed(self, block: Block) -> None:
        """Take the file away once it is an event."""
        if self.found is not None and any(event.event is self.found for event in block.events):
            self.found = None
            with contextlib.suppress(OSError):  # told again at the next start
                self._path.unlink(missing_ok=True)


def _told(plain: Mapping[str, Any], gateway: str) -> Noted:
    """Raises KeyError, ValueError, TypeError."""
    time_ns, facts = int(plain["time_ns"]), dict(plain["facts"])
    match plain["kind"]:
        case "upgrade_kept":
            return Noted(time_ns, "upgrade_kept", gateway, Severity.INFO, facts)
        case "config_returned":
            return Noted(time_ns, "config_returned", gateway, Severity.ALARM, facts)
        case "upgrade_returned":
            return Noted(time_ns, "upgrade_returned", gateway, Severity.ALARM, facts)
    raise ValueError("a kind that nobody leaves")
