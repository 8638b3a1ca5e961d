"""The gate: rounds asked for, presence told, and nothing leaves while nobody looks."""

from __future__ import annotations

import pytest

from drivers.serial import a0
from tests.unit.serial.kit import codes, notes

EPC = "300833B2DDD9014000000001"
END = bytes.fromhex("A0 0A 01 89 00 00 11 00 00 00 05 B6")


def tag(epc: str = EPC, dbm: int = -60) -> bytes:
    code = bytes.fromhex(epc)
    data = bytes([0x8C, len(code) // 2 << 3, 0]) + code + bytes([dbm + 129])
    return a0.question(a0.REAL_TIME_INVENTORY, data)


class Reader:
    """Answers as a reader does: tags in its field and the end of the round, its version, or nothing at all."""

    def __init__(self) -> None:
        self.field: dict[str, int] = {}
        self.silent = False
        self.quiet_when_empty = False
        self.asked: list[int] = []

    def __call__(self, sent: bytes) -> bytes | None:
        (packet,) = a0.Unpacker().feed(sent)
        self.asked.append(packet.command)
        if self.silent:
            return None
        if packet.command != a0.REAL_TIME_INVENTORY:
            return a0.question(packet.command, b"\x10")
        if not self.field and self.quiet_when_empty:
            return None
        return b"".join(tag(epc, dbm) for epc, dbm in self.field.items()) + END


@pytest.fixture
def reader():
    return Reader()


def phases(heard) -> list[tuple[str, str]]:
    return [(told.code, told.phase) for told in heard if hasattr(told, "phase")]


async def test_rounds_are_asked_for(desk, reader):
    its = desk("serial.rfid", respond=reader)
    await its.listen(2)
    assert its.line.sent[0] == bytes.fromhex("A004FF8901D3")
    assert len(its.line.sent) == 11


async def test_a_tag_that_passes_is_seen_once_and_leaves_once(desk, reader):
    its = desk("serial.rfid", respond=reader)
    await its.listen(1)
    reader.field[EPC] = -60
    seen = await its.listen(4)
    assert phases(seen) == [(EPC, "seen")]
    assert (seen[0].point, seen[0].symbology, seen[0].count, seen[0].rssi_dbm) == ("gate", "epc", 2, -60.0)
    reader.field.clear()
    left = await its.listen(10)
    assert phases(left) == [(EPC, "left")]
    assert left[0].count == 20
    assert left[0].at.boottime_ns - seen[0].at.boottime_ns == pytest.approx(6.6e9, abs=0.5e9)


async def test_a_weak_tag_is_none(desk, reader):
    its = desk("serial.rfid", respond=reader, options={"gate_dbm": -65})
    reader.field[EPC] = -70
    assert codes(await its.listen(5)) == []


async def test_tags_in_one_round_are_told_apart(desk, reader):
    its = desk("serial.rfid", respond=reader)
    reader.field |= {"E2004074850A0103163070E1": -50, EPC: -60}
    assert sorted(codes(await its.listen(1))) == sorted(reader.field)


async def test_while_the_line_is_down_nothing_leaves(desk, reader):
    its = desk("serial.rfid", respond=reader)
    reader.field[EPC] = -60
    await its.listen(1)
    its.line.cut()
    assert phases(await its.listen(30)) == []
    its.line.mend()
    assert phases(await its.listen(5)) == []  # it is still there
    reader.field.clear()
    assert phases(await its.listen(5)) == [(EPC, "left")]


async def test_while_the_reader_is_silent_nothing_leaves_and_it_is_told_dead(desk, reader):
    its = desk("serial.rfid", respond=reader)
    reader.field[EPC] = -60
    await its.listen(1)
    reader.silent = True
    heard = await its.listen(60)
    assert phases(heard) == []
    assert [(note.kind, note.subject) for note in notes(heard)] == [("unit_dead", "unit")]
    reader.silent = False
    heard = await its.listen(5)
    assert phases(heard) == []
    assert [note.kind for note in notes(heard)] == ["unit_alive"]
    assert notes(heard)[0].facts["away_s"] == pytest.approx(60, abs=2)


async def test_a_reader_that_says_nothing_of_an_empty_field_is_asked_whether_it_lives(desk, reader):
    reader.quiet_when_empty = True
    its = desk("serial.rfid", respond=reader)
    reader.field[EPC] = -60
    await its.listen(1)
    reader.field.clear()
    heard = await its.listen(6)
    assert phases(heard) == [(EPC, "left")]
    assert a0.GET_FIRMWARE_VERSION in reader.asked
    assert notes(await its.listen(60)) == []


async def test_a_reader_that_runs_by_itself_is_not_asked(desk, reader):
    its = desk("serial.rfid", respond=reader, options={"every": 0})
    heard = await its.listen(1, tag(), tag(), END)
    assert phases(heard) == [(EPC, "seen")]
    assert its.line.sent == []


async def test_antennas_take_turns(desk, reader):
    its = desk("serial.rfid", respond=reader, options={"antennas": [1, 3]})
    await its.listen(1.9)
    sent = [(packet.command, packet.data) for sent in its.line.sent for packet in a0.Unpacker().feed(sent)]
    sets = [data for command, data in sent if command == a0.SET_WORK_ANTENNA]
    assert [data[0] for data in sets] == [0, 2, 0, 2, 0]
    assert [command for command, _ in sent].count(a0.REAL_TIME_INVENTORY) == 5


async def test_an_error_of_the_reader_is_told(desk, reader):
    its = desk("serial.rfid", respond=reader)
    (note,) = notes(await its.listen(0.5, a0.question(a0.REAL_TIME_INVENTORY, b"\x22")))
    assert (note.kind, note.facts["reason"]) == ("scan_refused", "reader error 0x22")


async def test_damage_is_told_and_does_not_stop_it(desk, reader):
    its = desk("serial.rfid", respond=reader, options={"every": 0})
    heard = await its.listen(1, b"\x00\x17garbage", tag(), tag())
    assert phases(heard) == [(EPC, "seen")]
    assert notes(heard)[0].facts["reason"] == "garbage"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"antennas": [0]}, r"options\.antennas: antennas are numbered 1 to 4"),
        ({"antennas": []}, r"options\.antennas"),
        ({"address": 300}, r"options\.address"),
        ({"least": 0}, r"options\.least: 0 is below 1"),
    ],
)
def test_wrong_options_are_named(desk, options, message):
    with pytest.raises(ValueError, match=message):
        desk("serial.rfid", options=options)
