"""Says READY, a status line, and WATCHDOG while all is well; who is not well says why and is silent then.

Rule: a ping is made in the daemon's own loop, so a loop that does not turn pings nobody, and one that turns late says
so by a ping left out. The manager kills and restarts what has not pinged for WatchdogSec.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from gateway.ports import Clock
from gateway.service.notify import Notifier
from gateway.service.vitals import Vitals

LAG_MOST_NS = 2_000_000_000  # of the loop, for one ping
READY_EVERY_NS = 100_000_000

log = logging.getLogger(__name__)


class Watchdog:
    """`run` is a task of the daemon. `begun`: whether a block was committed and every bus was asked."""

    def __init__(
        self,
        notifier: Notifier,
        clock: Clock,
        vitals: Vitals,
        begun: Callable[[], bool],
        status: Callable[[], str],
    ) -> None:
        self._notifier, self._clock, self._vitals = notifier, clock, vitals
        self._begun, self._status = begun, status
        self._ills: list[str] = []

    async def run(self) -> None:
        """Until cancelled."""
        clock = self._clock
        while not self._begun():
            await clock.sleep_until(clock.boottime_ns() + READY_EVERY_NS)
        self._notifier.say(READY="1", STATUS=self._status())
        due = clock.boottime_ns()
        while True:
            now = clock.boottime_ns()
            self.beat(now, now - due)
            due = now + self._notifier.ping_ns
            await clock.sleep_until(due)

    def beat(self, now_ns: int, lag_ns: int = 0) -> None:
        """Look, and say what there is to say."""
        ills = self._vitals.ills(now_ns)
        if lag_ns > LAG_MOST_NS:
            ills.insert(0, f"the loop was {lag_ns / 1e9:.0f} s late")
        if ills:
            words = "; ".join(ills)
            if ills != self._ills and not self._ills:
                log.error("not well, and the watchdog is not told that we are: %s", words)
            self._notifier.say(STATUS=f"not well: {words}")
        else:
            self._notifier.say(WATCHDOG="1", STATUS=self._status())
        self._ills = ills
