"""Reads the list: every problem at once, as ``file:line:col: path: text``; and whether its file can be trusted."""

from __future__ import annotations

import os
import stat
from hashlib import sha256
from pathlib import Path

from gateway.acts import key_name
from gateway.config.maps import read_file
from gateway.config.problems import ConfigErrors
from gateway.config.problems import Path as Where
from gateway.config.validate import Checked
from gateway.layout import ORDERS, WIDTHS, Field
from gateway.lines import endpoint
from gateway.plan.words import nearest, shown
from gateway.proof.note import NoKey, PublicKey
from gateway.site import Bus
from lotwatch_writer.allowed import Allowed, Place, Setpoint, number, same_person
from lotwatch_writer.pdu import MOST, ONE, TABLES
from lotwatch_writer.rows import DeviceRow, ListFile, SetpointRow
from lotwatch_writer.words import NoWords, words_of

_OTHERS_WRITE = 0o022
TIMEOUT_MOST_NS, SETTLE_MOST_NS = 10_000_000_000, 60_000_000_000
_SERIAL_UNITS = 247  # MODBUS over Serial Line V1.02, 2.2


def load(path: Path, *, trusted: bool = True) -> Allowed:
    """The list in a file. Raises ConfigErrors. `trusted`: refuse one that others could change."""
    document = read_file(path)
    checked = Checked(document, ListFile)
    if trusted and not document.problems and (why := unsafe(path)):
        checked.say((), why)
    if checked.model is None:
        raise ConfigErrors(checked.problems)
    made = _Reading(checked, checked.model)
    people, setpoints = made.people(), made.setpoints()
    made.unused()
    if any(problem.severity == "error" for problem in checked.problems):
        raise ConfigErrors(checked.problems)
    digest = sha256(document.text.encode()).hexdigest()
    return Allowed(digest, checked.model.within, people, setpoints)


def unsafe(path: Path) -> str:
    """Why somebody else could have written this file, or could put another in its place; "" if nobody could."""
    try:
        for each in (path.resolve(), *path.resolve().parents):
            found = each.stat()
            sticky = stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX
            if found.st_uid not in {0, os.geteuid()}:
                return f"{each} belongs to another user: chown root {each}"
            if found.st_mode & _OTHERS_WRITE and not sticky:
                return f"{each} can be changed by its group or by others: chmod go-w {each}"
    except OSError as error:
        return f"{error.filename}: {error.strerror}"
    return ""


class _Reading:
    """One file on its way to rows; what is wrong with it is said as it is found."""

    def __init__(self, checked: Checked[ListFile], model: ListFile) -> None:
        self.checked, self.model = checked, model
        self.say = checked.say
        self._people: dict[str, PublicKey] = {}
        self._devices: dict[str, DeviceRow] = {}

    def people(self) -> dict[str, PublicKey]:
        """By number: each number, each key once, so that nobody is two."""
        for at, row in enumerate(self.model.people):
            here: Where = ("people", at)
            mine = number(row.operator)
            if mine in self._people:
                self.say((*here, "operator"), f'operator "{mine}" is here twice, however it is written')
                continue
            try:
                key = PublicKey.of_line(row.key)
            except NoKey as error:
                self.say((*here, "key"), str(error))
                continue
            if key.name != key_name(row.operator):
                self.say(
                    (*here, "key"),
                    f'it is called "{key.name}", and that of this operator "{key_name(row.operator)}"',
                )
            if any(key.key == other.key for other in self._people.values()):
                self.say((*here, "key"), "this key is here twice: two persons have two keys")
                continue
            self._people[mine] = key
        return self._people

    def setpoints(self) -> dict[str, Setpoint]:
        """By tag."""
        self._take_devices()
        made: dict[str, Setpoint] = {}
        taken: dict[tuple[object, ...], str] = {}
        for at, row in enumerate(self.model.setpoints):
            here: Where = ("setpoints", at)
            if row.tag in made:
                self.say((*here, "tag"), f"{shown(row.tag)} is here twice")
                continue
            device = self._devices.get(row.device)
            if device is None:
                self.say(
                    (*here, "device"),
                    f"{shown(row.device)} is no device here{nearest(row.device, self._devices)}",
                )
            field = self._field(here, row)
            if field is None or device is None:
                continue
            for place in range(row.address, row.address + field.width):
                place_of = (device.address.casefold(), device.unit, TABLES[row.function], place)
                if place_of in taken:
                    self.say((*here, "address"), f"{place} is written by {taken[place_of]} already")
                taken[place_of] = row.tag
            self._bounds(here, row, field)
            made[row.tag] = self._setpoint(here, row, device, field)
        return made

    def unused(self) -> None:
        """Warn of what stands there for nothing: it is a right that nobody needs."""
        used = {each for row in self.model.setpoints for each in (*row.propose, *row.approve)}
        for at, row in enumerate(self.model.people):
            if number(row.operator) not in {number(each) for each in used}:
                self.say(("people", at, "operator"), "may propose and approve nothing", severity="warning")

    def _take_devices(self) -> None:
        places: dict[tuple[str, int], str] = {}
        for at, row in enumerate(self.model.devices):
            here: Where = ("devices", at)
            if row.name in self._devices:
                self.say((*here, "name"), f"{shown(row.name)} is here twice")
            place = (row.address.casefold(), row.unit)
            if place in places:
                self.say((*here, "address"), f"is the unit of {places[place]}: one device is one row")
            places[place] = row.name
            if (endpoint(row.address) is None) != (row.driver == "modbus.rtu"):
                wanted = "the path of a serial port" if row.driver == "modbus.rtu" else "host:port"
                self.say(
                    (*here, "address"), f"{shown(row.address)} is not {wanted}, which {row.driver} wants"
                )
            if row.driver == "modbus.rtu" and row.unit > _SERIAL_UNITS:
                self.say((*here, "unit"), f"a serial line has units 1 to {_SERIAL_UNITS}")
            if row.timeout > TIMEOUT_MOST_NS:
                self.say((*here, "timeout"), "must be at most 10s: people wait for it")
            self._devices[row.name] = row

    def _field(self, here: Where, row: SetpointRow) -> Field | None:
        if row.function not in TABLES:
            self.say((*here, "function"), f"{row.function} is not 5 or 15 for a coil, 6 or 16 for registers")
            return None
        field = Field(row.type, 0, row.order or "", row.scale, row.bias)
        if (TABLES[row.function] == "coil") != (row.type == "bit"):
            self.say(
                (*here, "type"),
                f"{row.type} does not go with function {row.function}: bits are coils, and coils bits",
            )
            return None
        if row.type == "bit" and not field.plain:
            self.say((*here, "scale"), "a bit is not scaled")
        if row.order is not None and row.order not in ORDERS[WIDTHS[row.type]]:
            self.say((*here, "order"), f"{shown(row.order)} is not valid for {row.type}")
            return None
        if row.function in ONE and field.width > MOST[row.function]:
            self.say(
                (*here, "function"),
                f"6 writes one register and {row.type} has {field.width}: half a value is none; use 16",
            )
            return None
        if row.address + field.width > 0x10000:
            self.say(
                (*here, "address"), f"{row.type} takes {field.width} words and the last address is 65535"
            )
            return None
        return field

    def _bounds(self, here: Where, row: SetpointRow, field: Field) -> None:
        if row.low > row.high or (row.low == row.high and row.type != "bit"):
            self.say((*here, "high"), f"{row.high:g} must be greater than low, {row.low:g}")
        for key, value in (("low", row.low), ("high", row.high)):
            try:
                words_of(field, value)
            except NoWords as error:
                self.say((*here, key), str(error))
        if row.step > row.high - row.low > 0:
            self.say((*here, "step"), "is wider than low to high: it bounds nothing", severity="warning")
        for key in ("propose", "approve"):
            for at, each in enumerate(getattr(row, key)):
                if number(each) not in self._people:
                    self.say((*here, key, at), f"operator {shown(each)} is none of people")
        pairs = ((one, other) for one in row.propose for other in row.approve)
        if all(same_person(one, other, self._people) for one, other in pairs):
            self.say(
                (*here, "approve"),
                "whoever may propose is the only one who may approve: nothing could be written",
            )

    def _setpoint(self, here: Where, row: SetpointRow, device: DeviceRow, field: Field) -> Setpoint:
        bus = Bus(
            device.name,
            device.driver,
            device.address,
            device.baud,
            device.parity,
            device.data_bits,
            device.stop_bits,
        )
        target = Place(TABLES[row.function], row.address, field)
        back = row.read_back
        table, address = back.table or target.table, back.address if back.address is not None else row.address
        if (table in {"coil", "discrete"}) != (row.type == "bit"):
            self.say((*here, "read_back", "table"), f"a {row.type} cannot be read from {table}")
        if back.table is not None and back.table != target.table and back.address is None:
            self.say(
                (*here, "read_back"),
                f"give the address in {back.table} too: what was written is in {target.table}",
            )
        if address + field.width > 0x10000:
            self.say(
                (*here, "read_back", "address"),
                f"{row.type} takes {field.width} words and the last address is 65535",
            )
        if back.settle > SETTLE_MOST_NS:
            self.say((*here, "read_back", "settle"), "must be at most 60s: people wait for it")
        if row.type == "bit" and back.tolerance:
            self.say((*here, "read_back", "tolerance"), "a bit has none")
        return Setpoint(
            row.tag, bus, device.unit, device.timeout, row.function, target, Place(table, address, field), row.uom,
            row.low, row.high, row.step, row.per_hour, row.interval, back.tolerance, back.settle,
            frozenset(map(number, row.propose)), frozenset(map(number, row.approve)),
        )  # fmt: skip
