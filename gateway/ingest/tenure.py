"""When a worker may take a partition: pure, told what the roster says and what became of the last tenure.

Rule 1: a partition that another living worker holds is left alone.  Rule 2: who lost one to somebody waits, longer
each time, so that two workers never fight over it.  Rule 3: what is free is taken after a pause that chance makes: the
one who is meant to have it comes before those who stand by.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.ports import Entropy

BEAT_NS = 5_000_000_000  # how often a holder says that it lives
DEAD_NS = 4 * BEAT_NS  # a holder that said nothing for so long is gone, whatever the roster says
OWNER_PAUSE_NS = 100_000_000  # and up to as much again
STANDBY_PAUSE_NS = 300_000_000  # the same
GRACE_NS = 2_000_000_000, 60_000_000_000  # after a takeover, doubled from, to
CALM_NS = 60_000_000_000  # a tenure that lasted so long ended no fight
SHORT_NS = 10_000_000_000  # a connection that broke sooner may have been taken by somebody whom nobody names


@dataclass(frozen=True, slots=True)
class Holder:
    """What the roster says of a partition, and when that was heard (boottime)."""

    worker: str
    online: bool
    count: int  # of partitions, as that worker counts
    heard_ns: int


class Tenure:
    """One partition, seen by one worker. `owner`: meant to have it; else standing by."""

    def __init__(self, me: str, entropy: Entropy, *, owner: bool) -> None:
        self._me, self._entropy, self._owner = me, entropy, owner
        self._at_once = owner  # at the start: what the operator says counts for more than the roster
        self._free_ns: int | None = None  # when it may be dialled
        self._grace_ns, self._not_before_ns = 0, 0
        self._taken_ns: int | None = None
        self._since_ns: int | None = None  # this connection
        self._short = 0  # connections in a row that broke soon

    def due(self, now_ns: int, holder: Holder | None, *, known: bool) -> bool:
        """Whether to dial now. `known`: the roster was heard since the watch connected."""
        if self._at_once:
            self._at_once = False
            return True
        if not known or now_ns < self._not_before_ns or self.elsewhere(now_ns, holder):
            self._free_ns = None
            return False
        if self._free_ns is None:
            pause = OWNER_PAUSE_NS if self._owner or self._taken_ns is not None else STANDBY_PAUSE_NS
            pause = min(pause << min(self._short, 16), GRACE_NS[1])
            self._free_ns = now_ns + round(pause * (1 + self._entropy.uniform()))
        return now_ns >= self._free_ns

    def elsewhere(self, now_ns: int, holder: Holder | None) -> bool:
        """Whether another worker holds it, and lives."""
        if holder is None or not holder.online or holder.worker == self._me:
            return False
        return now_ns - holder.heard_ns < DEAD_NS

    def took(self, now_ns: int) -> None:
        """Connected: it is ours. May be said again."""
        self._free_ns, self._at_once = None, False
        self._since_ns = self._since_ns if self._since_ns is not None else now_ns
        self._taken_ns = self._taken_ns if self._taken_ns is not None else now_ns

    def dropped(self, now_ns: int) -> None:
        """The connection is gone, for no reason that we know. May be said again."""
        if self._since_ns is not None:
            self._short = self._short + 1 if now_ns - self._since_ns < SHORT_NS else 0
            self._since_ns = None

    def lost(self, now_ns: int) -> int:
        """Somebody else took it. How long it is left alone at least, in ns."""
        if self._taken_ns is not None and now_ns - self._taken_ns >= CALM_NS:
            self._grace_ns = 0
        low, high = GRACE_NS
        self._grace_ns = min(max(self._grace_ns * 2, low), high)
        self._free_ns = self._taken_ns = self._since_ns = None
        self._not_before_ns = now_ns + self._grace_ns
        return self._grace_ns
