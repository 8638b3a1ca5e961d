"""The PDU codec against the standards' bytes, and against anything at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.modbus.crc import crc16
from drivers.modbus.errors import FrameCorrupt
from drivers.modbus.pdu import (
    AskIdentification,
    AskServerId,
    Bits,
    Identification,
    Read,
    Refused,
    Registers,
    ServerId,
    answer_length,
    decode,
    encode,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "modbus"
EXAMPLES = json.loads((VECTORS / "application.json").read_text())["examples"]
FRAMES = json.loads((VECTORS / "frames.json").read_text())
READS = st.one_of(
    st.builds(Read, st.sampled_from([1, 2]), st.integers(0, 60000), st.integers(1, 2000)),
    st.builds(Read, st.sampled_from([3, 4]), st.integers(0, 60000), st.integers(1, 125)),
)
QUESTIONS = st.one_of(
    READS, st.just(AskServerId()), st.builds(AskIdentification, st.integers(1, 4), st.integers(0, 255))
)


@pytest.mark.parametrize("example", EXAMPLES, ids=[each["section"] for each in EXAMPLES])
def test_the_standards_examples(example):
    request = Read(**example["ask"])
    assert encode(request).hex() == example["request"]
    answer = decode(request, bytes.fromhex(example["response"]))
    if "exception" in example:
        assert answer == Refused(example["exception"])
    else:
        assert isinstance(answer, (Registers, Bits))
        assert answer.words.tolist() == example["words"]


def test_identification_in_one_answer_and_in_two():
    vector = FRAMES["identification"]
    assert encode(AskIdentification()).hex() == vector["request"]
    answer = decode(AskIdentification(), bytes.fromhex(vector["response"]))
    objects = {int(key): text.encode() for key, text in vector["objects"].items()}
    assert answer == Identification(1, objects, None)
    gathered: dict[int, bytes] = {}
    for part in vector["split"]:
        first = int(part["request"][6:], 16)
        assert encode(AskIdentification(first=first)).hex() == part["request"]
        answer = decode(AskIdentification(first=first), bytes.fromhex(part["response"]))
        assert isinstance(answer, Identification)
        gathered.update(answer.objects)
        assert answer.next_object == part["next"]
    assert gathered == objects


def test_server_id_is_kept_whole():
    assert encode(AskServerId()).hex() == "11"
    assert decode(AskServerId(), bytes.fromhex("110401ff4142")) == ServerId(bytes.fromhex("01ff4142"))


@pytest.mark.parametrize("frame", FRAMES["crc"]["frames"])
def test_the_standards_crc(frame):
    data = bytes.fromhex(frame)
    assert crc16(data[:-2]) == data[-2:]


@pytest.mark.parametrize("function", [5, 6, 8, 15, 16, 20, 21, 22, 23, 24, 0, 7, 11, 12, 43, 131])
def test_nothing_but_reads_can_be_said(function):
    with pytest.raises(ValueError, match="read"):
        Read(function, 0, 1)
    with pytest.raises(ValueError, match="17"):
        AskServerId(function=function)


@given(QUESTIONS)
def test_no_question_has_a_function_code_that_writes(request):
    assert encode(request)[0] in {1, 2, 3, 4, 17, 43}


@pytest.mark.parametrize(
    ("function", "address", "count"),
    [(3, 0, 0), (3, 0, 126), (1, 0, 2001), (2, 0, 0), (4, 65535, 2), (3, -1, 1), (3, 65536, 1)],
)
def test_what_no_device_can_answer_cannot_be_asked(function, address, count):
    with pytest.raises(ValueError, match=r"reads 1 to|outside"):
        Read(function, address, count)


@pytest.mark.parametrize(
    "pdu",
    ["", "03", "04020005", "0304000500", "03020005ff", "030400050006", "83", "830201", "0302", "8302ff"],
)
def test_what_does_not_fit_the_question_is_corrupt(pdu):
    with pytest.raises(FrameCorrupt):
        decode(Read(3, 0, 1), bytes.fromhex(pdu))


@given(QUESTIONS, st.binary(max_size=260))
def test_any_bytes_give_an_answer_or_a_typed_error(request, pdu):
    try:
        answer = decode(request, pdu)
    except FrameCorrupt:
        return
    if isinstance(answer, Registers):
        assert len(answer.words) == request.count
        assert pdu[2:] == answer.words.astype(">u2").tobytes()
    assert answer_length(pdu) in {len(pdu), 0}


@given(QUESTIONS, st.binary(max_size=250))
def test_the_length_is_known_from_a_prefix_and_never_changes(request, tail):
    pdu = bytes((request.function,)) + tail
    known = [length for end in range(len(pdu) + 1) if (length := answer_length(pdu[:end])) is not None]
    assert len(set(known)) <= 1
