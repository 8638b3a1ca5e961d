"""The sink with a scripted writer: retry, halving, dead letters, order."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest

from gateway.clock import VirtualClock
from gateway.ingest.database import DatabaseSink
from gateway.ingest.refused import RefusedPoints
from gateway.ingest.replicas import Replicas, replica_folder
from gateway.ingest.writer import State, WriteFailed
from gateway.model import NumberedInput, Plain, Setting
from gateway.ports import Watermark
from gateway.site import Database
from tests.unit.wire import samples


class ScriptedWriter:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.calls, self.chance = 0, 1.0
        self.started, self.invalid, self.snapshots = "monday", 0, False
        self.refuse = lambda _lines: None  # an error to raise, or None

    def write(self, body: str, precision: str) -> None:
        assert precision in ("ns", "ms")
        self.calls += 1
        lines = body.split("\n")
        error = self.refuse(lines)
        if error is not None:
            raise error
        self.lines += lines

    def state(self) -> State:
        return State(self.started, self.invalid)

    def barrier(self) -> bool:
        return self.snapshots

    def close(self) -> None:
        pass


@pytest.fixture
def stage(tmp_path):
    replicas = Replicas(tmp_path)
    given = samples.inputs(1, 100)
    given[0] = samples.config(1)
    replicas.of(samples.IDENTITY).store(given, samples.every_kind().events)
    clock, writer = VirtualClock(), ScriptedWriter()
    sink = DatabaseSink(Database("http://db"), tmp_path, clock, writer, jitter=lambda: writer.chance)
    sink.begin(samples.IDENTITY, Watermark())
    yield sink, writer, tmp_path
    sink.stop()
    sink.run()  # closes what it has open
    replicas.close()


def drain(sink: DatabaseSink) -> None:
    while sink.turn():
        pass


def test_everything_goes_once_and_is_accepted(stage):
    sink, writer, _ = stage
    drain(sink)
    assert len(writer.lines) == len(set(writer.lines)) == 89 * 8 + 5
    assert sink.accepted(samples.IDENTITY) == Watermark(100, 5)


def test_a_failure_is_tried_again_and_nothing_is_skipped(stage):
    sink, writer, _ = stage
    writer.refuse = lambda _: WriteFailed("503", gone=True) if writer.calls < 4 else None
    assert not sink.turn()
    assert sink.failing == "503"
    assert sink.accepted(samples.IDENTITY) == Watermark()
    for _ in range(5):
        drain(sink)
    assert sink.failing == ""
    assert sink.accepted(samples.IDENTITY) == Watermark(100, 5)


def test_the_pause_grows_differs_and_is_the_one_that_is_asked_for(stage):
    sink, writer, _ = stage
    writer.chance = 0.5
    writer.refuse = lambda _: WriteFailed("503")
    pauses = []
    for _ in range(9):
        sink.turn()
        pauses.append(sink.pause_s())
    assert pauses == [0.375, 0.75, 1.5, 3.0, 6.0, 12.0, 22.5, 22.5, 22.5]
    writer.chance = 0.0
    assert sink.pause_s() == 15.0
    writer.refuse = lambda _: WriteFailed("429", after_s=40.0)
    sink.turn()
    assert sink.pause_s() == 40.0


def test_too_much_at_once_goes_in_halves(stage):
    sink, writer, _ = stage
    writer.refuse = lambda lines: WriteFailed("413", size=True) if len(lines) > 100 else None
    drain(sink)
    assert sink.accepted(samples.IDENTITY) == Watermark(100, 5)
    assert len(writer.lines) == 89 * 8 + 5


def test_one_record_that_is_refused_for_good_is_put_aside_alone(stage):
    sink, writer, data = stage
    poison = str(samples.at(42).time_ns)

    def refuse(lines: list[str]) -> WriteFailed | None:
        return WriteFailed("400 bad", permanent=True) if any(poison in line for line in lines) else None

    writer.refuse = refuse
    drain(sink)
    assert sink.accepted(samples.IDENTITY) == Watermark(100, 5)
    assert len(writer.lines) == 88 * 8 + 5
    letters = RefusedPoints(replica_folder(data, samples.IDENTITY)).rows()
    assert len(letters) == sink.refused == 8
    assert {(row.stream, row.first, row.last, row.points, row.reason) for row in letters} == {
        ("input", 42, 42, 1, "400 bad")
    }
    assert all(poison in row.line for row in letters)


def test_one_line_that_is_refused_leaves_the_rest_of_its_record(stage):
    sink, writer, data = stage
    writer.refuse = lambda lines: (
        WriteFailed(
            "422 partial write: field type conflict dropped=1", permanent=True, points=True, dropped=1
        )
        if any("shots" in line for line in lines)
        else None
    )
    drain(sink)
    assert sink.accepted(samples.IDENTITY) == Watermark(100, 5)
    assert len(set(writer.lines)) == 89 * 7 + 5
    (letter,) = RefusedPoints(replica_folder(data, samples.IDENTITY)).rows()
    assert (letter.first, letter.last, letter.points) == (2, 99, 89)
    assert letter.series.endswith("point=shots,site=north")
    assert "type conflict" in letter.reason


def test_a_database_that_refuses_everything_is_not_taken_for_bad_points(stage):
    sink, writer, data = stage
    writer.refuse = lambda _: WriteFailed("400 org is required", permanent=True)
    assert not sink.turn()
    assert sink.failing == "400 org is required"
    assert sink.accepted(samples.IDENTITY) == Watermark()
    assert RefusedPoints(replica_folder(data, samples.IDENTITY)).rows() == []


def test_a_dead_letter_that_cannot_be_kept_holds_the_watermark(stage):
    sink, writer, data = stage
    RefusedPoints(replica_folder(data, samples.IDENTITY)).path.mkdir()  # no file can be made there
    writer.refuse = lambda lines: (
        WriteFailed("400 unable to parse", permanent=True, points=True)
        if any("point=shots,site=north value=70042," in line for line in lines)
        else None
    )
    while sink.turn():
        pass
    assert "dead letter" in sink.failing
    assert sink.accepted(samples.IDENTITY).input == 0


def test_a_replica_that_cannot_be_read_is_told_and_waited_for(stage):
    """The thread used to end, and the worker to go on without its database."""
    sink, _, data = stage
    path = replica_folder(data, samples.IDENTITY) / "journal.sqlite"
    with sqlite3.connect(path) as db:
        good = db.execute("SELECT body FROM sites").fetchall()
        db.execute("UPDATE sites SET body = ?", (b"damaged",))
    drain(sink)
    assert "the replica cannot be read" in sink.failing
    assert sink.accepted(samples.IDENTITY).input == 0
    with sqlite3.connect(path) as db:
        db.execute("UPDATE sites SET body = ?", good[0])
    for _ in range(3):
        drain(sink)
    assert (sink.failing, sink.accepted(samples.IDENTITY)) == ("", Watermark(100, 5))


def test_a_restart_goes_on_from_the_cursor(stage, tmp_path):
    sink, writer, _ = stage
    sink.begin(samples.IDENTITY, Watermark(90, 5))
    drain(sink)
    assert len(writer.lines) == 9 * 8  # 91 to 99; 100 is a tick


def test_what_has_no_sure_time_is_not_sent(tmp_path):
    clock, writer = VirtualClock(), ScriptedWriter()
    given = samples.inputs(1, 30)
    given[0] = samples.config(1)
    row: dict[str, Plain] = {
        "clock_id": 1,
        "boot_id": "b",
        "boottime_ns": 0,
        "offset_ns": 0,
        "synchronised": False,
    }
    given[1] = NumberedInput(2, Setting("clock", samples.at(2), row))
    replicas = Replicas(tmp_path)
    replicas.of(samples.IDENTITY).store(given, [])
    sink = DatabaseSink(Database("http://db"), tmp_path, clock, writer)
    sink.begin(samples.IDENTITY, Watermark())
    drain(sink)
    assert writer.lines == []
    assert sink.unconfirmed == 28
    assert sink.accepted(samples.IDENTITY) == Watermark(30, 0)
    sink.stop()
    sink.run()
    replicas.close()


def test_a_database_that_was_started_anew_gets_the_last_seconds_again(tmp_path):
    """It said 204, and had nothing on its disk yet."""
    clock, writer = VirtualClock(), ScriptedWriter()
    replicas = Replicas(tmp_path)
    given = samples.inputs(1, 30)
    given[0] = samples.config(1)
    replicas.of(samples.IDENTITY).store(given, [])
    database = Database("http://db", kind="victoriametrics")
    sink = DatabaseSink(database, tmp_path, clock, writer)
    sink.begin(samples.IDENTITY, Watermark())
    drain(sink)
    once = list(writer.lines)
    assert sink.accepted(samples.IDENTITY) == Watermark()
    writer.started = "tuesday"
    asyncio.run(clock.advance(20))
    drain(sink)
    assert writer.lines == once + once
    asyncio.run(clock.advance(20))
    drain(sink)
    assert writer.lines == once + once
    assert sink.accepted(samples.IDENTITY) == Watermark(30, 0)
    sink.stop()
    sink.run()
    replicas.close()


def victoria(tmp_path, writer):
    clock, replicas = VirtualClock(), Replicas(tmp_path)
    given = samples.inputs(1, 30)
    given[0] = samples.config(1)
    replicas.of(samples.IDENTITY).store(given, [])
    replicas.close()
    database = Database("http://db", kind="victoriametrics")
    sink = DatabaseSink(database, tmp_path, clock, writer, pause=lambda _: None)
    sink.begin(samples.IDENTITY, Watermark())
    return sink, clock


def test_a_snapshot_moves_the_watermark_once_the_counters_have_had_time(tmp_path):
    writer = ScriptedWriter()
    writer.snapshots = True
    sink, clock = victoria(tmp_path, writer)
    drain(sink)
    asyncio.run(clock.advance(1.5))
    drain(sink)  # the snapshot
    assert sink.accepted(samples.IDENTITY) == Watermark()
    asyncio.run(clock.advance(1.5))
    drain(sink)  # the counters have not moved
    assert sink.accepted(samples.IDENTITY) == Watermark(30, 0)


def test_a_line_left_out_inside_a_204_is_found_and_put_aside(tmp_path):
    """VictoriaMetrics skips what it cannot read, says 204 and moves vm_rows_invalid_total."""
    writer = ScriptedWriter()
    writer.snapshots = True

    def leave_out(lines: list[str]) -> None:
        writer.invalid += sum("value=70012," in line for line in lines)

    writer.refuse = leave_out
    sink, clock = victoria(tmp_path, writer)
    for _ in range(3):
        drain(sink)
        asyncio.run(clock.advance(1.5))
    assert sink.accepted(samples.IDENTITY) == Watermark(30, 0)
    (letter,) = RefusedPoints(replica_folder(tmp_path, samples.IDENTITY)).rows()
    assert (letter.first, letter.last, letter.points) == (12, 12, 1)
    assert "value=70012," in letter.line
    assert "204" in letter.reason
    sink.stop()
    sink.run()


def test_what_another_sender_made_the_counter_move_is_not_blamed_on_us(tmp_path):
    writer = ScriptedWriter()
    writer.snapshots = True
    sink, clock = victoria(tmp_path, writer)
    drain(sink)
    writer.invalid += 5
    for _ in range(3):
        asyncio.run(clock.advance(1.5))
        drain(sink)
    assert sink.accepted(samples.IDENTITY) == Watermark(30, 0)
    assert sink.refused == 0
    sink.stop()
    sink.run()
