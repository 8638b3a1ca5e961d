"""A writer at a desk, two persons, and a device that takes writes, refuses them, or says nothing; virtual time."""

from __future__ import annotations

import struct
from dataclasses import replace
from hashlib import sha256

from drivers.modbus.crc import crc16
from gateway.clock import VirtualClock
from gateway.layout import Field
from gateway.lines.fake import FakeLine
from gateway.proof.note import SigningKey
from gateway.site import Bus
from lotwatch_writer.allowed import Allowed, Place, Setpoint
from lotwatch_writer.audit import Audit
from lotwatch_writer.desk import Desk, Outside
from lotwatch_writer.notes import signed
from tests.unit.modbus.kit import drive

TAG = "moulding/line1/blender1/regrind_setpoint"
KEYS = {each: SigningKey(f"operator-{each}", sha256(each.encode()).digest()) for each in ("17", "18", "19")}
SECOND = 1_000_000_000
TARGET = Place("holding", 16, Field("int16", scale="0.1"))
SETPOINT = Setpoint(
    tag=TAG,
    bus=Bus("blender", "modbus.tcp", "10.0.0.7:502"),
    unit=1,
    timeout_ns=SECOND,
    function=6,
    target=TARGET,
    back=TARGET,
    uom="%",
    low=0,
    high=30,
    step=10,
    per_hour=3,
    interval_ns=60 * SECOND,
    tolerance=0,
    settle_ns=SECOND,
    propose=frozenset({"17", "18"}),
    approve=frozenset({"17", "18"}),
)


class Blender:
    """One unit on Modbus TCP, or RTU. Keeps every write that came, and does with it as `how` says."""

    def __init__(self, *, serial: bool = False) -> None:
        self.registers = {16: 100}
        self.coils = {16: 0}
        self.writes: list[bytes] = []
        self.how = "takes"  # "refuses", "ignores", "silent", "deaf" (does not take it, says nothing), "lost"
        self.answers = True  # reads too
        self.serial = serial

    def __call__(self, data: bytes) -> bytes | None:
        pdu = data[1:-2] if self.serial else data[7:]
        if not self.answers:
            return None
        said = self.said(pdu)
        if said is None:
            return None
        body = (data[:1] if self.serial else data[6:7]) + said
        return body + crc16(body) if self.serial else data[:4] + len(body).to_bytes(2, "big") + body

    def said(self, pdu: bytes) -> bytes | None:
        function, address, count = struct.unpack(">BHH", pdu[:5])
        if function in {1, 3}:
            table = self.coils if function == 1 else self.registers
            if any(each not in table for each in range(address, address + count)):
                return bytes((function | 0x80, 2))
            words = [table[each] for each in range(address, address + count)]
            data = bytes((words[0],)) if function == 1 else struct.pack(f">{count}H", *words)
            return bytes((function, len(data))) + data
        self.writes.append(pdu)
        if self.how == "refuses":
            return bytes((function | 0x80, 4))
        if self.how == "lost":  # done, and then the device is gone
            self.answers = False
        if self.how not in {"ignores", "deaf"}:
            self.take(pdu)
        return None if self.how in {"silent", "deaf", "lost"} else pdu[:5]

    def take(self, pdu: bytes) -> None:
        function, address, word = struct.unpack(">BHH", pdu[:5])
        if function == 5:
            self.coils[address] = int(word == 0xFF00)
        elif function == 6:
            self.registers[address] = word
        else:
            for place in range(word):
                self.registers[address + place] = int.from_bytes(pdu[6 + 2 * place : 8 + 2 * place], "big")


class Chance:
    """One token after another."""

    def __init__(self) -> None:
        self.given = 0

    def token(self, nbytes: int) -> bytes:
        self.given += 1
        return self.given.to_bytes(nbytes, "big")

    def uniform(self) -> float:
        return 0.0


class Site:
    """A writer with its world."""

    def __init__(self, folder, setpoint: Setpoint = SETPOINT) -> None:
        self.folder, self.clock, self.device = folder, VirtualClock(), Blender()
        self.allowed = Allowed(
            "a" * 64, 600 * SECOND, {each: key.public for each, key in KEYS.items()}, {setpoint.tag: setpoint}
        )
        self.chance = Chance()
        self.load = lambda: self.allowed
        self.begin()

    def begin(self) -> None:
        """Start the writer."""
        self.audit = Audit(self.folder, self.clock)
        self.line = FakeLine(clock=self.clock, respond=self.device)
        self.desk = Desk(Outside(self.clock, self.chance, self._list, lambda *_: self.line), self.audit)

    def _list(self) -> Allowed:
        return self.load()

    def end(self) -> None:
        """As a kill leaves it."""
        self.audit.__exit__(None, None, None)

    def restart(self) -> None:
        self.end()
        self.begin()

    def changed(self, **more) -> None:
        """Another list, another digest."""
        [setpoint] = self.allowed.setpoints.values()
        digest = sha256(self.allowed.digest.encode()).hexdigest()
        self.allowed = replace(self.allowed, digest=digest, setpoints={TAG: replace(setpoint, **more)})

    def kinds(self) -> list[str]:
        return [str(row.kind) for row in self.audit.rows]

    async def note(self, do: str, operator: str, **more) -> str:
        here = await drive(self.desk.hello(), self.clock)
        said = {"challenge": here["challenge"], "list": here["list"], **more}
        return signed(KEYS[operator], do=do, operator=operator, **said)

    async def take(self, note: str):
        return await drive(self.desk.take(note), self.clock)

    async def propose(self, value: float, operator: str = "17", tag: str = TAG, uom: str = "%"):
        note = await self.note("propose", operator, tag=tag, value=value, uom=uom, reason="less regrind")
        return (await self.take(note))["proposal"]

    async def approve(self, proposal: str, operator: str = "18", value: float | None = None):
        return await self.take(await self.approval(proposal, operator, value))

    async def approval(self, proposal: str, operator: str = "18", value: float | None = None) -> str:
        open_ = self.desk.book.open.get(proposal)
        value = open_.value if value is None and open_ else value or 0.0
        return await self.note("approve", operator, proposal=proposal, tag=TAG, value=value, uom="%")

    async def wait(self, seconds: float) -> None:
        await self.clock.advance(seconds)
