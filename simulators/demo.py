"""The demo's site: all devices on free loopback ports and ptys, people at work, changes planted by a script.

Files in the run folder: `ports.json` (bus to address; written whole when everything listens, gone when nothing does),
`planted.jsonl`, `served.db` (`simulators.served`), at the end `books.json` (kilograms by source lot, per box) and
`daybook.json` (`simulators.daybook`: what the supplier's weekly list is made of).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from dataclasses import dataclass
from pathlib import Path

from gateway.ports import Clock
from gateway.site import Site
from simulators.daybook import FILE as DAYBOOK
from simulators.daybook import Clerk
from simulators.faults import PROCESS, SENSOR, Fault, Faults, parse
from simulators.pace import Pace
from simulators.plant.line import Plant
from simulators.plant.machine import SECOND
from simulators.plant.material import Blend
from simulators.rig import Rig
from simulators.served import ServedLog
from simulators.story import Story

SCRIPT = """
at 2 s:  blender1.regrind_share drift +1.5 over 6 s for 28 s  # slide gate creeps open: 3.75 sigma
at 5 s:  press1.cushion step -0.4 for 15 s                  # check ring worn: 5 sigma
at 9 s:  silo1 silent for 1.2 s
at 10 s: dryer1.dew_point nan for 2 s
at 11 s: press2 slow 150 for 1 s
at 13 s: granulator1 corrupt for 0.5 s
at 32 s: press2.part_weight drift +0.25 over 10 s for 18 s
at 34 s: presses drop for 0.2 s
at 36 s: dryer2 busy for 2 s
at 38 s: dryer1.temperature frozen for 4 s
"""
ONCE = """
at 22 s: blender1.bypass step +20 for 20 s                  # somebody pours regrind past the blender
"""
"""Of the first round alone: nobody books it, so the gateway's books of the presses' hoppers are off for ever."""
ROUND_NS = 60 * SECOND  # the script begins again
FLUSH_NS = SECOND // 4  # real time


@dataclass(frozen=True)
class Wishes:
    """What the demo is asked for."""

    run_dir: Path
    seconds: float | None = None  # real ones; None: until told to stop
    speed: float = 1.0
    seed: int = 1
    script: str | None = SCRIPT  # None: nothing goes wrong
    waits: bool = False  # nothing moves before every device was asked: a gateway that sees all of it


class Demo:
    """The running demo; `run` returns when it is over."""

    def __init__(self, site: Site, wishes: Wishes, clock: Clock) -> None:
        wishes.run_dir.mkdir(parents=True, exist_ok=True)
        self._site, self._wishes, self._clock = site, wishes, clock
        self._script = parse(wishes.script) if wishes.script else []
        self._first = parse(SCRIPT + ONCE) if wishes.script == SCRIPT else self._script
        self._plant, self._faults = Plant(wishes.seed), Faults()
        self._clerk = Clerk(self._plant)
        self._plant.machines[self._clerk.name] = self._clerk
        self._log = ServedLog(wishes.run_dir / "served.db", clock)
        self._pace = Pace(self._plant, clock, wishes.speed, waits=wishes.waits)
        self._rig = Rig(site, self._plant, self._pace, self._faults, clock, self._log)
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """End in good order."""
        self._stop.set()

    async def run(self) -> None:
        folder = self._wishes.run_dir
        ports = folder / "ports.json"
        ports.unlink(missing_ok=True)
        (folder / "planted.jsonl").write_text("", "utf-8")
        await self._rig.start()
        write_whole(ports, self._rig.ports)
        story = Story(self._plant, self._rig.scanners, self._rig.readers)
        tasks = [asyncio.create_task(work) for work in (self._tell(story), self._trouble(), self._flush())]
        waiting = asyncio.create_task(self._until_stopped())
        try:
            done, _ = await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (waiting, *tasks):
                task.cancel()
            await asyncio.gather(waiting, *tasks, return_exceptions=True)
            ports.unlink(missing_ok=True)  # nobody listens there any more
            await self._rig.stop()
            self._log.close()
            write_whole(folder / "books.json", books(self._plant))
            write_whole(folder / DAYBOOK, self._clerk.book())

    async def _until_stopped(self) -> None:
        if self._wishes.seconds is None:
            await self._stop.wait()
            return
        deadline = self._clock.boottime_ns() + round(self._wishes.seconds * SECOND)
        with contextlib.suppress(TimeoutError):
            await self._clock.within(self._stop.wait(), deadline)

    async def _tell(self, story: Story) -> None:
        while True:
            await self._pace.until(story.next_ns)
            story.act()

    async def _trouble(self) -> None:
        """The script, round after round: each fault is written down at the instant it begins."""
        if not self._script:
            return await self._never()
        begin_ns = 0
        while True:
            for fault in self._script if begin_ns else self._first:
                await self._begin(fault.later(begin_ns))
            begin_ns += ROUND_NS
            await self._pace.until(begin_ns)
            self._faults.forget(self._plant.time_ns)

    async def _never(self) -> None:
        await asyncio.get_running_loop().create_future()

    async def _begin(self, fault: Fault) -> None:
        await self._pace.until(fault.at_ns)
        if fault.kind in PROCESS:
            self._plant.change(fault.target, fault.point, fault.change())
        else:
            self._faults.add(fault)
        line = planted(self._site, fault, self._clock.now().time_ns)
        with (self._wishes.run_dir / "planted.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    async def _flush(self) -> None:
        due = self._clock.boottime_ns()
        while True:
            due += FLUSH_NS
            await self._clock.sleep_until(due)
            self._pace()
            self._log.flush()


def planted(site: Site, fault: Fault, time_ns: int) -> dict[str, str | int | float]:
    """One line of `planted.jsonl`. `about` says what a chart can see: only changes of what is measured. What no device
    measures goes past them all.
    """
    tags = [
        point.tag
        for device in site.devices
        for group in device.groups
        for point in group.points
        if device.name == fault.target and point.name == fault.point
    ]
    measured = "process" if tags else "diversion"
    about = measured if fault.kind in PROCESS else "sensor" if fault.kind in SENSOR else "wire"
    return {
        "tag": tags[0] if tags else fault.target,
        "time_ns": time_ns,
        "kind": fault.kind,
        "size": fault.size,
        "about": about,
        "for_ns": fault.for_ns or 0,
    }


def books(plant: Plant) -> dict[str, object]:
    """Mass as the simulator itself keeps it: per box, kilograms by source lot and generation; and the balance."""

    def told(content: Blend) -> dict[str, float]:
        return {f"{lot}/{generation}": kg for (lot, generation), kg in content.items()}

    return {
        "packed": {box: told(content) for box, content in plant.packing.boxes.items()},
        "shipped": {box: told(content) for box, content in plant.packing.shipped.items()},
        "balance_kg": plant.balance(),
    }


def write_whole(file: Path, content: object) -> None:
    """The file is there whole or not at all."""
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(content, indent=1), "utf-8")
    draft.replace(file)


async def run_demo(site: Site, wishes: Wishes, clock: Clock) -> None:
    """Until its time is up, SIGTERM or SIGINT."""
    demo = Demo(site, wishes, clock)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, demo.stop)
    await demo.run()
