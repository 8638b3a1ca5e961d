"""Frames are found in noise as a scan from each byte would find them, and noise costs no more than its bytes."""

from __future__ import annotations

import random

import pytest

import drivers.modbus.hunt
from drivers.modbus.crc import crc16
from drivers.modbus.hunt import SHORTEST, Hunt
from drivers.modbus.pdu import answer_length

ECHO = bytes.fromhex("0103006b0003") + crc16(bytes.fromhex("0103006b0003"))


def frame(body: bytes) -> bytes:
    return body + crc16(body)


GOOD = frame(bytes.fromhex("010306022b00000064"))
REFUSED = frame(bytes.fromhex("058102"))


def scanned(data: bytes) -> list[tuple[int, bytes]]:
    """The same, byte by byte, each check computed anew."""
    found, at = [], 0
    while at <= len(data) - SHORTEST:
        length = answer_length(data, at + 1)
        end = at + (length or 0) + 3
        if length and end <= len(data) and crc16(data[at : end - 2]) == data[end - 2 : end]:
            found.append((at, data[at:end]))
            data, at = data[end:], 0
        else:
            at += 1
    return found


def hunted(data: bytes, cuts: list[int]) -> list[tuple[int, bytes]]:
    hunt, found = Hunt(1024), []
    for start, stop in zip([0, *cuts], [*cuts, len(data)], strict=True):
        hunt.add(data[start:stop], ECHO)
        while (one := hunt.next()) is not None:
            found.append(one)
    return found


@pytest.mark.parametrize("seed", range(40))
def test_what_is_found_is_what_a_scan_of_each_byte_finds(seed):
    chance = random.Random(seed)
    kinds = (GOOD, REFUSED, GOOD[:-1], GOOD[:4], b"")
    parts = [chance.choice(kinds) + chance.randbytes(chance.randrange(4)) for _ in range(12)]
    data = b"".join(parts)
    assert hunted(data, []) == scanned(data)


def test_bytes_one_by_one_find_the_same():
    data = b"\x00\x55" + GOOD + b"\xff" + REFUSED + GOOD
    assert hunted(data, list(range(1, len(data)))) == [(2, GOOD), (1, REFUSED), (0, GOOD)]


def test_a_frame_that_waits_is_not_lost_to_what_seems_to_have_begun_before_it():
    torn = bytes.fromhex("0103fa00")  # says 250 bytes more
    assert hunted(torn + GOOD, [2, 6, 9]) == [(4, GOOD)]


@pytest.mark.parametrize("cut", range(1, len(ECHO)))
def test_an_echo_is_taken_out_wherever_it_is_cut(cut):
    assert hunted(b"\x07" + ECHO + GOOD, [1 + cut]) == [(1, GOOD)]


def test_no_more_is_kept_than_said():
    hunt = Hunt(100)
    for _ in range(50):
        hunt.add(bytes(60), ECHO)
        assert hunt.next() is None
        assert len(hunt) <= 100
    hunt.add(GOOD, ECHO)
    assert hunt.next() == (100, GOOD)


def test_noise_that_looks_like_long_frames_costs_no_check_of_each(monkeypatch):
    """Found by `benchmarks reliability --row frames`: 260 such bytes took 1.4 ms, as every second place was checked."""
    looked = []

    def counted(data: bytes, at: int) -> int | None:
        looked.append(at)
        return answer_length(data, at)

    monkeypatch.setattr(drivers.modbus.hunt, "answer_length", counted)
    hunt = Hunt(1024)
    for _ in range(4):
        for byte in bytes.fromhex("8c04") * 130:
            hunt.add(bytes((byte,)), ECHO)
            assert hunt.next() is None
    assert len(looked) <= 3 * 1040  # each place when it is met, and when its end is there; not at every byte
