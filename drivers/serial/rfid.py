r"""A UHF RFID reader with 0xA0 framing, the gate that boxes pass (``serial.rfid``).

Asks for one round of real-time inventory after another and turns reads into presence: a scan "seen" when a
tag was read often and loud enough, a scan "left" when it was not read for a while. A reader that falls
silent is asked whether it lives before anything is said to have left; while reader or line are away nothing
leaves. After a restart of the gateway a tag that is still in the field is "seen" anew, for nobody knows
whether it was there all the time: a second "seen" without a "left" between says just that.

On the wire::

    <- \xA0\x13\x01\x89\x8C\x30\x00\x30\x08\x33\xB2\xDD\xD9\x01\x40\x00\x00\x00\x01\x37\xBB
    <- \xA0\x13\x01\x89\xD4\x30\x00\x30\x08\x33\xB2\xDD\xD9\x01\x40\x00\x00\x00\x01\x36\x74
    <- \xA0\x0A\x01\x89\x00\x00\x11\x00\x00\x00\x05\xB6
    == 300833B2DDD9014000000001

Source: "UHF RFID Reader Serial Interface Protocol" V3.7 (Impinj R2000 and E710 based modules).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from drivers.options import Option, read
from drivers.serial import a0
from drivers.serial.barcode import the_reader
from drivers.serial.listening import FAR_NS, Ear
from drivers.serial.presence import Left, Presence, Seen
from drivers.serial.refusals import Refusals
from gateway.model import Instant, Noted, Plain, Reading, Scan, Severity
from gateway.ports import Clock, Line
from gateway.site import Bus, Device, ScanPoint

KIND = "talking"
OPTIONS: Mapping[str, Option] = {
    "every": Option(
        "duration", "200ms", "a round of inventory is asked for this often; 0: the reader runs by itself"
    ),
    "address": Option("int", 255, "the reader's address; 255 is every reader's", least=0),
    "antennas": Option("ints", [1], "antennas in use, from 1; several take turns"),
    "least": Option("int", 2, "reads within the window that make a tag present", least=1),
    "window": Option("duration", "1s", "see least"),
    "gate_dbm": Option("float", -80, "quieter reads do not count"),
    "leave": Option("duration", "3s", "a tag not read for so long has left"),
}
_FRESH_NS = 1_000_000_000  # a reader heard within the last second is there
_CHECK_NS = 5_000_000_000  # one that was silent for longer is asked
_SILENT_NS = 12_000_000_000  # and told dead when it does not answer


class Reader:
    """One reader on its line; a `gateway.ports.TalkingDriver`."""

    def __init__(
        self, bus: Bus, device: Device, point: str, line: Line, clock: Clock, options: Mapping[str, Any]
    ) -> None:
        self._bus, self._device, self._point, self._line, self._clock = bus, device, point, line, clock
        self._ear = Ear(bus, line, clock)
        self._unpacker = a0.Unpacker()
        self._refusals = Refusals(point)
        self._every_ns: int = options["every"]
        self._address: int = options["address"]
        self._antennas: tuple[int, ...] = options["antennas"]
        self._field = Presence(
            least=options["least"],
            window_ns=options["window"],
            leave_ns=options["leave"],
            gate_dbm=options["gate_dbm"],
        )
        self._turn = 0
        self._ask_ns = 0  # when the next round is asked for
        self._heard_ns = 0
        self._checked_ns = 0
        self._down_ns: int | None = None  # since when the line is not there
        self._dead = False

    async def listen(self) -> AsyncIterator[Reading | Scan | Noted]:
        self._heard_ns = self._ask_ns = self._clock.boottime_ns()
        while True:
            await self._ask(self._clock.boottime_ns())
            data = await self._ear.hear(self._wake_ns())
            for note in self._ear.notes():
                yield note
            at = self._clock.now()
            if self._ear.down:
                self._unpacker.clear()
                self._down_ns = self._heard_ns if self._down_ns is None else self._down_ns
                continue
            if self._down_ns is not None:
                self._field.postpone(at.boottime_ns - self._down_ns)
                self._heard_ns, self._down_ns = at.boottime_ns, None
            for told in self._digest(data, at):
                yield told

    async def _ask(self, now_ns: int) -> None:
        if self._every_ns and now_ns >= self._ask_ns:
            self._ask_ns = max(self._ask_ns + self._every_ns, now_ns)
            await self._ear.say(self._next_question())
        if now_ns >= self._check_at_ns() and now_ns - self._heard_ns >= _FRESH_NS:
            self._checked_ns = now_ns
            await self._ear.say(a0.question(a0.GET_FIRMWARE_VERSION, address=self._address))

    def _next_question(self) -> bytes:
        """Inventory; with several antennas one turn sets the antenna, the next one asks."""
        nth, asks = divmod(self._turn, 2)
        self._turn += 1
        if asks or self._antennas == (1,):
            return a0.question(a0.REAL_TIME_INVENTORY, b"\x01", self._address)
        antenna = self._antennas[nth % len(self._antennas)]
        return a0.question(a0.SET_WORK_ANTENNA, bytes([antenna - 1]), self._address)

    def _check_at_ns(self) -> int:
        """When it has to be known whether the reader lives: long silence, or a tag that seems to have left."""
        leaves_ns = self._field.deadline_ns
        wanted_ns = self._heard_ns + _CHECK_NS
        if leaves_ns is not None:
            wanted_ns = min(wanted_ns, leaves_ns)
        return max(wanted_ns, self._checked_ns + _FRESH_NS)

    def _wake_ns(self) -> int:
        rounds_ns = self._ask_ns if self._every_ns else self._clock.boottime_ns() + FAR_NS
        return min(rounds_ns, self._check_at_ns())

    def _digest(self, data: bytes, at: Instant) -> Iterator[Scan | Noted]:
        """What came, and what the passing of time says."""
        now_ns, thrown = at.boottime_ns, self._unpacker.garbage
        packets = self._unpacker.feed(data)
        if not data and self._unpacker.begun:
            self._unpacker.clear()  # torn: the rest would have followed at once
        if self._unpacker.garbage > thrown and (refused := self._refusals.refuse(data, "garbage", at)):
            yield refused
        if packets:
            yield from self._alive(at)
        for packet in packets:
            if told := self._packet(packet, at):
                yield told
        if now_ns - self._heard_ns < _FRESH_NS:
            for gone in self._field.left(now_ns):
                yield self._scan(gone, "left", at)
        elif not self._dead and now_ns - self._heard_ns >= _SILENT_NS:
            self._dead = True
            yield self._note("unit_dead", Severity.WARNING, at, {"bus": self._bus.name})

    def _alive(self, at: Instant) -> Iterator[Noted]:
        """The reader was heard."""
        if self._dead:
            away_ns = at.boottime_ns - self._heard_ns
            self._field.postpone(away_ns)
            self._dead = False
            facts: dict[str, Plain] = {"bus": self._bus.name, "away_s": away_ns // 1_000_000_000}
            yield self._note("unit_alive", Severity.INFO, at, facts)
        self._heard_ns = at.boottime_ns

    def _packet(self, packet: a0.Packet, at: Instant) -> Scan | Noted | None:
        tag = a0.tag_of(packet)
        if tag is not None:
            seen = self._field.read(tag.epc, tag.rssi_dbm, at.boottime_ns)
            return self._scan(seen, "seen", at) if seen else None
        error = a0.error_of(packet)
        return (
            self._refusals.refuse(packet.data, f"reader error 0x{error:02X}", at)
            if error is not None
            else None
        )

    def _scan(self, what: Seen | Left, phase: str, at: Instant) -> Scan:
        return Scan(self._point, at, what.code, "epc", phase, what.count, float(what.rssi_dbm))

    def _note(self, kind: str, severity: Severity, at: Instant, facts: Mapping[str, Plain]) -> Noted:
        return Noted(at.time_ns, kind, self._device.name, severity, facts)

    def remember(self, scan: Scan, ran_ns: int) -> None:
        """What is in the field now is seen now."""

    async def acknowledge(self, scan: Scan) -> None:
        """Tags wait for nothing."""

    async def close(self) -> None:
        await self._line.close()


def build(
    *, bus: Bus, devices: Sequence[Device], line: Line, clock: Clock, scan_points: Sequence[ScanPoint] = ()
) -> Reader:
    """The driver of a bus. Raises ValueError for options that make no sense."""
    point = the_reader(devices, scan_points)
    options = read(bus.options, OPTIONS)
    if not all(1 <= antenna <= 4 for antenna in options["antennas"]):
        raise ValueError("options.antennas: antennas are numbered 1 to 4")
    if options["address"] > 255:
        raise ValueError("options.address: an address is 0 to 255")
    return Reader(bus, devices[0], point, line, clock, options)
