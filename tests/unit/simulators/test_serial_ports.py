"""Scale, scanner and reader by virtual time and without a line; bytes as the manuals have them."""

import asyncio

import pytest

from gateway.clock import VirtualClock
from simulators.faults import Faults, parse
from simulators.plant.line import Plant
from simulators.served import Shown
from simulators.wire.barcode import Frame, ScannerPort
from simulators.wire.port import SerialPort, World
from simulators.wire.rfid import ReaderPort, frame, tag_frame
from simulators.wire.scale import ScalePort


class FarEnd(asyncio.WriteTransport):
    """Who is on the other side: sends at once, keeps what comes."""

    def __init__(self, port):
        super().__init__()
        self.port, self.kept = port, b""
        port.connection_made(self)

    def write(self, data):
        self.kept += data

    def close(self):
        self.port = None

    def send(self, data):
        self.port.data_received(data)

    def received(self):
        kept, self.kept = self.kept, b""
        return kept


class Bench:
    """Clock, script, what was shown; ports put on it are unplugged at the end."""

    def __init__(self):
        self.clock, self.faults = VirtualClock(), Faults()
        self.shown: list[Shown] = []
        self.ports: list[SerialPort] = []
        begin = self.clock.boottime_ns()
        self.world = World(
            self.clock, lambda: self.clock.boottime_ns() - begin, self.faults, self.shown.append
        )

    def script(self, text):
        for fault in parse(text):
            self.faults.add(fault)

    def put(self, port):
        self.ports.append(port)
        return FarEnd(port)

    async def hears(self, far, seconds=0.0):
        await self.clock.advance(seconds)
        return far.received()


@pytest.fixture
async def bench():
    made = Bench()
    yield made
    for port in made.ports:
        port.stop()
    await made.clock.advance(0)


def scale_of(bench, **given):
    packing = Plant(1).packing
    packing.signals |= {"mass": 12.5, "stable": 1}
    return packing, ScalePort("scale1", lambda: packing.signals, packing.zero, bench.world, **given)


async def test_a_scale_answers_commands(bench):
    packing, scale = scale_of(bench)
    far = bench.put(scale)
    for asked, said in (
        (b"SI\r\n", b"S S     12.500 kg\r\n"),
        (b"S\r\n", b"S S     12.500 kg\r\n"),
        (b"si\r", b"S S     12.500 kg\r\n"),
        (b"HELLO\r\n", b"ES\r\n"),
        (b"Z\r\n", b"Z A\r\n"),
        (b"I4\r\n", b'I4 A "SIM-SCALE-1"\r\n'),
    ):
        far.send(asked)
        assert await bench.hears(far) == said, asked
    packing.signals["stable"] = 0
    far.send(b"SI\r\nS\r\n")
    assert await bench.hears(far) == b"S D     12.500 kg\r\nS I\r\n"
    packing.signals["mass"] = 1501.0
    far.send(b"S")
    assert await bench.hears(far) == b""
    far.send(b"I\r\n")
    assert await bench.hears(far) == b"S +\r\n"


async def test_a_scale_talks_by_itself_and_is_silenced(bench):
    _, scale = scale_of(bench, every_s=0.5, words="st")
    far = bench.put(scale)
    said = await bench.hears(far, 1.1)
    assert said == 2 * b"ST,GS,+0012.500kg\r\n"
    far.send(b"@\r\n")
    assert await bench.hears(far) == b'I4 A "SIM-SCALE-1"\r\n'
    assert await bench.hears(far, 5.0) == b""


async def test_a_torn_and_a_silent_scale(bench):
    _, scale = scale_of(bench)
    bench.script("at 1 s: scale1 corrupt for 1 s\nat 2 s: scale1 silent for 1 s")
    far = bench.put(scale)
    await bench.clock.advance(1.0)
    far.send(b"SI\r\n")
    assert await bench.hears(far) == b"S S     1"
    await bench.clock.advance(1.0)
    far.send(b"SI\r\n")
    assert await bench.hears(far) == b""


async def test_a_scanner_repeats_until_it_is_acknowledged(bench):
    scanner = ScannerPort("s", bench.world)
    far = bench.put(scanner)
    scanner.scan("]C0LOT-1")
    scanner.scan("LOT\x1d2")
    first = bench.clock.now().time_ns
    assert await bench.hears(far) == b"\x02]C0LOT-1\x03"
    assert await bench.hears(far, 0.9) == b""
    assert await bench.hears(far, 0.2) == b"\x02]C0LOT-1\x03"
    far.send(b"\x15")
    assert await bench.hears(far) == b"\x02]C0LOT-1\x03"
    far.send(b"\x06")
    assert await bench.hears(far) == b"\x02LOT\x1d2\x03"
    assert [(each.code, each.tries, each.taken, each.time_ns) for each in bench.shown] == [
        ("]C0LOT-1", 3, True, first)
    ]


async def test_a_scanner_gives_up_and_says_so(bench):
    scanner = ScannerPort("s", bench.world, Frame(tries=2))
    bench.put(scanner)
    scanner.scan("LOT-1")
    await bench.clock.advance(3.0)
    assert [(each.tries, each.taken) for each in bench.shown] == [(2, False)]


async def test_a_scanner_without_answer_sends_once(bench):
    scanner = ScannerPort("s", bench.world, Frame(b"", b"\r", ack=False))
    far = bench.put(scanner)
    scanner.scan("A")
    scanner.scan("B")
    assert await bench.hears(far, 5.0) == b"A\rB\r"
    assert [each.taken for each in bench.shown] == [True, True]


async def test_a_reader_tells_tags_while_they_stay(bench):
    reader = ReaderPort("gate1", bench.world)
    far = bench.put(reader)
    epc = "300833B2DDD9014000000001"
    assert await bench.hears(far, 1.0) == b""
    reader.pass_by(epc, 250_000_000)
    rounds = (await bench.hears(far, 1.0)).count(bytes.fromhex("013000" + epc)[1:])
    assert rounds == 2


async def test_a_reader_answers_commands(bench):
    reader = ReaderPort("gate1", bench.world)
    far = bench.put(reader)
    far.send(b"\x00" + frame(0x74, b"\x00")[:3])
    assert await bench.hears(far) == b""
    far.send(frame(0x74, b"\x00")[3:] + frame(0x89, b"\x01"))
    assert await bench.hears(far) == frame(0x74, b"\x10") + frame(0x89, bytes(7))
    reader.pass_by("E2801160600002041234ABCD", 10**9)
    far.send(frame(0x89, b"\x01"))
    assert (await bench.hears(far)).startswith(tag_frame("E2801160600002041234ABCD", -53))
    far.send(frame(0x89, b"\x01")[:-1] + b"\x00")  # its check is wrong
    assert await bench.hears(far) == b""
