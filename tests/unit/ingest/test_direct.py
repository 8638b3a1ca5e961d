"""The direct writer against a scripted server: paths, secrets, answers, one kept connection, gzip."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest

from gateway.ingest.direct import DirectWriter, write_path
from gateway.ingest.influx import InfluxWriter
from gateway.ingest.kept import Answer, Connection
from gateway.ingest.writer import State, WriteFailed
from gateway.ingest.writers import writer_of
from gateway.site import Database
from tests.unit.ingest.http_server import Answering, serving

LINE = "reading,point=p value=1 7"


@pytest.fixture
def stage():
    with serving(Answering()) as answering:
        yield answering


@pytest.fixture
def writer_to():
    made: list[DirectWriter] = []

    def make(stage: Answering, **how: str) -> DirectWriter:
        made.append(DirectWriter(Database(stage.url, writer="direct", **how)))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_paths_of_the_three_kinds():
    """InfluxDB API v2 "Write data"; InfluxDB 1.x "/write HTTP endpoint"."""
    database = Database("http://x", org="my org", bucket="b/1")
    assert write_path(database, "ns") == "/api/v2/write?org=my+org&bucket=b%2F1&precision=ns"
    assert write_path(replace(database, kind="victoriametrics"), "ms").startswith("/api/v2/write?")
    one = replace(database, kind="influxdb1")
    assert write_path(one, "ms") == "/write?db=b&rp=1&precision=ms"
    assert write_path(replace(one, bucket="b"), "ns") == "/write?db=b&precision=ns"


def test_secrets_go_in_the_header_of_the_kind(stage, writer_to, tmp_path):
    (tmp_path / "sink").touch(0o600)
    (tmp_path / "sink").write_text("anna:geheim\n")
    place = f"file:{tmp_path}/sink"
    writer_to(stage, token_from=place).write(LINE, "ns")
    writer_to(stage, token_from=place, kind="influxdb1").write(LINE, "ns")
    told = [each.headers["Authorization"] for each in stage.asked]
    assert told == ["Token anna:geheim", "Basic YW5uYTpnZWhlaW0="]


def test_one_connection_is_kept(stage, writer_to):
    writer = writer_to(stage)
    for _ in range(5):
        writer.write(LINE, "ns")
    assert [each.body.decode() for each in stage.asked] == [LINE] * 5
    assert stage.connections == 1


def test_a_kept_connection_that_was_closed_is_dialled_again(stage, writer_to):
    stage.hang_up = True
    writer = writer_to(stage)
    for _ in range(3):
        writer.write(LINE, "ns")
    assert len(stage.asked) == stage.connections == 3


def test_nobody_there_is_told_as_gone():
    writer = DirectWriter(Database("http://127.0.0.1:9"))
    with pytest.raises(WriteFailed, match=r"127\.0\.0\.1:9") as caught:
        writer.write(LINE, "ns")
    assert caught.value.gone


@pytest.mark.parametrize(
    ("status", "body", "facts"),
    [
        # InfluxDB 1.6.7, as its own answers were
        (400, "unable to parse 'x': invalid field format dropped=0", {"permanent": True, "points": True}),
        (400, "partial write: field type conflict: ... dropped=3", {"points": True, "dropped": 3}),
        (400, '{"error":"database is required"}', {"permanent": True, "points": False}),
        (404, 'database not found: "x"', {"permanent": False, "points": False, "gone": False}),
        (401, '{"code":"unauthorized"}', {"permanent": False, "gone": False}),
        (413, "too large", {"size": True, "permanent": False}),
        (422, "partial write: points beyond retention policy dropped=2", {"permanent": True, "dropped": 2}),
        (503, "", {"permanent": False, "size": False}),
    ],
)
def test_what_answers_mean(stage, writer_to, status, body, facts):
    stage.reply = lambda _: (status, body.encode(), {})
    with pytest.raises(WriteFailed) as caught:
        writer_to(stage).write(LINE, "ns")
    assert {name: getattr(caught.value, name) for name in facts} == facts
    assert str(caught.value).startswith(str(status))


def test_a_pause_that_is_asked_for_is_kept_within_bounds(stage, writer_to):
    stage.reply = lambda _: (429, b"", {"Retry-After": "7"})
    with pytest.raises(WriteFailed) as caught:
        writer_to(stage).write(LINE, "ns")
    assert caught.value.after_s == 7
    stage.reply = lambda _: (429, b"", {"Retry-After": "86400"})
    with pytest.raises(WriteFailed) as caught:
        writer_to(stage).write(LINE, "ns")
    assert caught.value.after_s == 60


class Far(Connection):
    """A connection to another machine, whose answer is known."""

    def __init__(self) -> None:
        super().__init__("http://tsdb.example", 1)
        self.asked: list[tuple[bytes | None, dict[str, str]]] = []

    def ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        assert (method, path.partition("?")[0]) == ("POST", "/api/v2/write")
        self.asked.append((body, headers))
        return Answer(204, "", b"")


def test_what_is_large_and_goes_far_is_squeezed(stage, writer_to):
    far = Far()
    writer = DirectWriter(Database("http://tsdb.example"), far)
    large = "\n".join([LINE] * 1_000)
    writer.write(large, "ns")
    writer.write(LINE, "ns")
    (body, headers), (small, plain) = far.asked
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body or b"").decode() == large
    assert (small, "Content-Encoding" in plain) == (LINE.encode(), False)
    writer_to(stage).write(large, "ns")  # to this machine it is not worth it
    assert "Content-Encoding" not in stage.asked[0].headers


METRICS = b"""vm_app_start_timestamp 1795319150
vm_rows_ignored_total{reason="big_timestamp"} 1
vm_rows_ignored_total{reason="small_timestamp"} 2
vm_rows_invalid_total{type="graphite"} 9
vm_rows_invalid_total{type="influx"} 4
"""


def test_what_victoriametrics_says_of_itself(stage, writer_to):
    """Its own page, of version 1.79."""
    stage.reply = lambda _: (200, METRICS, {})
    writer = writer_to(stage, kind="victoriametrics")
    assert writer.state() == State("1795319150", 4, 3)
    assert writer_to(stage).state() == State()
    assert not writer_to(stage).barrier()


def test_where_the_counters_may_not_be_seen_it_is_said_once(stage, writer_to, caplog):
    stage.reply = lambda _: (401, b"", {})
    writer = writer_to(stage, kind="victoriametrics")
    assert writer.state() == writer.state() == State()
    assert caplog.text.count("would go unnoticed") == 1
    stage.reply = lambda _: (503, b"", {})
    with pytest.raises(WriteFailed, match="503"):
        writer.state()


def test_a_snapshot_is_a_barrier_and_is_deleted_again(stage, writer_to):
    stage.reply = lambda _: (200, b'{"status":"ok","snapshot":"20261122-1"}', {})
    assert writer_to(stage, kind="victoriametrics").barrier()
    assert [each.path for each in stage.asked] == ["/snapshot/create", "/snapshot/delete?snapshot=20261122-1"]


@pytest.mark.parametrize(
    ("status", "body"), [(401, b""), (404, b""), (200, b"<html>"), (200, b'{"status":"error"}')]
)
def test_where_no_snapshot_can_be_made_age_counts(stage, writer_to, status, body):
    stage.reply = lambda _: (status, body, {})
    writer = writer_to(stage, kind="victoriametrics")
    assert not writer.barrier()
    assert not writer.barrier()
    assert len(stage.asked) == 1  # it is asked once


def test_the_writer_is_the_one_of_the_config():
    for database, kind in (
        (Database("http://x"), InfluxWriter),
        (Database("http://x", writer="direct"), DirectWriter),
        (Database("http://x", kind="influxdb1"), DirectWriter),
    ):
        writer = writer_of(database)
        assert type(writer) is kind
        writer.close()


def test_influxdb_client_says_the_same_of_the_same_answers(stage):
    stage.reply = lambda _: (422, b"partial write: field type conflict dropped=2", {})
    writer = writer_of(Database(stage.url))
    with pytest.raises(WriteFailed) as caught:
        writer.write(LINE, "ns")
    assert (caught.value.permanent, caught.value.points, caught.value.dropped) == (True, True, 2)
    stage.reply = lambda _: (503, b"", {"Retry-After": "3"})
    with pytest.raises(WriteFailed) as caught:
        writer.write(LINE, "ns")
    assert caught.value.after_s == 3
    stage.reply = lambda _: (204, b"", {})
    writer.write(LINE, "ns")
    assert stage.asked[-1].body == LINE.encode()
    writer.close()
