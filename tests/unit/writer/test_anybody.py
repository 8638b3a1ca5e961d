"""Whatever people do, and whatever becomes of clocks, lists and devices: what reaches the device keeps the list."""

from __future__ import annotations

import contextlib
import random
from itertools import pairwise
from typing import NamedTuple

import pytest

from lotwatch_writer.audit import read
from lotwatch_writer.desk import Refused
from lotwatch_writer.notes import signed
from lotwatch_writer.proving import findings
from tests.unit.modbus.kit import drive
from tests.unit.writer.kit import KEYS, SECOND, TAG, Blender, Site

ACTS = 250
HOUR = 3600 * SECOND


class Sent(NamedTuple):
    """A write as the device saw it."""

    at_ns: int
    value: float
    held: float
    high: float


class Watched(Blender):
    """A device that remembers under which list it was written, and from what."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        self.site = site
        self.sent: list[Sent] = []

    def said(self, pdu: bytes) -> bytes | None:
        if pdu[0] == 6:
            value, held = int.from_bytes(pdu[3:5], "big") / 10, self.registers[16] / 10
            high = self.site.allowed.setpoints[TAG].high
            self.sent.append(Sent(self.site.clock.boottime_ns(), value, held, high))
        return super().said(pdu)


class Crowd:
    """Three persons with keys, who try everything."""

    def __init__(self, site: Site, chance: random.Random) -> None:
        self.site, self.chance = site, chance
        self.notes: list[str] = []
        self.proposals = ["0" * 64]

    async def act(self) -> None:
        acts = (self.propose, self.approve, self.approve, self.wait, self.wait, self.odd, self.trouble)
        await self.chance.choice(acts)()

    async def take(self, operator: str, **said: object) -> None:
        here = await drive(self.site.desk.hello(), self.site.clock)
        given = {"operator": operator, "challenge": here["challenge"], "list": here["list"], **said}
        note = signed(KEYS[operator if self.chance.random() < 0.95 else "19"], **given)
        self.notes.append(note)
        answer = await self.site.take(note)
        self.proposals.append(answer.get("proposal", self.proposals[-1]))

    async def propose(self) -> None:
        held = self.site.device.registers[16] / 10
        value = round(held + self.chance.uniform(-11, 11), self.chance.choice([1, 1, 1, 2]))
        operator = self.chance.choice(["17", "17", "17", "17", "18", "19"])
        await self.take(operator, do="propose", tag=TAG, value=value, uom="%", reason="so")

    async def approve(self) -> None:
        waiting = list(self.site.desk.book.open)
        proposal = self.chance.choice(waiting if waiting and self.chance.random() < 0.85 else self.proposals)
        known = self.site.desk.book.open.get(proposal)
        value = known.value if known is not None and self.chance.random() < 0.9 else 29.0
        operator = self.chance.choice(["17", "18", "18", "18", "19"])
        await self.take(operator, do="approve", proposal=proposal, tag=TAG, value=value, uom="%")

    async def odd(self) -> None:
        if self.chance.random() < 0.2:
            await self.take("19", do="withdraw", proposal=self.proposals[-1])
        elif self.notes:
            await self.site.take(self.chance.choice(self.notes))

    async def wait(self) -> None:
        await self.site.wait(self.chance.choice([1, 5, 30, 61, 61, 400]))

    async def trouble(self) -> None:
        match self.chance.randrange(8):
            case 0:
                self.site.restart()
            case 1:
                self.site.clock.step_wall(self.chance.choice([-86_400, 86_400]))
            case 2:
                self.site.changed(high=self.chance.choice([15, 30]))
            case 3:
                self.site.device.how = self.chance.choice(
                    ["takes", "refuses", "ignores", "silent", "deaf", "lost"]
                )
            case _:
                self.site.device.how, self.site.device.answers = "takes", True


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
async def test_what_reaches_the_device_keeps_the_list(tmp_path, seed) -> None:
    site = Site(tmp_path)
    site.device = device = Watched(site)
    site.restart()
    crowd = Crowd(site, random.Random(seed))
    for _ in range(ACTS):
        with contextlib.suppress(Refused):
            await crowd.act()
    assert len(device.sent) >= 3, "the crowd never agreed"
    for sent in device.sent:
        assert 0 <= sent.value <= sent.high
        assert abs(sent.value - sent.held) <= 10 * (1 + 1e-6)
    times = [sent.at_ns for sent in device.sent]
    assert all(later - before >= 60 * SECOND for before, later in pairwise(times))
    assert all(later - before >= HOUR for before, later in zip(times, times[3:], strict=False))
    rows = read(tmp_path)
    assert findings(rows) == []
    assert len(device.sent) == sum(row.kind == "writing" for row in rows)
    asked = {row.facts["id"]: row.facts["by"] for row in rows if row.kind == "proposed"}
    for row in rows:
        if row.kind == "writing":
            assert asked[row.facts["id"]] != row.facts["by"]
