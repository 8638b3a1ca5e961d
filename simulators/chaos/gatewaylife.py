"""The gateway's machine and the lives of its daemon on it: started, killed, crashed, started again as systemd would.

A death is what SIGKILL leaves: nothing more gets to the disk, no word goes out, and what Python would still tidy up on
its way finds its files and links dead already.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

from gateway.app import Daemon
from gateway.fold import Fold
from gateway.folding.foldstate import State
from gateway.journal.errors import JournalError
from gateway.journal.helper import answers
from gateway.outside import Outside
from gateway.pipeline import Pipeline
from gateway.ports import Clock, Line
from gateway.site import Broker as BrokerRow
from gateway.site import Bus, Site
from simulators.chaos.broker import Broker
from simulators.chaos.excuse import Lived
from simulators.chaos.hands import Hands
from simulators.chaos.loop import VirtualLoop, pause
from simulators.chaos.machine import Box
from simulators.chaos.port import Port
from simulators.chaos.serialline import SerialLine
from simulators.chaos.slowfold import SlowFold
from simulators.chaos.trace import Trace
from simulators.chaos.truth import Truth
from simulators.chaos.vfs import Disk, Process

ROOM = (10**12, 9 * 10**11)  # bytes of the disk, and free: what is full is said by `vfs`
AGAIN_S = 2.0  # after a crash, as a unit file of systemd says it


class Chance:
    """`gateway.ports.Entropy` from a seed."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def token(self, nbytes: int) -> bytes:
        return self._chance.randbytes(nbytes)

    def uniform(self) -> float:
        return self._chance.random()


class Life:
    """All lives of one gateway. `run` lives them until `end`."""

    def __init__(  # noqa: PLR0917 # each a part of the simulated world
        self,
        site: Site,
        data: Path,
        truth: Truth,
        box: Box,
        ports: dict[str, Port],
        broker: Broker,
        disk: Disk,
        chance: random.Random,
        trace: Trace,
    ) -> None:
        self._site, self.data, self._truth, self._box = site, data, truth, box
        self._ports, self._broker, self._disk = ports, broker, disk
        self._chance, self._trace = chance, trace
        self._loop: VirtualLoop = truth.loop
        self._killed, self._task = asyncio.Event(), None
        self._hands: Hands | None = None
        self._rest_s = AGAIN_S
        self._before_start: list[Callable[[], None]] = []
        self._ending = False
        self.daemon: Daemon | None = None
        self.broke: list[tuple[int, str]] = []  # ends that no disk explains
        self.crashes = 0
        self.deaths = 0
        self.resumed = 0  # starts that went on from a snapshot
        disk.died = lambda: self._loop.call_soon(self.kill, AGAIN_S)

    async def run(self) -> None:
        """Until `end`, or for ever."""
        while not self._ending:
            for change in self._before_start:
                change()
            self._before_start.clear()
            await self._live()
            if not self._ending:
                await pause(self._rest_s)
                self._rest_s = AGAIN_S

    def kill(self, rest_s: float, *then: Callable[[], None]) -> None:
        """Dead at once; it is started again after so long, when `then` was done."""
        self._rest_s = max(rest_s, 0.5)
        self._before_start += then
        self._disk.process.dead = True
        if self._hands is not None:
            self._hands.die()
        for link in list(self._broker.links):
            link.cut()
        for port in self._ports.values():
            port.cut()
        self._killed.set()

    def stop(self, rest_s: float) -> None:
        """SIGTERM; it is started again after so long."""
        self._rest_s = max(rest_s, 0.5)
        if self.daemon is not None:
            self.daemon.stop()

    async def end(self) -> None:
        """The last life ends in good order."""
        self._ending = True
        if self.daemon is not None:
            self.daemon.stop()

    async def _live(self) -> None:
        self._killed.clear()
        self._disk.process = Process()
        self._hands = Hands(self._loop, self._takes)
        daemon = self.daemon = Daemon(
            self._site, self.data, entropy=Chance(self._chance), outside=self._outside(self._hands)
        )
        began_ns = self._loop.now_ns
        self._trace.say("gateway starts")
        task = self._loop.create_task(daemon.run())
        death = self._loop.create_task(self._killed.wait())
        await asyncio.wait((task, death), return_when=asyncio.FIRST_COMPLETED)
        death.cancel()
        killed = self._killed.is_set()
        if killed:
            self.deaths += 1
            task.cancel()
        how = "killed" if killed else "stopped"
        try:
            await task
        except asyncio.CancelledError:
            pass
        except JournalError as error:
            if not killed:
                self.crashes += 1
                how = f"crashed: {error}".replace(str(self.data), "")
        except Exception as error:  # noqa: BLE001 # whatever it is: it is what this harness looks for
            if not killed:
                how = f"broke: {type(error).__name__}: {error}"
                self.broke.append((self._loop.now_ns, how))
        self.daemon = None
        self._truth.lives.append(Lived(began_ns, self._loop.now_ns, how == "stopped"))
        self._trace.say(f"gateway {how}")

    def _takes(self) -> float:
        """Seconds at the disk."""
        return self._chance.uniform(0.001, 0.02)

    def _fold(self, pipeline: Pipeline, state: State | None = None) -> Fold:
        self.resumed += state is not None
        return SlowFold(self._loop, pipeline, state)

    def _outside(self, hands: Hands) -> Outside:
        def line(bus: Bus, clock: Clock) -> Line:
            if bus.driver == "modbus.tcp":
                from gateway.lines import TcpLine  # noqa: PLC0415 # as the gateway does

                return TcpLine("unit.test", 502, clock)
            return SerialLine(self._ports[bus.name], clock)

        def dialer(row: BrokerRow, site: Site) -> Broker:
            del row, site
            return self._broker

        return Outside(
            machine=self._box,
            synchronised=self._box.synchronised,
            line=line,
            hands=hands,
            dialer=dialer,
            sealing=answers,
            room=lambda _: ROOM,  # chaos never depends on how full this machine's disk is
            fold=self._fold,
        )
