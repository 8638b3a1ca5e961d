from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field

import pytest

from gateway.clock import VirtualClock
from gateway.service.vitals import Vital, Vitals
from gateway.service.watchdog import Watchdog

S = 1_000_000_000


@dataclass
class Heard:
    """A manager that writes down what it was told."""

    ping_ns: int = 20 * S
    words: list[dict[str, str]] = field(default_factory=list)

    def say(self, **words: str) -> None:
        self.words.append(words)

    def pings(self) -> int:
        return sum("WATCHDOG" in each for each in self.words)


class World:
    def __init__(self) -> None:
        self.begun = False
        self.still: dict[str, int] = {"bus line1": 0, "the disk": 0}
        self.clock, self.heard = VirtualClock(), Heard()

        def vital(name: str) -> Vital:
            return Vital(name, lambda _: self.still[name], 30 * S)

        vitals = Vitals(lambda: [vital(name) for name in self.still])
        self.watchdog = Watchdog(self.heard, self.clock, vitals, lambda: self.begun, lambda: "all is well")  # type: ignore[arg-type]


async def test_ready_is_said_once_when_it_has_begun_and_pings_follow() -> None:
    world = World()
    task = asyncio.create_task(world.watchdog.run())
    await world.clock.advance(60)
    assert world.heard.words == []
    world.begun = True
    await world.clock.advance(60)
    assert [each for each in world.heard.words if "READY" in each] == [
        {"READY": "1", "STATUS": "all is well"}
    ]
    assert world.heard.pings() == 3
    task.cancel()


@pytest.mark.parametrize("part", ["bus line1", "the disk"])
async def test_who_stands_still_is_not_well_and_says_so(part: str, caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    world.begun = True
    task = asyncio.create_task(world.watchdog.run())
    await world.clock.advance(1)
    before = world.heard.pings()
    world.still[part] = 31 * S
    with caplog.at_level(logging.ERROR):
        await world.clock.advance(100)
    assert world.heard.pings() == before
    assert world.heard.words[-1] == {"STATUS": f"not well: {part} has stood still for 31 s (at most 30)"}
    assert len(caplog.records) == 1  # told once, not at every beat
    world.still[part] = 0
    await world.clock.advance(20)
    assert world.heard.pings() == before + 1
    task.cancel()


def test_a_loop_that_turned_late_leaves_a_ping_out() -> None:
    world = World()
    world.watchdog.beat(0, 3 * S)
    assert world.heard.words == [{"STATUS": "not well: the loop was 3 s late"}]
    world.watchdog.beat(0, S)
    assert world.heard.pings() == 1
