"""The codec where it turns: lengths known and not yet known, identification that ends early, debts and their settling.

Found by mutation testing (`python -m benchmarks mutation --room codec`): each of these could be broken unnoticed.
Frames by MODBUS Application Protocol V1.1b3 (6.13 report server id, 6.21 identification) and Serial Line V1.02.
"""

from __future__ import annotations

import pytest

from drivers.modbus.crc import crc16
from drivers.modbus.errors import FrameCorrupt
from drivers.modbus.mbap import MbapTalk
from drivers.modbus.pdu import (
    AskIdentification,
    AskServerId,
    Identification,
    Read,
    Registers,
    answer_length,
    decode,
)
from drivers.modbus.question import Question
from drivers.modbus.rtu_talk import FORGET_NS, RtuTalk

IDENTITY = bytes.fromhex("2b0e01010000020003414243010144")  # two objects: "ABC" and "D"
THREE = Question(1, Read(3, 100, 3))


def framed(body: bytes) -> bytes:
    return body + crc16(body)


# --- lengths


@pytest.mark.parametrize(
    ("pdu", "known_at"),
    [("8302", 2), ("0304000a000b", 2), ("010155", 2), ("11020a0b", 2), ("040200ff", 2), (IDENTITY.hex(), 13)],
)
def test_the_length_of_an_answer_is_known_as_soon_as_it_can_be(pdu: str, known_at: int) -> None:
    """Of identification only with the last object's length."""
    data = bytes.fromhex(pdu)
    assert [answer_length(data[:end]) for end in range(len(data) + 1)] == [
        None if end < known_at + (pdu == IDENTITY.hex()) else len(data) for end in range(len(data) + 1)
    ]
    assert answer_length(b"\x07" + data, 1) == len(data)
    assert answer_length(b"\x07" + data + b"\xff" * 9, 1) == len(data)


@pytest.mark.parametrize("pdu", ["2b0d0000", "2b0d", "0500", "0600", "1003", "0000"])
def test_what_begins_no_answer_of_ours(pdu: str) -> None:
    assert answer_length(bytes.fromhex(pdu)) == 0


def test_the_longest_answer_there_may_be() -> None:
    """253 bytes (4.1): 251 of data behind function and count."""
    assert answer_length(b"\x11\xfb") == 253
    assert answer_length(b"\x11\xfc") == 0
    objects = b"\x00\xf2" + bytes(242) + b"\x01\x00"  # 7 + 244 + 2
    assert answer_length(b"\x2b\x0e\x01\x01\x00\x00\x02" + objects) == 253
    longer = b"\x00\xf2" + bytes(242) + b"\x01\x01x"
    assert answer_length(b"\x2b\x0e\x01\x01\x00\x00\x02" + longer) == 0


def test_no_objects_at_all_is_a_whole_answer() -> None:
    assert answer_length(b"\x2b\x0e\x01\x01\x00\x00\x00") == 7
    assert decode(AskIdentification(), b"\x2b\x0e\x01\x01\x00\x00\x00") == Identification(1, {}, None)


@pytest.mark.parametrize("end", range(2, len(IDENTITY)))
def test_identification_that_ends_early_is_corrupt(end: int) -> None:
    assert decode(AskIdentification(), IDENTITY) == Identification(1, {0: b"ABC", 1: b"D"}, None)
    with pytest.raises(FrameCorrupt, match=r"inside an object|no device identification"):
        decode(AskIdentification(), IDENTITY[:end])


def test_identification_with_something_behind_it_is_corrupt() -> None:
    with pytest.raises(FrameCorrupt, match="1 bytes after the last identification object"):
        decode(AskIdentification(), IDENTITY + b"\0")


@pytest.mark.parametrize(("more", "next_object"), [(0x00, None), (0xFF, 5)])
def test_more_follows_or_does_not(more: int, next_object: int | None) -> None:
    pdu = bytearray(IDENTITY)
    pdu[4], pdu[5] = more, 5
    answer = decode(AskIdentification(), bytes(pdu))
    assert isinstance(answer, Identification)
    assert answer.next_object == next_object


@pytest.mark.parametrize("more", [0x01, 0xFE])
def test_more_follows_is_yes_or_no(more: int) -> None:
    with pytest.raises(FrameCorrupt, match="more follows"):
        decode(AskIdentification(), IDENTITY[:4] + bytes((more,)) + IDENTITY[5:])


def test_the_edges_of_what_can_be_asked() -> None:
    assert Read(1, 0, 2000).nbytes == 250
    assert [Read(2, 0, count).nbytes for count in (1, 8, 9, 16, 17)] == [1, 1, 2, 2, 3]
    assert (Read(3, 65_411, 125).nbytes, Read(4, 65_535, 1).nbytes) == (250, 2)
    for first in (-1, 256):
        with pytest.raises(ValueError, match="no identification"):
            AskIdentification(1, first)
    for category in (0, 5):
        with pytest.raises(ValueError, match="no identification"):
            AskIdentification(category)
    assert AskIdentification(4, 255).first == 255


# --- questions


@pytest.mark.parametrize("unit", [0, 255])
def test_every_unit_that_there_is(unit: int) -> None:
    assert Question(unit, Read(3, 0, 1)).rtu_request[0] == unit


@pytest.mark.parametrize("unit", [-1, 256])
def test_units_that_there_are_not(unit: int) -> None:
    with pytest.raises(ValueError, match=r"outside of 0\.\.255"):
        Question(unit, Read(3, 0, 1))


def test_what_is_worked_out_before_a_question_is_asked() -> None:
    registers, bits, name = Question(7, Read(3, 0, 3)), Question(7, Read(2, 0, 9)), Question(7, AskServerId())
    assert [each.registers_size for each in (registers, bits, name)] == [15, 0, 0]
    assert [each.count for each in (registers, bits, name)] == [3, 9, 0]
    assert [each.nbytes for each in (registers, bits, name)] == [6, 2, None]
    assert (
        registers.tcp_answer.hex() == "00000009070306"
    )  # protocol 0, 9 bytes to come, unit, function, byte count
    assert bits.tcp_answer.hex() == "00000005070202"
    assert name.tcp_answer.hex() == "0000"


# --- Modbus TCP


def test_behind_garbage_the_answer_is_found_whole() -> None:
    talk = MbapTalk()
    for number, garbage in enumerate((b"", b"\xff", b"\xff" * 9, bytes(6), b"\0\1\2"), 1):
        talk.begin(Question(7, Read(3, 0, 1)))
        answer = talk.feed(garbage + number.to_bytes(2, "big") + bytes.fromhex("0000000507030200ff"))
        assert isinstance(answer, Registers), garbage
        assert answer.words.tolist() == [255]


def test_late_answers_are_dropped_and_counted() -> None:
    talk = MbapTalk()
    talk.begin(Question(7, Read(3, 0, 1)))
    assert (talk.dropped, talk.torn) == (0, False)
    talk.begin(Question(7, Read(3, 0, 1)))
    late, ours = (number.to_bytes(2, "big") + bytes.fromhex("0000000507030200ff") for number in (1, 2))
    assert talk.feed(late) is None
    assert (talk.dropped, talk.torn) == (1, False)
    assert talk.feed(late + ours) is not None
    assert talk.dropped == 2


def test_a_frame_may_be_as_long_as_a_pdu_and_no_longer() -> None:
    talk = MbapTalk()
    talk.begin(Question(7, AskServerId()))
    longest = bytes.fromhex("0001000000fe0711fb") + bytes(251)
    assert talk.feed(longest[:-1]) is None
    assert talk.torn
    assert talk.feed(longest[-1:]) is not None
    talk.begin(Question(7, AskServerId()))
    assert talk.feed(bytes.fromhex("0002000000ff0711fc") + bytes(252)) is None


def test_transactions_go_round_and_are_never_0() -> None:
    talk, question = MbapTalk(), Question(7, Read(3, 0, 1))
    seen = [int.from_bytes(talk.begin(question)[:2], "big") for _ in range(65_537)]
    assert seen == [*range(1, 65_536), 1, 2]


# --- Modbus RTU


def test_nothing_is_heard_owed_or_overdue_at_first() -> None:
    talk = RtuTalk()
    assert (talk.heard, talk.overdue, talk.owes(THREE, 0)) == (False, False, False)
    assert (talk.dropped, talk.garbage, talk.trailing) == (0, 0, 0)
    assert talk.feed(framed(bytes.fromhex("010306000500060007"))) is None  # nobody asked


def test_overdue_is_when_as_much_came_as_the_answer_is_long() -> None:
    talk = RtuTalk()
    talk.begin(THREE)
    assert talk.feed(b"\xee" * 10) is None
    assert (talk.heard, talk.overdue) == (True, False)
    assert talk.feed(b"\xee") is None
    assert talk.overdue is True  # 11 bytes: unit, function, count, 6 of data, check
    talk.begin(Question(1, AskServerId()))
    talk.feed(b"\xee" * 300)
    assert talk.overdue is False  # the unit decides how long that is


def test_what_came_before_a_question_is_forgotten_with_it() -> None:
    talk = RtuTalk()
    talk.begin(THREE)
    answer = framed(bytes.fromhex("010306000500060007"))
    assert talk.feed(answer[:5]) is None
    talk.begin(THREE)
    assert talk.heard is False
    assert talk.feed(answer[5:]) is None


def test_what_is_dropped_is_counted_by_frames_and_garbage_by_bytes() -> None:
    talk = RtuTalk()
    talk.begin(THREE)
    assert (
        talk.feed(b"\xee\xee" + framed(bytes.fromhex("020302abcd")) + framed(bytes.fromhex("0103020001")))
        is None
    )
    assert (talk.dropped, talk.garbage) == (2, 2)
    assert talk.feed(framed(bytes.fromhex("010306000500060007"))) is not None
    assert talk.trailing == 0


def test_a_question_that_never_left_owes_nothing() -> None:
    talk = RtuTalk()
    talk.begin(THREE)
    talk.unsent()
    talk.give_up(0)
    assert talk.owes(THREE, 0) is False


def test_only_the_same_function_of_the_same_unit_is_owed() -> None:
    talk = RtuTalk()
    talk.owe(THREE, 0)
    assert talk.owes(Question(1, Read(3, 0, 125)), FORGET_NS - 1) is True
    assert talk.owes(Question(1, Read(4, 100, 3)), 0) is False
    assert talk.owes(Question(2, Read(3, 100, 3)), 0) is False
    assert talk.owes(Question(1, Read(3, 0, 1)), FORGET_NS) is False


@pytest.mark.parametrize(
    ("asked", "settling"),
    [
        (Read(3, 0xFFFE, 1), Read(3, 0xFFFE, 2)),
        (Read(3, 0xFFFF, 1), Read(4, 0xFFFF, 1)),  # two would end behind the last register
        (Read(4, 9, 2), Read(4, 9, 1)),
        (Read(1, 5, 9), Read(1, 5, 1)),  # of bits, the shape is a byte count
        (Read(1, 5, 8), Read(3, 5, 1)),
        (Read(2, 5, 8), Read(3, 5, 1)),
        (AskServerId(), Read(3, 0, 1)),
        (AskIdentification(), Read(3, 0, 1)),
    ],
)
def test_a_settling_question_is_short_and_of_another_shape(asked: object, settling: Read) -> None:
    talk = RtuTalk()
    question = Question(1, asked)  # type: ignore[arg-type] # one of the three
    talk.owe(question, 0)
    assert talk.settling(question).request == settling


def test_tables_are_tried_in_the_order_in_which_devices_have_them() -> None:
    talk = RtuTalk()
    question = Question(1, AskServerId())
    tried = []
    for _ in range(4):
        talk.owe(question, 0)
        question = talk.settling(question)
        tried.append(question.request.function)
        talk.owe(question, 0)
        question = Question(1, AskServerId())
    assert tried == [3, 4, 1, 2]


def test_an_answer_that_may_be_an_older_ones_leaves_its_own_as_a_debt() -> None:
    """Asked twice, answered once: which of the two it was nobody can say, so one more may come."""
    talk = RtuTalk()
    talk.owe(THREE, 10)
    talk.begin(THREE)
    answer = framed(bytes.fromhex("010306000500060007"))
    assert talk.feed(answer) is not None
    assert talk.owes(THREE, 10 + FORGET_NS - 1)
    assert not talk.owes(THREE, 10 + FORGET_NS)


def test_an_answer_of_a_new_shape_settles_all_that_is_older() -> None:
    talk = RtuTalk()
    talk.owe(THREE, 0)
    talk.begin(Question(1, Read(3, 100, 2)))
    assert talk.feed(framed(bytes.fromhex("01030400050006"))) is not None
    assert not talk.owes(THREE, 0)
