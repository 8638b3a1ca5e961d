"""Replica to a real InfluxDB 1.6 by its own `/write`, which influxdb-client does not know; and the audit of it."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from gateway.clock import SystemClock
from gateway.ingest.audit import audit
from gateway.ingest.audit_sources import point_source
from gateway.ingest.database import DatabaseSink
from gateway.ingest.probestore import Influx1Store
from gateway.ingest.refused import RefusedPoints
from gateway.ingest.replicas import Replicas, replica_folder
from gateway.ingest.retry import retry
from gateway.ingest.writers import writer_of
from gateway.model import Identity
from gateway.ports import Watermark
from gateway.site import Database
from tests.unit.wire import samples


@pytest.fixture
def stage(influx1, tmp_path):
    """A replica, and a database of its own at the server."""
    identity = Identity("north", "gw1", "e1")
    replicas = Replicas(tmp_path)
    given = samples.inputs(1, 200)
    given[0] = samples.config(1)
    replicas.of(identity).store(given, samples.every_kind().events)
    replicas.close()
    name = f"db{time.time_ns()}"
    database = Database(f"http://127.0.0.1:{influx1.port}", bucket=name, kind="influxdb1", writer="direct")
    influxql(database, f"CREATE DATABASE {name}")
    return identity, tmp_path, database


def influxql(database: Database, query: str) -> list:
    store = Influx1Store(database)
    try:
        return store.query("POST", query)
    finally:
        store.close()


def write_all(identity, data, database) -> DatabaseSink:
    sink = DatabaseSink(database, data, SystemClock())
    sink.begin(identity, Watermark())
    while sink.turn():
        pass
    sink.stop()
    sink.run()  # lets go of what it has open
    assert sink.failing == ""
    return sink


def test_every_value_arrives_bit_for_bit_and_is_durable_at_the_204(stage):
    identity, data, database = stage
    sink = write_all(*stage)
    assert sink.accepted(identity) == Watermark(200, 5)
    folder = replica_folder(data, identity)
    report = audit(folder, folder, database=point_source(database))
    assert report.findings == ()
    assert report.compared["database"] > 1_000
    assert "nanoseconds" in report.precision["database"]


def test_what_is_written_twice_is_there_once(stage):
    identity, data, database = stage
    write_all(*stage)
    write_all(*stage)
    folder = replica_folder(data, identity)
    assert audit(folder, folder, database=point_source(database)).findings == ()


def test_a_field_of_another_type_is_a_dead_letter_and_goes_when_it_is_mended(stage, caplog):
    """A 400 "field type conflict ... dropped=1" leaves the others of the batch in the database."""
    identity, data, database = stage
    shots = f"reading,area=hall,cell=press1,line=line1,point=shots,site={identity.site}"
    line = f'{shots} value="text" {samples.at(2).time_ns}'
    with_writer(database, line)
    sink = write_all(*stage)
    assert sink.accepted(identity) == Watermark(200, 5)
    assert "type conflict" in caplog.text
    folder = replica_folder(data, identity)
    letters = RefusedPoints(folder).rows()
    assert {row.series.split("point=")[1].partition(",")[0] for row in letters if row.stream == "input"} >= {
        "shots"
    }
    assert all("type conflict" in row.reason for row in letters)
    report = audit(folder, folder, database=point_source(database))
    assert {each.kind for each in report.findings} == {"gap", "refused"}
    influxql(database, f"DROP DATABASE {database.bucket}")
    influxql(database, f"CREATE DATABASE {database.bucket}")
    writer = writer_of(database)
    done = retry(folder, database, writer)  # a type is for ever, so it takes a new database
    writer.close()
    assert done.refused == 0
    assert done.sent >= sum(row.points for row in letters)
    assert RefusedPoints(folder).rows() == []


def with_writer(database: Database, line: str) -> None:
    writer = writer_of(database)
    try:
        writer.write(line, "ns")
    finally:
        writer.close()


def test_a_database_that_is_not_there_is_told_and_moves_nothing(stage):
    identity, data, database = stage
    sink = DatabaseSink(replace(database, bucket="nobody"), data, SystemClock())
    sink.begin(identity, Watermark())
    assert not sink.turn()
    assert "404" in sink.failing
    assert "nobody" in sink.failing
    assert sink.accepted(identity) == Watermark()
    sink.stop()
    sink.run()
