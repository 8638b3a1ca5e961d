"""One device on its line: read as the gateway reads, and sent one write. The thin skin of I/O over the frames."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from drivers.modbus.cost import silence_ns
from drivers.modbus.errors import ModbusError
from drivers.modbus.exchange import Exchange, RtuExchange, TcpExchange
from drivers.modbus.pdu import FUNCTIONS, Bits, Read, Registers
from drivers.modbus.question import Question
from gateway.ports import Clock, Line, LineDown, LineSilent
from lotwatch_writer.allowed import Place, Setpoint
from lotwatch_writer.frames import RtuTalk, Talk, TcpTalk
from lotwatch_writer.pdu import Write
from lotwatch_writer.words import value_of

DONE, NONE = "done", "none"
READS = 3  # of a place, before it cannot be read: asking again changes nothing
_HELD = ("lock", "Resource temporarily unavailable", "busy")


class Unreadable(Exception):
    """The device did not say what it holds; says why."""


class Unsent(Exception):
    """Not one byte of the write left; says why."""


class Wire:
    """A line to the device of a setpoint, open from the first question until the end of a `with`."""

    def __init__(self, setpoint: Setpoint, line: Line, clock: Clock) -> None:
        self._setpoint, self._line, self._clock = setpoint, line, clock
        self._serial = setpoint.bus.driver == "modbus.rtu"
        self._silence_ns = silence_ns(setpoint.bus) if self._serial else 0
        self._exchange = self._begun()

    def _begun(self) -> Exchange:
        if self._serial:
            return RtuExchange(self._line, self._clock, silence_ns=self._silence_ns)
        return TcpExchange(self._line, self._clock)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._line.close()

    async def read(self, place: Place) -> float:
        """What the device holds there; nan for no number. Raises Unreadable."""
        read = Read(FUNCTIONS[place.table], place.address, place.field.width)
        question, why = Question(self._setpoint.unit, read), ""
        for _ in range(READS):
            try:
                answer = await self._exchange.ask(question, self._setpoint.timeout_ns)
            except LineDown as error:
                why = _plainly(self._setpoint, error)
                await self._clock.sleep_until(self._clock.boottime_ns() + self._setpoint.timeout_ns)
            except ModbusError as error:
                why = f"{self._where()}: {str(error) or 'no answer in time'}"
            else:
                if isinstance(answer, Registers | Bits):
                    return value_of(place.field, tuple(int(word) for word in answer.words))
                why = f"{self._where()} refused to be read at {place.table} {place.address}: {answer}"
                break
        raise Unreadable(why)

    async def write(self, write: Write) -> str:
        """Send it once, whatever comes; what the device said: "done", "exception N", or "none". Raises Unsent."""
        unit = self._setpoint.unit
        talk: Talk = RtuTalk(unit, write) if self._serial else TcpTalk(unit, write)
        try:
            await self._line.send(b"")  # opens it where a read broke it
            if self._serial:
                await self._clock.sleep_until(self._clock.boottime_ns() + self._silence_ns)
            self._line.discard()
        except LineDown as error:
            raise Unsent(_plainly(self._setpoint, error)) from None
        try:
            return await self._answer(talk)
        except (LineDown, LineSilent, ModbusError):
            await self._line.close()  # what comes late comes to nobody
            self._exchange = self._begun()
            return NONE

    async def _answer(self, talk: Talk) -> str:
        await self._line.send(talk.request)
        deadline_ns = self._clock.boottime_ns() + self._setpoint.timeout_ns
        while True:
            said = talk.feed(await self._line.receive(deadline_ns))
            if said is not None:
                return DONE if said == 0 else f"exception {said}"

    def _where(self) -> str:
        return f"{self._setpoint.bus.address}, unit {self._setpoint.unit}"


def _plainly(setpoint: Setpoint, error: LineDown) -> str:
    """A serial port has one owner, and the gateway keeps its own open for ever."""
    said, bus = str(error), setpoint.bus
    if bus.driver == "modbus.rtu" and any(word in said for word in _HELD):
        return (
            f"{bus.address} is held by another program, mostly the gateway, which polls it: two who ask on one serial "
            "line spoil each other's frames. Give the device a second port or a Modbus TCP gateway, or stop the "
            "gateway for as long as it takes"
        )
    return said
