"""One run from its seed to its verdict, as plain data."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TextIO

from gateway.config import load
from gateway.config.limits import solved
from gateway.resources import config_dir
from gateway.site import Site
from simulators.chaos.account import Account
from simulators.chaos.loop import Stuck, VirtualLoop, run
from simulators.chaos.memory import Memory
from simulators.chaos.place import place
from simulators.chaos.script import Fault, drawn
from simulators.chaos.verdict import Judge
from simulators.chaos.vfs import FaultyFiles
from simulators.chaos.world import BOOTED_NS, Found, Wishes, World

PERIOD_S = 10.0


@dataclass
class Outcome:
    """What came of a run."""

    seed: int
    seconds: float
    faults: int
    hash: str
    lines: int
    account: Account
    deaths: int
    crashes: int
    resumed: int  # starts of the gateway that went on from a snapshot
    real_s: float
    cpu_s: float
    newest: list[str]
    memory: Memory | None

    @property
    def whole(self) -> bool:
        return not self.account.found

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        found = [str(each) for each in self.account.found]
        kept = {name: value for name, value in vars(self.account).items() if name not in {"found", "sorts"}}
        kept["events"] = dict(sorted(self.account.events.items()))
        return {
            "seed": self.seed, "hours": round(self.seconds / 3600, 3), "faults": self.faults, "whole": self.whole,
            **kept, "deaths": self.deaths, "crashes": self.crashes, "resumed": self.resumed, "hash": self.hash,
            "lines": self.lines, "seconds": round(self.real_s, 2), "cpu_seconds": round(self.cpu_s, 2), "found": found,
            **(self.memory.plain() if self.memory is not None else {}),
        }  # fmt: skip


@cache
def site_of(period_s: float) -> Site:
    """The site of all runs."""
    return solved(load(config_dir() / "chaos" / "site.yaml", {"poll_classes.slow": f"{period_s:g}s"}))


def play(
    seed: int,
    seconds: float,
    *,
    period_s: float = PERIOD_S,
    script: Sequence[Fault] | None = None,
    out: TextIO | None = None,
    memory: Memory | None = None,
) -> Outcome:
    """Run it. `script` in place of the faults that are drawn from the seed. Raises NoVfs."""
    began_s, cpu_s = time.perf_counter(), time.process_time()  # what a run costs, really
    faults = drawn(seed, seconds) if script is None else list(script)
    files = FaultyFiles()
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with place() as folder:
            world = World(
                VirtualLoop(BOOTED_NS), site_of(period_s), folder,
                Wishes(seed, seconds, faults, out, memory), files,
            )  # fmt: skip
            try:
                run(world.loop, world.run())
                account = Judge(world).judge()
            except Stuck as error:
                account = Account(found=[Found(world.loop.now_ns - world.began_ns, f"stuck: {error}")])
    finally:
        logging.disable(level)
        files.take_off()
    return Outcome(
        seed, seconds, len(faults), world.trace.hash, world.trace.lines, account,
        world.gateway.deaths + world.worker.deaths, world.gateway.crashes + world.worker.crashes,
        world.gateway.resumed, time.perf_counter() - began_s, time.process_time() - cpu_s,  # the same
        list(world.trace.newest), memory,
    )  # fmt: skip
