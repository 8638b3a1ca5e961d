"""The Maguire driver against the bytes of the maker's manual: what is asked, what an answer means, what is never asked.

Frames: Maguire Products, "Modbus TCP/IP Protocol Manual, Maguire WSB Blender MLAN Gateway", September 12, 2001, revised
January 3, 2002; the page is beside each. Byte 4 and 5 are the data length, 8 the command, 9 zero, 10 and 11 the words.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable

import pytest

from drivers.modbus import maguire_tcp
from drivers.modbus.pdu import FUNCTIONS
from gateway.clock import VirtualClock
from gateway.layout import Field
from gateway.lines import FakeLine
from gateway.model import Quality, Reading
from gateway.site import Bus, Device, Group, Point

MS = 1_000_000
ASKED = {  # page, command, words: bytes 6 to 11 of the command format, to unit 7
    35: (16, 23),
    33: (29, 3),
    39: (49, 2),
    29: (53, 3),
    21: (56, 8),
    18: (84, 4),
    41: (85, 1),
}
ACTS = {15: 24, 57: 30, 54: 65, 59: 82, 58: 86}
"""Page and command of what is only ever sent by function 16."""


def point(name: str, address: int, kind: str = "uint16", coherent: str = "", table: str = "holding") -> Point:
    return Point(name, f"a/b/c/{name}", Field(kind), table, address, coherent=coherent)


class Bench:
    """A driver on a scripted line; it keeps what was sent."""

    def __init__(self, *points: Point, answer: Callable[[bytes], bytes | None]) -> None:
        self.clock, self.sent, self._answer = VirtualClock(), list[bytes](), answer
        self.group = Group("wsb/normal", "wsb", 1_000 * MS, points, 5_000 * MS)
        self.device = Device("wsb", "bus", "test", 7, "a/b/c", (self.group,), timeout_ns=300 * MS)
        self.driver = maguire_tcp.build(
            bus=Bus("bus", "modbus.maguire_tcp", "10.0.0.1:502"), devices=[self.device],
            line=FakeLine(clock=self.clock, respond=self._respond), clock=self.clock,
        )  # fmt: skip

    def _respond(self, sent: bytes) -> bytes | None:
        self.sent.append(sent)
        pdu = self._answer(sent[7:])
        return None if pdu is None else sent[:4] + struct.pack(">HB", len(pdu) + 1, sent[6]) + pdu

    async def poll(self) -> Reading:
        task = asyncio.ensure_future(self.driver.poll(self.device, self.group))
        while not task.done():
            await self.clock.advance(0.05)
        return task.result()


def words(*numbers: int) -> bytes:
    return bytes((3, 2 * len(numbers))) + struct.pack(f">{len(numbers)}H", *numbers)


def zeros(pdu: bytes) -> bytes:
    """Every command is answered with as many words as were asked for, of a four-component blender of tenths."""
    count = struct.unpack(">H", pdu[3:5])[0]
    return words(*[2, 4, *[0] * count][:count])


@pytest.mark.parametrize("page", ASKED)
async def test_a_command_is_asked_as_the_manual_prints_it(page: int) -> None:
    command, count = ASKED[page]
    bench = Bench(point("first", 256 * command), answer=zeros)
    reading = await bench.poll()
    (sent,) = bench.sent
    assert sent[2:] == bytes((0, 0, 0, 6, 7, 3, command, 0, 0, count))
    assert reading.quality.tolist() == [0]


async def test_the_totals_of_page_35() -> None:
    """Data length 49, byte count 46: system type, software type, sequence, cycles, flag, then hoppers from word 5."""
    answer = words(9, 4, 0, 1234, 0, 1, 2, *[0] * 16)
    assert (answer[1], len(answer) + 1) == (46, 49)
    bench = Bench(
        point("system_type", 4096, coherent="t"), point("cycles", 4099, coherent="t"),
        point("total_1", 4101, "uint32", coherent="t"), answer=lambda _: answer,
    )  # fmt: skip
    reading = await bench.poll()
    assert reading.values.tolist() == [9, 1234, 65_538]
    assert (len(bench.sent), reading.spread_ns) == (1, 0)


@pytest.mark.parametrize("page", ACTS)
def test_a_command_that_acts_is_refused_by_its_number(page: int) -> None:
    with pytest.raises(ValueError, match=f"is command {ACTS[page]}, which is not one that only reads"):
        Bench(point("x", 256 * ACTS[page]), answer=zeros)


def test_no_other_command_can_be_mapped() -> None:
    for command in set(range(256)) - set(maguire_tcp.WORDS):
        with pytest.raises(ValueError, match="which is not one that only reads"):
            Bench(point("x", 256 * command), answer=zeros)


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ([point("x", 4096, table="coil")], 'table "coil": a command is asked as holding or input'),
        ([point("x", 49 * 256 + 2)], "address 12546 is word 2 of an answer that has 2 words"),
        ([point("x", 85 * 256, "uint32")], "word 0 of an answer that has 1 words"),
        ([point("x", 4096, coherent="a"), point("y", 84 * 256, coherent="a")], "its points are of several commands"),
        ([point("x", 4096), point("y", 4097, table="input")], "holding or input, not both"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_said(points: list[Point], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Bench(*points, answer=zeros)


async def test_nothing_is_ever_sent_by_a_function_that_writes() -> None:
    points = [point(f"p{command}", 256 * command) for command in maguire_tcp.WORDS]
    bench = Bench(*points, answer=lambda pdu: bytes((pdu[0] | 0x80, 2)))
    assert set((await bench.poll()).quality.tolist()) == {Quality.REFUSED}
    assert {sent[7] for sent in bench.sent} <= set(FUNCTIONS.values())
    assert len(bench.sent) == len(points)  # refused is refused: nothing is cut up and asked again


@pytest.mark.parametrize(
    ("answer", "quality"),
    [
        (words(3, 4, *[0] * 21), Quality.CORRUPT),  # no such system type
        (words(2, 5, *[0] * 21), Quality.CORRUPT),
        (words(2, 12, *[0] * 21), Quality.REFUSED),  # of the other software
        (bytes((0x83, 6)), Quality.BUSY),
        (bytes((0x83, 11)), Quality.DEVICE_FAILURE),
        (words(2, 4, *[0] * 20), Quality.CORRUPT),  # a word too few
        (None, Quality.NO_ANSWER),
    ],
)
async def test_an_answer_that_cannot_be_meant_is_bad(answer: bytes | None, quality: Quality) -> None:
    bench = Bench(point("total_1", 4101, "uint32"), answer=lambda _: answer)
    reading = await bench.poll()
    assert reading.quality.tolist() == [quality]
    assert not reading.raw.any()


async def test_a_unit_that_changes_about_its_weights_spoils_both() -> None:
    units = iter((4, 4, 0, 4, 4))
    bench = Bench(
        point("batch_total", 84 * 256 + 2), point("weight_units", 85 * 256),
        answer=lambda pdu: words(next(units)) if pdu[1] == 85 else words(2, 0, 45, 3),
    )  # fmt: skip
    assert (await bench.poll()).values.tolist() == [45, 4]
    assert [sent[8] for sent in bench.sent] == [85, 84, 85]
    assert set((await bench.poll()).quality.tolist()) == {Quality.CORRUPT}
