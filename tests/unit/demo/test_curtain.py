"""The end of a demo at any moment, on a machine however slow: fakes for the processes, virtual time, real journals."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from gateway.clock import VirtualClock
from gateway.demo.broker import RunningBroker
from gateway.demo.curtain import FORWARDER, caught_up
from gateway.demo.play import NOTHING_READ, play
from gateway.demo.process import ChildDied
from gateway.demo.stage import Stage, Wishes
from gateway.ingest.replicas import replica_folder
from gateway.journal import Journal, Replica
from gateway.model import Block, NumberedEvent
from gateway.ports import Clock
from tests.unit.journal.plant import Dice
from tests.unit.wire import samples

BROKER = RunningBroker("127.0.0.1", 1, "5", "none")


class FakeStage(Stage):
    """No process runs; what would be started and stopped is written down."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, BROKER)
        self.started: list[str] = []
        self.stopped: list[str] = []

    async def start(self, name: str, command: list[str]) -> None:
        del command
        self.started.append(name)

    async def stop(self, name: str, clock: Clock) -> None:
        del clock
        self.stopped.append(name)


class World:
    """A journal of `inputs` inputs and four events, and a replica that is told what to hold."""

    def __init__(self, folder: Path, inputs: int) -> None:
        self.stage, self.clock = FakeStage(folder), VirtualClock()
        self.said: list[str] = []
        with Journal.open(
            self.stage.journal, site="north", gateway="gw1", clock=self.clock, entropy=Dice()
        ) as journal:
            self.identity = journal.identity
            given = [samples.config(1), *samples.inputs(2, inputs)]
            self.block = Block(tuple(given[:inputs]), samples.every_kind().events)
            asyncio.run(journal.commit(self.block))

    def stores(self, first: int, last: int, events: tuple[NumberedEvent, ...] = ()) -> None:
        with Replica.open(replica_folder(self.stage.replicas, self.identity), self.identity) as replica:
            replica.store(self.block.inputs[first - 1 : last], events)

    def waits(self, then: Callable[[asyncio.Task[None]], Coroutine[Any, Any, None]]) -> None:
        """Run `caught_up` beside a script."""

        async def run() -> None:
            task = asyncio.create_task(caught_up(self.stage, self.clock, self.said.append))
            try:
                await then(task)
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

        asyncio.run(run())


def test_a_replica_that_is_whole_is_not_waited_for(tmp_path: Path) -> None:
    world = World(tmp_path, 20)
    world.stores(1, 20, world.block.events)
    asyncio.run(caught_up(world.stage, world.clock, world.said.append))
    assert (world.stage.started, world.said) == ([], [])


@pytest.mark.long
def test_as_long_as_the_replica_gains_it_is_waited_for(tmp_path: Path) -> None:
    world = World(tmp_path, 20)

    async def slowly(task: asyncio.Task[None]) -> None:
        for last in (5, 10, 15, 20):
            await world.clock.advance(50)  # each time nearly long enough to give up
            assert not task.done()
            world.stores(last - 4, last)
        await world.clock.advance(50)
        assert not task.done()  # inputs are not all: events are missing
        world.stores(1, 1, world.block.events)
        await world.clock.advance(1)
        assert task.done()

    world.waits(slowly)


def test_the_newest_record_there_is_not_enough_where_one_before_it_is_missing(tmp_path: Path) -> None:
    world = World(tmp_path, 20)
    world.stores(11, 20, world.block.events)

    async def backlog(task: asyncio.Task[None]) -> None:
        await world.clock.advance(5)
        assert not task.done()
        world.stores(1, 10)
        await world.clock.advance(1)
        assert task.done()

    world.waits(backlog)


def test_what_the_gateway_had_no_time_to_send_is_sent_from_its_journal(tmp_path: Path) -> None:
    world = World(tmp_path, 20)

    async def forwarded(task: asyncio.Task[None]) -> None:
        await world.clock.advance(1)
        assert world.stage.started == []
        await world.clock.advance(3)
        assert world.stage.started == [FORWARDER]
        world.stores(1, 20, world.block.events)
        await world.clock.advance(1)
        assert task.done()

    world.waits(forwarded)
    assert world.stage.stopped == [FORWARDER]
    assert "from its journal" in world.said[0]


@pytest.mark.long
def test_a_replica_that_stands_still_is_counted_as_it_is(tmp_path: Path) -> None:
    world = World(tmp_path, 20)
    world.stores(1, 10)

    async def stuck(task: asyncio.Task[None]) -> None:
        await world.clock.advance(70)
        assert task.done()
        task.result()

    world.waits(stuck)


def test_a_journal_of_which_nothing_ever_comes_through_is_told(tmp_path: Path) -> None:
    world = World(tmp_path, 20)

    async def never(task: asyncio.Task[None]) -> None:
        await world.clock.advance(70)
        with pytest.raises(ChildDied, match="nothing of the journal reached a replica"):
            task.result()

    world.waits(never)


@pytest.mark.parametrize("gateway_got", ["not started", "an empty file", "a journal without a record"])
def test_ended_before_anything_was_read_it_says_so_and_loses_nothing(
    tmp_path: Path, gateway_got: str
) -> None:
    made: list[FakeStage] = []

    @contextlib.asynccontextmanager
    async def stages(wishes: Wishes, clock: Clock, stop: asyncio.Event) -> AsyncIterator[Stage]:
        del stop
        made.append(FakeStage(wishes.folder))
        if gateway_got == "an empty file":
            made[0].journal.mkdir()
            (made[0].journal / "journal.sqlite").touch()
        elif gateway_got != "not started":
            Journal.open(made[0].journal, site="a", gateway="b", clock=clock, entropy=Dice()).close()
        yield made[0]

    async def ended_at_once() -> dict[str, Any]:
        stop = asyncio.Event()
        stop.set()
        return await play(Wishes(tmp_path), VirtualClock(), stop, said.append, stages)

    said: list[str] = []
    summary = asyncio.run(ended_at_once())
    assert (summary["readings"], summary["lost"], summary["duplicated"]) == (0, 0, 0)
    assert said[-1] == NOTHING_READ
    assert made[0].stopped[:2] == ["gateway", "simulators"]


def test_seconds_are_counted_from_the_first_reading_on(tmp_path: Path) -> None:
    world = World(tmp_path, 20)
    said: list[str] = []

    @contextlib.asynccontextmanager
    async def stages(wishes: Wishes, clock: Clock, stop: asyncio.Event) -> AsyncIterator[Stage]:
        del wishes, clock, stop
        yield world.stage

    async def slow_start() -> None:
        wishes = Wishes(tmp_path, seconds=5)
        task = asyncio.create_task(play(wishes, world.clock, asyncio.Event(), said.append, stages))
        await world.clock.advance(60)  # the gateway takes a minute to start
        world.stores(1, 10)  # and the rest never comes: nobody counts yet
        await world.clock.advance(4)
        assert not any("curtain" in line for line in said)
        await world.clock.advance(2)
        assert any("curtain" in line for line in said)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(slow_start())
