"""Modbus RTU frames through a socket: `modbus.rtu_over_tcp`, for device servers that pass bytes through
unchanged.

The device server keeps the silence on its line; late answers are told apart as on a serial port.
"""

from __future__ import annotations

from collections.abc import Sequence

from drivers.modbus.exchange import RtuExchange
from drivers.modbus.session import ModbusSession
from gateway.ports import Clock, Line
from gateway.site import Bus, Device

KIND = "polling"


def build(*, bus: Bus, devices: Sequence[Device], line: Line, clock: Clock) -> ModbusSession:
    """The driver of one bus."""
    return ModbusSession(bus, devices, RtuExchange(line, clock, silence_ns=0, reopens=True), clock)
