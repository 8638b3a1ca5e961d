"""Questions to units that may not be there, over a line that a driver's exchange speaks on. Nothing here can write.

The law: whatever a device does is an outcome; only a line that cannot be had is an error (`LineDown`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from drivers.modbus.errors import DeviceSilent, ModbusError
from drivers.modbus.exchange import Exchange, RtuExchange
from drivers.modbus.pdu import (
    FUNCTIONS,
    Answer,
    AskIdentification,
    AskServerId,
    Bits,
    Identification,
    Read,
    Refused,
    Registers,
    Request,
    ServerId,
)
from drivers.modbus.question import Question
from gateway.probe.asking import Ask, Outcome

AGAIN = 2  # times that a question is asked whose answer was spoilt, or that the unit was too busy for
_BUSY = (4, 5, 6)  # exceptions that may be another answer in a moment (V1.1b3, 7)
_NOT_THERE = (10, 11)  # a gateway's words for a unit that does not answer it
_OBJECTS = {
    0: "vendor",
    1: "product",
    2: "revision",
    3: "url",
    4: "product_name",
    5: "model",
    6: "application",
}
"""Objects of function 43/14 by their id (V1.1b3, 6.21)."""


class There(Enum):
    """What is known of a unit after one question."""

    YES = "it answered"
    HEARD = "something came that was no answer to this question: somebody late, or noise"
    NO = "nobody answered"


@dataclass(slots=True)
class Asker:
    """One line. `asked` counts questions."""

    exchange: Exchange
    asked: int = 0

    async def there(self, unit: int, wait_ns: int) -> There:
        """Whether a unit answers anything at all. Raises LineDown."""
        talk = self.exchange.talk if isinstance(self.exchange, RtuExchange) else None
        before = talk.dropped if talk else 0
        self.asked += 1
        try:
            answer = await self.exchange.ask(Question(unit, Read(3, 0, 1)), wait_ns)
        except DeviceSilent:
            return There.HEARD if talk and talk.dropped > before else There.NO
        except ModbusError:
            return There.HEARD
        gone = isinstance(answer, Refused) and answer.code in _NOT_THERE
        return There.NO if gone else There.YES

    async def outcome(self, unit: int, ask: Ask, wait_ns: int) -> Outcome:
        """What comes to a read. Raises LineDown."""
        answer = await self._answer(unit, Read(FUNCTIONS[ask.table], ask.address, ask.count), wait_ns)
        if isinstance(answer, (Registers, Bits)):
            return Outcome.WORDS
        if isinstance(answer, Refused):
            return Outcome.FUNCTION if answer.code == 1 else Outcome.ADDRESS
        return Outcome.SILENT

    async def words(
        self, unit: int, table: str, address: int, count: int, wait_ns: int
    ) -> NDArray[np.uint16] | None:
        """The words of a read; in parts where it is refused whole; None where nothing can be trusted."""
        answer = await self._answer(unit, Read(FUNCTIONS[table], address, count), wait_ns)
        if isinstance(answer, (Registers, Bits)):
            return answer.words
        if not isinstance(answer, Refused) or count == 1:
            return None
        half = count // 2
        one = await self.words(unit, table, address, half, wait_ns)
        other = await self.words(unit, table, address + half, count - half, wait_ns)
        return None if one is None or other is None else np.concatenate([one, other])

    async def identity(self, unit: int, wait_ns: int) -> dict[str, str]:
        """What a unit says it is, by functions 43/14 and 17; nothing where it knows neither. Raises LineDown."""
        said: dict[str, str] = {}
        first = 0
        for _ in range(256):  # as many objects as there can be
            answer = await self._answer(unit, AskIdentification(category=1, first=first), wait_ns)
            if not isinstance(answer, Identification):
                break
            for number, data in answer.objects.items():
                said[_OBJECTS.get(number, f"object_{number}")] = _shown(data.decode("utf-8", "replace"))
            if answer.next_object is None or answer.next_object <= first:
                break
            first = answer.next_object
        report = await self._answer(unit, AskServerId(), wait_ns)
        if isinstance(report, ServerId) and report.data:
            shown = _shown(report.data.decode("ascii", "replace"))
            said["server_id"] = shown if len(shown) >= 3 else report.data.hex()
        return said

    async def _answer(self, unit: int, request: Request, wait_ns: int) -> Answer | None:
        question = Question(unit, request)
        for _ in range(AGAIN):
            self.asked += 1
            try:
                answer = await self.exchange.ask(question, wait_ns)
            except ModbusError:
                continue
            if not (isinstance(answer, Refused) and answer.code in _BUSY):
                return answer
        return None


def _shown(text: str) -> str:
    """Without what would do something to a terminal: the words come from a device that nobody knows yet."""
    return "".join(each for each in text if each.isprintable() and each != "\ufffd").strip()
