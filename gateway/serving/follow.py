"""Replicas told live: looked at once a second while somebody looks on, each told of what they may see and nothing else.

Rule: a viewer's stream is made of their sites' events alone, and numbered by them: it does not even move for others.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from gateway.journal.errors import JournalError
from gateway.model import NumberedEvent
from gateway.ports import Clock
from gateway.web.asker import Asker, Overloaded
from gateway.web.live import Hub
from gateway.web.shelf import Shelf

LOOK_NS = 1_000_000_000
AGAIN = 30  # looks: then pages are read again in any case, for a record that came late has an old number
EVENTS_MOST = 500  # of one replica at a look; a page is told to read itself again anyway

log = logging.getLogger(__name__)


class Following:
    """One for a server. For one loop."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._clock = clock
        self._shelf = Asker(lambda stop: Shelf(folder, clock.boottime_ns, stop))
        self._hubs: dict[tuple[str, ...], Hub] = {}
        self._seen: dict[tuple[str, str, str], int] = {}  # the newest event's number, by journal
        self._told = ""

    def of(self, sites: tuple[str, ...]) -> Hub:
        """That of some sites; none: of all."""
        key = tuple(sorted(sites))
        return self._hubs.setdefault(key, Hub(None, self._clock))

    def looked(self) -> bool:
        """Whether somebody has a page open."""
        return any(hub.viewers for hub in self._hubs.values())

    async def run(self) -> None:
        """Look until cancelled."""
        looks = 0
        try:
            while True:
                await self._clock.sleep_until(self._clock.boottime_ns() + LOOK_NS)
                if self.looked():
                    looks += 1
                    await self.look(again=looks % AGAIN == 0)
                else:
                    self._seen.clear()
        finally:
            self._shelf.close()

    async def look(self, *, again: bool = False) -> None:
        """Tell what has come."""
        try:
            found = await self._shelf.ask(self._news)
        except (JournalError, Overloaded) as error:
            if str(error) != self._told:
                log.warning("replicas cannot be looked at now: %s", error)
            self._told = str(error)
            return
        for sites, hub in self._hubs.items():
            for site, events in found:
                if not sites or site in sites:
                    hub.heard(events)
            hub.tick()
            if again:
                hub.reset()

    def _news(self, shelf: Shelf) -> list[tuple[str, Sequence[NumberedEvent]]]:
        """New events, by site. In the shelf's thread."""
        found: list[tuple[str, Sequence[NumberedEvent]]] = []
        for reader in shelf.readers():
            who, last = reader.identity, reader.last().event
            key = (who.site, who.gateway, who.epoch)
            seen = self._seen.get(key, last)
            self._seen[key] = last
            if last > seen:
                found.append((who.site, list(reader.events(max(seen, last - EVENTS_MOST) + 1, last))))
        return found
