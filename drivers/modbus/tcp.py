"""Modbus TCP: `modbus.tcp`, address ``host:port``, many units behind one socket."""

from __future__ import annotations

from collections.abc import Sequence

from drivers.modbus.exchange import TcpExchange
from drivers.modbus.session import ModbusSession
from gateway.ports import Clock, Line
from gateway.site import Bus, Device

KIND = "polling"


def build(*, bus: Bus, devices: Sequence[Device], line: Line, clock: Clock) -> ModbusSession:
    """The driver of one bus."""
    return ModbusSession(bus, devices, TcpExchange(line, clock), clock)
