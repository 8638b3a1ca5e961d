"""How long somebody waits after passwords that did not fit. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

FREE = 3  # wrong ones without a wait: fingers slip
FIRST_NS = 1_000_000_000  # doubled with each further one
MOST_NS = 900_000_000_000
NAME_MOST_NS = (
    60_000_000_000  # for a name: else a stranger keeps its owner out of an alarm for a quarter of an hour
)
KEPT = 1_000  # names and addresses that are remembered


@dataclass
class Backoff:
    """Wrong passwords by name and by address, whichever waits longer. In memory: a restart forgives.

    >>> waits = Backoff()
    >>> for _ in range(5): waits.failed("li@10.0.0.7", 0)
    >>> waits.left_ns("li@10.0.0.7", 500_000_000) / 1e9
    1.5
    """

    _wrong: dict[str, tuple[int, int, int]] = field(
        default_factory=dict
    )  # how many, since when it waits, and for how long

    def left_ns(self, who: str, now_ns: int) -> int:
        """Nanoseconds until it may be tried again; 0: now."""
        count, since, wait = self._wrong.get(who, (0, now_ns, 0))
        if now_ns < since:  # the clock was set back, perhaps by a year: the wait begins now, and is no longer
            self._wrong[who] = (count, now_ns, wait)
            since = now_ns
        return max(since + wait - now_ns, 0)

    def failed(self, who: str, now_ns: int, most_ns: int = MOST_NS) -> None:
        """One more that did not fit. The one that was quiet for longest is forgotten where there are too many."""
        count = self._wrong.pop(who, (0, 0, 0))[0] + 1
        doubled = min(FIRST_NS << min(max(count - FREE - 1, 0), 40), most_ns) if count > FREE else 0
        self._wrong[who] = (count, now_ns, doubled)
        while len(self._wrong) > KEPT:
            del self._wrong[next(iter(self._wrong))]

    def fitted(self, who: str) -> None:
        """The right one."""
        self._wrong.pop(who, None)
