"""Second opinion: pymodbus's own encoder and framers, byte for byte, both ways."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymodbus.framer import FramerRTU, FramerSocket
from pymodbus.pdu import DecodePDU, ExceptionResponse
from pymodbus.pdu.bit_message import ReadCoilsResponse, ReadDiscreteInputsResponse
from pymodbus.pdu.mei_message import ReadDeviceInformationRequest, ReadDeviceInformationResponse
from pymodbus.pdu.other_message import ReportDeviceIdRequest, ReportDeviceIdResponse
from pymodbus.pdu.register_message import ReadHoldingRegistersResponse, ReadInputRegistersResponse

from drivers.modbus.mbap import MbapTalk
from drivers.modbus.pdu import (
    AskIdentification,
    AskServerId,
    Bits,
    Identification,
    Read,
    Refused,
    Registers,
    ServerId,
    decode,
    encode,
)
from drivers.modbus.question import Question
from drivers.modbus.rtu_talk import RtuTalk

SERVER = DecodePDU(is_server=True)  # takes requests apart
CLIENT = DecodePDU(is_server=False)
UNITS = st.integers(1, 247)
RESPONSES = {
    1: ReadCoilsResponse,
    2: ReadDiscreteInputsResponse,
    3: ReadHoldingRegistersResponse,
    4: ReadInputRegistersResponse,
}


def words_in(answer):
    assert isinstance(answer, (Bits, Registers))
    return answer.words.tolist()


def spoken(pdu):
    """The PDU bytes pymodbus makes."""
    return bytes((pdu.function_code,)) + pdu.encode()


@given(st.integers(1, 4), st.integers(0, 60_000), st.integers(1, 125))
def test_pymodbus_reads_our_requests(function, address, count):
    request = SERVER.decode(encode(Read(function, address, count)))
    assert request is not None
    assert (request.function_code, request.address, request.count) == (function, address, count)


@pytest.mark.long
@given(
    UNITS,
    st.integers(3, 4),
    st.integers(0, 60_000),
    st.lists(st.integers(0, 65_535), min_size=1, max_size=125),
)
def test_registers_in_both_framings(unit, function, address, words):
    question = Question(unit, Read(function, address, len(words)))
    pdu = spoken(RESPONSES[function](registers=words))
    talk = MbapTalk()
    request = talk.begin(question)
    transaction = int.from_bytes(request[:2], "big")
    assert request == FramerSocket(CLIENT).encode(encode(question.request), unit, transaction)
    assert words_in(talk.feed(FramerSocket(CLIENT).encode(pdu, unit, transaction))) == words
    serial = RtuTalk()
    assert serial.begin(question) == FramerRTU(CLIENT).encode(encode(question.request), unit, 0)
    assert words_in(serial.feed(FramerRTU(CLIENT).encode(pdu, unit, 0))) == words


@given(st.integers(1, 2), st.lists(st.booleans(), min_size=1, max_size=200))
@settings(max_examples=50)
def test_bits(function, bits):
    pdu = spoken(RESPONSES[function](bits=bits))
    assert words_in(decode(Read(function, 0, len(bits)), pdu)) == [int(bit) for bit in bits]


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5, 6, 8, 10, 11])
def test_exceptions(code):
    assert decode(Read(3, 0, 1), spoken(ExceptionResponse(3, code))) == Refused(code)


def test_server_id():
    assert encode(AskServerId()) == spoken(ReportDeviceIdRequest())
    told = ReportDeviceIdResponse(identifier=b"BD-200", status=True)
    assert decode(AskServerId(), spoken(told)) == ServerId(b"BD-200\xff")


def test_identification():
    assert encode(AskIdentification(1, 0)) == spoken(ReadDeviceInformationRequest(1, 0))
    told = ReadDeviceInformationResponse(1, {0: b"Acme", 1: b"BD", 2: b"2.1"})
    answer = decode(AskIdentification(1, 0), spoken(told))
    assert isinstance(answer, Identification)
    assert answer.objects == {0: b"Acme", 1: b"BD", 2: b"2.1"}
    assert answer.next_object is None
