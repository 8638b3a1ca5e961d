"""The sink with a scripted writer: retry, halving, dead letters, order."""

from __future__ import annotations

import asyncio

import orjson
import pytest

from gateway.clock import VirtualClock
from gateway.ingest.database import DatabaseSink
from gateway.ingest.dead import NAME, DeadLetters
from gateway.ingest.influx import WriteFailed
from gateway.ingest.replicas import Replicas
from gateway.model import NumberedInput, Plain, Setting
from gateway.ports import Watermark
from gateway.site import Database
from tests.unit.wire import samples


class ScriptedWriter:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.calls = 0
        self.started = "monday"
        self.refuse = lambda _lines: None  # an error to raise, or None

    def write(self, lines: list[str], precision: str) -> None:
        assert precision in ("ns", "ms")
        self.calls += 1
        error = self.refuse(lines)
        if error is not None:
            raise error
        self.lines += lines

    def run(self) -> str:
        return self.started


@pytest.fixture
def stage(tmp_path):
    replicas = Replicas(tmp_path)
    given = samples.inputs(1, 100)
    given[0] = samples.config(1)
    replicas.of(samples.IDENTITY).store(given, samples.every_kind().events)
    clock, writer = VirtualClock(), ScriptedWriter()
    sink = DatabaseSink(Database("http://db"), tmp_path, clock, DeadLetters(tmp_path, clock), writer)
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
    (letter,) = [orjson.loads(line) for line in (data / NAME).read_bytes().splitlines()]
    assert "input 42..42" in letter["topic"]
    assert letter["reason"] == "400 bad"


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
    sink = DatabaseSink(Database("http://db"), tmp_path, clock, DeadLetters(tmp_path, clock), writer)
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
    sink = DatabaseSink(database, tmp_path, clock, DeadLetters(tmp_path, clock), writer)
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
