"""The site as the daemon works by it: plain frozen rows, made by `gateway.config`, kept whole in the journal.

YAML and pydantic stay in `gateway.config`; every other room takes these rows. Periods and timeouts are nanoseconds.
`gateway.plain` writes a Site as JSON and reads it back, so that replay needs no file but the journal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.layout import Field, Layout
from gateway.model import GroupId, Plain


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
        return Layout(tuple(point.field for point in self.points))


@dataclass(frozen=True, slots=True)
class When:
    """In which state of the machine a characteristic is sampled, or a device watched, at all."""

    tag: str = ""  # of the machine's state; "": always
    values: tuple[str, ...] = ()  # as text: 2, not 2.0
    warm_up_ns: int = 0  # after the state, or another key, has come into force


@dataclass(frozen=True, slots=True)
class Anomaly:
    """How a device is watched for what is unusual, without limits."""

    alarms_per_day: float  # false alarms that it may give
    every_ns: int  # a row of each group at most so often
    points: tuple[str, ...] = ()  # names; none: every number that is no counter, key or state of a plan
    when: When = When()
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


@dataclass(frozen=True, slots=True)
class Flow:
    """Material goes by itself, without a scan, from one cell to another. Flows have no cycle."""

    source: str  # area/line/cell
    target: str


KILOGRAMS = {"kg": 1.0, "g": 1e-3, "mg": 1e-6, "t": 1e3, "[lb_av]": 0.45359237}
"""Kilograms of a unit of mass (UCUM). [lb_av]: the international pound, of 1959."""


@dataclass(frozen=True, slots=True)
class Vessel:
    """What holds material between two meters: a silo, dryer, hopper or bin."""

    name: str
    cell: str
    kind: str  # "silo", "dryer", "hopper", "bin"
    mixing: str  # "fifo": what came first goes first; "mixed": perfectly; "unknown": solved both ways
    opening_kg: float = 0.0  # in it when it was first seen
    opening_lot: str = ""  # "": a lot of its own
    opening_regrind: float = 0.0  # share of that which was through a screw once
    keeps_kg: float = 0.0  # it is kept filled to so much; 0: it is not
    source: str = ""  # vessel that it is kept filled from; "": by a meter that names it as its target
    level: str = ""  # tag of what it holds, in a mass unit
    level_sigma_kg: float = 0.0


@dataclass(frozen=True, slots=True)
class Dose:
    """What a blender weighed out of a vessel for one batch."""

    tag: str
    vessel: str
    sigma_kg: float = 0.0


@dataclass(frozen=True, slots=True)
class Meter:
    """Where mass is weighed or counted. All its tags are of one poll group."""

    name: str
    cell: str
    kind: str  # "totalizer", "batch", "shots", "scale"
    group: GroupId
    tag: str  # totalizer's total, count of batches or shots, scale's mass
    source: str = ""  # vessel; "": from outside (totalizer alone)
    targets: tuple[str, ...] = ()  # vessels; a batch is shared by what each lacks of what it is kept at
    sigma_kg: float = 0.0  # standard uncertainty of one difference, shot or weighing
    loss: float = 0.0  # share that does not arrive, as dust
    ground: bool = False  # it goes through a granulator
    slice_kg: float = 0.0  # one lot of regrind is so much; 0: no lots of their own
    doses: tuple[Dose, ...] = ()
    mass: str = ""  # tag of one shot's mass, parts and runner; "": mass_kg
    mass_kg: float = 0.0
    part: str = ""  # tag of one part's mass; "": part_kg
    part_kg: float = 0.0
    parts: int = 1  # in a shot
    good: str = ""  # tag of the count of good parts; "": all are good
    rest: str = ""  # vessel that runners and rejects go to
    tare_kg: float = 0.0  # of the empty box on a scale


@dataclass(frozen=True, slots=True)
class Sampling:
    """How samples are made of readings."""

    every: str = "reading"  # "reading", "time", "counter", "lot"
    period_ns: int = 0  # of "time"
    counter: str = ""  # tag of "counter": one sample each time it moves
    size: int = 1  # subgroup size
    on_change: str = "drop"  # a lot or key change with a partial subgroup: "drop" or "keep"
    take: str = "value"  # "value", or "difference": what a totalizer grew since the sample before
    per_day: float = 0.0  # samples a day, for the budget of false alarms; 0: not known


@dataclass(frozen=True, slots=True)
class LimitsVersion:
    """Limits that somebody approved, out of a phase I study, and from when on they hold."""

    version: int
    from_ns: int
    params: Mapping[str, Plain]  # what phase I estimates: center, sigma, ...
    approved_by: str  # operator number
    samples: int = 0  # that they were estimated from; 0: not known
    baseline: str = ""  # hash of these samples


@dataclass(frozen=True, slots=True)
class Design:
    """A chart's limit, chosen by the false alarms that it may give; made when the config is read."""

    arl0: float  # samples between false alarms, in the mean
    confidence: float  # that it is at least so many, where the limits come from few samples
    parameter: str  # of the chart that is the limit: "L", "h", ...
    known: float  # limit where center and sigma are known; 0: not computed yet
    table: tuple[tuple[int, float], ...] = ()  # limit by samples that center and sigma come from, ascending


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One row of the control plan: what is charted, how, and what to do on a signal."""

    id: str
    tag: str
    method: str  # chart of gateway/spc: "imr", "ewma", "xbar-r"
    params: Mapping[str, Plain]  # the chart's own: center, sigma, lambda, ...
    key: tuple[str, ...]  # tags whose values define the process; a change switches slots
    sampling: Sampling
    reaction: str
    rules: tuple[str, ...] = ()
    usl: float | None = None
    lsl: float | None = None
    target: float | None = None
    tags: tuple[str, ...] = ()  # of a chart of several numbers: those beside `tag`, in order
    when: When = When()
    limits: tuple[LimitsVersion, ...] = ()  # by version
    design: Design | None = None


@dataclass(frozen=True, slots=True)
class AlarmLimit:
    """HH, H, L, LL: alarm limits set by people."""

    tag: str
    level: str  # "HH", "H", "L", "LL"
    value: float
    deadband: float
    reaction: str
    on_delay_ns: int = 0  # beyond it for so long before the alarm is raised
    off_delay_ns: int = 0  # back for so long before it returns


@dataclass(frozen=True, slots=True)
class Broker:
    """The MQTT broker; the secret stays where it is and is read when connecting."""

    host: str
    port: int = 1883
    version: str = "5"  # "5" or "3.1.1"
    tls: bool = False
    ca_file: str = ""
    username: str = ""
    password_from: str = ""  # "env:NAME" or "file:PATH"
    inflight: int = 64


@dataclass(frozen=True, slots=True)
class Sparkplug:
    """The gateway as a Sparkplug B edge node, its devices as the node's."""

    group: str
    node: str
    primary_host: str = ""  # births wait for it; "": they wait for nobody
    brokers: tuple[Broker, ...] = ()  # in turn; one at a time
    history: bool = True  # what was acquired while offline is sent later, marked as historical
    enterprise: str = ""  # first level of the retained one-value topics
    values_every_ns: int = 0  # a one-value topic is published at most so often; 0: there are none


@dataclass(frozen=True, slots=True)
class Database:
    """A time-series database that takes line protocol over HTTP."""

    url: str
    org: str = "lotwatch"
    bucket: str = "lotwatch"
    token_from: str = ""  # "env:NAME" or "file:PATH"
    kind: str = "influxdb"  # one of gateway/ingest/kinds.py: says when a write is durable
    precision: str = "ns"  # "ns" or "ms": what the database keeps
    writer: str = "client"  # "client" or "direct": what it is written through


@dataclass(frozen=True, slots=True)
class Material:
    """A material by the lots that are of it."""

    name: str
    lots: tuple[str, ...]  # patterns of lots from outside, such as "09506000134352:*"


@dataclass(frozen=True, slots=True)
class LotRule:
    """What a lot may be made of; judged when it is closed. Shares are of its mass, 0 to 1."""

    name: str
    kinds: tuple[str, ...] = ("box",)  # of lots that are judged
    cells: tuple[str, ...] = ()  # made there; none: everywhere
    parts: tuple[str, ...] = ()  # whose fact "part" is one of these; none: all
    materials: tuple[str, ...] = ()  # that have one of these in them; none: all
    max_regrind: float = 0.25
    max_passes: int | None = None  # through a screw; None: any number of times
    passes_share: float = 0.01  # so much may have been through more often than that
    apart: tuple[tuple[str, str], ...] = ()  # pairs of materials that do not go together
    trace: float = 0.001  # a material or lot is in it from this share on
    expired: bool = True  # whether a lot is broken that was made of material past its expiry date
    possible: str = "tell"  # what becomes of a lot that may break it and may not: "tell" or "hold"
    second_person: bool = False  # two operators have to release what it holds
    reaction: str = ""


@dataclass(frozen=True, slots=True)
class ResultLimit:
    """What a result that a person enters for a lot may be; a lot outside is held."""

    result: str
    materials: tuple[str, ...] = ()  # none: all
    kinds: tuple[str, ...] = ()  # of lots; none: all
    low: float | None = None
    high: float | None = None
    reaction: str = ""


@dataclass(frozen=True, slots=True)
class Epcis:
    """How lots and places are named in EPCIS documents."""

    base: str = ""  # what private names begin with; "": a domain that nobody can own
    gln: str = ""  # of the site


@dataclass(frozen=True, slots=True)
class Site:
    """Everything the daemon works by."""

    site: str
    gateway: str
    buses: tuple[Bus, ...]
    devices: tuple[Device, ...]
    scan_points: tuple[ScanPoint, ...] = ()
    characteristics: tuple[Characteristic, ...] = ()
    alarm_limits: tuple[AlarmLimit, ...] = ()
    cells: tuple[str, ...] = ()
    broker: Broker | None = None
    database: Database | None = None
    commit: str = "disk"  # profile: "ssd" 100 ms, "disk" 1 s, "card" 10 s
    retention_days: int = 400
    flows: tuple[Flow, ...] = ()
    false_alarms_per_day: float = 0.0  # that the designed charts together may give; 0: no budget
    materials: tuple[Material, ...] = ()
    lot_rules: tuple[LotRule, ...] = ()
    result_limits: tuple[ResultLimit, ...] = ()
    hold_share: float = 0.001  # of a held lot's material, from which on a lot made of it is held too
    second_person: bool = (
        False  # two operators have to release what a person, a result or a source's hold holds
    )
    vessels: tuple[Vessel, ...] = ()
    meters: tuple[Meter, ...] = ()
    epcis: Epcis = Epcis()
    web_port: int = 0  # of HTTP on 127.0.0.1; 0: none
    sparkplug: Sparkplug | None = None

    def groups(self) -> dict[GroupId, Group]:
        """Every poll group of the site by its id."""
        return {group.id: group for device in self.devices for group in device.groups}
