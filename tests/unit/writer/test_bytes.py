"""What the writer puts on a line, byte for byte: the specification's printed examples, and pymodbus's reading of it."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymodbus.framer import FramerRTU, FramerSocket
from pymodbus.pdu import DecodePDU

from drivers.modbus.crc import crc16
from drivers.modbus.errors import FrameCorrupt
from gateway.layout import ORDERS, WIDTHS, Field, Layout
from lotwatch_writer.frames import RtuTalk, TcpTalk
from lotwatch_writer.pdu import Write, answered, encode
from lotwatch_writer.words import NoWords, value_of, words_of

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/modbus/writes.json").read_text("utf-8"))
EXAMPLES = [pytest.param(each, id=each["section"]) for each in VECTORS["examples"]]
WORDS = st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=123)
BITS = st.lists(st.integers(0, 1), min_size=1, max_size=200)


def write_of(example) -> Write:
    return Write(example["function"], example["address"], tuple(example["words"]))


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_specifications_own_examples(example) -> None:
    write = write_of(example)
    assert encode(write).hex() == example["request"]
    assert answered(write, bytes.fromhex(example["response"])) == 0
    assert answered(write, bytes((write.function | 0x80, 3))) == 3


@pytest.mark.parametrize("example", EXAMPLES)
def test_pymodbus_reads_them_so_in_both_framings(example) -> None:
    write = write_of(example)
    for framer, talk in ((FramerSocket, TcpTalk), (FramerRTU, RtuTalk)):
        used, pdu = framer(DecodePDU(is_server=True)).handleFrame(talk(7, write).request, 0, 0)
        assert used == len(talk(7, write).request)
        assert pdu is not None
        assert (pdu.dev_id, pdu.function_code, pdu.address) == (7, write.function, write.address)
        assert pdu.encode() == encode(write)[1:]


@settings(max_examples=30)
@given(address=st.integers(0, 0x10000 - 200), words=WORDS, bits=BITS)
def test_whatever_is_written_pymodbus_reads_it(address, words, bits) -> None:
    for write in (Write(16, address, tuple(words)), Write(15, address, tuple(bits))):
        _, pdu = FramerRTU(DecodePDU(is_server=True)).handleFrame(RtuTalk(1, write).request, 0, 0)
        assert pdu is not None
        got = pdu.registers if write.function == 16 else [int(each) for each in pdu.bits[: len(bits)]]
        assert (pdu.address, tuple(got)) == (address, write.words)


@pytest.mark.parametrize(
    ("function", "address", "words", "says"),
    [
        (3, 0, (1,), "function 3 is none of"),
        (23, 0, (1,), "function 23 is none of"),
        (6, 0, (1, 2), "writes 1 to 1"),
        (16, 0, (), "writes 1 to 123"),
        (16, 0, (0,) * 124, "writes 1 to 123"),
        (15, 0, (0,) * 1969, "writes 1 to 1968"),
        (6, 0x10000, (1,), "outside of"),
        (16, 0xFFFF, (1, 2), "outside of"),
        (5, 0, (2,), "a coil holds 0 to 1"),
        (6, 0, (-1,), "a holding holds 0 to 65535"),
        (6, 0, (True,), "a holding holds"),
    ],
)
def test_what_is_no_write_of_ours_has_no_bytes(function, address, words, says) -> None:
    with pytest.raises(ValueError, match=says):
        Write(function, address, words)


WRITE = Write(6, 1, (3,))
DONE = bytes.fromhex("0600010003")


@pytest.mark.parametrize(
    "pdu", ["", "86", "8600", "0600010004", "060001000300", "0300010003", "860200", "8602ff"]
)
def test_an_answer_that_is_not_exactly_one_is_none(pdu) -> None:
    with pytest.raises(FrameCorrupt):
        answered(WRITE, bytes.fromhex(pdu))


def tcp(pdu: bytes, unit: int = 7, transaction: int = 0x5754) -> bytes:
    return transaction.to_bytes(2, "big") + b"\0\0" + (len(pdu) + 1).to_bytes(2, "big") + bytes((unit,)) + pdu


def rtu(pdu: bytes, unit: int = 7) -> bytes:
    return bytes((unit,)) + pdu + crc16(bytes((unit,)) + pdu)


def test_over_tcp_only_the_answer_with_its_number_counts() -> None:
    talk = TcpTalk(7, WRITE)
    late = tcp(bytes.fromhex("03020005"), transaction=3)
    whole = late + tcp(DONE)
    assert [talk.feed(whole[at : at + 1]) for at in range(len(whole))] == [None] * (len(whole) - 1) + [0]
    assert TcpTalk(7, WRITE).feed(tcp(b"\x86\x02")) == 2
    for bad in (tcp(DONE, unit=8), b"HTTP/1.1", tcp(b"\x86\x00")):
        with pytest.raises(FrameCorrupt):
            TcpTalk(7, WRITE).feed(bad)


def test_on_a_serial_line_noise_and_others_are_passed_over() -> None:
    whole = b"\x00\x07\x06" + rtu(DONE, unit=8) + rtu(b"\x86\x02")[:-1] + b"\xff" + rtu(DONE)
    talk = RtuTalk(7, WRITE)
    assert [talk.feed(whole[at : at + 1]) for at in range(len(whole))][-1] == 0
    assert RtuTalk(7, WRITE).feed(b"\x07" + rtu(b"\x86\x04")) == 4
    assert RtuTalk(7, WRITE).feed(rtu(b"\x86\x00")) is None


@settings(max_examples=50)
@given(
    kind=st.sampled_from(sorted(set(WIDTHS) - {"bit"})),
    data=st.data(),
    scale=st.sampled_from(["1", "0.1", "-2", "0.25"]),
    bias=st.sampled_from(["0", "40", "-0.5"]),
)
def test_words_are_what_the_gateway_reads_back(kind, data, scale, bias) -> None:
    """`gateway.layout` decodes by numpy, byte order and all; the writer encodes by struct."""
    field = Field(kind, 0, data.draw(st.sampled_from(ORDERS[WIDTHS[kind]])), scale, bias)
    raw = data.draw(st.integers(0 if kind.startswith("u") else -(2**15), 2**15 - 1))
    value = float(raw * Fraction(scale) + Fraction(bias))
    words = words_of(field, value)
    assert Layout((field,)).values(np.array(words, np.uint16))[0] == value
    assert value_of(field, words) == value


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        (Field("int16"), 32768, "beyond what a int16 holds"),
        (Field("uint16"), -1, "beyond"),
        (Field("uint16", scale="0.1"), 6553.6, "beyond"),
        (Field("float32"), 1e39, "beyond"),
        (Field("int16"), 0.5, "the nearest are 0 and 1"),
        (Field("int16", scale="0.1", bias="0.05"), 0.1, "the nearest are 0.05 and 0.15"),
        (Field("bit"), 0.5, "not 0 or 1"),
        (Field("bit"), 2, "not 0 or 1"),
    ],
)
def test_a_value_that_a_register_cannot_hold_is_not_rounded(field, value, says) -> None:
    with pytest.raises(NoWords, match=says):
        words_of(field, value)


def test_decimal_steps_are_exact() -> None:
    """0.1 * 3 is not 0.3 in binary; who types 0.3 means three steps."""
    assert [words_of(Field("int16", scale="0.1"), each / 10)[0] for each in range(-300, 300)] == [
        each & 0xFFFF for each in range(-300, 300)
    ]
