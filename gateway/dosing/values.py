"""The row that dosing works on: `Cycle`, one dose. It is made in `gateway.metering`, below the rooms that use it."""

from gateway.metering.values import MARKS, Cycle, Weighed

__all__ = ["MARKS", "Cycle", "Weighed"]
