"""Frames that a scanner sends again because no ACK reached it. Pure.

A scanner that waits for an ACK repeats its frame until it gets one. The first of them is the scan; the others are
dropped, and acknowledged again once the scan is committed. A code seen again after the window is a new scan.

An ACK too many would be taken for the scanner's next code, which is not committed. So a repetition that comes right
after the ACK, and was under way when that was sent, gets none.

The scan that was committed last before a restart is remembered as if its ACK had been sent when it was committed,
and only the time that the gateway ran counts for the window: the run that ended may not have come to send it. A
repetition that is there at once may have lain in a buffer since before its ACK: it gets none, the next one does.

>>> resends = Resends(window_ns=2_000_000_000)
>>> [resends.seen("LOT-1", 0).name, resends.seen("LOT-1", 1_000_000_000).name]
['NEW', 'WAITING']
>>> resends.acknowledged("LOT-1", 1_100_000_000)
>>> [resends.seen("LOT-1", 2_000_000_000).name, resends.seen("LOT-1", 9_000_000_000).name]
['AGAIN', 'NEW']
>>> restarted = Resends(window_ns=2_000_000_000)
>>> restarted.remember("LOT-1", ran_ns=500_000_000, now_ns=60_000_000_000)
>>> restarted.seen("LOT-1", 61_000_000_000).name
'AGAIN'
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
    CROSSED = "a scan repeated while its ACK was, or may have been, on its way"
    AGAIN = "a scan repeated that is committed: its ACK was lost"


class Resends:
    """Remembers the codes of late."""

    def __init__(self, window_ns: int) -> None:
        self._window_ns = window_ns
        self._waiting: set[str] = set()
        self._done: dict[str, int] = {}  # code to boottime of its last ACK, oldest first
        self._began_ns = -CROSSING_NS  # when `remember` was told
        self.dropped = 0

    def remember(self, code: str, ran_ns: int, now_ns: int) -> None:
        """A run that ended committed this code last, and went on for so long."""
        self._done[code] = now_ns - ran_ns
        self._began_ns = now_ns

    def seen(self, code: str, now_ns: int, *, flagged: bool = False) -> Seen:
        """What this code is; `flagged`: the scanner itself says that it repeats."""
        if code in self._waiting:
            self.dropped += 1
            return Seen.WAITING
        last_ns = self._done.pop(code, None)
        if last_ns is not None and (flagged or now_ns - last_ns < self._window_ns):
            self.dropped += 1
            self._done[code] = last_ns if now_ns - last_ns < CROSSING_NS else now_ns
            crossed = now_ns - max(last_ns, self._began_ns) < CROSSING_NS
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
