"""What databases really do: the probe's answers, ties in a millisecond, a bad line in a 204, a snapshot and SIGKILL."""

from __future__ import annotations

import threading
import time
import urllib.request
from dataclasses import replace
from urllib.parse import urlencode

import orjson
import pytest

from gateway.clock import SystemClock
from gateway.ingest.database import DatabaseSink
from gateway.ingest.kinds import KINDS
from gateway.ingest.lines import Lines
from gateway.ingest.probe import probe
from gateway.ingest.probestore import Influx1Store, probe_store
from gateway.ingest.refused import RefusedPoints
from gateway.ingest.replicas import Replicas, replica_folder
from gateway.ingest.writers import writer_of
from gateway.model import Identity, LotChanged, NumberedEvent
from gateway.ports import Watermark
from gateway.site import Database
from tests.system import servers
from tests.unit.wire import samples

DEADLINE_S = 120.0
WAIT = threading.Event().wait


@pytest.fixture
def vm(victoria):
    return Database(f"http://127.0.0.1:{victoria.port}", kind="victoriametrics", writer="direct")


@pytest.fixture
def influx(influx1):
    database = Database(
        f"http://127.0.0.1:{influx1.port}", bucket=f"db{time.time_ns()}", kind="influxdb1", writer="direct"
    )
    store = Influx1Store(database)
    store.query("POST", f"CREATE DATABASE {database.bucket}")
    store.close()
    return database


def probed(database: Database):
    store = probe_store(database)
    try:
        return probe(database, store, f"{time.time_ns():x}", SystemClock().now().time_ns, WAIT)
    finally:
        store.close()


def test_victoriametrics_keeps_what_its_kind_declares(vm):
    made = probed(vm)
    found = {each.key: each.found for each in made.answers}
    assert made.good
    assert made.cleaned
    assert found["time"] == KINDS["victoriametrics"].finest == "ms"
    assert found["strings"].startswith("no: 0")  # a lot id would be a zero
    assert found["tags"] == "yes"
    assert found["integers"].startswith("no")
    assert int(found["digits"]) >= KINDS["victoriametrics"].digits
    assert found["bad line"] == "no, the others are kept"
    assert found["durable"].startswith("at a snapshot")


def test_influxdb_1_keeps_what_its_kind_declares(influx):
    made = probed(influx)
    found = {each.key: each.found for each in made.answers}
    assert made.good
    assert made.cleaned
    assert made.version.startswith("1.")
    assert (found["time"], found["strings"], found["tags"], found["integers"]) == ("ns", "yes", "yes", "yes")
    assert found["digits"] == "17"
    assert found["bad line"] == "yes, the others are kept"
    assert (found["conflict"], found["rewrite"]) == ("yes", "the last")


def lot_events(site: str) -> list[NumberedEvent]:
    """Three changes of one lot within one millisecond, and one of another lot."""
    lots = ("L/1", "L/1", "L/2", "L/1")
    at = samples.at(50).time_ns // 10**6 * 10**6
    return [
        NumberedEvent(
            seq, 1, LotChanged(at + seq * 1_000, lot, "opened", "hall/line1/press1", "material", lot)
        )
        for seq, lot in enumerate(lots, 1)
    ]


def written(database: Database, data, site: str, inputs, events) -> DatabaseSink:
    identity = Identity(site, "gw1", "e1")
    replicas = Replicas(data)
    replicas.of(identity).store(inputs, events)
    replicas.close()
    sink = DatabaseSink(database, data, SystemClock())
    sink.begin(identity, Watermark())
    last = Watermark(len(inputs), len(events))
    end = time.monotonic() + DEADLINE_S
    while sink.accepted(identity) != last:
        assert time.monotonic() < end, (sink.failing, sink.accepted(identity))
        if not sink.turn():
            time.sleep(0.05)  # between looks at what another process does
    sink.stop()
    sink.run()
    return sink


def test_two_scans_in_one_millisecond_are_both_in_victoriametrics(vm, tmp_path):
    site = f"ties-{time.time_ns()}"
    written(vm, tmp_path, site, [samples.config(1)], lot_events(site))
    urllib.request.urlopen(f"{vm.url}/internal/force_flush").close()
    query = urlencode({"match[]": f'{{__name__="lot_seq",site="{site}"}}', "start": 0})
    end = time.monotonic() + DEADLINE_S
    seqs: list[float] = []
    while len(seqs) < 4 and time.monotonic() < end:
        with urllib.request.urlopen(f"{vm.url}/api/v1/export?{query}") as answer:
            seqs = sorted(value for line in answer for value in orjson.loads(line)["values"])
    assert seqs == [1, 2, 3, 4]


def test_two_scans_in_one_millisecond_are_both_in_influxdb(influx, tmp_path):
    millis = replace(influx, precision="ms")
    written(millis, tmp_path, "ties", [samples.config(1)], lot_events("ties"))
    store = Influx1Store(influx)
    (result,) = store.query("GET", f'SELECT seq FROM "{influx.bucket}".."lot"')
    store.close()
    assert sorted(row[1] for row in result["series"][0]["values"]) == [1, 2, 3, 4]


def test_a_line_that_victoriametrics_leaves_out_of_a_204_becomes_a_dead_letter(vm, tmp_path, monkeypatch):
    site = f"bad-{time.time_ns()}"
    whole = Lines.blocks

    def broken(self, *given):
        for block in whole(self, *given):
            if block.seqs[0] == 7 and len(block.seqs) == 1 and "point=mode" in block.text:
                yield block._replace(
                    text=block.text.replace("quality=", "quality")
                )  # a field without a value
            else:
                yield block

    monkeypatch.setattr(Lines, "blocks", broken)
    given = samples.inputs(1, 40)
    given[0] = samples.config(1)
    sink = written(vm, tmp_path, site, given, [])
    (letter,) = RefusedPoints(replica_folder(tmp_path, Identity(site, "gw1", "e1"))).rows()
    assert (letter.first, letter.last, letter.points) == (7, 7, 1)
    assert "204" in letter.reason
    assert sink.refused == 1


def test_what_is_before_a_snapshot_survives_sigkill(tmp_path):
    program = servers.find_program("victoria-metrics")
    if program is None:
        pytest.skip("no victoria-metrics on this machine: .ci/debian.sh brings it")
    (tmp_path / "vm").mkdir()
    server = servers.victoria(program, tmp_path / "vm")
    server.start()
    try:
        database = Database(f"http://127.0.0.1:{server.port}", kind="victoriametrics", writer="direct")
        writer = writer_of(database)
        writer.write("\n".join(f"kept,n={at} value={at} 1760000000000" for at in range(1_000)), "ms")
        assert writer.barrier()
        server.kill()
        server.start()
        query = urlencode({"match[]": "kept_value", "start": 0})
        with urllib.request.urlopen(f"{database.url}/api/v1/export?{query}") as answer:
            values = sorted(value for line in answer for value in orjson.loads(line)["values"])
        assert values == list(range(1_000))
        writer.close()
    finally:
        server.stop()
