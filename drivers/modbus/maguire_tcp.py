"""A Maguire weigh scale blender behind its Modbus TCP gateway: `modbus.maguire_tcp`, address ``host:port``.

The gateway has no registers: the high byte of a register address is a command that it passes on to the blender, the low
byte is 0, and the words that come back are that command's answer. So a point's address is 256 times its command, plus
its word in the answer. Facts: Maguire Products, "Modbus TCP/IP Protocol Manual, Maguire WSB Blender MLAN Gateway",
September 12, 2001, revised January 3, 2002; pages with each command below.

The law: only commands that this manual shows as reads (function 3 or 4) are ever asked, each whole and by itself. A
register of another command is refused when the driver is built, because who asks for it may start, stop or clear.
What Get Batch Info counts in is another command's answer: the unit is asked before and after it, and where the two
differ nothing is believed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivers.modbus.errors import DeviceSilent, FrameCorrupt, ModbusError, UnitQuarantined
from drivers.modbus.exchange import Exchange, TcpExchange
from drivers.modbus.judge import Judge, quality_of
from drivers.modbus.pdu import FUNCTIONS, Read, Refused, Registers
from drivers.modbus.question import Question
from gateway.model import GroupId, Instant, Quality, Reading
from gateway.ports import Clock, Line, LineDown
from gateway.site import Bus, Device, Group

KIND = "polling"

TOTALS, THROUGHPUT, TYPE, STATUS, DISPLAY, BATCH_INFO, UNITS = 16, 29, 49, 53, 56, 84, 85
WORDS = {TOTALS: 23, THROUGHPUT: 3, TYPE: 2, STATUS: 3, DISPLAY: 8, BATCH_INFO: 4, UNITS: 1}
"""Words of each command's answer, of four-component software: pages 35, 33, 39, 29, 21, 18 and 41. Get Totals may also
be asked as 17; the page that tells the two apart was not seen, so 17 is never asked."""

SYSTEM_TYPES, SOFTWARE_TYPES = (2, 9), (4, 12)  # tenths of grams, grams; components: pages 35 and 39
ROUND_NS = 100_000_000  # of one command: the manual does not say; the serial line behind the gateway is slow


class _Part(NamedTuple):
    """One command of a group, and where its words go."""

    command: int
    question: Question
    points: NDArray[np.intp]
    source: NDArray[np.intp]
    target: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class _Work:
    """What belongs to one group."""

    parts: tuple[_Part, ...]
    judge: Judge
    words: int
    units: Question | None  # asked once more behind Get Batch Info


def build(*, bus: Bus, devices: Sequence[Device], line: Line, clock: Clock) -> MaguireSession:
    """The driver of one gateway. Raises ValueError where a map asks for what must not be asked."""
    del bus
    return MaguireSession(devices, TcpExchange(line, clock), clock)


class MaguireSession:
    """The blenders behind one gateway, by their MLAN addresses. One call at a time."""

    def __init__(self, devices: Sequence[Device], exchange: Exchange, clock: Clock) -> None:
        self._exchange, self._clock = exchange, clock
        self._works: dict[GroupId, _Work] = {
            group.id: _work(device, group) for device in devices for group in device.groups if group.points
        }
        self.trouble = ""

    async def poll(self, device: Device, group: Group) -> Reading:
        work = self._works[group.id]
        raw = np.zeros(work.words, dtype=np.uint16)
        quality = np.full(len(group.points), np.uint8(Quality.NOT_ASKED))
        times: list[Instant] = []
        said: dict[int, NDArray[np.uint16]] = {}
        broken = Quality.GOOD
        for part in work.parts:
            answer = broken or await self._ask(part.question, device, times)
            if isinstance(answer, Quality):
                quality[part.points] = answer
                if answer in {Quality.NO_ANSWER, Quality.LINE_DOWN}:
                    broken = Quality.LINE_DOWN if answer == Quality.LINE_DOWN else Quality.NOT_ASKED
                continue
            said[part.command] = answer
            raw[part.target] = answer[part.source]
            quality[part.points] = _sane(part.command, answer, part.question)
        if not broken and work.units is not None and {BATCH_INFO, UNITS} <= set(said):
            await self._same_unit(work, device, said, quality, times)
        values, quality = work.judge.partly(raw, quality)
        at = times[-1] if times else self._clock.now()
        return Reading(
            group.id, at, at.boottime_ns - times[0].boottime_ns if times else 0, values, quality, raw
        )

    async def probe(self, device: Device) -> bool:
        answer = await self._ask(_question(device, 3, TYPE, WORDS[TYPE]), device, [])
        return not isinstance(answer, Quality) or answer not in _NOBODY

    def cost_ns(self, device: Device, group: Group) -> int:
        work = self._works.get(group.id)
        del device
        return ROUND_NS * (len(work.parts) + (work.units is not None)) if work else 0

    async def close(self) -> None:
        await self._exchange.close()

    async def _ask(
        self, question: Question, device: Device, times: list[Instant]
    ) -> NDArray[np.uint16] | Quality:
        """The answer's words, or why there are none to trust."""
        try:
            answer = await self._exchange.ask(question, device.timeout_ns)
        except (ModbusError, LineDown) as error:
            if isinstance(error, LineDown):
                self.trouble = str(error)
            return next(
                (quality for kind, quality in _REASONS.items() if isinstance(error, kind)), Quality.BAD
            )
        times.append(self._clock.now())
        if isinstance(answer, Registers):
            return answer.words
        return quality_of(answer.code) if isinstance(answer, Refused) else Quality.CORRUPT

    async def _same_unit(
        self, work: _Work, device: Device, said: dict[int, NDArray[np.uint16]], quality: NDArray[np.uint8],
        times: list[Instant],
    ) -> None:  # fmt: skip
        """What was counted in some unit is of that unit only if it was the same before and after."""
        assert work.units is not None  # noqa: S101 # the caller looked
        again = await self._ask(work.units, device, times)
        if isinstance(again, Quality) or again[0] != said[UNITS][0]:
            for part in work.parts:
                if part.command in {BATCH_INFO, UNITS}:
                    quality[part.points] = again if isinstance(again, Quality) else Quality.CORRUPT


def _work(device: Device, group: Group) -> _Work:
    layout = group.layout()
    by_command: dict[int, list[int]] = {}
    for index, point in enumerate(group.points):
        by_command.setdefault(_command(device, group, index), []).append(index)
        if point.coherent and {p.address >> 8 for p in group.points if p.coherent == point.coherent} != {
            point.address >> 8
        }:
            raise ValueError(
                f'{device.name}: coherent "{point.coherent}": its points are of several commands, one answer has one'
            )
    order = sorted(by_command, key=lambda command: (command != UNITS, command))  # the unit first
    parts = []
    for command in order:
        points = by_command[command]
        functions = {FUNCTIONS[group.points[index].table] for index in points}
        if len(functions) > 1:
            raise ValueError(
                f"{device.name}: command {command} is asked by one function: holding or input, not both"
            )
        source: list[int] = []
        target: list[int] = []
        for index in points:
            field, first = group.points[index].field, group.points[index].address & 0xFF
            source += range(first, first + field.width)
            target += range(layout.starts[index], layout.starts[index] + field.width)
        count = max(WORDS[command], max(source) + 1)
        parts.append(
            _Part(
                command, _question(device, functions.pop(), command, count), np.array(points, dtype=np.intp),
                np.array(source, dtype=np.intp), np.array(target, dtype=np.intp),
            )
        )  # fmt: skip
    units = next((part.question for part in parts if part.command == UNITS), None)
    return _Work(
        tuple(parts), Judge(group.points, layout), layout.words, units if BATCH_INFO in by_command else None
    )


def _command(device: Device, group: Group, index: int) -> int:
    """The command of a point. Raises ValueError."""
    point = group.points[index]
    where = f"{device.name}: {point.name}"
    if point.table not in {"holding", "input"}:
        raise ValueError(f'{where}: table "{point.table}": a command is asked as holding or input registers')
    command, word = divmod(point.address, 256)
    if command not in WORDS:
        known = ", ".join(f"{code} ({256 * code})" for code in sorted(WORDS))
        raise ValueError(
            f"{where}: address {point.address} is command {command}, which is not one that only reads: {known}"
        )
    if command != TOTALS and word + point.field.width > WORDS[command]:
        raise ValueError(
            f"{where}: address {point.address} is word {word} of an answer that has {WORDS[command]} words"
        )
    return command


def _question(device: Device, function: int, command: int, count: int) -> Question:
    return Question(device.unit, Read(function, command << 8, count))


def _sane(command: int, words: NDArray[np.uint16], question: Question) -> Quality:
    """Whether an answer can be what the map says of it: weights that are of nobody knows which unit are corrupt."""
    if command not in {TOTALS, TYPE}:
        return Quality.GOOD
    system, software = int(words[0]), int(words[1])
    if system not in SYSTEM_TYPES or software not in SOFTWARE_TYPES:
        return Quality.CORRUPT
    fits = command == TYPE or (software == 4) == (question.count == WORDS[TOTALS])
    return Quality.GOOD if fits else Quality.REFUSED  # the map is of the other software


_REASONS: Mapping[type[Exception], Quality] = {
    LineDown: Quality.LINE_DOWN,
    DeviceSilent: Quality.NO_ANSWER,
    FrameCorrupt: Quality.CORRUPT,
    UnitQuarantined: Quality.NOT_ASKED,
}
_NOBODY = {Quality.NO_ANSWER, Quality.LINE_DOWN, Quality.CORRUPT, Quality.NOT_ASKED, Quality.BAD}
