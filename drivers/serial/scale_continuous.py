r"""A scale that sends its weight line after line without being asked (``serial.scale_continuous``).

Every line is a reading, or the newest one each ``every``. A line that cannot be read is a CORRUPT reading;
a scale that says nothing for ``silent`` gives a bad reading (NO_ANSWER) then and each time that passes
again, a broken line one LINE_DOWN reading when it breaks. The weight fills the group's float64 points,
whether it stands still its bit points.

On the wire::

    point type=float64 uom=kg
    <- S S     12.50 kg\r\n
    <- S S     12.50 kg\r\n
    == 12.5

Formats: ``sics`` is what MT-SICS scales send after ``SIR``, and can be told to (``start: "SIR CR LF"``);
``st`` is ``ST,GS,+00012.34kg``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import Any

from drivers.options import Option, read
from drivers.serial.lines import Lines
from drivers.serial.listening import Ear
from drivers.serial.weighing import Pan, the_scale
from drivers.serial.weight import FORMATS, Said, Trouble
from gateway.model import Instant, Noted, Quality, Reading, Scan
from gateway.ports import Clock, Line
from gateway.site import Bus, Device, ScanPoint

KIND = "talking"
OPTIONS: Mapping[str, Option] = {
    "format": Option("choice", "sics", "how a line looks", tuple(FORMATS)),
    "every": Option("duration", "0s", "the newest line this often; 0: every line"),
    "silent": Option("duration", "3s", "no line for so long is bad", least=1),
    "start": Option("bytes", "", "sent when the line opens and when the scale is silent, to make it talk"),
}


class TalkingScale:
    """One scale on its line; a `gateway.ports.TalkingDriver`."""

    def __init__(
        self, bus: Bus, device: Device, line: Line, clock: Clock, options: Mapping[str, Any]
    ) -> None:
        self._line, self._clock = line, clock
        self._ear = Ear(bus, line, clock)
        self._lines = Lines()
        self._pans = [Pan(group) for group in device.groups]
        self._parse: Callable[[bytes], Said] = FORMATS[options["format"]]
        self._every_ns: int = options["every"]
        self._silent_ns: int = options["silent"]
        self._start: bytes = options["start"]
        self._joining = True  # the first line may have begun before we listened
        self._told_ns: int | None = None  # boottime of the last reading handed on

    async def listen(self) -> AsyncIterator[Reading | Scan | Noted]:
        clock, was_down = self._clock, False
        await self._make_it_talk()
        heard_ns = clock.boottime_ns()
        while True:
            data = await self._ear.hear(heard_ns + self._silent_ns)
            at = clock.now()
            for note in self._ear.notes():
                yield note
            if self._ear.down:
                if not was_down:
                    for reading in self._all_bad(Quality.LINE_DOWN, at):
                        yield reading
                was_down, heard_ns = True, at.boottime_ns
                self._lines.clear()
                continue
            if was_down:
                was_down, self._joining, heard_ns = False, True, at.boottime_ns
                await self._make_it_talk()
            lines = self._lines.feed(data)
            if lines:
                heard_ns = at.boottime_ns
                for reading in self._say(lines, at):
                    yield reading
            elif at.boottime_ns - heard_ns >= self._silent_ns:
                heard_ns = at.boottime_ns
                for reading in self._all_bad(Quality.CORRUPT if self._lines.rest else Quality.NO_ANSWER, at):
                    yield reading
                self._lines.clear()
                await self._make_it_talk()

    def _say(self, lines: list[bytes], at: Instant) -> Iterator[Reading]:
        for line in lines:
            said = self._parse(line)
            joining, self._joining = self._joining, False
            if joining and isinstance(said, Trouble) and said.quality is Quality.CORRUPT:
                continue
            if self._told_ns is None or at.boottime_ns - self._told_ns >= self._every_ns:
                self._told_ns = at.boottime_ns
                for pan in self._pans:
                    yield pan.reading(said, at)

    def _all_bad(self, why: Quality, at: Instant) -> Iterator[Reading]:
        for pan in self._pans:
            yield pan.bad(why, at)

    async def _make_it_talk(self) -> None:
        if self._start:
            await self._ear.say(self._start)

    def remember(self, scan: Scan, ran_ns: int) -> None:
        """A scale reads no codes."""

    async def acknowledge(self, scan: Scan) -> None:
        """A scale reads no codes."""

    async def close(self) -> None:
        await self._line.close()


def build(
    *,
    bus: Bus,
    devices: Sequence[Device],
    line: Line,
    clock: Clock,
    scan_points: Sequence[ScanPoint] = (),  # noqa: ARG001 # a scale reads no codes
) -> TalkingScale:
    """The driver of a bus. Raises ValueError for options and points that make no sense."""
    return TalkingScale(bus, the_scale(devices), line, clock, read(bus.options, OPTIONS))
