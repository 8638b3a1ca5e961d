"""0xA0 frames: bytes that readers really sent, damage, and what is not believed."""

from __future__ import annotations

import random

import pytest

from drivers.serial import a0

# Recorded at real readers and published: four tags and the end of a round at one reader, one tag and its end at an
# IND903 (its protocol description V2.2), and the commands that brought them.
TAGS = {
    "A0 13 01 89 8C 30 00 30 08 33 B2 DD D9 01 40 00 00 00 01 37 BB": ("300833B2DDD9014000000001", -74, 1),
    "A0 13 01 89 74 30 00 E2 00 40 74 85 0A 01 03 16 30 70 E1 36 29": ("E2004074850A0103163070E1", -75, 1),
    "A0 13 01 89 D4 30 00 30 08 33 B2 DD D9 01 40 00 00 00 01 36 74": ("300833B2DDD9014000000001", -75, 1),
    "A0 13 01 89 D4 30 00 E2 00 40 74 85 0A 01 03 16 90 67 DD 2F 7D": ("E2004074850A0103169067DD", -82, 1),
}
END = "A0 0A 01 89 00 00 11 00 00 00 05 B6"
COMMANDS = {
    "A0 04 01 89 01 D1": (a0.REAL_TIME_INVENTORY, b"\x01"),
    "A0 04 01 74 00 E7": (a0.SET_WORK_ANTENNA, b"\x00"),
    "A0 03 01 72 EA": (a0.GET_FIRMWARE_VERSION, b""),
}


def hexes(text: str) -> bytes:
    return bytes.fromhex(text)


@pytest.mark.parametrize(("text", "what"), COMMANDS.items())
def test_questions(text, what):
    command, data = what
    assert a0.question(command, data) == hexes(text)


@pytest.mark.parametrize(("text", "tag"), TAGS.items())
def test_tags(text, tag):
    (packet,) = a0.Unpacker().feed(hexes(text))
    assert a0.tag_of(packet) == a0.Tag(*tag)


def test_the_end_of_a_round_is_no_tag():
    (packet,) = a0.Unpacker().feed(hexes(END))
    assert packet == a0.Packet(1, 0x89, hexes("00 00 11 00 00 00 05"))
    assert a0.tag_of(packet) is None
    assert a0.error_of(packet) is None


def test_an_error_is_told():
    (packet,) = a0.Unpacker().feed(a0.question(a0.REAL_TIME_INVENTORY, b"\x22"))
    assert a0.error_of(packet) == 0x22


def test_the_third_bit_of_the_antenna_is_in_the_rssi():
    data = bytes([0b000001_10]) + hexes("0800 ABCD") + bytes([0x80 | 0x37])
    (packet,) = a0.Unpacker().feed(a0.question(a0.REAL_TIME_INVENTORY, data))
    assert a0.tag_of(packet) == a0.Tag("ABCD", -74, 7)


def test_a_pc_that_speaks_of_another_length_is_not_believed():
    data = bytes([0]) + hexes("3000 ABCD") + bytes([0x37])  # six words announced, one there
    (packet,) = a0.Unpacker().feed(a0.question(a0.REAL_TIME_INVENTORY, data))
    assert a0.tag_of(packet) is None


def test_a_stream_in_any_chunks():
    stream = b"".join(hexes(text) for text in (*TAGS, END)) * 3
    for size in (1, 2, 7, 50):
        unpacker = a0.Unpacker()
        packets = [
            packet for at in range(0, len(stream), size) for packet in unpacker.feed(stream[at : at + size])
        ]
        assert len(packets) == 15
        assert unpacker.garbage == 0


def test_damage_costs_one_frame_and_is_counted():
    frames = [hexes(text) for text in TAGS]
    stream = b"\x00\xa0\xff" + frames[0] + frames[1][:9] + b"\x55" + frames[1][10:] + frames[2]
    unpacker = a0.Unpacker()
    packets = unpacker.feed(stream)
    assert [a0.tag_of(packet) for packet in packets] == [
        a0.Tag(*TAGS[key]) for key in (next(iter(TAGS)), list(TAGS)[2])
    ]
    assert unpacker.garbage == 3 + len(frames[1])


def test_a_single_changed_bit_never_gives_another_tag():
    good = hexes(next(iter(TAGS)))
    for at in range(len(good)):
        for bit in range(8):
            bad = bytearray(good)
            bad[at] ^= 1 << bit
            tags = [a0.tag_of(packet) for packet in a0.Unpacker().feed(bytes(bad) + bytes(100))]
            assert not [tag for tag in tags if tag is not None]


def test_noise_never_breaks_it_and_memory_is_bounded():
    chance, unpacker = random.Random(3), a0.Unpacker()
    for _ in range(2000):
        unpacker.feed(chance.randbytes(chance.randint(0, 40)))
        assert len(unpacker._buffer) <= 0x62  # noqa: SLF001 # what is kept is the point
    unpacker.clear()
    assert len(unpacker.feed(hexes(END))) == 1
