"""60 of the kills that `python -m benchmarks kills` does by the thousand: nothing is lost, doubled or out of order."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kills.faults import drawn
from tests.kills.round import run_round
from tests.kills.stage import NoServer, Wishes

KILLS = 19  # and one of the database when everything has come to rest


@pytest.mark.parametrize(
    ("seed", "database", "broker"),
    [(1, "victoriametrics", "ours"), (2, "influxdb1", "ours"), (3, "victoriametrics", "debian")],
)
async def test_whoever_is_killed_nothing_is_lost_or_doubled(
    seed: int, database: str, broker: str, tmp_path: Path
) -> None:
    try:
        outcome = await run_round(Wishes(tmp_path / "round", database, broker), drawn(KILLS, seed))
    except NoServer as error:
        pytest.skip(str(error))
    told = outcome.account
    assert outcome.stuck == ""
    assert outcome.ended == []
    assert told.findings == []
    assert (told.lost, told.doubled, told.disordered) == (0, 0, 0)
    assert outcome.kills == KILLS + 1
    assert min(told.codes, told.read, told.compared["database"]) > 20  # there was something to lose
