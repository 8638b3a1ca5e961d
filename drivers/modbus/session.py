"""One bus of Modbus units as a PollingDriver: plans, asks, places the answers, and says honestly what is
missing.

The law: `poll` gives a Reading whatever happens. A point is good only if its words came in an answer to the
one open question for them; otherwise it is bad with the reason, and its words are zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from drivers.modbus.blocks import Block
from drivers.modbus.cost import Cost, first_guess
from drivers.modbus.errors import DeviceSilent, FrameCorrupt, ModbusError, UnitQuarantined
from drivers.modbus.exchange import Exchange
from drivers.modbus.judge import Judge, quality_of
from drivers.modbus.pdu import (
    Answer,
    AskIdentification,
    AskServerId,
    Bits,
    Identification,
    Read,
    Refused,
    Registers,
    ServerId,
)
from drivers.modbus.planner import MOST_EXTRA, GroupPlan
from drivers.modbus.question import Question
from gateway.model import GroupId, Instant, Quality, Reading
from gateway.ports import Clock, LineDown
from gateway.site import Bus, Device, Group

BISECTED = (2, 3)  # exception codes that say: not these registers
LEARN_FIRST, LEARN_EVERY = 32, 64  # requests: the first so many teach their cost, then every so-manieth


@dataclass(frozen=True, slots=True)
class Identity:
    """What a unit says it is. Object ids as in V1.1b3, 6.21: 0 maker, 1 product code, 2 revision, ..."""

    server_id: bytes = b""
    objects: Mapping[int, bytes] | None = None


class _Work:
    """What belongs to one group."""

    def __init__(self, device: Device, group: Group, cost: Cost) -> None:
        self.plan = GroupPlan(device, group, cost, cost.worth)
        self.layout = self.plan.layout
        self.judge = Judge(group.points, self.layout)
        bisect = device.options.get("bisect_on", BISECTED)
        self.bisected = frozenset(bisect) if isinstance(bisect, (list, tuple)) else frozenset(BISECTED)


class ModbusSession:
    """The units of one bus. One call at a time."""

    def __init__(self, bus: Bus, devices: Sequence[Device], exchange: Exchange, clock: Clock) -> None:
        self._exchange = exchange
        self._clock = clock
        self._costs = {device.name: first_guess(bus) for device in devices}
        self._works: dict[GroupId, _Work] = {
            group.id: _Work(device, group, self._costs[device.name])
            for device in devices
            for group in device.groups
            if group.points
        }
        self._asked = 0
        self.trouble = ""

    async def poll(self, device: Device, group: Group) -> Reading:
        work = self._works[group.id]
        block = work.plan.direct
        if block is None:
            return await self._poll_parts(device, group, work, None)
        self._asked += 1
        outcome: Answer | Quality
        try:
            if self._asked % LEARN_EVERY and self._asked > LEARN_FIRST:
                outcome = await self._exchange.ask(block.question, device.timeout_ns)
            else:
                outcome = await self._ask_and_learn(device, block)
            if isinstance(outcome, (Registers, Bits)):
                at = self._clock.now()
                values, quality = work.judge.good(outcome.words)
                return Reading(group.id, at, 0, values, quality, outcome.words)
        except (ModbusError, LineDown) as error:
            outcome = self._reason(error)
        return await self._poll_parts(device, group, work, (block, outcome))

    async def probe(self, device: Device) -> bool:
        works = [self._works[group.id] for group in device.groups if group.id in self._works]
        atom = works[0].plan.atoms[0] if works else None
        request = Read(atom.function, atom.start, 1) if atom else Read(3, 0, 1)
        try:
            await self._exchange.ask(Question(device.unit, request), device.timeout_ns)
        except (ModbusError, LineDown):
            return False
        return True

    def cost_ns(self, device: Device, group: Group) -> int:
        cost, work = self._costs[device.name], self._works.get(group.id)
        return round(sum(cost.of(block.cost_words) for block in work.plan.blocks)) if work else 0

    async def identify(self, device: Device) -> Identity:
        """Functions 43/14 and 17, as far as the unit knows them. Raises ModbusError, LineDown."""
        objects: dict[int, bytes] = {}
        known, first = False, 0
        for _ in range(256):  # as many objects as there can be
            answer = await self._plain(device, AskIdentification(category=1, first=first))
            if not isinstance(answer, Identification):
                break
            known = True
            objects.update(answer.objects)
            if answer.next_object is None or answer.next_object <= first:
                break
            first = answer.next_object
        report = await self._plain(device, AskServerId())
        server_id = report.data if isinstance(report, ServerId) else b""
        return Identity(server_id, objects if known else None)

    async def close(self) -> None:
        await self._exchange.close()

    async def _plain(self, device: Device, request: AskIdentification | AskServerId) -> Answer:
        return await self._exchange.ask(Question(device.unit, request), device.timeout_ns)

    async def _poll_parts(
        self, device: Device, group: Group, work: _Work, first: tuple[Block, Answer | Quality] | None
    ) -> Reading:
        """A poll of several blocks, or of one that did not get its words: `first`, and its outcome."""
        raw = np.zeros(work.layout.words, dtype=np.uint16)
        quality = np.full(len(group.points), np.uint8(Quality.NOT_ASKED))
        for point, code in work.plan.bad.items():
            quality[point] = quality_of(code)
        times: list[Instant] = []
        waiting = [first[0]] if first else list(work.plan.requests(self._clock.boottime_ns()))
        extra = silences = 0
        while waiting:
            block = waiting.pop(0)
            outcome: Answer | Quality = first[1] if first else await self._ask(device, block)
            first = None
            if isinstance(outcome, (Registers, Bits)):
                times.append(self._clock.now())
                raw[block.target] = outcome.words[block.source]
                quality[block.points] = Quality.GOOD
                work.plan.accepted(block)
            elif isinstance(outcome, Refused):
                times.append(self._clock.now())
                quality[block.points] = quality_of(outcome.code)
                if outcome.code in work.bisected and extra < MOST_EXTRA:
                    parts = work.plan.refused(block, outcome.code, self._clock.boottime_ns())
                    extra += len(parts)
                    waiting[:0] = parts
            else:
                assert isinstance(outcome, Quality)  # noqa: S101 # only reads are asked here
                quality[block.points] = outcome
                silences += outcome == Quality.NO_ANSWER
                if outcome == Quality.LINE_DOWN:
                    for unasked in waiting:
                        quality[unasked.points] = outcome
                    break
                if silences and (silences > 1 or not times):
                    break  # the rest would only wait as long
        values, quality = work.judge.partly(raw, quality)
        at = times[-1] if times else self._clock.now()
        spread_ns = at.boottime_ns - times[0].boottime_ns if times else 0
        return Reading(group.id, at, spread_ns, values, quality, raw)

    async def _ask(self, device: Device, block: Block) -> Answer | Quality:
        """The answer, or why there is none to trust."""
        self._asked += 1
        try:
            if self._asked % LEARN_EVERY and self._asked > LEARN_FIRST:
                return await self._exchange.ask(block.question, device.timeout_ns)
            return await self._ask_and_learn(device, block)
        except (ModbusError, LineDown) as error:
            return self._reason(error)

    async def _ask_and_learn(self, device: Device, block: Block) -> Answer:
        began_ns = self._clock.boottime_ns()
        answer = await self._exchange.ask(block.question, device.timeout_ns)
        if isinstance(answer, (Registers, Bits)):
            cost = self._costs[device.name]
            cost.learn(block.cost_words, self._clock.boottime_ns() - began_ns)
            for group in device.groups:
                if group.id in self._works:
                    self._works[group.id].plan.reprice(cost.worth)
        return answer

    def _reason(self, error: Exception) -> Quality:
        """Why there is no answer to trust."""
        if isinstance(error, LineDown):
            self.trouble = str(error)
        return next((quality for kind, quality in _REASONS.items() if isinstance(error, kind)), Quality.BAD)


_REASONS: Mapping[type[Exception], Quality] = {
    LineDown: Quality.LINE_DOWN,
    DeviceSilent: Quality.NO_ANSWER,
    FrameCorrupt: Quality.CORRUPT,
    UnitQuarantined: Quality.NOT_ASKED,
}
