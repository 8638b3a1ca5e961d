"""Looks after accounts that another process changes: signs out whom it concerns, and tells what was done."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable

from gateway.model import Noted, Severity
from gateway.people import Account, Told
from gateway.ports import Clock
from gateway.web.house import House

LOOK_NS = 1_000_000_000

log = logging.getLogger(__name__)


class Porter:
    """One for a server. For one loop."""

    def __init__(self, house: House, note: Callable[[Noted], None], clock: Clock) -> None:
        self._house, self._note, self._clock = house, note, clock
        self._version: int | None = None
        self._accounts: list[Account] = []
        self._looked = asyncio.Condition()

    async def run(self) -> None:
        """Look once a second, until cancelled."""
        while True:
            try:
                await self.look()
            except sqlite3.Error as error:
                log.warning("accounts cannot be looked at now: %s", error)
            await self._clock.sleep_until(self._clock.boottime_ns() + LOOK_NS)

    async def look(self) -> None:
        """See what has changed."""
        found = await asyncio.to_thread(self._changes)
        if found is None:
            return
        self._accounts, untold = found
        self._house.sessions.renewed(self._accounts)
        for row in untold:
            facts = {name: str(value) for name, value in row.facts.items()}
            self._note(Noted(row.time_ns, row.kind, row.operator, Severity.INFO, facts))
        if untold:
            await asyncio.to_thread(self._house.diary.tell, untold[-1].seq)
        async with self._looked:
            self._looked.notify_all()

    async def until(self, *, somebody: bool) -> None:
        """Return once somebody has an account, or once nobody has."""
        async with self._looked:
            await self._looked.wait_for(lambda: bool(self._accounts) == somebody)

    def _changes(self) -> tuple[list[Account], list[Told]] | None:
        """None where nothing has. What this process does itself is no other version, so accounts are counted too."""
        version, accounts = self._house.people.version(), self._house.people.accounts()
        if version == self._version and accounts == self._accounts:
            return None
        self._version = version
        return accounts, self._house.diary.untold()
