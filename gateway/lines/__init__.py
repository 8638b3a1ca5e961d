"""Sockets and serial ports as `gateway.ports.Line`, and the scripted one that tests use. They load when
asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.lines.fake import DOWN, TIMEOUT, Delay, FakeLine, Stray
from gateway.ports import Clock, Line
from gateway.site import Bus

if TYPE_CHECKING:
    from gateway.lines.serial import SerialLine
    from gateway.lines.tcp import TcpLine

__all__ = ["DOWN", "TIMEOUT", "Delay", "FakeLine", "SerialLine", "Stray", "TcpLine", "endpoint", "open_line"]


def endpoint(address: str) -> tuple[str, int] | None:
    """Host and port of ``host:port`` or ``[::1]:port``; None for a serial port's path.

    >>> endpoint("10.0.0.7:502"), endpoint("[fe80::7]:4001"), endpoint("/dev/serial/by-id/usb-1a2b:0")
    (('10.0.0.7', 502), ('fe80::7', 4001), None)
    """
    host, _, port = address.rpartition(":")
    if "/" in address or not host or not port.isdecimal():
        return None
    return host.strip("[]"), int(port)


def open_line(bus: Bus, clock: Clock) -> Line:
    """The line of a bus, by its address; nothing is opened before the first use.

    Serial devices behind a device server are reached by ``host:port`` like any other.
    """
    place = endpoint(bus.address)
    if place is None:
        from gateway.lines.serial import SerialLine  # noqa: PLC0415 # what a site does not use is not loaded

        return SerialLine(bus, clock)
    from gateway.lines.tcp import TcpLine  # noqa: PLC0415

    return TcpLine(*place, clock)


def __getattr__(name: str) -> Any:
    if name == "SerialLine":
        from gateway.lines.serial import SerialLine  # noqa: PLC0415

        return SerialLine
    if name == "TcpLine":
        from gateway.lines.tcp import TcpLine  # noqa: PLC0415

        return TcpLine
    raise AttributeError(name)
