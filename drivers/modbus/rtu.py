"""Modbus RTU on a serial port: `modbus.rtu`, address the port's path, baud and framing as the bus says."""

from __future__ import annotations

from collections.abc import Sequence

from drivers.modbus.cost import silence_ns
from drivers.modbus.exchange import RtuExchange
from drivers.modbus.session import ModbusSession
from gateway.ports import Clock, Line
from gateway.site import Bus, Device

KIND = "polling"


def build(*, bus: Bus, devices: Sequence[Device], line: Line, clock: Clock) -> ModbusSession:
    """The driver of one bus."""
    return ModbusSession(bus, devices, RtuExchange(line, clock, silence_ns=silence_ns(bus)), clock)
