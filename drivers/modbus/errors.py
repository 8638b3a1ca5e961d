"""What can go wrong with a question, named after what to do next."""

from __future__ import annotations


class ModbusError(Exception):
    """A question without an answer to trust."""


class DeviceSilent(ModbusError):
    """Asked, no answer in time. Try again."""


class FrameCorrupt(ModbusError):
    """Something came and failed its checks. Drop the buffer, try again."""


class UnitQuarantined(ModbusError):
    """Not asked: every question left could be answered by a late answer to an older one. Wait."""
