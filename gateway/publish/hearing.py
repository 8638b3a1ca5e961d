"""Whether anybody hears what goes out: an alarm when nobody has for long, and its end. Pure; time is boottime.

A broker that says 0x10 has taken a record and given it to nobody (MQTT 5, 3.4.2.1). The record stays in the journal all
the same; but as long as no worker is there, it is nowhere else.
"""

from __future__ import annotations

PATIENCE_NS = 60_000_000_000  # a worker that is started anew, or a broker, is away for so long


class Hearing:
    """Of one broker, over all its connections. `standing`: the alarm is there already."""

    def __init__(self, *, standing: bool = False) -> None:
        self.standing = standing
        self._since: dict[str, int] = {}  # kinds of topic that nobody hears, and since when

    def answered(self, kind: str, *, heard: bool, now_ns: int) -> bool | None:
        """The broker took a message. True: nobody has heard for long now. False: that is over. None: nothing new."""
        if heard:
            self._since.pop(kind, None)
            if self.standing and not self._since:
                self.standing = False
                return False
            return None
        since_ns = self._since.setdefault(kind, now_ns)
        if self.standing or now_ns - since_ns < PATIENCE_NS:
            return None
        self.standing = True
        return True

    def kinds(self) -> list[str]:
        """What nobody hears."""
        return sorted(self._since)
