"""Devices as the daemon asks them: points, groups, buses, readers. Periods and timeouts are nanoseconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.field import Field, GroupId
from gateway.plain import Plain
from gateway.site.plan import When

if TYPE_CHECKING:
    from gateway.layout import Layout


@dataclass(frozen=True, slots=True)
class Point:
    """One row of a device's register map, placed in the plant."""

    name: str
    tag: str  # area/line/cell/point, plant-wide
    field: Field
    table: str = ""  # "holding", "input", "coil", "discrete"; "" on devices without registers
    address: int = 0  # from 0, as on the wire
    uom: str = ""
    low: float | None = None  # plausible range of the sensor; outside is uncertain
    high: float | None = None
    max_rate: float | None = None  # uom per second; faster is uncertain
    frozen_after_ns: int | None = None  # unchanged for longer is uncertain
    invalid: tuple[int, ...] = ()  # unsigned raw numbers by which the device says "no value"
    coherent: str = ""  # points of a device with the same word here are read by one request

    @property
    def is_number(self) -> bool:
        """Whether it has an amount: neither text nor a bit."""
        return self.field.type not in {"string", "bit"}


@dataclass(frozen=True, slots=True)
class Group:
    """A poll group: the points of one device with the same period."""

    id: GroupId  # device/poll class
    device: str
    period_ns: int  # 0: the device talks by itself
    points: tuple[Point, ...]
    stale_after_ns: int  # silent for longer is bad, and an alarm

    def layout(self) -> Layout:
        """How the group's raw words become values."""
        from gateway.layout import Layout  # noqa: PLC0415 # numpy, only where words are decoded

        return Layout(tuple(point.field for point in self.points))


@dataclass(frozen=True, slots=True)
class Anomaly:
    """How a device is watched for what is unusual, without limits."""

    alarms_per_day: float  # false alarms that it may give
    every_ns: int  # a row of each group at most so often
    points: tuple[str, ...] = ()  # names; none: every number that is no counter, key or state of a plan
    when: When = field(default_factory=When)
    off_delay_ns: int = 0  # nothing new for so long before an alarm returns


@dataclass(frozen=True, slots=True)
class Device:
    """A unit on a bus."""

    name: str
    bus: str
    model: str  # the device map's file name
    unit: int  # Modbus unit id; 0 on devices without one
    cell: str  # area/line/cell
    groups: tuple[Group, ...]
    timeout_ns: int = 1_000_000_000
    max_gap: int | None = None  # registers worth reading along to save a request; None: by cost
    max_words: int = 125  # longest read this device takes (Modbus Application Protocol V1.1b3, 6.3: 125)
    options: Mapping[str, Plain] = field(default_factory=dict)
    anomaly: Anomaly | None = None  # None: not watched


@dataclass(frozen=True, slots=True)
class Bus:
    """One serial line or socket, shared by units."""

    name: str
    driver: str  # file under drivers/, dotted: "modbus.tcp", "serial.scale"
    address: str  # "host:port", or the serial port's path
    baud: int = 9600
    parity: str = "N"  # N, E, O
    data_bits: int = 8
    stop_bits: int = 1
    options: Mapping[str, Plain] = field(default_factory=dict)  # the driver's own


@dataclass(frozen=True, slots=True)
class ScanPoint:
    """A place where codes are read, and what a scan there means."""

    name: str
    cell: str
    action: str  # "open", "move", "close"
    role: str = "product"  # "material" feeds the cell, "product" is made there
    device: str = ""  # the reader; "" where scans are entered by hand
    lasts_ns: int = 0  # a material lot opened here is used up after so long; 0: when somebody closes it
    late_after_ns: int = 0  # a scan that comes so late is an alarm; 0: never
    ships: bool = False  # what is scanned here leaves the site
    into: str = ""  # what is scanned here goes into that vessel, or into the lot opened at that scan point
    makes: str = ""  # kind of the lots opened here: "pallet", "shipment"; "": box
    kg: float = 0.0  # of one bag or drum emptied here whose code has no weight; 0: not known
