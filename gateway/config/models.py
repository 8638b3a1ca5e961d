"""What a site file and a device map may say. Closed: what is not here is an error.

The descriptions are the reference: the JSON Schema and docs/reference/config.md carry them, a test compares.
"""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, TypeAdapter

from gateway.config.brokerrow import BrokerRow
from gateway.config.databaserow import DatabaseRow
from gateway.config.diskrows import DiskRow
from gateway.config.doserrows import DoserRow
from gateway.config.lotrows import HoldsRow, LotRuleRow, MaterialRow, ResultLimitRow
from gateway.config.massrows import MeterRow, VesselRow
from gateway.config.remoterows import RemoteRow
from gateway.config.scorerows import ScoreRow
from gateway.config.shiftrows import TeamsRow, ZoneWord
from gateway.config.sparkplugrows import SparkplugRow
from gateway.config.tellrows import AlertsRow, ClockTime, ShiftRow, StopRow
from gateway.config.userrows import UserRow
from gateway.config.webrows import EpcisRow, WebRow
from gateway.field import ORDERS, WIDTHS
from gateway.plan.models import Closed, PlanFile, WhenRow
from gateway.plan.words import (
    Bias,
    Bilingual,
    CellHere,
    CellPath,
    Duration,
    Flag,
    Kind,
    Name,
    Number,
    Options,
    Positive,
    Scale,
    TagPath,
    Text,
    one_of,
    whole,
    wrong,
)

POINT_TYPES = (*WIDTHS, "string")
TABLES = ("holding", "input", "coil", "discrete")
LEVELS = ("HH", "H", "L", "LL")
BY_HAND = "hand"
"""The device of a scan point where codes are typed."""

ADDRESSES = 65_536
_ORDER_WORDS = tuple(order for orders in ORDERS.values() for order in orders)
_U64 = 2**64 - 1


def _deadband(value: Any) -> Any:
    if type(value) not in {int, float} or not 0 <= value < 1e300:
        raise wrong("is not a number of at least 0")
    return float(value)


class PointRow(Closed):
    """One row of a device's register map."""

    name: Name = Field(description="last level of the tag; unique in the device")
    type: Annotated[str, one_of("a point type", POINT_TYPES)] = Field(
        description="how the words are read: `bit`, `int16`, `uint16`, `int32`, `uint32`, `int64`, `uint64`, "
        "`float32`, `float64`, `string`"
    )
    table: Annotated[str, one_of("a table", TABLES)] | None = Field(
        None, description="`holding`, `input`, `coil` or `discrete`; none on devices without registers"
    )
    address: Annotated[int, whole(0, ADDRESSES - 1)] | None = Field(
        None, description="from 0, as on the wire: the manual's 40017 is address 16 of `holding`"
    )
    words: Annotated[int, whole(1, 125)] | None = Field(
        None, description="registers of a `string`, two characters each"
    )
    order: Annotated[str, one_of("an order", _ORDER_WORDS)] | None = Field(
        None,
        description="where the value's bytes are on the wire, A the most significant: `ABCD` (the standard's), `CDAB`, "
        "`BADC`, `DCBA`; `AB`, `BA` for 16 bits; `ABCDEFGH`, `GHEFCDAB`, `BADCFEHG`, `HGFEDCBA` for 64",
    )
    scale: Scale = Field(
        "1",
        description="the number is multiplied by it: 0.1 makes 23.5 of 235",
        json_schema_extra={"default": 1},
    )
    bias: Bias = Field("0", description="added after scaling", json_schema_extra={"default": 0})
    mask: Annotated[int, whole(1, _U64)] | None = Field(
        None, description="bits of an integer that count, such as 0x00F0; shifted down to the lowest of them"
    )
    uom: Text | None = Field(
        None, description="unit of measure, in UCUM's words where it has one: kg, Cel, bar, %"
    )
    low: Number | None = Field(None, description="the sensor's plausible range; below is uncertain")
    high: Number | None = Field(None, description="the sensor's plausible range; above is uncertain")
    max_rate: Positive | None = Field(None, description="uom per second; faster is uncertain")
    frozen_after: Duration | None = Field(None, description="unchanged for longer is uncertain")
    invalid: list[Annotated[int, whole(0, _U64)]] = Field(
        default_factory=list,
        max_length=16,
        description="raw numbers, unsigned, by which the device says that it has no value, such as [0x8000]",
    )
    coherent: Name | None = Field(
        None, description="points of a device with the same word here are read by one request"
    )
    poll: Name = Field("normal", description="poll class")
    cell: CellPath | None = Field(None, description="area/line/cell; the device's if not given")


class PointChange(PointRow):
    """A change to a point of the map, by name; or, with a type, a further point."""

    type: Annotated[str, one_of("a point type", POINT_TYPES)] | None = Field(
        None, description="as in the map; needed for a further point"
    )  # type: ignore[assignment] # optional here


class DeviceMap(Closed):
    """A device map, `devices/<model>.yaml`: the registers of one model."""

    about: Text | None = Field(None, description="maker and model, in words")
    timeout: Duration = Field(
        1_000_000_000, description="longest wait for an answer", json_schema_extra={"default": "1s"}
    )
    max_gap: Annotated[int, whole(0, 125)] | None = Field(
        None, description="unused registers worth reading along to save a request; by cost if not given"
    )
    max_words: Annotated[int, whole(1, 125)] = Field(
        125, description="longest read that the device takes, in registers"
    )
    points: list[PointRow] = Field(description="the register map; may be empty for a reader of codes")


class FlowRow(Closed):
    """Material that goes by itself from a cell to others."""

    source: CellHere = Field(
        alias="from",
        description="where it comes from: a cell of this line, or `area/line/cell` of another",
    )
    to: list[CellHere] = Field(min_length=1, description="cells that it goes to; likewise")


class LineRow(Closed):
    """A line of the plant and its cells."""

    area: Name = Field(description="first level of the tag")
    name: Name = Field(description="the line; second level of the tag")
    cells: list[Name] = Field(min_length=1, description="its cells; third level of the tag")
    flows: list[FlowRow] = Field(
        default_factory=list,
        description="where material goes by itself from cell to cell; the parents of a lot are found upstream",
    )


class BusRow(Closed):
    """One serial line or socket, shared by its devices."""

    name: Name = Field(description="unique in the site")
    driver: Text = Field(
        description="a file under drivers/, such as `modbus.tcp`, `modbus.rtu`, `serial.scale`"
    )
    address: Text = Field(
        description="`host:port` of a socket, or the path of a serial port; /dev/serial/by-id/... stays the same after "
        "a restart"
    )
    baud: Annotated[int, whole(300, 4_000_000)] = Field(9600, description="of a serial port")
    parity: Annotated[str, one_of("a parity", ("N", "E", "O"))] = Field("N", description="`N`, `E` or `O`")
    data_bits: Annotated[int, whole(7, 8)] = Field(8, description="7 or 8")
    stop_bits: Annotated[int, whole(1, 2)] = Field(1, description="1 or 2")
    options: Options = Field(default_factory=dict, description="the driver's own")


class AnomalyRow(Closed):
    """How a device is watched for what is unusual, without limits."""

    alarms_per_day: Positive = Field(0.1, description="how many false alarms a day it may give")
    every: Duration = Field(
        1_000_000_000,
        description="a row of each poll group is judged at most so often",
        json_schema_extra={"default": "1s"},
    )
    points: list[Name] = Field(
        default_factory=list,
        description="points that are watched; if not given, all numbers but counters, keys and states of the plans",
    )
    when: WhenRow | None = Field(
        None, description="in which state of the machine it is watched: idle is a state, not an anomaly"
    )
    off_delay: Duration = Field(
        300_000_000_000,
        description="nothing new for so long before the alarm returns",
        json_schema_extra={"default": "5min"},
    )


class DeviceRow(Closed):
    """A unit on a bus."""

    name: Name = Field(description="unique in the site; names poll groups, `device/class`")
    bus: Name = Field(description="the bus it is on")
    map: Name | None = Field(
        None, description="device map: a file of `devices/` beside the site file, or of those shipped"
    )
    unit: Annotated[int, whole(0, 255)] | None = Field(
        None, description="Modbus unit id: 1 to 247, over TCP also 0 and 255"
    )
    cell: CellPath = Field(description="area/line/cell it stands in")
    timeout: Duration | None = Field(None, description="longest wait for an answer; the map's if not given")
    max_gap: Annotated[int, whole(0, 125)] | None = Field(None, description="as in the map")
    max_words: Annotated[int, whole(1, 125)] | None = Field(None, description="as in the map")
    points: list[PointChange] = Field(
        default_factory=list, description="changes to points of the map by name, and further points"
    )
    options: Options = Field(default_factory=dict, description="the driver's own")
    anomaly: AnomalyRow | None = Field(
        None, description="watch it for what is unusual, without limits; `{}` takes what is not given"
    )


class ScanPointRow(Closed):
    """A place where codes are read, and what a scan there means."""

    name: Name = Field(description="unique in the site")
    device: Name = Field(description="the reader; `hand` where codes are typed")
    cell: CellPath = Field(description="where the lot is opened, moved to or closed")
    action: Annotated[str, one_of("an action", ("open", "move", "close"))] = Field(
        description="`open`, `move` or `close` the lot"
    )
    role: Annotated[str, one_of("a role", ("material", "product"))] = Field(
        "product", description="`material` feeds the cell, `product` is made there"
    )
    lasts: Duration | None = Field(
        None,
        description="a material lot opened here is used up after so long, its way to the parts included; when it is "
        "closed if not given",
    )
    late_after: Duration | None = Field(
        None, description="a scan that comes so late is an alarm; never if not given"
    )
    ships: Flag = Field(False, description="whether a lot that is scanned here leaves the site")
    into: Name | None = Field(
        None,
        description="what is scanned here goes into this vessel, as a bag that is emptied; or onto the pallet or "
        "shipment that was last opened at this scan point",
    )
    makes: Annotated[str, one_of("a kind of lot", ("pallet", "shipment"))] | None = Field(
        None, description="`pallet` or `shipment`: the kind of the lots opened here; `box` if not given"
    )
    kg: Positive | None = Field(None, description="kilograms of one bag, where its code does not say them")


class AlarmLimitRow(Closed):
    """An alarm limit set by people; control limits are in the plans."""

    tag: TagPath = Field(description="what is watched")
    level: Annotated[str, one_of("an alarm level", LEVELS)] = Field(description="`HH`, `H`, `L` or `LL`")
    value: Number = Field(description="the limit, in the point's uom")
    deadband: Annotated[float, Kind(_deadband, {"type": "number", "minimum": 0})] = Field(
        0.0, description="how far the value must come back before the alarm returns"
    )
    on_delay: Duration | None = Field(
        None, description="beyond the limit for so long before the alarm is raised; at once if not given"
    )
    off_delay: Duration | None = Field(
        None, description="back for so long before the alarm returns; at once if not given"
    )
    reaction: Bilingual = Field(
        description="what the person does whom the alarm reaches; one text, or `{en: ..., zh: ...}`"
    )


class PollClass(Closed):
    """How often the points of a class are read."""

    period: Duration = Field(description="time between polls")
    stale_after: Duration | None = Field(
        None, description="silent for longer is bad and an alarm; three periods, at least 5s, if not given"
    )


def _poll_class(value: Any) -> Any:
    """The short form is the period alone."""
    return value if isinstance(value, dict) else {"period": value}


class SiteFile(Closed):
    """A site."""

    site: Name = Field(description="names the site in MQTT topics")
    gateway: Name = Field(description="names this gateway among those of the site")
    lines: list[LineRow] = Field(description="lines of the plant and their cells")
    poll_classes: dict[
        str, Annotated[PollClass, BeforeValidator(_poll_class, json_schema_input_type=str | PollClass)]
    ] = Field(
        default_factory=dict,
        description="class name: period; `fast` 100ms, `normal` 1s and `slow` 10s if not given",
    )
    buses: list[BusRow] = Field(description="serial lines and sockets")
    devices: list[DeviceRow] = Field(description="what is on them")
    scan_points: list[ScanPointRow] = Field(default_factory=list, description="places where codes are read")
    alarm_limits: list[AlarmLimitRow] = Field(default_factory=list, description="limits set by people")
    plans: list[Text] = Field(
        default_factory=list,
        description="files of the control plans, beside this file: every revision that matters",
    )
    time_zone: ZoneWord = Field(
        "UTC",
        description="the site's time zone: its IANA name, such as Asia/Shanghai, or local time less UTC, such as "
        '"+08:00"; for shifts, weeks and months, quiet hours and planned stops',
    )
    shifts: list[ShiftRow] = Field(default_factory=list, max_length=12, description="the shifts of a day")
    day_starts: ClockTime | None = Field(
        None,
        description="time of day at which the plant's day begins, with a shift; weeks and months are made of plant "
        "days; the earliest shift's start if not given",
    )
    teams: TeamsRow | None = Field(
        None, description="whose turn it is, shift by shift; no teams if not given"
    )
    score: ScoreRow = Field(
        default_factory=ScoreRow,
        description="balance, reward, scorecard, machines and board",
        json_schema_extra={"default": {}},
    )
    alerts: AlertsRow = Field(
        default_factory=AlertsRow,
        description="who is told of alarms that nobody answers",
        json_schema_extra={"default": {}},
    )
    planned_stops: list[StopRow] = Field(
        default_factory=list, max_length=200, description="stops in which nobody is told, and no check is due"
    )
    false_alarms_per_day: Positive | None = Field(
        None,
        description="how many false alarms a day all charts together may give; every chart whose plan does not say "
        "its limit gets its share",
    )
    vessels: list[VesselRow] = Field(
        default_factory=list, description="silos, dryers, hoppers and bins that material is followed through"
    )
    meters: list[MeterRow] = Field(default_factory=list, description="where it is weighed or counted")
    dosers: list[DoserRow] = Field(
        default_factory=list, max_length=200, description="blenders and feeders whose ratios are watched"
    )
    materials: list[MaterialRow] = Field(
        default_factory=list, description="materials by the names of their lots, for the rules below"
    )
    lot_rules: list[LotRuleRow] = Field(default_factory=list, description="what lots may be made of")
    result_limits: list[ResultLimitRow] = Field(
        default_factory=list, description="what results may be that people enter for a lot"
    )
    holds: HoldsRow = Field(
        default_factory=HoldsRow,
        description="how a hold spreads, and who may end it",
        json_schema_extra={"default": {}},
    )
    broker: BrokerRow | None = Field(None, description="the MQTT broker; nothing is published without")
    database: DatabaseRow | None = Field(None, description="the time-series database of `lotwatch ingest`")
    sparkplug: SparkplugRow | None = Field(
        None, description="the gateway as a Sparkplug B edge node, beside `broker`; none if not given"
    )
    users: list[UserRow] = Field(
        default_factory=list,
        max_length=1000,
        description="who may enter something at a replica, away from the box, by a signature; nobody if not given",
    )
    remote: RemoteRow | None = Field(
        None, description="who may send configs over MQTT, signed; nobody if not given"
    )
    epcis: EpcisRow = Field(
        default_factory=EpcisRow,
        description="how lots and places are named in EPCIS documents",
        json_schema_extra={"default": {}},
    )
    web: WebRow | None = Field(None, description="the pages, for people and programs; none if not given")
    commit: Annotated[str, one_of("a commit profile", ("ssd", "disk", "card", "minute"))] = Field(
        "disk",
        description="how much a power cut may cost: `ssd` 100 ms, `disk` 1 s, `card` 10 s, `minute` 60 s",
    )
    retention_days: Annotated[int, whole(1, 36_600)] = Field(
        400, description="readings are kept for so many days; alarms and lots are never removed"
    )
    disk: DiskRow = Field(
        default_factory=DiskRow,
        description="how much of the disk the journal may take",
        json_schema_extra={"default": {}},
    )


FILES: dict[str, type[Closed]] = {"site": SiteFile, "plan": PlanFile, "device_map": DeviceMap}
"""Kinds of config file, as `schema` knows them."""


def schema(kind: str = "site") -> dict[str, Any]:
    """JSON Schema (2020-12) of a kind of file: "site", "plan" or "device_map"."""
    made = TypeAdapter(FILES[kind]).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}
