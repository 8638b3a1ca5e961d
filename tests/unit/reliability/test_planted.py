"""Each row finds what it is for: a defect is planted, and the row says so."""

from __future__ import annotations

import random
import sqlite3
from contextlib import contextmanager

import pytest

import drivers.modbus.hunt
import drivers.modbus.mbap
import drivers.modbus.rtu_talk
import gateway.journal.database
from benchmarks.reliability import codec, lines, ports, schemas
from benchmarks.reliability.inputs import configs, payloads, scans, web
from benchmarks.reliability.inputs.modbus import rtu, tcp
from benchmarks.reliability.inputs.serials import rfid, scale, scanner
from benchmarks.reliability.power import row as power
from benchmarks.reliability.power.wal import Logs
from benchmarks.reliability.power.workload import recorded
from benchmarks.reliability.row import Outcome, dice
from drivers.modbus.mbap import MbapTalk
from drivers.modbus.pdu import Read, decode, decode_read
from drivers.modbus.rtu_talk import RtuTalk
from drivers.serial.a0 import Unpacker
from drivers.serial.framing import Framer
from drivers.serial.lines import Lines
from gateway.journal import JournalError
from tests.unit.reliability.kit import finds

pytestmark = pytest.mark.long


def fed(kind, count: int = 3_000) -> Outcome:
    outcome = Outcome(count)
    kind(dice("planted", 1, 0), count, outcome)
    return outcome


# --- frames ---------------------------------------------------------------------------------------------------------


def without_checks(request, pdu):
    """The driver's decoder, without function and byte count."""
    if isinstance(request, Read):
        return decode_read(request, bytes(pdu[2:]).ljust(request.nbytes, b"\0"), 0)
    return decode(request, pdu)


def test_tcp_without_its_checks(monkeypatch):
    monkeypatch.setattr(drivers.modbus.mbap, "decode", without_checks)
    finds(fed(tcp), "tcp took")


def test_tcp_that_raises_what_it_should_not(monkeypatch):
    def careless(request, pdu):
        if pdu[0] & 0x80:
            raise KeyError(pdu[0])
        return decode(request, pdu)

    monkeypatch.setattr(drivers.modbus.mbap, "decode", careless)
    finds(fed(tcp), "tcp raised")


def test_tcp_that_keeps_what_was_left_over(monkeypatch):
    begin = MbapTalk.begin

    def kept(self, question):
        rest = getattr(self, "_rest", b"")
        sent = begin(self, question)
        self._rest = rest
        return sent

    monkeypatch.setattr(MbapTalk, "begin", kept)
    finds(fed(tcp), "not in step")


def test_rtu_without_its_check(monkeypatch):
    monkeypatch.setattr(drivers.modbus.rtu_talk, "crc16", lambda _: AnyCheck())
    finds(fed(rtu), "rtu took")


class AnyCheck(bytes):
    """Equal to every check."""

    def __eq__(self, other):
        return True

    __hash__ = None  # type: ignore[assignment]


def test_rtu_that_does_not_look_behind_garbage(monkeypatch):
    monkeypatch.setattr(drivers.modbus.hunt.Hunt, "next", lambda _: None)
    finds(fed(rtu), "not in step")


def test_a_slow_frame(monkeypatch):
    feed = RtuTalk.feed

    def slow(self, data):
        sum(range(400_000))
        return feed(self, data)

    monkeypatch.setattr(RtuTalk, "feed", slow)
    finds(fed(rtu, 3), "ms of CPU")


def test_a_scanner_that_does_not_come_back(monkeypatch):
    monkeypatch.setattr(Framer, "_skip", lambda _: None)
    finds(fed(scanner), "not in step")


def test_a_reader_without_its_check(monkeypatch):
    feed = Unpacker.feed

    def careless(self, data):
        return feed(self, data[:-1] + bytes((-sum(data[:-1]) & 0xFF,)) if data[:1] == b"\xa0" else data)

    monkeypatch.setattr(Unpacker, "feed", careless)
    finds(fed(rfid), "the reader took")


def test_a_scale_whose_lines_have_no_limit(monkeypatch):
    monkeypatch.setattr("drivers.serial.lines.LONGEST", 10_000)
    outcome = fed(scale)
    finds(outcome, "gave [inf")
    monkeypatch.setattr(Lines, "feed", lambda _, data: [data])
    finds(fed(scale), "not in step")


# --- other input ----------------------------------------------------------------------------------------------------


def test_a_payload_whose_frame_is_believed(monkeypatch):
    monkeypatch.setattr("gateway.wire.packed.zstandard.ZstdError", KeyError)
    finds(payloads.run(1, 0, 3_000), "raised ZstdError")


def test_a_code_that_raises(monkeypatch):
    def careless(code, symbology):
        raise KeyError(symbology)

    monkeypatch.setattr("benchmarks.codes.understand", careless)
    finds(scans.run(1, 0, 200), "raised")


def test_a_config_that_raises(monkeypatch):
    def careless(path):
        raise KeyError(path.name)

    monkeypatch.setattr(configs, "load", careless)
    finds(configs.run(1, 0, 3), "raised KeyError")


def test_a_page_that_breaks(monkeypatch):
    async def broken(request):
        raise KeyError(request.method)

    monkeypatch.setattr("gateway.web.application._live", broken)
    finds(web.run(1, 0, 400), "raised")


def test_a_page_whose_question_to_the_journal_is_wrong(monkeypatch):
    async def broken(request):
        raise JournalError(f"no such column: {request.method}")

    monkeypatch.setattr("gateway.web.application._live", broken)
    finds(web.run(1, 0, 400), "503")


# --- lines, codec, ports --------------------------------------------------------------------------------------------


def test_lines_without_debts(monkeypatch):
    monkeypatch.setattr(RtuTalk, "owes", lambda *_: False)
    finds(lines.run(11, 0, 1_000), "are not their register's")


def test_a_codec_that_swaps_bytes(monkeypatch):
    monkeypatch.setattr(drivers.modbus.mbap, "BIG_WORD", "<u2")
    finds(codec.run(1, 0, 200), "; we (")


def test_a_codec_that_does_not_look_at_the_unit(monkeypatch):
    feed, begin, units = MbapTalk.feed, MbapTalk.begin, []

    def noted(self, question):
        units.append(question.unit)
        return begin(self, question)

    monkeypatch.setattr(MbapTalk, "begin", noted)
    monkeypatch.setattr(
        MbapTalk, "feed", lambda self, data: feed(self, data[:6] + bytes(units[-1:]) + data[7:])
    )
    finds(codec.run(1, 0, 400), "breaks unit over TCP, and we take")


def test_a_difference_that_is_not_documented(monkeypatch):
    monkeypatch.setattr(codec, "DOCUMENTED", set())
    finds(codec.run(1, 0, 400), "which breaks")


def test_ports_where_an_answer_may_be_any(monkeypatch):
    monkeypatch.setattr(drivers.modbus.rtu_talk, "_settlers", lambda _: iter(()))
    with pytest.raises(ValueError, match="empty"):  # nothing to settle by: the driver cannot go on
        ports.run(1, 0, 30)


def test_a_scale_that_takes_what_it_finds_in_the_port(monkeypatch):
    monkeypatch.setattr("gateway.lines.serial.SerialLine.discard", lambda _: 0)
    finds(ports.run(1, 1, 30), "serial.scale while unasked")


def test_a_modbus_unit_that_takes_what_it_finds_in_the_port(monkeypatch):
    monkeypatch.setattr("gateway.lines.serial.SerialLine.discard", lambda _: 0)
    finds(ports.run(1, 0, 30), "modbus.rtu while unasked")


def test_ports_that_are_never_opened_again(monkeypatch):
    monkeypatch.setattr("gateway.lines.serial.FIRST_PAUSE_NS", 10_000_000_000)
    monkeypatch.setattr("gateway.lines.serial.LONGEST_PAUSE_NS", 10_000_000_000)
    finds(ports.run(1, 0, 30), "after unplugged: read again at poll")


# --- the disk -------------------------------------------------------------------------------------------------------


@contextmanager
def opened_with(pragma: str, monkeypatch):
    """Each database of the journal is opened with one setting changed."""
    connect = sqlite3.connect

    class Changed(sqlite3.Connection):
        def execute(self, sql, *given):
            return super().execute(pragma if sql.startswith(pragma.partition("=")[0]) else sql, *given)

    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "connect", lambda *given, **named: connect(*given, factory=Changed, **named))
        yield


def test_commits_that_are_not_synced(monkeypatch):
    with opened_with("PRAGMA synchronous = NORMAL", monkeypatch):
        finds(power.lose_power(random.Random(1), 400, 8, in_order=False), "were told to be on the disk")


@pytest.mark.parametrize("wrong", [lambda found: found[:-1], lambda found: found + found[-1:]])
def test_a_log_that_the_harness_counts_otherwise_than_sqlite(wrong, monkeypatch):
    frames = Logs.frames
    monkeypatch.setattr(Logs, "frames", lambda *given: wrong(frames(*given)))
    finds(power.lose_power(random.Random(1), 100, 3, in_order=False), "count by its format")


def test_chunks_that_are_not_synced(monkeypatch):
    monkeypatch.setattr(power, "recorded", unsynced(recorded))
    finds(power.lose_power(random.Random(1), 400, 12, in_order=False), "chunks")


def unsynced(really):
    """A recording in which no chunk file was synced."""

    def dropped(*given):
        trace, life = really(*given)
        lost = [
            number
            for number, step in enumerate(trace.steps)
            if getattr(step, "name", "").endswith(".chunks") and type(step).__name__ == "Sync"
        ]
        for number in reversed(lost):
            del trace.steps[number]
            trace.promises = [(at - (at > number), commits) for at, commits in trace.promises]
        return trace, life

    return dropped


def test_a_migration_that_is_no_transaction(monkeypatch):
    files = gateway.journal.database.migrations()
    loose = {number: f"COMMIT; {sql}; BEGIN" for number, sql in files.items()}
    monkeypatch.setattr(gateway.journal.database, "migrations", lambda: loose)
    finds(schemas.run(1, 0, 1), "needs a hand")
