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


Said = Signal | Exceeded | Silent
