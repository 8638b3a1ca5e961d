"""What is said of an alarm that no chart raised. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.model import Signal


@dataclass(frozen=True, slots=True)
class Exceeded:
    """A value is beyond an alarm limit that people set."""

    time_ns: int
    tag: str
    level: str  # "HH", "H", "L", "LL"
    value: float
    limit: float
    uom: str = ""
    lots: tuple[str, ...] = ()

    @property
    def above(self) -> bool:
        return self.level.startswith("H")


@dataclass(frozen=True, slots=True)
class Silent:
    """A poll group gives nothing."""

    time_ns: int
    group: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Unusual:
    """A value is strange to its own past, and to nothing that people set."""

    time_ns: int
    tag: str
    check: str  # of gateway/anomaly/checks, or "peers"
    value: float
    score: float  # 0 to 1; 0.5: one row in 100,000 is as strange
    device: str
    per_day: float  # false alarms that the device may give
    uom: str = ""
    lots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unheard:
    """The broker takes what the gateway publishes, and nobody is subscribed."""

    time_ns: int
    broker: str  # host:port
    kinds: tuple[str, ...]  # of topic


@dataclass(frozen=True, slots=True)
class DiskLow:
    """Little of the box's disk is free."""

    time_ns: int
    gateway: str
    level: int  # percent
    free: int  # bytes
    whole: int


Said = Signal | Exceeded | Silent | Unusual | Unheard | DiskLow
