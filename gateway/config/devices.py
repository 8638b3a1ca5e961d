"""Buses and devices: checked against each other and made into rows."""

from __future__ import annotations

import re

from gateway.config.anomalies import anomaly_of
from gateway.config.draft import Draft, Tagged
from gateway.config.drivers import driver_kind, driver_names
from gateway.config.models import BY_HAND, BusRow, DeviceRow, PollClass
from gateway.config.points import Placed, check_together, merged
from gateway.config.problems import Path
from gateway.config.validate import get
from gateway.plan.words import nearest, shown
from gateway.site import Bus, Device, Group, Point

DEFAULT_CLASSES = {"fast": 100_000_000, "normal": 1_000_000_000, "slow": 10_000_000_000}
_SOCKET = re.compile(r"(?:\[[0-9a-fA-F:]+\]|[^\s/:]+):([0-9]{1,5})")
_CLASS_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_MAX_PERIODS_SILENT = 3
_LEAST_SILENCE_NS = 5_000_000_000


def build_buses(draft: Draft) -> tuple[Bus, ...]:
    """The buses; an address belongs to one bus."""
    draft.once("buses", (row.name for row in draft.model.buses))
    taken: dict[str, str] = {}
    for at, row in enumerate(draft.model.buses):
        path: Path = ("buses", at)
        kind = draft.kinds[row.name] = driver_kind(row.driver)
        if kind is None:
            draft.say(
                (*path, "driver"), f"{shown(row.driver)} is not a driver{nearest(row.driver, driver_names())}"
            )
        _check_address(draft, row, path)
        address = _port_path(row.address)
        if address in taken:
            draft.say(
                (*path, "address"),
                f"{shown(row.address)} is the address of bus {taken[address]} already: put the devices on one bus",
            )
        taken.setdefault(address, row.name)
    return tuple(
        Bus(
            row.name, row.driver, row.address, row.baud, row.parity, row.data_bits, row.stop_bits, row.options
        )
        for row in draft.model.buses
    )


def _port_path(address: str) -> str:
    """Two spellings of one serial port are one port."""
    return re.sub(r"/+(\./+)*", "/", address) if address.startswith("/") else address.casefold()


def _check_address(draft: Draft, row: BusRow, path: Path) -> None:
    socket = _SOCKET.fullmatch(row.address)
    serial = row.address.startswith("/")
    if row.driver.endswith("tcp"):
        if not socket:
            hint = "; did you mean modbus.rtu?" if serial else ", such as 192.168.1.20:502"
            draft.say((*path, "address"), f"{shown(row.address)} is not host:port{hint}")
    elif row.driver == "modbus.rtu" and socket:
        draft.say(
            (*path, "driver"), f"{row.address} is a socket; did you mean modbus.rtu_over_tcp or modbus.tcp?"
        )
    elif not serial and not socket:
        draft.say(
            (*path, "address"),
            f"{shown(row.address)} is neither the path of a serial port, such as /dev/ttyUSB0, nor host:port",
        )
    if socket and not 1 <= int(socket[1]) <= 65_535:
        draft.say((*path, "address"), f"port {socket[1]} is out of range: 1 to 65535")


def build_devices(draft: Draft) -> None:
    """Devices into `draft.devices`, their tags into `draft.tags`."""
    draft.once("devices", (row.name for row in draft.model.devices))
    draft.doubt_broken_rows()
    classes = _classes(draft)
    units: dict[tuple[str, int | None], str] = {}
    buses = {row.name: row for row in draft.model.buses}
    raw_buses = draft.raw_names("buses")
    for at, row in enumerate(draft.model.devices):
        path: Path = ("devices", at)
        bus = buses.get(row.bus)
        if bus is None and row.bus not in raw_buses:
            draft.say(
                (*path, "bus"), f"{shown(row.bus)} is not a bus of this site{draft.nearest(row.bus, buses)}"
            )
        if row.name == BY_HAND:
            draft.say((*path, "name"), f'"{BY_HAND}" is kept for scan points where codes are typed')
        draft.check_cell((*path, "cell"), row.cell)
        draft.readers[row.name] = draft.kinds.get(row.bus)
        if bus is not None:
            _check_unit(draft, row, bus, path, units)
        _build_device(draft, row, path, bus, classes)
    used = {row.bus for row in draft.model.devices} | draft.raw_words("devices", "bus")
    for at, bus in enumerate(draft.model.buses):
        if bus.name not in used and used <= set(buses):
            draft.say(("buses", at), f"{bus.name} has no device", severity="warning")


def _classes(draft: Draft) -> dict[str, PollClass | None]:
    """Poll classes by name, those that are always there included; None for one that could not be read."""
    raw = get(draft.checked.document.data, ("poll_classes",))
    classes: dict[str, PollClass | None] = {
        name: PollClass.model_construct(period=ns, stale_after=None) for name, ns in DEFAULT_CLASSES.items()
    }
    classes |= dict.fromkeys(raw if isinstance(raw, dict) else ())
    for name, row in draft.model.poll_classes.items():
        classes[name] = row
        if not _CLASS_NAME.fullmatch(name):
            draft.checked.say(
                ("poll_classes", name),
                f"{shown(name)} is not a name: lower-case letters, digits, _ and -",
                key=True,
            )
        if row.stale_after is not None and row.stale_after <= row.period:
            draft.say(("poll_classes", name, "stale_after"), "must be longer than the period")
    return classes


def _check_unit(
    draft: Draft, row: DeviceRow, bus: BusRow, path: Path, units: dict[tuple[str, int | None], str]
) -> None:
    if bus.driver.startswith("modbus."):
        if row.unit is None:
            draft.checked.missing((*path, "unit"), '"unit" is missing: the Modbus unit id')
            return
        # Modbus over Serial Line V1.02, 2.2: 1 to 247. Over TCP also 0 and 255 (Messaging on TCP/IP V1.0b, 4.4.1.2).
        if not 1 <= row.unit <= 247 and not (bus.driver == "modbus.tcp" and row.unit in {0, 255}):
            draft.say(
                (*path, "unit"),
                f"{row.unit} is not a unit id here: 1 to 247"
                + (", 0 or 255" if bus.driver == "modbus.tcp" else ""),
            )
    elif row.unit is not None:
        draft.say((*path, "unit"), f"{bus.driver} has no unit ids")
    key = (bus.name, row.unit)
    if key in units:
        what = f"unit {row.unit} of bus" if row.unit is not None else "the one device of bus"
        draft.say(
            (*path, "bus" if row.unit is None else "unit"), f"{what} {bus.name} is {units[key]} already"
        )
    units.setdefault(key, row.name)


def _build_device(
    draft: Draft, row: DeviceRow, path: Path, bus: BusRow | None, classes: dict[str, PollClass | None]
) -> None:
    known = draft.maps.get(row.map) if row.map else None
    if row.map and known is None:
        draft.say((*path, "map"), draft.maps.unknown(row.map))
    whole = known.whole if known else row.map is None
    model = known.checked.model if known else None
    placed = merged(known.points if known else [], row.points, draft.checked, path, whole=whole)
    max_words = row.max_words or (model.max_words if model else 125)
    if row.points:
        check_together(placed, max_words)
    elif row.map:
        draft.maps.fit(row.map, max_words)
    if not whole or _raw_points(draft, path) != len(row.points):
        draft.doubtful.add(row.cell)
    if bus is not None:
        _check_against_bus(draft, row, path, bus, placed, whole=whole)
    talking = draft.kinds.get(row.bus) == "talking"
    draft.devices.append(
        Device(
            row.name, row.bus, row.map or "", row.unit or 0, row.cell,
            _groups(draft, row, path, placed, classes, talking=talking),
            row.timeout or (model.timeout if model else 1_000_000_000),
            row.max_gap if row.max_gap is not None else model.max_gap if model else None,
            max_words, row.options, anomaly_of(row.anomaly),
        )
    )  # fmt: skip


def _raw_points(draft: Draft, path: Path) -> int:
    points = get(draft.checked.document.data, (*draft.checked.original(path), "points"))
    return len(points) if isinstance(points, list) else 0


def _check_against_bus(
    draft: Draft, row: DeviceRow, path: Path, bus: BusRow, placed: list[Placed], *, whole: bool
) -> None:
    registers = bus.driver.startswith("modbus.")
    for each in placed:
        if registers and each.row.table is None:
            each.missing("table", f'"table" is missing: {row.name} is on a {bus.driver} bus')
        elif not registers and each.row.table is not None and draft.kinds.get(bus.name):
            each.say("table", f"{row.name} is on a {bus.driver} bus, which has no registers")
    if registers and not placed and whole and not draft.checked.has((*path, "points")):
        draft.say(path, f"{row.name} has no points: nothing is read", severity="warning")


def _groups(
    draft: Draft,
    row: DeviceRow,
    path: Path,
    placed: list[Placed],
    classes: dict[str, PollClass | None],
    *,
    talking: bool,
) -> tuple[Group, ...]:
    by_class: dict[str, list[Point]] = {}
    for each in placed:
        poll = each.row.poll
        if poll not in classes:
            each.say("poll", f"{shown(poll)} is not a poll class of this site{draft.nearest(poll, classes)}")
        cell = each.row.cell or row.cell
        if each.row.cell and not draft.check_cell((*each.path, "cell"), cell, each.source):
            continue
        point = _point(each, f"{cell}/{each.row.name}")
        group = f"{row.name}/{poll}"
        taken = draft.tags.get(point.tag)
        if taken is not None:
            where = each.path if each.source is draft.checked else path
            draft.say(
                where,
                f"tag {point.tag} is {taken.group.split('/')[0]}'s already: give this device or point another cell, "
                "or the point another name",
            )
        draft.tags.setdefault(point.tag, Tagged(point, group, each))
        by_class.setdefault(poll, []).append(point)
    groups = []
    for name, points in by_class.items():
        found = classes.get(name)
        period = found.period if found else DEFAULT_CLASSES["normal"]
        stale = (found.stale_after if found else None) or max(_MAX_PERIODS_SILENT * period, _LEAST_SILENCE_NS)
        groups.append(Group(f"{row.name}/{name}", row.name, 0 if talking else period, tuple(points), stale))
    return tuple(groups)


def _point(placed: Placed, tag: str) -> Point:
    row = placed.row
    return Point(
        row.name, tag, placed.field, row.table or "", row.address or 0, row.uom or "", row.low, row.high, row.max_rate,
        row.frozen_after, tuple(row.invalid), row.coherent or "",
    )  # fmt: skip
