"""Modbus TCP conversations, as wire transcripts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.modbus.errors import FrameCorrupt
from drivers.modbus.mbap import MbapTalk
from drivers.modbus.pdu import AskIdentification, AskServerId, Bits, Read, Refused, Registers, ServerId
from drivers.modbus.question import Question

VECTOR = json.loads((Path(__file__).parents[2] / "vectors" / "modbus" / "frames.json").read_text())["mbap"]
TWO = Question(7, Read(3, 100, 2))
ANSWER = bytes.fromhex("00010000000707030400050006")


def asked(question=TWO):
    talk = MbapTalk()
    talk.begin(question)
    return talk


def test_the_guides_request():
    talk = MbapTalk()
    question = Question(VECTOR["unit"], Read(**VECTOR["ask"]))
    requests = [talk.begin(question).hex() for _ in range(VECTOR["transaction"])]
    assert requests[-1] == VECTOR["request"]


def test_each_question_has_its_own_transaction_and_zero_is_never_used():
    talk = MbapTalk()
    seen = [int.from_bytes(talk.begin(TWO)[:2], "big") for _ in range(65_537)]
    assert seen[:3] == [1, 2, 3]
    assert 0 not in seen
    assert seen[65_534:] == [65_535, 1, 2]


def test_a_whole_answer():
    answer = asked().feed(ANSWER)
    assert isinstance(answer, Registers)
    assert answer.words.tolist() == [5, 6]


def test_bits_and_other_answers():
    assert asked(Question(7, Read(1, 0, 3))).feed(bytes.fromhex("00010000000407010105"))[0].tolist() == [
        1,
        0,
        1,
    ]
    assert isinstance(asked(Question(7, Read(2, 0, 3))).feed(bytes.fromhex("00010000000407020105")), Bits)
    assert asked().feed(bytes.fromhex("000100000003078302")) == Refused(2)
    assert asked(Question(7, AskServerId())).feed(bytes.fromhex("00010000000507110241ff")) == ServerId(
        b"A\xff"
    )
    identification = bytes.fromhex("00010000000d072b0e01010000010003414243")
    assert asked(Question(7, AskIdentification())).feed(identification).objects == {0: b"ABC"}


@pytest.mark.parametrize("cut", range(1, len(ANSWER)))
def test_split_anywhere_it_is_the_same_answer(cut):
    talk = asked()
    assert talk.feed(ANSWER[:cut]) is None
    assert talk.torn
    assert talk.feed(ANSWER[cut:])[0].tolist() == [5, 6]


def test_a_late_answer_is_dropped_and_counted():
    talk = asked()
    talk.begin(TWO)
    assert talk.feed(ANSWER) is None
    assert talk.dropped == 1
    assert talk.feed(b"\0\2" + ANSWER[2:])[0].tolist() == [5, 6]


@pytest.mark.parametrize(
    "frame",
    [
        "00010000000708030400050006",  # another unit
        "00010000000707040400050006",  # another function
        "000100000005070302 0005",  # fewer registers than asked for
        "00010000000907030600050006 0007",  # more
        "00010000000707030300050006",  # byte count and length disagree
        "00010000000407830201",  # an exception of three bytes
    ],
)
def test_an_answer_with_our_transaction_that_does_not_fit_is_corrupt(frame):
    with pytest.raises(FrameCorrupt):
        asked().feed(bytes.fromhex(frame))


def test_in_step_again_behind_garbage():
    talk = asked()
    assert talk.feed(bytes.fromhex("ffffffffffffffffff")) is None
    assert talk.feed(b"\xaa\xbb" + ANSWER)[0].tolist() == [5, 6]


def test_an_answer_filled_up_by_the_next_frame_is_corrupt():
    """Our answer broke off after its head; the frame behind it would make it whole."""
    foreign = bytes.fromhex("00090000000707030411112222")
    with pytest.raises(FrameCorrupt):
        asked().feed(ANSWER[:10] + foreign)


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_any_bytes_give_an_answer_nothing_or_a_typed_error(chunks):
    talk = asked()
    for chunk in chunks:
        try:
            answer = talk.feed(chunk)
        except FrameCorrupt:
            return
        if answer is not None:
            assert b"".join(chunks).count(b"\0\1\0\0") > 0
            return


FRAMES = [ANSWER.replace(b"\0\1", bytes((0, tid)), 1) for tid in (2, 3, 9)]


@pytest.mark.long
@given(st.lists(st.sampled_from(FRAMES), max_size=4), st.data())
def test_other_frames_before_ours_split_anywhere_change_nothing(before, data):
    stream = b"".join(before) + ANSWER
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    talk = asked()
    answers = [talk.feed(stream[a:b]) for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True) if b > a]
    assert [answer is not None for answer in answers] == [False] * (len(answers) - 1) + [True]
    assert answers[-1][0].tolist() == [5, 6]
    assert talk.dropped == len(before)
