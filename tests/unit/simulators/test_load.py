"""The load server: bytes of the standard in, bytes of the standard out, in any cut."""

import asyncio
import struct

from gateway.clock import VirtualClock
from simulators.load import LoadPort, Units, load_site, word_of


class Wire(asyncio.WriteTransport):
    def __init__(self, registers=10, numbers=range(1, 4)):
        super().__init__()
        self.clock, self.said, self.closed = VirtualClock(), b"", False
        self.port = LoadPort(Units(registers, self.clock), numbers)
        self.port.connection_made(self)

    def write(self, data):
        self.said += data

    def close(self):
        self.closed = True

    def ask(self, *parts):
        self.said = b""
        for part in parts:
            self.port.data_received(bytes.fromhex(part))
        return self.said.hex(" ")


async def test_registers_say_who_and_when_they_are():
    wire = Wire()
    await wire.clock.advance(0.75)
    wire.ask("0007 0000 0006 02 03 0000 0004")
    words = (7, 1, word_of(2, 2, 7), word_of(2, 3, 7))
    assert wire.said == bytes.fromhex("0007 0000 000b 02 03 08") + struct.pack(">4H", *words)
    assert word_of(2, 2, 7) == 2 * 257 + 2 * 31 + 7
    wire.ask("0008 0000 0006 02 03 0000 0002")
    assert wire.said[-2:] == b"\0\2"
    await wire.clock.advance(0.1)
    wire.ask("0009 0000 0006 02 04 0009 0001")
    assert struct.unpack(">H", wire.said[-2:]) == (word_of(2, 9, 8),)


def test_pieces_and_pipelines():
    wire = Wire()
    assert wire.ask("0001 0000", "0006 01 03 00", "00 0001 0002 0000 0006 03 03 0001 0001") == (
        "00 01 00 00 00 05 01 03 02 00 00 00 02 00 00 00 05 03 03 02 00 01"
    )


def test_refusals():
    wire = Wire()
    assert wire.ask("0001 0000 0006 09 03 0000 0001") == "00 01 00 00 00 03 09 83 0b"
    assert wire.ask("0001 0000 0006 01 03 0009 0002") == "00 01 00 00 00 03 01 83 02"
    assert wire.ask("0001 0000 0006 01 03 0000 007e") == "00 01 00 00 00 03 01 83 03"
    assert wire.ask("0001 0000 0006 01 06 0000 0001") == "00 01 00 00 00 03 01 86 01"
    assert not wire.closed
    wire.ask("0001 0001 0006 01 06 0000 0001")
    assert wire.closed


def test_a_site_with_every_register():
    text = load_site(3, {502: range(1, 3)})
    assert len(text.points) == 3
    assert len(text.devices) == 2
