"""HH, H, L and LL: alarm limits set by people. Pure."""

from __future__ import annotations

from collections.abc import Container, Mapping

import numpy as np
from numpy.typing import NDArray

from gateway.alarms.values import Cause, Damping
from gateway.model import Severity
from gateway.site import AlarmLimit

_DIRECTION = {"HH": 1.0, "H": 1.0, "L": -1.0, "LL": -1.0}


class Limits:
    """HH, H, L and LL of one poll group's points. Beyond the limit raises; back by the deadband returns."""

    def __init__(self, limits: tuple[AlarmLimit, ...], places: Mapping[str, int]) -> None:
        """`places` has the place in the group of every limit's tag."""
        self._at = np.array([places[limit.tag] for limit in limits], dtype=np.intp)
        self._way = np.array([_DIRECTION[limit.level] for limit in limits])
        self._limit = np.array([limit.value for limit in limits])
        self._back = np.array([abs(limit.deadband) for limit in limits])
        self.rows, self.places = limits, self._at
        self.causes = tuple(
            Cause(
                f"limit_{limit.level}", limit.tag,
                Severity.ALARM if len(limit.level) == 2 else Severity.WARNING, limit.tag, limit.reaction,
                damping=Damping(on_delay_ns=limit.on_delay_ns, off_delay_ns=limit.off_delay_ns),
            )
            for limit in limits
        )  # fmt: skip

    def run(
        self, on: NDArray[np.bool_], values: NDArray[np.float64]
    ) -> tuple[NDArray[np.bool_], NDArray[np.intp], NDArray[np.intp]]:
        """Which limits are exceeded now, which became so, which returned. `values` is nan where not good: no change."""
        beyond = (values[self._at] - self._limit) * self._way
        now = (beyond > 0) | (on & ~(beyond <= -self._back))
        if (now == on).all():
            return on, _NONE, _NONE
        return now, np.flatnonzero(now & ~on), np.flatnonzero(on & ~now)

    def waiting(self, values: NDArray[np.float64], pending: Container[str]) -> NDArray[np.intp]:
        """Limits that this reading exceeds too and whose cause has not been there for long enough yet."""
        waits = np.array([cause.name in pending for cause in self.causes], dtype=np.bool_)
        return np.flatnonzero(waits & ((values[self._at] - self._limit) * self._way > 0))


_NONE = np.zeros(0, dtype=np.intp)
