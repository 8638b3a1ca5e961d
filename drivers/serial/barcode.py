r"""A barcode scanner that sends what it reads, framed (``serial.barcode``).

The frame grammar is the port's: prefix, suffix, length, idle gap. By default a code stands between STX and
ETX and is answered with ACK once it is committed: a scanner set up so keeps a code until the gateway has it
safe, and one that it sends again is not counted twice. That holds across a restart: the code that was
committed last is the same scan when it comes again within ``resend_window``, the time that the gateway was
away not counted, or with the ``resend_flag``. A scanner that only sends needs ``prefix: ""``,
``suffix: CR``, ``ack: ""``.

On the wire::

    <- \x02]C1LOT-4711\x03
    == LOT-4711

A scanner that says now and then that it lives (``heartbeat``) is told dead when nothing was heard for ``silent``.

An AIM symbology identifier before the code (``]C1``, ISO/IEC 15424) goes to the scan's symbology. Frames
that are torn, overlong or unprintable are refused: no scan, no ACK, but an event that counts them.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from drivers.options import Option, read
from drivers.serial.framing import Frame, Framer, Grammar
from drivers.serial.listening import Ear
from drivers.serial.pulse import Pulse
from drivers.serial.refusals import Refusals
from drivers.serial.resends import Resends, Seen
from gateway.model import Instant, Noted, Plain, Reading, Scan, Severity
from gateway.ports import Clock, Line
from gateway.site import Bus, Device, ScanPoint

KIND = "talking"
OPTIONS: Mapping[str, Option] = {
    "prefix": Option("bytes", "STX", "begins a frame"),
    "suffix": Option("bytes", "ETX", "ends a frame"),
    "length": Option("int", 0, "bytes of a code where it is fixed; 0: any", least=0),
    "longest": Option("int", 256, "bytes of the longest code; more is refused", least=1),
    "idle": Option(
        "duration", "500ms", "silence that ends a frame, or tears one that needs a suffix; 0: never"
    ),
    "ack": Option("bytes", "ACK", "sent when a scan is committed; empty: the scanner waits for nothing"),
    "nak": Option("bytes", "", "sent at once when a frame is refused"),
    "resend_window": Option("duration", "2s", "the same code again this soon after its ACK is the same scan"),
    "resend_flag": Option("bytes", "", "what the scanner puts before a code that it sends again"),
    "no_read": Option("bytes", "", "what the scanner sends when it could not read, such as NOREAD"),
    "heartbeat": Option("bytes", "", "what the scanner sends to say that it lives, such as HB: no code"),
    "silent": Option("duration", "0s", "nothing heard for so long is a dead scanner; 0: never"),
}
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")  # ISO/IEC 15424: flag, code character, modifier


class Scanner:
    """One scanner on its line; a `gateway.ports.TalkingDriver`."""

    def __init__(
        self, bus: Bus, device: Device, point: str, line: Line, clock: Clock, options: Mapping[str, Any]
    ) -> None:
        self._bus, self._device, self._line, self._clock, self._point = bus, device, line, clock, point
        self._ear = Ear(bus, line, clock)
        self._framer = Framer(
            Grammar(
                options["prefix"], options["suffix"], options["length"], options["longest"], options["idle"]
            )
        )
        self._ack: bytes = options["ack"]
        self._nak: bytes = options["nak"]
        self._no_read: bytes = options["no_read"]
        self._heartbeat: bytes = options["heartbeat"]
        self._silent_ns: int = options["silent"]
        self._flag: bytes = options["resend_flag"]
        self._resends = Resends(options["resend_window"])
        self._refusals = Refusals(point)

    def remember(self, scan: Scan, ran_ns: int) -> None:
        self._resends.remember(scan.symbology + scan.code, ran_ns, self._clock.boottime_ns())

    async def listen(self) -> AsyncIterator[Reading | Scan | Noted]:
        pulse = Pulse(self._silent_ns, self._clock.boottime_ns())
        while True:
            deadlines = [each for each in (self._framer.deadline_ns, pulse.deadline_ns) if each is not None]
            data = await self._ear.hear(min(deadlines, default=None))
            for note in self._ear.notes():
                yield note
            at = self._clock.now()
            if self._ear.down:
                self._framer.clear()
                pulse.excuse(at.boottime_ns)
                continue
            if (life := self._living(pulse, at, heard=bool(data))) is not None:
                yield life
            frames = self._framer.feed(data, at.boottime_ns) if data else self._framer.idle(at.boottime_ns)
            for frame in frames:
                told = await self._take(frame, at)
                if told is not None:
                    yield told

    def _living(self, pulse: Pulse, at: Instant, *, heard: bool) -> Noted | None:
        """What its silence, or the end of it, has to tell."""
        facts: dict[str, Plain] = {"bus": self._bus.name}
        if heard:
            away_ns = pulse.heard(at.boottime_ns)
            if away_ns is None:
                return None
            facts["away_s"] = away_ns // 1_000_000_000
            return Noted(at.time_ns, "unit_alive", self._device.name, Severity.INFO, facts)
        if pulse.stopped(at.boottime_ns):
            return Noted(at.time_ns, "unit_dead", self._device.name, Severity.WARNING, facts)
        return None

    async def _take(self, frame: Frame, at: Instant) -> Scan | Noted | None:
        """A scan or a refusal; None for a heartbeat, a frame sent again, or when refusals were told just now."""
        if self._heartbeat and frame.data == self._heartbeat:
            return None
        why = frame.refused or ("no read" if self._no_read and frame.data == self._no_read else "")
        if why:
            if self._nak:
                await self._ear.say(self._nak)
            return self._refusals.refuse(frame.data, why, at)
        flagged = bool(self._flag) and frame.data.startswith(self._flag)
        text = (frame.data[len(self._flag) :] if flagged else frame.data).decode("latin-1")
        if self._ack:
            seen = self._resends.seen(text, at.boottime_ns, flagged=flagged)
            if seen is Seen.AGAIN:
                await self._ear.say(self._ack)
            if seen is not Seen.NEW:
                return None
        aim = _AIM.match(text)
        if aim:
            return Scan(self._point, at, text[aim.end() :], aim[0])
        return Scan(self._point, at, text)

    async def acknowledge(self, scan: Scan) -> None:
        if not self._ack:
            return
        # If it cannot be sent now, the scanner will send the code again, and is answered then.
        await self._ear.say(self._ack)
        self._resends.acknowledged(scan.symbology + scan.code, self._clock.boottime_ns())

    async def close(self) -> None:
        await self._line.close()


def the_reader(devices: Sequence[Device], scan_points: Sequence[ScanPoint]) -> str:
    """The scan point of a reader's bus; the reader's own name where the site gives it none."""
    if len(devices) != 1:
        raise ValueError(f"a reader has its line for itself, not {len(devices)} devices")
    points = [point.name for point in scan_points if point.device == devices[0].name]
    if len(points) > 1:
        raise ValueError(f"{devices[0].name}: one reader is one scan point, not {' and '.join(points)}")
    return points[0] if points else devices[0].name


def build(
    *, bus: Bus, devices: Sequence[Device], line: Line, clock: Clock, scan_points: Sequence[ScanPoint] = ()
) -> Scanner:
    """The driver of a bus. Raises ValueError for options that make no sense."""
    point = the_reader(devices, scan_points)
    return Scanner(bus, devices[0], point, line, clock, read(bus.options, OPTIONS))
