"""Replica to a real VictoriaMetrics through influxdb-client, and the audit of it."""

from __future__ import annotations

import asyncio
import time
import urllib.request
from dataclasses import replace

import pytest

from gateway.clock import SystemClock, VirtualClock
from gateway.ingest.audit import audit
from gateway.ingest.audit_sources import VictoriaSource
from gateway.ingest.database import DatabaseSink
from gateway.ingest.replicas import Replicas, replica_folder
from gateway.model import Identity, Reading
from gateway.ports import Watermark
from gateway.site import Database
from tests.system import servers
from tests.unit.wire import samples

DEADLINE_S = 180.0


@pytest.fixture
def stage(victoria, tmp_path):
    """A replica with a config, readings and events, whose site no other test has; and its database."""
    identity = Identity(f"site-{time.time_ns()}", "gw1", "e1")
    replicas = Replicas(tmp_path)
    given = samples.inputs(1, 200)
    given[0] = samples.config(1)
    replicas.of(identity).store(given, samples.every_kind().events)
    url = f"http://127.0.0.1:{victoria.port}"
    yield identity, replicas, tmp_path, Database(url, kind="victoriametrics")
    replicas.close()


def write_all(identity, replicas, data, database) -> DatabaseSink:
    sink = DatabaseSink(database, data, SystemClock())
    sink.begin(identity, replicas.of(identity).cursor("database"))
    while sink.turn():
        pass
    assert sink.failing == ""
    close(sink)
    flush(database)
    return sink


def close(sink) -> None:
    sink.stop()
    sink.run()  # lets go of what it has open


def findings(identity, data, database):
    """What the audit says as soon as the database shows what it took, or after the deadline."""
    folder = replica_folder(data, identity)
    end = time.monotonic() + DEADLINE_S
    while True:
        report = audit(folder, folder, database=VictoriaSource(database))
        if report.clean or time.monotonic() > end:
            return report
        time.sleep(0.3)


def flush(database) -> None:
    """What was taken becomes visible now, not in ten seconds."""
    with urllib.request.urlopen(f"{database.url}/internal/force_flush") as answer:
        assert answer.status == 200


def post(database, lines: str) -> None:
    url = f"{database.url}/api/v2/write?bucket=b&org=o&precision=ms"
    with urllib.request.urlopen(urllib.request.Request(url, lines.encode(), method="POST")) as answer:
        assert answer.status == 204


def test_every_value_arrives_at_the_declared_precision(stage):
    identity, _, data, database = stage
    sink = write_all(*stage)
    report = findings(identity, data, database)
    assert report.findings == ()
    readings = [each.input for each in samples.inputs(2, 200) if isinstance(each.input, Reading)]
    values = sum(len(reading.values) for reading in readings)
    bad = sum(int((reading.quality >= 0x80).sum()) for reading in readings)
    texts = len(readings)
    assert (
        report.compared["database"] == values + values - bad - texts
    )  # qualities, and values that are no texts
    assert "milliseconds" in report.precision["database"]
    assert sink.points >= values


def test_what_is_written_twice_is_there_once(stage):
    identity, _, data, database = stage
    write_all(*stage)
    write_all(*stage)
    assert findings(identity, data, database).findings == ()


def test_planted_gap_change_and_stranger_are_named(stage):
    identity, replicas, data, database = stage
    hole = samples.inputs(201, 260)
    write_all(identity, replicas, data, database)
    replicas.of(identity).store(hole, [])  # the database never hears of these
    line = samples.at(150).time_ns // 1_000_000
    tags = f"site={identity.site},area=hall,line=line1,cell=press1,point=melt_temp"
    post(database, f"reading,{tags} value=9999 {line + 50}")  # nobody read that
    flush(database)
    end = time.monotonic() + DEADLINE_S
    folder = replica_folder(data, identity)
    while True:
        found = audit(folder, folder, database=VictoriaSource(database)).findings
        if any(each.kind == "extra" for each in found) or time.monotonic() > end:
            break
        time.sleep(0.3)
    extra = [each for each in found if each.kind == "extra"]
    assert [(each.what, each.first) for each in extra] == [
        (f"{samples.CELL}/melt_temp value", (line + 50) * 10**6)
    ]
    gaps = [each for each in found if each.kind == "gap" and each.what == f"{samples.CELL}/shots value"]
    missing = {samples.at(seq).time_ns // 10**6 * 10**6 for seq in range(201, 261) if seq % 10}
    assert {each.first for each in gaps} == missing


def test_the_cursor_waits_until_the_write_is_durable(stage):
    identity, _, _, _ = stage
    sink = write_all(*stage)
    assert sink.accepted(identity) == Watermark()  # a 204 is not on the disk yet: declared, 15 s


def test_an_outage_is_made_up_for_from_the_replica(stage, victoria):
    identity, replicas, data, database = stage
    down = replace(database, url="http://127.0.0.1:9")
    sink = DatabaseSink(down, data, SystemClock())
    sink.begin(identity, Watermark())
    assert not sink.turn()
    assert "refused" in sink.failing
    close(sink)
    write_all(identity, replicas, data, database)
    assert findings(identity, data, database).findings == ()


def test_a_database_killed_after_its_204_gets_it_again(tmp_path):
    """VictoriaMetrics says 204 seconds before the data is on its disk; killed in between, it has nothing."""
    program = servers.find_program("victoria-metrics")
    if program is None:
        pytest.skip("no victoria-metrics on this machine: .ci/debian.sh brings it")
    (tmp_path / "vm").mkdir()
    server = servers.victoria(program, tmp_path / "vm")
    server.start()
    try:
        identity = Identity("killed", "gw1", "e1")
        replicas, data = Replicas(tmp_path / "data"), tmp_path / "data"
        given = samples.inputs(1, 100)
        given[0] = samples.config(1)
        replicas.of(identity).store(given, [])
        database = Database(f"http://127.0.0.1:{server.port}", kind="victoriametrics")
        clock = VirtualClock()
        sink = DatabaseSink(database, data, clock)
        sink.begin(identity, Watermark())
        while sink.turn():
            pass
        server.kill()
        time.sleep(1.1)  # it tells its start in whole seconds
        server.start()
        folder = replica_folder(data, identity)
        assert not audit(folder, folder, database=VictoriaSource(database)).clean, (
            "it had it on the disk after all"
        )
        for _ in range(2):  # to the barrier, and until the counters are told
            asyncio.run(clock.advance(20))
            while sink.turn():
                pass
        flush(database)
        assert audit(folder, folder, database=VictoriaSource(database)).findings == ()
        close(sink)
        replicas.close()
    finally:
        server.stop()
