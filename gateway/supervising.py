"""Tasks that run for ever: what breaks is told, waits and starts again. The one place that catches everything."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from gateway.model import Noted, Severity
from gateway.ports import Clock

RESTART_NS = 2_000_000_000  # doubled each time a task breaks again at once
RESTART_MOST_NS = 64_000_000_000

log = logging.getLogger(__name__)


class Notes(Protocol):
    """Who is told."""

    def note(self, event: Noted) -> None: ...


async def supervised(
    name: str, make: Callable[[], Coroutine[Any, Any, None]], clock: Clock, notes: Notes
) -> None:
    """Run a task until it returns; start it again whenever it breaks."""
    pause_ns = RESTART_NS
    while True:
        began_ns = clock.boottime_ns()
        try:
            await make()
            return
        except Exception as error:
            log.exception("%s broke; starting it again", name)
            facts = {"error": f"{type(error).__name__}: {error}"}
            notes.note(Noted(clock.now().time_ns, "task_restarted", name, Severity.WARNING, facts))
            ended_ns = clock.boottime_ns()
            pause_ns = RESTART_NS if ended_ns - began_ns > RESTART_MOST_NS else pause_ns
            await clock.sleep_until(ended_ns + pause_ns)
            pause_ns = min(2 * pause_ns, RESTART_MOST_NS)
