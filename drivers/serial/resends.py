"""Frames that a scanner sends again because no ACK reached it. Pure.

A scanner that waits for an ACK repeats its frame until it gets one. The first of them is the scan; the others are
dropped, and acknowledged again once the scan is committed. A code seen again after the window is a new scan.

An ACK too many would be taken for the scanner's next code, which is not committed. So a repetition that comes right
after the ACK, and was under way when that was sent, gets none.

>>> resends = Resends(window_ns=2_000_000_000)
>>> [resends.seen("LOT-1", 0).name, resends.seen("LOT-1", 1_000_000_000).name]
['NEW', 'WAITING']
>>> resends.acknowledged("LOT-1", 1_100_000_000)
>>> [resends.seen("LOT-1", 2_000_000_000).name, resends.seen("LOT-1", 9_000_000_000).name]
['AGAIN', 'NEW']
"""

from __future__ import annotations

from enum import Enum

CROSSING_NS = (
    200_000_000  # longer than a frame is on its way; scanners wait at least as long before they repeat
)
_REMEMBERED = 64  # codes


class Seen(Enum):
    """What a code is that has just come."""

    NEW = "a scan"
    WAITING = "a scan repeated that is not committed yet: its ACK will come"
    CROSSED = "a scan repeated while its ACK was on its way"
    AGAIN = "a scan repeated that is committed: its ACK was lost"


class Resends:
    """Remembers the codes of late."""

    def __init__(self, window_ns: int) -> None:
        self._window_ns = window_ns
        self._waiting: set[str] = set()
        self._done: dict[str, int] = {}  # code to boottime of its last ACK, oldest first
        self.dropped = 0

    def seen(self, code: str, now_ns: int, *, flagged: bool = False) -> Seen:
        """What this code is; `flagged`: the scanner itself says that it repeats."""
        if code in self._waiting:
            self.dropped += 1
            return Seen.WAITING
        last_ns = self._done.pop(code, None)
        if last_ns is not None and (flagged or now_ns - last_ns < self._window_ns):
            self.dropped += 1
            crossed = now_ns - last_ns < CROSSING_NS
            self._done[code] = last_ns if crossed else now_ns
            return Seen.CROSSED if crossed else Seen.AGAIN
        self._waiting.add(code)
        return Seen.NEW

    def acknowledged(self, code: str, now_ns: int) -> None:
        """The scan is committed; its ACK was sent, or will be when the frame comes again."""
        self._waiting.discard(code)
        self._done.pop(code, None)
        self._done[code] = now_ns
        while len(self._done) > _REMEMBERED:
            del self._done[next(iter(self._done))]
