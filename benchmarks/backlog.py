"""How late polls are while a backlog drains beside them: the loop of the drivers is the publisher's too.

    python -m benchmarks.backlog [--seconds-of-backlog 3600] [--period-ms 20]

200 tags at 1 Hz in ten groups, so many seconds of them, in a journal; the publisher drains it into a broker of this
process that acknowledges at once, so nothing but the loop's own time bounds it. Beside it 50 tasks wake at absolute
deadlines, as the drivers' do, and note how late they were: before, while the backlog drains, and what the drain took.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks._plant import Plant
from benchmarks._table import Row, crowded, machine, print_table
from gateway.clock import SystemClock
from gateway.journal import Journal
from gateway.model import Block, NumberedInput, Setting
from gateway.plain import digest, to_plain
from gateway.publish.fake import FakeBroker
from gateway.publish.mqtt import MqttPublisher
from gateway.site import Broker, Site

GROUPS, TAGS, POLLERS = 10, 20, 50
CALM_S = 5.0


class Chance:
    """The machine's, as far as it is wanted."""

    def token(self, nbytes: int) -> bytes:
        return os.urandom(nbytes)

    def uniform(self) -> float:
        return 0.5


async def _fill(journal: Journal, seconds: int) -> int:
    block, last = list[NumberedInput](), 0
    for second, inputs in enumerate(Plant(GROUPS, TAGS).seconds(seconds), 1):
        block += [_as_run(each) for each in inputs]
        if second % 60 == 0 or second == seconds:
            await journal.commit(Block(tuple(block), ()))
            last, block = block[-1].seq, []
    return last


def _as_run(each: NumberedInput) -> NumberedInput:
    """The config as a daemon journals it, by its own hash."""
    given = each.input
    if not isinstance(given, Setting):
        return each
    site = to_plain(_site())
    return NumberedInput(each.seq, replace(given, body={"site": site, "hash": digest(site)}))


def _site() -> Site:
    return replace(Plant(GROUPS, TAGS).site, broker=Broker("127.0.0.1"))


async def _poll(clock: SystemClock, period_ns: int, late_ms: list[float]) -> None:
    due = clock.boottime_ns()
    while True:
        due += period_ns
        await clock.sleep_until(due)
        late_ms.append((clock.boottime_ns() - due) / 1e6)


async def _measure(folder: Path, seconds: int, period_ns: int) -> list[Row]:
    clock = SystemClock()
    journal = await asyncio.to_thread(
        Journal.open, folder, site="plant", gateway="gw1", clock=clock, entropy=Chance()
    )
    try:
        await _fill(journal, seconds)
        late: list[float] = []
        polls = [asyncio.create_task(_poll(clock, period_ns, late)) for _ in range(POLLERS)]
        await clock.sleep_until(clock.boottime_ns() + round(CALM_S * 1e9))
        calm = late.copy()
        publisher = MqttPublisher(journal, _site(), clock, Chance(), dialer=FakeBroker())
        run = asyncio.create_task(publisher.run())
        while not publisher.online:
            await clock.sleep_until(clock.boottime_ns() + 1_000_000)
        late.clear()
        began, cpu = clock.boottime_ns(), time.thread_time()
        while publisher.behind():
            await clock.sleep_until(clock.boottime_ns() + 20_000_000)
        took_s, draining = (clock.boottime_ns() - began) / 1e9, late.copy()
        share = (time.thread_time() - cpu) / took_s
        for task in (run, *polls):
            task.cancel()
        await asyncio.gather(run, *polls, return_exceptions=True)
    finally:
        await asyncio.to_thread(journal.close)
    return _rows(calm, draining, seconds, took_s, share)


def _rows(calm: list[float], draining: list[float], seconds: int, took_s: float, share: float) -> list[Row]:
    values = seconds * GROUPS * TAGS
    before, during = (float(np.percentile(late, 99)) for late in (calm, draining))
    return [
        Row(
            "polls beside a draining backlog: p99 late", f"calm: {before:.1f} ms", "<= calm + 5 ms", f"{during:.1f} ms",
            reached=during <= before + 5.0,
        ),
        Row("... worst", f"calm: {max(calm):.1f} ms", "", f"{max(draining):.1f} ms"),
        Row("... CPU of the loop meanwhile, polls included", "", "<= 0.8", f"{share:.2f}", reached=share <= 0.8),
        Row("... drained meanwhile", "", "", f"{values} values in {took_s:.1f} s: {values / took_s / 1e3:.0f} k/s"),
    ]  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description="How late polls are while a backlog drains.")
    parser.add_argument("--seconds-of-backlog", type=int, default=3_600)
    parser.add_argument("--period-ms", type=int, default=20)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="lotwatch-backlog-"))
    try:
        rows = asyncio.run(
            _measure(folder / "journal", given.seconds_of_backlog, given.period_ms * 1_000_000)
        )
    finally:
        shutil.rmtree(folder)
    print_table([*rows, crowded()])
    print(machine())
    return 0


if __name__ == "__main__":
    sys.exit(main())
