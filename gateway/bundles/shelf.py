"""What a gateway keeps of bundles: which number was taken last, what is on trial, which one stays. One file.

Rule: it is written, and on the disk, before a bundle is put in force. A trial that is found at a start was cut short by
the end of the run that it was in: the config before it is in force again, and an event says so.
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from gateway.bundles.bundle import BadBundle, opened_bundle
from gateway.journal.chunkfile import sync_folder
from gateway.plain import digest, to_plain
from gateway.reloading.changes import changes
from gateway.service.tidings import leave
from gateway.site import Site

NAME = "bundles.json"


@dataclass(frozen=True, slots=True)
class Held:
    """The file."""

    newest: int = 0  # sequence that was taken last
    kept: str = ""  # the note of the one that stays; none: the gateway's own file is in force
    trial: str = ""  # of the one on probation
    trial_sequence: int = 0
    local: str = ""  # hash of the gateway's own file when `kept` was taken: who changes that file wins


class Shelf:
    """Of one data folder."""

    def __init__(self, data: Path) -> None:
        """Nothing is read before `load`."""
        self._path = data / NAME
        self.held = Held()

    def load(self) -> Shelf:
        """Read the file, where there is one. Raises OSError, also for one that is damaged. Blocks."""
        try:
            plain: dict[str, Any] = orjson.loads(self._path.read_bytes())
            self.held = Held(**plain)
        except FileNotFoundError:
            pass
        except (ValueError, TypeError) as error:
            raise OSError(f"{self._path}: it is damaged: {error}") from error
        return self

    def begin(self, note: str, sequence: int, local: str) -> None:
        """A bundle is put on trial. Raises OSError, and then it is not. Blocks."""
        self._write(replace(self.held, newest=sequence, trial=note, trial_sequence=sequence, local=local))

    def keep(self) -> None:
        """It stays."""
        self._write(replace(self.held, kept=self.held.trial, trial="", trial_sequence=0))

    def drop(self) -> None:
        """It goes; what was kept before it stays."""
        self._write(replace(self.held, trial="", trial_sequence=0))

    def forget(self, local: str) -> None:
        """The gateway's own file is in force from now on. Raises OSError. Blocks."""
        self.load()
        self._write(replace(self.held, kept="", trial="", trial_sequence=0, local=local))

    def _write(self, held: Held) -> None:
        half = self._path.with_name(NAME + ".new")
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(orjson.dumps(asdict(held)))
            file.flush()
            os.fsync(file.fileno())
        half.replace(self._path)
        sync_folder(self._path.parent)
        self.held = held


def at_start(local: Site, data: Path, now_ns: int) -> tuple[Site, str]:
    """What a run begins with: the bundle that stays, or the gateway's own file; and what to say. Raises OSError."""
    if local.remote is None or not (data / NAME).exists():
        return local, ""
    shelf, own = Shelf(data).load(), digest(to_plain(local))
    if shelf.held.trial:
        facts = {"sequence": shelf.held.trial_sequence, "why": "the gateway ended while it was on probation"}
        leave(data, "config_returned", facts, now_ns)
        shelf.drop()
    if not shelf.held.kept:
        return local, ""
    try:
        if shelf.held.local != own:
            raise BadBundle("the gateway's own file was changed after it came")
        bundle = opened_bundle(shelf.held.kept.encode(), (key for _, key in local.remote.keys))
        if restart := changes(local, bundle.site).restart:
            raise BadBundle(f"it differs in {', '.join(restart)}")
    except BadBundle as error:
        words = f"the bundle {shelf.held.newest} is in force no more: {error}"
        shelf.forget(own)
        return local, words
    return bundle.site, f"config by bundle {bundle.sequence} of {bundle.key}"
