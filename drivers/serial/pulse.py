"""Whether a device that talks by itself still lives: it is dead when nothing was heard for too long. Pure.

>>> pulse = Pulse(silent_ns=10, now_ns=0)
>>> pulse.stopped(9), pulse.stopped(10), pulse.stopped(11)  # told once
(False, True, False)
>>> pulse.heard(25)  # how long it was away
25
"""

from __future__ import annotations


class Pulse:
    """Counts silence; `silent_ns` 0: never dead."""

    def __init__(self, silent_ns: int, now_ns: int) -> None:
        self._silent_ns = silent_ns
        self._heard_ns = now_ns
        self._dead = False

    @property
    def deadline_ns(self) -> int | None:
        """When silence will be too long; None: it is already, or never."""
        return self._heard_ns + self._silent_ns if self._silent_ns and not self._dead else None

    def heard(self, now_ns: int) -> int | None:
        """It was heard: for how long it was away, if it was told dead."""
        away_ns = now_ns - self._heard_ns if self._dead else None
        self._heard_ns, self._dead = now_ns, False
        return away_ns

    def stopped(self, now_ns: int) -> bool:
        """Whether silence has become too long just now."""
        deadline_ns = self.deadline_ns
        if deadline_ns is None or now_ns < deadline_ns:
            return False
        self._dead = True
        return True

    def excuse(self, now_ns: int) -> None:
        """Silence until now says nothing: the line was broken."""
        if not self._dead:
            self._heard_ns = now_ns
