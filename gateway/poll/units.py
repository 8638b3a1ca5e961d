"""Units that do not answer: how long to wait for them, when to ask again, and what that may cost the others.

Law 1: a unit that did not answer `DEATHS_AFTER` times in a row is dead; it is probed, not polled, until it
answers. Law 2: waiting for silent units takes at most `SHARE` of the time of a bus that has others to poll; a
token bucket keeps the account. Law 3: how long a probe waits comes from how fast the units of the bus have
answered; every `PATIENT`-th waits up to a second and every `PATIENT**2`-th as long as the config allows, so
that a unit that became slow is found as well.
"""

from __future__ import annotations

from gateway.site import Device

DEATHS_AFTER = 3
SHARE = 0.04  # of bus time; the promise is 5 %
BURST_NS = 500_000_000  # credit a quiet bus may save up
FIRST_PAUSE_NS = 200_000_000
LONGEST_PAUSE_NS = 5_000_000_000
PATIENT = 8
_SHORTEST_WAIT_NS = 50_000_000
_PATIENT_WAIT_NS = 1_000_000_000
_MARGIN = 4  # a unit may take that many times its slowest answer


class Budget:
    """Tokens of bus time: filled by `SHARE` of the time that passes, spent by waiting for silent units."""

    def __init__(self, now_ns: int) -> None:
        self._tokens_ns = float(BURST_NS)
        self._at_ns = now_ns

    @property
    def in_debt(self) -> bool:
        """More was spent than there was, as of the last look at the account."""
        return self._tokens_ns < 0

    def _fill(self, now_ns: int) -> None:
        self._tokens_ns = min(self._tokens_ns + SHARE * (now_ns - self._at_ns), BURST_NS)
        self._at_ns = now_ns

    def spend(self, now_ns: int, took_ns: int) -> None:
        self._fill(now_ns)
        self._tokens_ns -= took_ns

    def affordable_at(self, now_ns: int, cost_ns: int) -> int:
        """When the account covers that cost (or is full): now, or an instant to come."""
        self._fill(now_ns)
        lacking = min(cost_ns, BURST_NS) - self._tokens_ns
        return now_ns if lacking <= 0 else now_ns + round(lacking / SHARE) + 1


class Unit:
    """What the poller knows about one device's answering."""

    __slots__ = (
        "dead_since_ns",
        "device",
        "failures",
        "misses",
        "pause_ns",
        "probe_at_ns",
        "probes",
        "slowest_ns",
    )

    def __init__(self, device: Device) -> None:
        self.device = device
        self.failures = 0  # polls in a row without an answer
        self.misses = 0.0  # unanswered polls of late: one more each, forgotten over some hundred answers
        self.slowest_ns = 0  # slowest answered poll, forgotten slowly; 0: it has never answered
        self.dead_since_ns: int | None = None
        self.probes = 0  # since it died
        self.pause_ns = 0
        self.probe_at_ns = 0

    @property
    def dead(self) -> bool:
        return self.dead_since_ns is not None

    def answered(self, took_ns: int) -> None:
        self.failures = 0
        if self.misses:
            self.misses = self.misses * 0.99 if self.misses > 0.1 else 0.0
        self.slowest_ns = max(took_ns, self.slowest_ns - self.slowest_ns // 256)

    def silent(self, now_ns: int) -> bool:
        """It did not answer a poll; whether that makes it dead."""
        self.failures += 1
        self.misses += 1
        if self.dead or self.failures < DEATHS_AFTER:
            return False
        self.dead_since_ns = now_ns
        self.probes = 0
        self.pause_ns = FIRST_PAUSE_NS
        self.probe_at_ns = now_ns + self.pause_ns
        return True

    def probed_in_vain(self, now_ns: int) -> None:
        self.probes += 1
        self.pause_ns = min(2 * self.pause_ns, LONGEST_PAUSE_NS)
        self.probe_at_ns = now_ns + self.pause_ns

    def alive(self) -> None:
        self.failures = 0
        self.dead_since_ns = None

    def wait_ns(self, slowest_of_bus_ns: int, *, in_debt: bool) -> int:
        """How long to wait for its next answer.

        All its timeout allows as long as it answers; less once it has been silent, or while the budget is
        spent and it never answered or was silent often of late; more again now and then when it is dead.
        """
        full = self.device.timeout_ns
        doubtful = in_debt and (not self.slowest_ns or self.misses > DEATHS_AFTER)
        if self.failures == 0 and not doubtful:
            return full
        if self.dead and self.probes % PATIENT == PATIENT - 1:
            return full if self.probes % PATIENT**2 == PATIENT**2 - 1 else min(full, _PATIENT_WAIT_NS)
        known = self.slowest_ns or slowest_of_bus_ns
        return min(full, max(_MARGIN * known, _SHORTEST_WAIT_NS)) if known else full
