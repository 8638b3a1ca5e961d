"""RTU conversations, as wire transcripts: framing, resynchronising, and the debts of lost answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.modbus.crc import crc16
from drivers.modbus.pdu import AskIdentification, AskServerId, Read, Refused, ServerId
from drivers.modbus.question import Question
from drivers.modbus.rtu_talk import FORGET_NS, RtuTalk

THREE = Question(1, Read(3, 100, 3))
TWIN = Question(1, Read(3, 200, 3))


def frame(body: str) -> bytes:
    data = bytes.fromhex(body)
    return data + crc16(data)


ANSWER = frame("010306000500060007")


def asked(question=THREE):
    talk = RtuTalk()
    talk.begin(question)
    return talk


def test_the_house_example():
    assert RtuTalk().begin(Question(1, Read(3, 0, 2))) == bytes.fromhex("010300000002c40b")


def test_a_whole_answer_and_an_exception():
    assert asked().feed(ANSWER)[0].tolist() == [5, 6, 7]
    assert asked().feed(frame("018302")) == Refused(2)


@pytest.mark.parametrize("cut", range(1, len(ANSWER)))
def test_split_anywhere_it_is_the_same_answer(cut):
    talk = asked()
    assert talk.feed(ANSWER[:cut]) is None
    assert talk.heard
    assert talk.feed(ANSWER[cut:])[0].tolist() == [5, 6, 7]


@pytest.mark.parametrize(
    "other",
    [
        frame("020306000500060007"),  # another unit
        frame("010406000500060007"),  # another function
        frame("0103040005 0006"),  # another length
        frame("028302"),
        ANSWER[:-1] + b"\0",  # a bad CRC
        ANSWER[:6],
    ],
)
def test_what_does_not_fit_is_dropped_and_the_answer_behind_it_is_found(other):
    talk = asked()
    assert talk.feed(other) is None
    assert talk.feed(ANSWER)[0].tolist() == [5, 6, 7]


def test_our_own_echo_is_no_answer():
    talk = asked()
    assert talk.feed(THREE.rtu_request) is None
    assert not talk.heard
    assert talk.feed(ANSWER)[0].tolist() == [5, 6, 7]


def test_an_echo_that_reads_like_an_answer_of_bits():
    """The echo of a question for coils 768 and on has byte count 3, and is a perfect answer of 24 coils."""
    coils = Question(1, Read(1, 0x0305, 24))
    talk = asked(coils)
    assert talk.feed(coils.rtu_request) is None
    assert talk.feed(frame("010103ff00ff"))[0].tolist() == [1] * 8 + [0] * 8 + [1] * 8


def test_server_id_and_identification():
    assert asked(Question(1, AskServerId())).feed(frame("01110241ff")) == ServerId(b"A\xff")
    answer = asked(Question(1, AskIdentification())).feed(frame("012b0e01010000010003414243"))
    assert answer.objects == {0: b"ABC"}
    assert asked(Question(1, AskIdentification())).feed(frame("012b0e02010000010003414243")) is None


def lose(talk, question, now_ns=0):
    talk.begin(question)
    talk.give_up(now_ns)


def test_after_a_lost_answer_the_unit_must_settle_first():
    talk = RtuTalk()
    lose(talk, THREE)
    assert talk.owes(TWIN, 0)
    assert not talk.owes(Question(2, TWIN.request), 0)
    settling = talk.settling(TWIN)
    assert settling.request == Read(3, 200, 1)
    talk.begin(settling)
    assert talk.feed(ANSWER) is None  # the late one: too long for the settling question
    assert talk.feed(frame("0103020009")) is not None
    assert not talk.owes(TWIN, 0)


def test_a_single_register_settles_by_another_length_then_another_table():
    single = Question(1, Read(3, 7, 1))
    talk = RtuTalk()
    lose(talk, single)
    first = talk.settling(single)
    assert first.request == Read(3, 7, 2)
    lose(talk, first)
    assert talk.settling(single).request == Read(4, 7, 1)


def test_an_exception_that_may_be_the_late_one_settles_only_what_is_older():
    talk = RtuTalk()
    lose(talk, THREE)
    settling = talk.settling(THREE)
    talk.begin(settling)
    assert talk.feed(frame("018306")) == Refused(6)  # THREE's or the settling question's?
    assert talk.owes(THREE, 0)  # the settling question may still be answered, with one register
    second = talk.settling(THREE)
    assert second.request.function != 3
    talk.begin(second)
    assert talk.feed(frame("018401")) == Refused(1)
    assert not talk.owes(THREE, 0)


def test_a_dead_unit_is_asked_again_with_the_oldest_shape():
    talk = RtuTalk()
    lose(talk, THREE)
    shapes = []
    for _ in range(6):
        settling = talk.settling(THREE)
        shapes.append((settling.request.function, settling.nbytes))
        lose(talk, settling)
    assert len(set(shapes[:4])) == 4
    assert all(shape in shapes[:4] for shape in shapes[4:])
    talk.begin(settling := talk.settling(THREE))
    words = "00" * (settling.nbytes or 0)
    assert talk.feed(frame(f"01{settling.request.function:02x}{settling.nbytes:02x}{words}")) is not None
    assert not talk.owes(THREE, 0)


def test_a_debt_is_forgotten_in_the_end():
    talk = RtuTalk()
    lose(talk, THREE, now_ns=5)
    assert talk.owes(THREE, FORGET_NS + 4)
    assert not talk.owes(THREE, FORGET_NS + 5)


def test_bytes_right_behind_an_answer_are_told():
    talk = asked()
    assert talk.feed(ANSWER + ANSWER) is not None
    assert talk.trailing == len(ANSWER)


@given(st.lists(st.binary(max_size=60), max_size=10))
def test_any_bytes_raise_nothing_and_never_pass_for_an_answer(chunks):
    talk = asked()
    assert [talk.feed(chunk) for chunk in chunks] == [None] * len(chunks)


@given(st.binary(max_size=30), st.lists(st.integers(0, 41), max_size=5))
def test_behind_any_garbage_split_anywhere_the_answer_is_found(garbage, cuts):
    stream = garbage + ANSWER
    places = sorted(min(cut, len(stream)) for cut in cuts)
    talk = asked()
    answers = [talk.feed(stream[a:b]) for a, b in zip([0, *places], [*places, len(stream)], strict=True)]
    found = [answer for answer in answers if answer is not None]
    assert len(found) == 1
    assert found[0][0].tolist() == [5, 6, 7]


@given(st.integers(0, len(ANSWER) * 8 - 1), st.integers(0, len(ANSWER) * 8 - 1))
def test_one_or_two_flipped_bits_never_pass(one, two):
    number = int.from_bytes(ANSWER, "big") ^ (1 << one)
    if two != one:
        number ^= 1 << two
    assert asked().feed(number.to_bytes(len(ANSWER), "big")) is None
