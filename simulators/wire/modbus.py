"""Modbus units behind pymodbus's server: TCP, and RTU on a pty.

pymodbus frames, checks and decodes; what a unit answers is `Station`'s. Two things are mended here. A handler of its
keeps the last request in one place, so that an answer that waits would go out under the next one's transaction id: each
request is answered by itself here. And its serial server opens a port by name, while a simulator holds the other end
of a pty.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, cast

from pymodbus.constants import ExcCodes
from pymodbus.datastore import ModbusServerContext
from pymodbus.framer import FramerType
from pymodbus.pdu import ExceptionResponse, ModbusPDU
from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.server.base import ModbusBaseServer
from pymodbus.server.requesthandler import ServerRequestHandler
from pymodbus.simulator import DataType, SimData, SimDevice

from gateway.ports import Clock
from simulators.wire.pty import Pty, PtyTransport
from simulators.wire.station import Answer, Station

logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)  # a dropped connection is scripted, not news

TABLES = {1: "coil", 2: "discrete", 3: "holding", 4: "input"}
_NO_UNIT = 11  # gateway target failed to respond (Modbus Application Protocol V1.1b3, 7)

Served = Callable[[Station, str, int, Answer], None]
"""Called when an answer that carries a number has gone out: station, table, address, answer."""


class _Context:
    """What pymodbus's requests ask for values; holds the answer of one request."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    async def async_getValues(  # noqa: N802 # their name
        self, device: int, function: int, address: int, count: int
    ) -> list[int] | ExcCodes:
        del device, function, address, count
        return ExcCodes(self._answer.code) if self._answer.code else list(self._answer.words)


class _Handler(ServerRequestHandler):
    """One connection."""

    def __init__(self, owner: _Units) -> None:
        super().__init__(owner, None, None, None)  # type: ignore[no-untyped-call]
        self._units = owner
        self._tasks: set[asyncio.Task[None]] = set()

    def handle_later(self) -> None:
        request, self.last_pdu = self.last_pdu, None
        if request is not None:
            task = self.loop.create_task(self._serve(request))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _serve(self, request: ModbusPDU) -> None:
        station = self._units.stations.get(request.dev_id)
        table = TABLES.get(request.function_code)
        if station is None or table is None:
            self._refuse(request, station)
            return
        answer = station.answer(table, request.address, request.count)
        if answer.drop and self.transport is not None:
            cast(asyncio.Transport, self.transport).abort()
        if answer.silent or answer.drop:
            return
        if answer.delay_ns:
            clock = self._units.clock
            await clock.sleep_until(clock.boottime_ns() + answer.delay_ns)
        context = cast(ModbusServerContext, _Context(answer))
        response = await request.datastore_update(context, request.dev_id)
        if self._say(request, response, corrupt=answer.corrupt) and answer.number:
            self._units.served(station, table, request.address, answer)

    def _refuse(self, request: ModbusPDU, station: Station | None) -> None:
        """A unit that is not there: a TCP gateway says so, a serial line stays silent. A function we have not: 1."""
        if station is not None:
            self._say(request, ExceptionResponse(request.function_code, ExcCodes.ILLEGAL_FUNCTION))
        elif not self._units.serial:
            self._say(request, ExceptionResponse(request.function_code, ExcCodes(_NO_UNIT)))

    def _say(self, request: ModbusPDU, response: ModbusPDU, *, corrupt: bool = False) -> bool:
        """Send it; whether there was a connection to take it."""
        transport = cast("asyncio.Transport | None", self.transport)
        if transport is None or transport.is_closing():
            return False
        response.transaction_id, response.dev_id = request.transaction_id, request.dev_id
        frame = self.framer.buildFrame(response)
        if corrupt:
            # On a serial line the check is wrong; TCP has none, so there the protocol is no Modbus.
            place = len(frame) - 1 if self._units.serial else 2
            frame = bytes(byte ^ 0x10 if at == place else byte for at, byte in enumerate(frame))
        transport.write(frame)
        return not corrupt


class _Units:
    """What handler and server share."""

    stations: Mapping[int, Station]
    served: Served
    clock: Clock
    serial: bool

    async def stop(self) -> None:
        """Listen no more; open connections are closed."""
        server = cast(ModbusBaseServer, self)
        await server.shutdown()  # type: ignore[no-untyped-call]


_NOBODY = SimDevice(
    0, [SimData(0, datatype=DataType.REGISTERS)]
)  # pymodbus wants a device; stations answer instead


class TcpUnits(_Units, ModbusTcpServer):
    """Units behind one port."""

    serial = False

    def __init__(self, stations: Mapping[int, Station], clock: Clock, served: Served, port: int = 0) -> None:
        super().__init__(context=_NOBODY, address=("127.0.0.1", port))
        self.stations, self.clock, self.served = stations, clock, served

    def callback_new_connection(self) -> _Handler:
        return _Handler(self)

    async def start(self) -> str:
        """Listen; ``host:port``."""
        await self.serve_forever(background=True)
        server = cast(asyncio.Server, self.transport)
        host, port = server.sockets[0].getsockname()[:2]
        return f"{host}:{port}"


class RtuUnits(_Units, ModbusSerialServer):
    """Units on one serial line, which is a pty of ours."""

    serial = True

    def __init__(self, stations: Mapping[int, Station], clock: Clock, served: Served) -> None:
        super().__init__(context=_NOBODY, framer=FramerType.RTU, port="pty")
        self.stations, self.clock, self.served = stations, clock, served
        self.pty = Pty()
        self.call_create = partial(self._connect)

    def callback_new_connection(self) -> _Handler:
        return _Handler(self)

    async def _connect(self) -> tuple[PtyTransport, Any]:
        handler = self.handle_new_connection()
        return PtyTransport(self.pty, cast(asyncio.Protocol, handler)), handler

    async def start(self) -> str:
        """Listen; the path of the serial port."""
        await self.serve_forever(background=True)
        return self.pty.path


ModbusUnits = TcpUnits | RtuUnits
__all__ = ["ModbusBaseServer", "ModbusUnits", "RtuUnits", "Served", "TcpUnits"]
