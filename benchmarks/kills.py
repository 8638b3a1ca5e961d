"""The project's kill harness: SIGKILL the gateway and the ingest worker at random while they work on real servers.

``python -m benchmarks.kills [kills] [seed]``. Simulated devices, mosquitto and VictoriaMetrics run on; gateway and
ingest worker are killed in turn by chance and started again at once. Afterwards `lotwatch audit` compares journal,
replica and database, and the simulators compare what they served with the replica. Nothing may be missing or double.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from benchmarks._table import Row, machine, print_table
from gateway.clock import SystemClock
from gateway.demo.curtain import caught_up
from gateway.demo.stage import Stage, Wishes, account, staged
from tests.system import servers

MEAN_WAIT_S = 1.2
DURABLE_S = 12.0  # VictoriaMetrics: what it answered with 204 can be asked for, and survives, after that long
PATIENCE_NS = 180_000_000_000  # for what a slow machine does late: it is measured, not missed


@dataclass(frozen=True)
class Outcome:
    """What the audit and the simulators say afterwards."""

    kills: int
    findings: list[str]
    compared: dict[str, int]
    account: dict[str, Any]
    restart_s: float  # the slowest gateway restart to its first commit

    @property
    def whole(self) -> bool:
        """Nothing missing, nothing double."""
        return not self.findings and not self.account["lost"] and not self.account["duplicated"]


async def kill_at_random(folder: Path, kills: int, seed: int, database: str = "") -> Outcome:
    """Run the stage in `folder`, kill `kills` times, and take stock."""
    clock, chance = SystemClock(), random.Random(seed)
    wishes = Wishes(folder, seed=seed, database=database, database_kind="victoriametrics")
    async with staged(wishes, clock) as stage:
        await _first_commit(stage, clock)
        await _sleep(clock, 2.0)
        slowest = 0.0
        for _ in range(kills):
            victim = chance.choice(("gateway", "ingest"))
            await stage.kill_and_start_again(victim)
            began = clock.boottime_ns()
            if victim == "gateway":
                await _first_commit(stage, clock)
                slowest = max(slowest, (clock.boottime_ns() - began) / 1e9)
            await _sleep(clock, chance.expovariate(1 / MEAN_WAIT_S))
        await _sleep(clock, 1.0)
        await stage.stop("gateway", clock)
        await stage.stop("simulators", clock)
        await caught_up(stage, clock)
        if database:
            await _sleep(clock, DURABLE_S)
        report = await _audit(stage, database)
        until = clock.boottime_ns() + PATIENCE_NS
        while database and report["findings"] and clock.boottime_ns() < until:  # a slow one still writes
            await _sleep(clock, 1.0)
            report = await _audit(stage, database)
        await stage.stop("ingest", clock)
        counted = await account(stage)
    return Outcome(kills, report["findings"], report["compared"], counted, slowest)


async def _first_commit(stage: Stage, clock: SystemClock) -> None:
    """Wait until the gateway says that it runs: it has recovered and opened its journal."""
    deadline = clock.boottime_ns() + PATIENCE_NS
    while clock.boottime_ns() < deadline:
        stage.check()
        if "runs, journal in" in stage.children["gateway"].last_words():
            return
        await _sleep(clock, 0.02)
    raise SystemExit(f"the gateway does not come back:\n{stage.children['gateway'].last_words()}")


async def _audit(stage: Stage, database: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "gateway", "audit", "--json", "--journal", str(stage.journal)]
    command += ["--replica", str(stage.replicas)]
    if database:
        command += ["--database", database, "--database-kind", "victoriametrics"]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    if process.returncode not in (0, 1):
        raise SystemExit(f"the audit broke:\n{err.decode('utf-8', 'replace')}")
    report: dict[str, Any] = orjson.loads(out)
    return report


async def _sleep(clock: SystemClock, seconds: float) -> None:
    await clock.sleep_until(clock.boottime_ns() + round(seconds * 1e9))


@contextlib.contextmanager
def _victoria(folder: Path) -> Iterator[str]:
    program = servers.find_program("victoria-metrics")
    if program is None:
        yield ""
        return
    server = servers.victoria(program, folder)
    server.start()
    try:
        yield f"http://{servers.HOST}:{server.port}"
    finally:
        server.stop()


def main(kills: int = 50, seed: int = 1) -> None:
    """Kill, take stock, print."""
    with tempfile.TemporaryDirectory(prefix="lotwatch-kills-") as place:
        folder = Path(place)
        (folder / "victoria").mkdir()
        with _victoria(folder / "victoria") as database:
            outcome = asyncio.run(kill_at_random(folder / "stage", kills, seed, database))
    print(machine())
    found = len(outcome.findings)
    where = (
        "journal, replica and VictoriaMetrics"
        if database
        else "journal and replica (no VictoriaMetrics here)"
    )
    told = (
        f"{outcome.compared}, account {outcome.account['lost']} lost, {outcome.account['duplicated']} doubled"
    )
    print_table(
        [
            Row(f"{kills} x kill -9 of gateway or ingest, {where}", "-", "0 gaps, 0 duplicates",
                f"{found} findings; {told}", reached=outcome.whole),
            Row("  slowest restart of the gateway", "-", "< 2 s", f"{outcome.restart_s:.2f} s",
                reached=outcome.restart_s < 2),
        ]
    )  # fmt: skip
    for finding in outcome.findings[:20]:
        print(f"  {finding}")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:3]))
