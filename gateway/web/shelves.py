"""EPCIS events of a folder, by what somebody may see: each set of sites has a repository of its own.

So a page's token, an event's id and an error say nothing of what is not theirs: for them it is not there.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from pathlib import Path

from gateway.journal.database import NAME
from gateway.repository import Repository
from gateway.web.asker import Asker

KEPT = 8  # sets of sites whose repositories stay open


class Shelves:
    """Repositories of one folder. For one loop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._askers: OrderedDict[tuple[tuple[str, ...], tuple[str, ...]], Asker[Repository]] = OrderedDict()

    async def of(self, sites: tuple[str, ...]) -> Asker[Repository]:
        """That of some sites, or of all. One that knows no replica that came since is another one's place."""
        key = (sites, await asyncio.to_thread(self._there))
        found = self._askers.pop(key, None)
        if found is None:
            found = Asker(lambda stop: Repository(self._folder, stop, sites))
        self._askers[key] = found
        while len(self._askers) > KEPT:
            _, old = self._askers.popitem(last=False)
            old.close()
        return found

    def close(self) -> None:
        """End what runs, and let go of the files."""
        for asker in self._askers.values():
            asker.close()

    def _there(self) -> tuple[str, ...]:
        if (self._folder / NAME).is_file():
            return (NAME,)
        return tuple(sorted(str(path.parent) for path in self._folder.glob(f"*/*/{NAME}")))
