"""The vocabulary: what flows through lotwatch, and nothing else.

Rule 1: every value here is frozen; a room hands on a new one.  Rule 2: what was not read is bad with a reason, never
old, zero or missing.  Rule 3: five kinds of input go into the fold, five kinds of event come out of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.field import GroupId as GroupId  # noqa: PLC0414 # handed on: the vocabulary has all words
from gateway.plain import Plain as Plain  # noqa: PLC0414 # the same


class Quality(IntEnum):
    """Quality of one value: severity in the top two bits, reason below (OPC UA Part 8, A.3 severities).

    Bit 5 (0x20) is set when the fold judged the value, clear when driver or device said it; so the driver's own
    quality can be had back from a judged one (`as_read`).
    """

    GOOD = 0x00
    UNCERTAIN = 0x40
    UNSTABLE = 0x41  # the device says that the value is still moving (scale in motion)
    OUT_OF_RANGE = 0x60
    RATE = 0x61  # moved faster than the point can
    FROZEN = 0x62  # has not moved for longer than the point can stand still
    UNCALIBRATED = 0x63  # its gauge is past the date of its calibration
    BAD = 0x80
    NO_ANSWER = 0x81  # asked, no answer in time
    REFUSED = 0x82  # the device said no (Modbus exceptions 1, 2, 3): the config is wrong
    BUSY = 0x83  # the device said later (Modbus exceptions 5, 6)
    DEVICE_FAILURE = 0x84  # the device said it is broken (Modbus exceptions 4, 8, 10, 11 and others)
    CORRUPT = 0x85  # an answer came and failed its checks
    LINE_DOWN = 0x86  # no connection, no port
    NOT_A_NUMBER = 0x87  # the device sent NaN or infinity
    NOT_ASKED = 0x88  # skipped: the unit is quarantined, dead or the bus had no time left
    SENSOR_FAULT = 0x89  # the device marked the value as invalid (its sentinel, overload, underload)
    STALE = 0xA0  # nothing came for longer than the group may be silent


UNCERTAIN_FROM = 0x40
BAD_FROM = 0x80
JUDGED_BIT = 0x20


def as_read(quality: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Quality as driver and device gave it: what the fold judged is taken back to good."""
    return np.where(quality & JUDGED_BIT, np.uint8(Quality.GOOD), quality).astype(np.uint8)


class Instant(NamedTuple):
    """When something was on the wire. Wall time is boottime plus the offset of its clock row, and says so."""

    time_ns: int  # nanoseconds since 1970-01-01 UTC, as the clock row `clock_id` had it
    boottime_ns: int  # CLOCK_BOOTTIME: gaps, rates and timers use this one only
    clock_id: int


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One stretch of constant offset between boottime and wall time; rows are appended, never edited."""

    clock_id: int
    boot_id: str
    boottime_ns: int  # from here on
    offset_ns: int  # time_ns = boottime_ns + offset_ns
    synchronised: bool


# --- inputs ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What one poll group of one device answered at one instant, as it gave it.

    `values` and `quality` have one element per point of the group, `raw` the words of its layout one after another
    (`gateway.layout`). A string's value is nan with good quality: its text is in `raw`.
    """

    group: GroupId
    at: Instant  # the last answer's last byte
    spread_ns: int  # from the first answer of the group to the last
    values: NDArray[np.float64]  # nan where quality is bad
    quality: NDArray[np.uint8]
    raw: NDArray[np.uint16]  # zero where quality is bad


@dataclass(frozen=True, slots=True)
class Scan:
    """A code read by a barcode or RFID reader."""

    point: str  # scan point of the site
    at: Instant
    code: str  # as read; bytes outside ASCII as latin-1
    symbology: str = ""  # AIM identifier such as "]C1" where the reader sends it, "epc" for RFID
    phase: str = "seen"  # RFID presence: "seen" or "left"
    count: int = 1  # reads in the presence window
    rssi_dbm: float | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A person acted: acknowledgement, result, hold, correction. Operators have numbers, names stay outside."""

    kind: str  # "acknowledge", "shelve", "unshelve", "correct"
    at: Instant
    operator: str
    body: Mapping[str, Plain]


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed: staleness, timers, due checks. One that changes nothing is not stored."""

    at: Instant


@dataclass(frozen=True, slots=True)
class Setting:
    """What the fold works by changed: "start" (a run begins), "config" (the site, whole), "clock" (a clock row).

    Or "link": whether anybody hears what is published.
    """

    kind: str
    at: Instant
    body: Mapping[str, Plain]


Input = Reading | Scan | Entry | Tick | Setting


# --- events ---------------------------------------------------------------------------------------------------------


class Severity(IntEnum):
    """How soon somebody must look (syslog's words, fewer of them)."""

    INFO = 0
    WARNING = 1
    ALARM = 2


@dataclass(frozen=True, slots=True)
class Change:
    """When a process changed and by how much, estimated from the samples up to the signal."""

    time_ns: int  # wire time of the first sample after the change
    from_ns: int  # the change lies in [from_ns, to_ns] with 90 % confidence
    to_ns: int
    samples: int  # from the change to the signal, both included
    size_sigma: float  # signed, in sigma of a sample
    size: float | None  # the same in the tag's uom; None where a chart has no such unit
    direction: str  # "up", "down", "" where a chart has none


@dataclass(frozen=True, slots=True)
class Signal:
    """A chart found a special cause."""

    time_ns: int  # wire time of the sample that gave it
    characteristic: str
    tag: str
    chart: str  # file name of the chart in gateway/spc
    key: str  # what defines the process now: recipe, material, tool; "" where the plan has none
    rules: tuple[str, ...]  # every rule violated by this sample, such as ("WE1", "WE4")
    value: float
    center: float
    lcl: float
    ucl: float
    size_sigma: float  # signed: how far from the centre line, in sigma of what the chart plots
    lots: tuple[str, ...] = ()  # open at the tag's cell at that time
    uom: str = ""  # of value, limits and size
    change: Change | None = None
    lots_since: tuple[str, ...] = ()  # at the tag's cell at any time from the change on
    arl0: float | None = (
        None  # samples between false alarms that the chart is designed for; None: not designed
    )
    baseline: str = ""  # which limits: their version in the plan, or "phase I" with the slot's key
    baseline_hash: str = ""  # of the samples that the limits come from; "" where the plan gives the limits
    contributions: Mapping[str, float] = field(default_factory=dict)  # of a chart of several tags: by tag
    plan: str = ""  # control plan and revision that it was judged by; "" where the plan has none


@dataclass(frozen=True, slots=True)
class AlarmChanged:
    """One version of an alarm: somebody must act, or need no longer."""

    time_ns: int
    alarm: str  # id, stable through all versions; safe as an MQTT topic level
    version: int  # 1, 2, ...
    state: (
        str  # "active", "acknowledged", "returned" (not yet acknowledged), "shelved", "closed" (both of them)
    )
    kind: str  # what raised it: "signal", "stale", "anomaly", "limit_HH", ...
    severity: Severity
    tag: str
    subject: str  # the characteristic, device or group it is about
    reaction: str  # what the reaction plan says
    lots: tuple[str, ...] = ()
    facts: Mapping[str, Plain] | None = None


@dataclass(frozen=True, slots=True)
class LotChanged:
    """A lot was opened, moved, linked to a parent, or closed at a cell."""

    time_ns: int
    lot: str
    change: str  # "opened", "moved", "linked", "closed"
    cell: str  # area/line/cell
    role: str  # "material" feeds the cell, "product" is made there
    code: str  # the scan that said so
    parents: tuple[str, ...] = ()
    plan: str = ""  # of a product: control plans and revisions that it is judged by from here on


@dataclass(frozen=True, slots=True)
class Ingredient:
    """Kilograms of one lot that went into another: an edge of the genealogy."""

    lot: str
    kg: float
    sigma_kg: float = 0.0  # standard uncertainty of the weighing
    mixing: str = ""  # "fifo", "mixed": only where vessels of unknown mixing are solved so; "": always


@dataclass(frozen=True, slots=True)
class Composition:
    """What a lot is made of, as shares of its mass by source lot (one that came from outside).

    Every member with two rows is solved twice, vessels of unknown mixing once first-in-first-out (row 0) and once
    perfectly mixed (row 1); one row where both give the same. The truth of a share lies between the rows, plus up to
    `rest`. Each row of shares and its rest sum to 1.
    """

    sources: tuple[str, ...]
    shares: tuple[tuple[float, ...], ...]  # [rows][sources], each above 1e-6, or its sigma is
    sigma: tuple[float, ...]  # standard uncertainty of each share, out of the weighings
    rest: tuple[float, ...]  # [rows]: share of all sources that were too small to be kept apart
    passes: tuple[tuple[float, ...], ...]  # [rows][9]: share by times through a screw: 0 to 7, 8 or more
    regrind_sigma: float = 0.0  # of the regrind share, which is 1 - passes[.][0]
    recycled: tuple[float, ...] = (0.0,)  # [rows]: as suppliers declare it; never in-house regrind
    recycled_sigma: float = 0.0


@dataclass(frozen=True, slots=True)
class LotMade:
    """A lot is whole: its mass, what went into it, and so what it is made of. A later version amends the one before."""

    time_ns: int  # when it was closed
    lot: str
    kind: str  # "material", "charge", "content" (of a vessel), "blend", "regrind", "batch", "box", "pallet", "shipment"
    # and "loss": what a stocktake did not find
    cell: str
    kg: float
    sigma_kg: float
    inputs: tuple[Ingredient, ...]  # none: it came from outside, a source
    composition: Composition
    aggregated: bool = False  # of boxes on a pallet: they stay what they are, nothing was transformed
    ground: bool = False  # out of a granulator: one pass more
    version: int = 1
    reason: str = ""  # of a version that amends: "late_scan", "wrong_scan", "recount", "late_result"
    facts: Mapping[str, Plain] = field(default_factory=dict)  # expiry, part, order, supplier's lot, ...


@dataclass(frozen=True, slots=True)
class Noted:
    """Anything else worth a row: poll_overrun, unit_dead, unit_alive, gap, missed_shots, scan_refused, ..."""

    time_ns: int
    kind: str
    subject: str
    severity: Severity
    facts: Mapping[str, Plain]


Event = Signal | AlarmChanged | LotChanged | LotMade | Noted


# --- identity -------------------------------------------------------------------------------------------------------

INPUT_STREAM = "input"
EVENT_STREAM = "event"


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose records: (site, gateway, epoch); with a stream and a seq it names one record for ever."""

    site: str
    gateway: str
    epoch: str  # minted with the journal


class NumberedInput(NamedTuple):
    """An input with its place in stream "input": 1..n without a hole, in the order the journal took them."""

    seq: int
    input: Input


class NumberedEvent(NamedTuple):
    """An event with its place in stream "event", and the input that caused it (0: told from outside the fold)."""

    seq: int
    cause: int
    event: Event


@dataclass(frozen=True, slots=True)
class Block:
    """What one commit writes, whole or not at all."""

    inputs: tuple[NumberedInput, ...]
    events: tuple[NumberedEvent, ...]
    snapshot: bytes | None = None  # the fold's state after the last input of this block
