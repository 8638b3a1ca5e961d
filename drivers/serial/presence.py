"""Which tags are in a reader's field: from many reads to "seen" once and "left" once. Pure.

A tag is seen when it was read `least` times within `window_ns`, each time at `gate_dbm` or louder; a stray
read of a pallet that passes behind the gate is none. It has left when no such read came for `leave_ns`.

>>> field = Presence(least=2, window_ns=1_000, leave_ns=5_000, gate_dbm=-70)
>>> field.read("E280", -60, 0), field.read("E280", -80, 100)
(None, None)
>>> field.read("E280", -62, 200)
Seen(code='E280', count=2, rssi_dbm=-60)
>>> field.read("E280", -61, 300), field.left(5_299), field.left(5_300)
(None, [], [Left(code='E280', count=3, rssi_dbm=-60)])
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seen:
    """A tag came into the field: reads that made it so, and the loudest of them."""

    code: str
    count: int
    rssi_dbm: int


@dataclass(frozen=True, slots=True)
class Left:
    """A tag left the field: all its reads, and the loudest of them."""

    code: str
    count: int
    rssi_dbm: int


class _Track:
    """One code's reads: those in the window until it is seen, then a count."""

    __slots__ = ("count", "last_ns", "loudest_dbm", "present", "recent")

    def __init__(self) -> None:
        self.recent: deque[tuple[int, int]] = deque()  # instant, RSSI
        self.present = False
        self.count = 0
        self.loudest_dbm = -999
        self.last_ns = 0


class Presence:
    """The field of one reader. Time is any clock in nanoseconds that does not step."""

    def __init__(
        self, *, least: int, window_ns: int, leave_ns: int, gate_dbm: float, most: int = 1000
    ) -> None:
        self._least, self._window_ns, self._leave_ns, self._gate_dbm = least, window_ns, leave_ns, gate_dbm
        self._most = most  # codes tracked at once
        self._tracks: dict[str, _Track] = {}
        self.weak = 0  # reads below the gate
        self.crowded = 0  # reads of codes beyond `most`

    def read(self, code: str, rssi_dbm: int, now_ns: int) -> Seen | None:
        """One read; Seen when it is the one that makes the code present."""
        if rssi_dbm < self._gate_dbm:
            self.weak += 1
            return None
        track = self._tracks.get(code)
        if track is None:
            if len(self._tracks) >= self._most:
                self.crowded += 1
                return None
            track = self._tracks[code] = _Track()
        track.last_ns = now_ns
        if track.present:
            track.count += 1
            track.loudest_dbm = max(track.loudest_dbm, rssi_dbm)
            return None
        recent = track.recent
        recent.append((now_ns, rssi_dbm))
        while recent[0][0] < now_ns - self._window_ns:
            recent.popleft()
        if len(recent) < self._least:
            return None
        track.present, track.count = True, len(recent)
        track.loudest_dbm = max(rssi for _, rssi in recent)
        recent.clear()
        return Seen(code, track.count, track.loudest_dbm)

    @property
    def deadline_ns(self) -> int | None:
        """When the next code may have left; None when the field is empty."""
        if not self._tracks:
            return None
        return min(track.last_ns for track in self._tracks.values()) + self._leave_ns

    def left(self, now_ns: int) -> list[Left]:
        """Codes that have left until now, those first that were read last longest ago."""
        gone = [
            (track.last_ns, code)
            for code, track in self._tracks.items()
            if now_ns - track.last_ns >= self._leave_ns
        ]
        told = []
        for _, code in sorted(gone):
            track = self._tracks.pop(code)
            if track.present:
                told.append(Left(code, track.count, track.loudest_dbm))
        return told

    def postpone(self, gap_ns: int) -> None:
        """The reader was not there for so long: nobody has left in that time."""
        for track in self._tracks.values():
            track.last_ns += gap_ns
            track.recent = deque((at + gap_ns, rssi) for at, rssi in track.recent)
