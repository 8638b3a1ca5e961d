"""How long a gateway waits before it dials again: fast where that costs the broker nothing, wide where it costs.

Rule 1: an outage of the link is dialled through fast for ever: a port that does not answer costs a packet, and the
first message is out within a second of its return.  Rule 2: a port that answers and gives no session is a broker with
too much to do, or none behind a proxy: after `FAST_TRIES` the pause doubles up to `WIDEST_NS`.  Rule 3: all pauses are
drawn by chance, so that ten thousand sites that lost one broker do not come back in step (M. Brooker, "Exponential
backoff and jitter", AWS Architecture Blog, 2015).
"""

from __future__ import annotations

FAST_NS = 500_000_000  # chance makes it between a quarter and all of it
FAST_TRIES = 8  # one takes 5 s where a broker hangs: 40 s of that are dialled through
WIDEST_NS = 120_000_000_000  # 10,000 sites are then 130 dials a second
HELD_NS = 10_000_000_000  # a session that lasted so long was one


class Backoff:
    """One broker's. `chance` is in [0, 1)."""

    def __init__(self) -> None:
        self._tries = 0

    def failed(self, *, reached: bool, chance: float) -> int:
        """A dial failed. How long to wait, in ns. `reached`: the port answered, and no session came of it."""
        if not reached:
            return round(FAST_NS * (0.25 + 0.75 * chance))
        self._tries += 1
        return self._wait(chance)

    def ended(self, lasted_ns: int, *, chance: float) -> int:
        """A session ended. How long to wait, in ns."""
        if lasted_ns >= HELD_NS:
            self._tries = 0
            return round(FAST_NS * chance)
        self._tries += 1
        return self._wait(chance)

    def _wait(self, chance: float) -> int:
        widest = min(FAST_NS << min(max(self._tries - FAST_TRIES, 0), 16), WIDEST_NS)
        return round(widest * (0.25 + 0.75 * chance))
