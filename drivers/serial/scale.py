r"""A scale that answers commands: MT-SICS level 0, understood by scales of many makers (``serial.scale``).

Asks ``SI`` (the weight now, stable or not) or ``S`` (wait until it stands still). A weight in motion is
uncertain (UNSTABLE), overload and underload are SENSOR_FAULT, an answer in another unit than the point's is
CORRUPT. The weight fills the group's float64 points, whether it stands still its bit points.

Answers carry no number, so after a timeout the next one could be the late answer to an older question. Then
the scale is asked for its serial number first (``I4``): scales answer in order, so what comes after that is
ours.

On the wire::

    point type=float64 uom=kg
    -> SI\r\n
    <- S S     12.50 kg\r\n
    -> I4\r\n
    <- I4 A "0123456789"\r\n
    == 12.5

Source: Mettler-Toledo, MT-SICS reference manual (11781363), "Commands and responses" S, SI, I4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from drivers.options import Option, read
from drivers.serial.lines import Lines
from drivers.serial.weighing import Pan, the_scale
from drivers.serial.weight import Trouble, sics
from gateway.model import Plain, Quality, Reading
from gateway.ports import Clock, Line, LineDown, LineSilent
from gateway.site import Bus, Device, Group, ScanPoint

KIND = "polling"
OPTIONS: Mapping[str, Option] = {
    "command": Option("choice", "SI", "what is asked: SI the weight now, S a stable one", ("SI", "S")),
}
_SYNCED = (b"I4", b"ES", b"EL")  # a clone that does not know I4 says so, in order
_ANSWER_CHARS = 24
_WEIGHING_NS = 20_000_000


class Scale:
    """One scale on its line; a `gateway.ports.PollingDriver`."""

    def __init__(self, bus: Bus, device: Device, line: Line, clock: Clock, command: str) -> None:
        self._bus, self._line, self._clock = bus, line, clock
        self._question = f"{command}\r\n".encode("ascii")
        self._pans = {group.id: Pan(group) for group in device.groups}
        self._lines = Lines()
        self._unsure = False  # an answer may still be on its way
        self.trouble = ""

    async def poll(self, device: Device, group: Group) -> Reading:
        pan, clock = self._pans[group.id], self._clock
        deadline_ns = clock.boottime_ns() + device.timeout_ns
        try:
            if self._unsure:
                await self._sync(deadline_ns)
            said = await self._ask(self._question, deadline_ns)
        except LineSilent:
            return pan.bad(Quality.CORRUPT if self._lines.rest else Quality.NO_ANSWER, clock.now())
        except LineDown as error:
            self.trouble = str(error)
            return pan.bad(Quality.LINE_DOWN, clock.now())
        at = clock.now()
        weight = sics(said[0]) if len(said) == 1 else Trouble(Quality.CORRUPT, "more than was asked for")
        self._unsure = isinstance(weight, Trouble) and weight.quality is Quality.CORRUPT
        return pan.reading(weight, at)

    async def probe(self, device: Device) -> bool:
        try:
            await self._sync(self._clock.boottime_ns() + device.timeout_ns)
        except (LineSilent, LineDown):
            return False
        return True

    async def _sync(self, deadline_ns: int) -> None:
        """Wait out what older questions may still bring."""
        said = await self._ask(b"I4\r\n", deadline_ns)
        while not said[-1].startswith(_SYNCED):
            said = await self._hear(deadline_ns)
        self._unsure = False

    async def _ask(self, question: bytes, deadline_ns: int) -> list[bytes]:
        self._line.discard()
        self._lines.clear()
        self._unsure = True  # until its answer has been judged, also when this task is cancelled on the way
        await self._line.send(question)
        return await self._hear(deadline_ns)

    async def _hear(self, deadline_ns: int) -> list[bytes]:
        while True:
            if whole := self._lines.feed(await self._line.receive(deadline_ns)):
                return whole

    def cost_ns(self, device: Device, group: Group) -> int:  # noqa: ARG002 # one question, whatever the group
        bus = self._bus
        char_ns = (1 + bus.data_bits + (bus.parity != "N") + bus.stop_bits) * 1_000_000_000 // bus.baud
        return (len(self._question) + _ANSWER_CHARS) * char_ns + _WEIGHING_NS

    async def close(self) -> None:
        await self._line.close()


def build(
    *,
    bus: Bus,
    devices: Sequence[Device],
    line: Line,
    clock: Clock,
    scan_points: Sequence[ScanPoint] = (),  # noqa: ARG001 # a scale reads no codes
) -> Scale:
    """The driver of a bus. Raises ValueError for options and points that make no sense."""
    options: Mapping[str, Plain] = read(bus.options, OPTIONS)
    return Scale(bus, the_scale(devices), line, clock, str(options["command"]))
