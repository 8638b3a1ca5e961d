"""Where to search, as people write it: ``tcp://HOST[:PORT]``, ``rtu:/dev/...``, ``rtu+tcp://HOST:PORT``."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from drivers.modbus.exchange import Exchange, RtuExchange, TcpExchange
from gateway.lines import open_line
from gateway.ports import Clock
from gateway.probe.sweep import Setting
from gateway.site import Bus

PORT = 502
_DRIVERS = {"tcp": "modbus.tcp", "rtu+tcp": "modbus.rtu_over_tcp", "rtu": "modbus.rtu"}


class BadTarget(ValueError):
    """It is not written as a place."""


@dataclass(frozen=True, slots=True)
class Target:
    """A line by its driver and address, as a site file has them."""

    driver: str
    address: str

    @property
    def serial(self) -> bool:
        """Whether it has settings to be found."""
        return self.driver == "modbus.rtu"

    def exchange(self, setting: Setting | None, clock: Clock) -> Exchange:
        """The line, not opened before it is used."""
        bus = Bus("probe", self.driver, self.address)
        if setting is not None:
            bus = Bus("probe", self.driver, self.address, setting.baud, setting.parity)
        line = open_line(bus, clock)
        if self.driver == "modbus.tcp":
            return TcpExchange(line, clock)
        silence_ns = setting.silence_ns if setting is not None else 0
        return RtuExchange(line, clock, silence_ns=silence_ns, reopens=not self.serial)


def target_of(text: str) -> Target:
    """Raises BadTarget.

    >>> target_of("tcp://10.0.0.7"), target_of("rtu:/dev/ttyUSB0").address
    (Target(driver='modbus.tcp', address='10.0.0.7:502'), '/dev/ttyUSB0')
    """
    scheme, _, rest = text.partition(":")
    if scheme == "rtu" and rest.startswith("/"):
        return Target(_DRIVERS[scheme], rest)
    try:
        parts = urlsplit(text)
        host, port, more = parts.hostname or "", parts.port or PORT, parts.path.strip("/")
    except ValueError:
        host, port, more = "", PORT, ""
    if scheme not in {"tcp", "rtu+tcp"} or not host or more:
        raise BadTarget(
            f"{text!r} is no place to search: write tcp://HOST:PORT, rtu:/dev/ttyUSB0 or rtu+tcp://HOST:PORT"
        )
    return Target(_DRIVERS[scheme], f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
