"""A short form of `benchmarks.kills`: SIGKILL at random on real servers, nothing missing, nothing double."""

from __future__ import annotations

from pathlib import Path

from benchmarks.kills import kill_at_random
from tests.system.servers import Server


async def test_kills_of_gateway_and_ingest_lose_and_double_nothing(tmp_path: Path, victoria: Server) -> None:
    outcome = await kill_at_random(tmp_path, 8, seed=7, database=f"http://{victoria.host}:{victoria.port}")
    assert outcome.findings == []
    assert (outcome.account["lost"], outcome.account["duplicated"]) == (0, 0)
    assert outcome.compared["input"] > 200
    assert (
        outcome.restart_s > 0
    )  # the gateway was among them; how fast it came back is the benchmark's to say
