"""What a start costs, read off a process that costs something."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.kills.starts import RESTART_S, Starts, spent, usual_s
from tests.system.servers import Server

BUSY = """
import sys, time
while time.process_time() < 0.1: pass
print('site x runs, journal in y', flush=True)
sys.stdin.read() or time.sleep(60)
"""


async def test_a_start_is_what_it_took_of_the_processor_until_it_runs(tmp_path: Path) -> None:
    log, starts = tmp_path / "log", Starts()
    log.write_text("site x runs, journal in y\n")  # of the start before
    server = Server([sys.executable, "-c", BUSY], 0, log, lambda: True)
    await asyncio.to_thread(server.start)
    pid = server.pid
    try:
        await starts.begun(server, log.stat().st_size)
    finally:
        await asyncio.to_thread(server.kill)
    assert starts.took[0] >= 0.08  # the kernel counts in hundredths
    assert spent(pid) is None


def test_what_is_usual_is_neither_the_longest_nor_nothing() -> None:
    assert usual_s([1.0, 1.2, 9.0]) == 1.2
    assert usual_s([]) > RESTART_S
    assert usual_s([1e9]) > RESTART_S
