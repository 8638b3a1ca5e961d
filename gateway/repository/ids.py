"""Where the event of an id is: found by making every event once, and remembered.

An id is a hash, so nothing but the event itself tells it. The journal keeps no table of them: it would cost every
commit what only few ever ask. What was made once is known by eight bytes of its id while the program runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from gateway.journal.lotevents import PAGE
from gateway.repository.events import EventStream

ID = re.compile(r"ni:///sha-256;([0-9a-f]{64})\?ver=CBV2\.0", re.ASCII)
_LOOKS = 20  # pages of the journal for one question
MOST = 1_000_000  # ids that are remembered: some 150 MB


class StillReading(Exception):
    """The journal has not been gone through to its end yet. Ask again: it goes on from where it is."""


class Ids:
    """Where events are, by the first half of the hash of their id."""

    def __init__(self) -> None:
        self._known: dict[int, list[tuple[int, int]] | tuple[int, int]] = {}
        self._seen: list[int] = []  # by stream: the last event number looked at

    def find(
        self, event_id: str, streams: Sequence[EventStream], go_on: Callable[[], None] = lambda: None
    ) -> list[tuple[int, int]]:
        """(stream, number) of lot events that may have it; none where nothing has. Raises StillReading.

        `go_on` is called often; what it raises ends the search, which goes on from there the next time.
        """
        found = ID.fullmatch(event_id)
        if not found:
            return []
        key = int(found[1][:16], 16)
        ended = self._read(streams, go_on)
        places = self._known.get(key)
        if places is None:
            if not ended:
                raise StillReading
            return []
        return [places] if isinstance(places, tuple) else list(places)

    def _read(self, streams: Sequence[EventStream], go_on: Callable[[], None]) -> bool:
        """Look at more events, by number, so that late ones are seen too; whether all were."""
        self._seen += [0] * (len(streams) - len(self._seen))
        looks = _LOOKS
        for number, stream in enumerate(streams):
            last = stream.reader.last().event
            while self._seen[number] < last:
                if not looks or len(self._known) >= MOST:
                    return False
                looks -= 1
                end = min(self._seen[number] + PAGE, last)
                for found in stream.lots.numbered_between(self._seen[number] + 1, end):
                    go_on()
                    for event in stream.told(found):
                        self._put(event["eventID"], (number, found.numbered.seq))
                self._seen[number] = end
        return True

    def _put(self, event_id: str, place: tuple[int, int]) -> None:
        key = int(event_id[14:30], 16)  # behind "ni:///sha-256;"
        before = self._known.get(key)
        if before is None:
            self._known[key] = place
        elif isinstance(before, tuple):
            if before != place:
                self._known[key] = [before, place]
        elif place not in before:
            before.append(place)
