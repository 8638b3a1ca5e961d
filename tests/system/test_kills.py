"""60 of the kills that `python -m benchmarks kills` does by the thousand: nothing is lost, doubled or out of order."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from pathlib import Path

import pytest

from gateway.ingest.probestore import Influx1Store
from tests.kills.faults import drawn
from tests.kills.lotwatch import Lotwatch, database_of
from tests.kills.round import moved, rest, run_round, take_stock
from tests.kills.stage import SITE, NoServer, Wishes, staged, until
from tests.kills.starts import RESTART_S, usual_s

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
    assert usual_s(outcome.starts) < RESTART_S, outcome.starts
    assert min(told.codes, told.read, told.compared["database"]) > 20  # there was something to lose


async def test_the_harness_finds_what_is_lost_and_what_is_double(tmp_path: Path) -> None:
    """Without any fault all is whole; then a scan is taken from the replica, a lot from the database, another added."""
    try:
        async with staged(Wishes(tmp_path / "round", "influxdb1"), Lotwatch()) as stage:
            await moved(stage, "the first record reaches the replica")
            await until(lambda: stage.plant.readers[0].taken > 5, "some codes are taken")
            await rest(stage)
            assert stage.ended == []
            assert take_stock(stage).findings == []
            await stage.stop("worker")
            (file,) = stage.replicas.glob("*/*/journal.sqlite")
            with contextlib.closing(sqlite3.connect(file)) as db, db:
                db.execute("DELETE FROM inputs WHERE seq = (SELECT min(seq) FROM inputs WHERE kind = 'Scan')")
            with contextlib.closing(Influx1Store(database_of(stage))) as store:
                store.query("POST", "DROP SERIES FROM lot WHERE lot = 'R1-000002'")
                store.write([f"lot,lot=R1-000003,site={SITE},copy=1 change_code=1i {time.time_ns()}"])
            told = take_stock(stage)
    except NoServer as error:
        pytest.skip(str(error))
    said = "\n".join(told.findings)
    assert "database: lots: missing: 1, the first R1-000002" in said
    assert "database: lots: more than once: 1, the first R1-000003" in said
    assert "replica: gap: input " in said
    assert "replica: reader" in said  # a code is missing there
    assert told.lost >= 3
    assert told.doubled == 1
