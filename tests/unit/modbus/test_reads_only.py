"""Nothing that leaves this gateway on Modbus writes: whatever is asked for, encoded or put on a line.

Functions by MODBUS Application Protocol V1.1b3, section 6: 1 to 4 read, 17 reports, 43 with MEI type 14 identifies. Of
the others 5, 6, 15, 16, 21, 22 and 23 write, 8 may restart a unit, and 43/13 goes through to CANopen, writes included.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import struct
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.modbus import maguire_tcp, pdu, rtu, rtu_over_tcp, tcp
from drivers.modbus.mbap import MbapTalk
from drivers.modbus.pdu import AskIdentification, AskServerId, Read, encode
from drivers.modbus.question import Question
from drivers.modbus.rtu_talk import RtuTalk
from gateway.clock import VirtualClock
from gateway.lines.fake import TIMEOUT, FakeLine
from gateway.site import Bus
from tests.unit.modbus.kit import device, drive, point

ROOT = Path(__file__).parents[3]
REQUESTS = (Read, AskServerId, AskIdentification)
NUMBERS = (
    st.integers(-2, 260) | st.integers(-(2**40), 2**40) | st.sampled_from([5, 6, 15, 16, 21, 22, 23, 0x7FFF])
)


def reads(body: bytes) -> bool:
    """Whether a PDU is a question that changes nothing."""
    if body[:1] in {b"\1", b"\2", b"\3", b"\4"}:
        return len(body) == 5
    return body == b"\x11" or (body[:2] == b"\x2b\x0e" and len(body) == 4)


def test_it_would_be_seen() -> None:
    writes = (
        "0500acff00",
        "0600010003",
        "0f001300 0a02cd01",
        "100001000204000a0102",
        "16000400f20025",
        "17000300060e",
    )
    assert not any(
        reads(bytes.fromhex(each)) for each in (*writes, "08000000", "2b0d00000000", "03006b00030001", "")
    )
    assert all(reads(bytes.fromhex(each)) for each in ("03006b0003", "11", "2b0e0100"))


def test_these_are_all_requests_there_are() -> None:
    assert pdu.Request == Read | AskServerId | AskIdentification
    makers = {
        name
        for name, each in vars(pdu).items()
        if inspect.isfunction(each) and each.__module__ == pdu.__name__ and not name.startswith("_")
        and inspect.signature(each).return_annotation == "bytes"
    }  # fmt: skip
    assert makers == {"encode"}


@given(kind=st.sampled_from(REQUESTS), numbers=st.lists(NUMBERS, min_size=3, max_size=3))
def test_whatever_is_asked_for(kind, numbers) -> None:
    names = [field.name for field in dataclasses.fields(kind)]
    try:
        request = kind(**dict(zip(names, numbers, strict=False)))
    except ValueError:
        return
    assert reads(encode(request))


@given(
    kind=st.sampled_from(REQUESTS),
    name=st.sampled_from(["function", "address", "count", "category", "first"]),
    number=NUMBERS,
    unit=st.integers(0, 255),
)
def test_a_request_that_was_tampered_with(kind, name, number, unit) -> None:
    """Frozen classes can be got round; what they encode to cannot."""
    request = Read(3, 0, 1) if kind is Read else kind()
    if not hasattr(request, name):
        return
    object.__setattr__(request, name, number)
    try:
        body = encode(request)
    except (ValueError, struct.error):
        return
    assert reads(body)


def test_a_stranger_in_a_requests_clothes() -> None:
    with pytest.raises(ValueError, match="does not read"):
        encode(type("Sneaky", (Read,), {"__post_init__": lambda _: None})(6, 1, 3))
    for each in (SimpleNamespace(function=6, address=1, count=3), b"\x06\0\1\0\3", None):
        assert reads(encode(each))  # type: ignore[arg-type] # it becomes a question for the server id


@given(
    kind=st.sampled_from(REQUESTS),
    unit=st.integers(0, 255),
    numbers=st.lists(NUMBERS, min_size=3, max_size=3),
)
def test_frames_hold_the_question_and_nothing_else(kind, unit, numbers) -> None:
    names = [field.name for field in dataclasses.fields(kind)]
    try:
        question = Question(unit, kind(**dict(zip(names, numbers, strict=False))))
    except ValueError:
        return
    serial, ethernet = RtuTalk().begin(question), MbapTalk().begin(question)
    assert (serial[0], ethernet[6]) == (unit, unit)
    assert int.from_bytes(ethernet[4:6], "big") == len(ethernet) - 6
    assert reads(serial[1:-2])
    assert reads(ethernet[7:])


ANSWERS = st.lists(
    st.sampled_from([TIMEOUT, b"", b"\x01\x83\x02", b"\x06", bytes(20)]) | st.binary(max_size=30), max_size=12
)
POINTS = st.lists(
    st.tuples(st.integers(0, 65_533), st.sampled_from(["holding", "input", "coil", "discrete"])),
    min_size=1, max_size=6, unique=True,
)  # fmt: skip


@pytest.mark.long
@settings(max_examples=60)
@given(
    driver=st.sampled_from([tcp, rtu, rtu_over_tcp]), places=POINTS, answers=ANSWERS, unit=st.integers(1, 247)
)
async def test_what_a_driver_puts_on_a_line(driver, places, answers, unit) -> None:
    """Polls, probes and identification of any map, whatever comes back: refusals, noise, silence."""
    points = [
        point(address, "bit" if table in {"coil", "discrete"} else "uint16", table)
        for address, table in places
    ]
    made, clock, sent, waiting = device(*points, unit=unit), VirtualClock(), [], list(answers)

    def respond(data: bytes) -> list:
        sent.append(bytes(data))
        return [waiting.pop(0) if waiting else TIMEOUT]

    line = FakeLine(clock=clock, respond=respond)
    session = driver.build(bus=Bus("bus", "any", "fake"), devices=[made], line=line, clock=clock)
    for _ in range(2):
        await drive(session.poll(made, made.groups[0]), clock)
    await drive(session.probe(made), clock)
    frames = [each[7:] if driver is tcp else each[1:-2] for each in sent if each]
    assert frames
    assert all(map(reads, frames))


@given(address=st.integers(0, 65_535), table=st.sampled_from(["holding", "input"]))
def test_a_maguire_is_only_asked_commands_that_read(address, table) -> None:
    """There the address is a command, and others start, stop and clear: drivers/modbus/maguire_tcp.py."""
    made = device(point(address, "uint16", table))
    try:
        session = maguire_tcp.build(
            bus=Bus("bus", "any", "fake"),
            devices=[made],
            line=FakeLine(clock=VirtualClock()),
            clock=VirtualClock(),
        )
    except ValueError:
        return
    for work in session._works.values():  # noqa: SLF001 # what it will ask
        for part in work.parts:
            body = encode(part.question.request)
            assert body[1] in {16, 29, 49, 53, 56, 84, 85}
            assert reads(body)


def test_frames_are_made_in_one_place_and_sent_from_one() -> None:
    """What puts bytes on a Modbus line is `exchange.py`, and what it sends is what `begin` gave it."""
    sends, makes = set(), set()
    for room in ("drivers", "gateway"):
        for path in sorted((ROOT / room).rglob("*.py")):
            text = path.read_text("utf-8")
            if "_request" not in text and "ine.send(" not in text:
                continue
            place = str(path.relative_to(ROOT))
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("line.send"):
                    sends.add((place, ast.unparse(node.args[0])))
                if isinstance(node, ast.Attribute) and node.attr in {"tcp_request", "rtu_request"}:
                    makes.add(place)
    modbus = "drivers/modbus/"
    assert {each for each in sends if not each[0].startswith("drivers/serial/")} == {
        (f"{modbus}exchange.py", "talk.begin(question)"), (f"{modbus}exchange.py", "request"),
    }  # fmt: skip
    assert makes == {f"{modbus}question.py", f"{modbus}mbap.py", f"{modbus}rtu_talk.py"}
