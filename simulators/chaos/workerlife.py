"""The ingest worker and its database sink, on a machine of their own: two threads in the world, two tasks here.

`Worker.turn` and `DatabaseSink.turn` are what their threads call; who waits between two turns is here.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
import threading
from pathlib import Path

from gateway.clock import SystemClock
from gateway.ingest.database import DatabaseSink
from gateway.ingest.dead import DeadLetters
from gateway.ingest.replicas import Replicas
from gateway.ingest.worker import Worker
from gateway.journal.errors import JournalError
from gateway.site import Database as DatabaseRow
from simulators.chaos.broker import Broker, Inbox
from simulators.chaos.database import Database
from simulators.chaos.loop import VirtualLoop, pause
from simulators.chaos.machine import Box
from simulators.chaos.trace import Trace
from simulators.chaos.vfs import Disk, Process

AGAIN_S = 2.0
CRASHED_S = 20.0  # until a worker that gave up on its disk is back: the product's waits in its process, and looks again
GATHER_S = (0.02, 0.5, 5.0, 25.0, 55.0)
"""Until a turn takes what came meanwhile: drawn for each, from the product's own thread to one that has much to do."""
IDLE_S = 5.0  # between two turns in which nothing came; the product's threads look ten times as often
_ROUNDS = 2  # that a full disk is waited for inside a turn, in which no time can pass; then the worker is started anew


class _Stopping(threading.Event):
    """What a worker waits on while its disk takes nothing: no time passes in it, so the worker soon gives up."""

    def __init__(self) -> None:
        super().__init__()
        self._waits = 0

    def wait(self, timeout: float | None = None) -> bool:
        del timeout
        self._waits += 1
        return self._waits % (_ROUNDS + 1) == 0


class WorkerLife:
    """All lives of one ingest worker."""

    def __init__(  # noqa: PLR0917 # each a part of the simulated world
        self,
        loop: VirtualLoop,
        data: Path,
        row: DatabaseRow,
        box: Box,
        broker: Broker,
        database: Database,
        disk: Disk,
        chance: random.Random,
        trace: Trace,
    ) -> None:
        self._loop, self.data, self._row, self._box = loop, data, row, box
        self._broker, self._database, self._disk = broker, database, disk
        self._chance, self._trace = chance, trace
        self._killed = asyncio.Event()
        self._rest_s = AGAIN_S
        self._ending = False
        self.sink: DatabaseSink | None = None
        self.replicas: Replicas | None = None
        self.broke: list[tuple[int, str]] = []
        self.crashes = self.deaths = 0
        self.unconfirmed = self.letters = 0
        disk.died = lambda: self._loop.call_soon(self.kill, AGAIN_S)

    async def run(self) -> None:
        """Until `end`."""
        while not self._ending:
            await self._live()
            if not self._ending:
                await pause(self._rest_s)
                self._rest_s = AGAIN_S

    def end(self) -> None:
        """No life after this one."""
        self._ending = True
        self.kill(0.0)

    def kill(self, rest_s: float) -> None:
        """Dead at once."""
        self._rest_s = max(rest_s, 0.5)
        self._disk.process.dead = True
        if self._broker.inbox is not None:
            self._broker.inbox.cut()
        self._killed.set()

    async def _live(self) -> None:
        self._killed.clear()
        self._disk.process = Process()
        self._trace.say("worker starts")
        clock = SystemClock(synchronised=lambda: True, machine=self._box)
        inbox, replicas = Inbox(self._broker), Replicas(self.data)
        sink = DatabaseSink(
            self._row, self.data, clock, self._database, jitter=self._chance.random, pause=lambda _: None
        )
        letters = DeadLetters(self.data, clock)
        worker = Worker(inbox, replicas, letters, clock, sink=sink, stopping=_Stopping())
        self.sink, self.replicas = sink, replicas
        how, fed = "killed", asyncio.Event()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._feeding(sink, fed))
                group.create_task(self._death())
                worker.begin()
                while True:
                    if worker.turn():
                        fed.set()
                    try:
                        async with asyncio.timeout(IDLE_S):
                            await inbox.came.wait()
                        await pause(self._chance.choice(GATHER_S))
                    except TimeoutError:
                        continue
        except BaseExceptionGroup as errors:
            how = self._judge(errors)
        self.deaths += self._killed.is_set()
        inbox.cut()
        self.unconfirmed += sink.unconfirmed
        self.letters += letters.count + sink.refused
        self._disk.process.dead = True
        sink.stop()
        with contextlib.suppress(JournalError, sqlite3.Error):
            sink.run()  # lets go of its files
        with contextlib.suppress(JournalError, sqlite3.Error):
            replicas.close()
        self.sink = self.replicas = None
        self._trace.say(f"worker {how}")

    async def _death(self) -> None:
        await self._killed.wait()
        raise _Killed

    async def _feeding(self, sink: DatabaseSink, fed: asyncio.Event) -> None:
        while True:
            if sink.turn():
                await pause(0.002)
            elif sink.failing:
                await pause(sink.pause_s())
            else:
                fed.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(IDLE_S):
                        await fed.wait()

    def _judge(self, errors: BaseExceptionGroup) -> str:
        if self._killed.is_set():
            return "killed"
        of_journal, other = errors.split(JournalError)
        if other is not None:
            said = f"broke: {other.exceptions[0]!r}"
            self.broke.append((self._loop.now_ns, said))
            return said
        self.crashes += 1
        self._rest_s = CRASHED_S
        return f"crashed: {of_journal.exceptions[0]}".replace(str(self.data), "") if of_journal else "ended"


class _Killed(Exception):
    """The worker is dead."""
