"""The audit on dead letters of a database, and on an InfluxDB 1.x."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.ingest.audit import audit
from gateway.ingest.audit_database import DatabaseDown
from gateway.ingest.audit_sources import point_source
from gateway.ingest.refused import RefusedPoints
from gateway.ingest.replicas import Replicas, replica_folder
from gateway.journal.errors import JournalError
from gateway.site import Database
from tests.unit.ingest.http_server import Answering, serving
from tests.unit.wire import samples

# what InfluxDB 1.6.7 answered to two points, shortened
INFLUXQL = (
    b'{"results":[{"statement_id":0,"series":[{"name":"reading","tags":{"area":"hall","cell":"press1","line":"line1",'
    b'"point":"shots"},"columns":["time","value","value_i","text","quality"],"values":[[1700000000000000001,7.5,null,'
    b"null,0],[1700000000000000002,null,9007199254740993,null,1]]}]}]}"
)


def test_what_a_database_refused_is_named(tmp_path):
    replicas = Replicas(tmp_path)
    given = samples.inputs(1, 10)
    given[0] = samples.config(1)
    replicas.of(samples.IDENTITY).store(given, [])
    replicas.close()
    folder = replica_folder(tmp_path, samples.IDENTITY)
    letters = RefusedPoints(folder)
    letters.put("http://db", "input", [(4, "reading,point=a value=1 4")], "type conflict", 1)
    (finding,) = audit(folder, folder).findings
    assert str(finding) == "database: refused: input 4: 1 points of reading,point=a: type conflict"
    letters.path.write_text("no database")
    with pytest.raises(JournalError, match="dead letters"):
        audit(folder, folder)


def test_influxql_asks_for_a_site_and_a_span_to_the_nanosecond():
    with serving(Answering(lambda _: (200, INFLUXQL, {}))) as stage:
        source = point_source(Database(stage.url, bucket="lw/week", kind="influxdb1"))
        points = source.points("o'hall", 5, 9)
        asked = parse_qs(urlsplit(stage.asked[0].path).query)
    assert points["hall/line1/press1/shots", "value"] == [(1_700_000_000_000_000_001, 7.5)]
    assert points["hall/line1/press1/shots", "value_i"] == [(1_700_000_000_000_000_002, 2**53 + 1)]
    assert (asked["db"], asked["epoch"]) == (["lw"], ["ns"])
    assert (
        r"""FROM "lw"."week"."reading" WHERE site = 'o\'hall' AND time >= 5 AND time < 9""" in asked["q"][0]
    )


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (401, b"unable to parse authentication credentials", "401"),
        (200, b'{"results":[{"statement_id":0,"error":"database not found: x"}]}', "not found"),
        (200, b"<html>", "http://127"),
    ],
)
def test_influxdb_1_that_does_not_answer_is_told(status, body, says):
    with serving(Answering(lambda _: (status, body, {}))) as stage:
        source = point_source(Database(stage.url, kind="influxdb1"))
        with pytest.raises(DatabaseDown, match=says):
            source.points("north", 0, 9)
