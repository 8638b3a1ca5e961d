"""What can go wrong with a question, named after what to do next."""

from __future__ import annotations


class ModbusError(Exception):
    """A question without an answer to trust."""


class DeviceSilent(ModbusError):  # noqa: N818 # named after what happened
    """Asked, no answer in time. Try again."""


class FrameCorrupt(ModbusError):  # noqa: N818
    """Something came and failed its checks. Drop the buffer, try again."""


class UnitQuarantined(ModbusError):  # noqa: N818
    """Not asked: every question left could be answered by a late answer to an older one. Wait."""
