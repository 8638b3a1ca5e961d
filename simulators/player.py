"""A recording as the holding registers of one unit: a row at a time, all its words changing together.

Registers: answer number (uint32), row from 1 (uint32), the row's own time in ms (uint64), then a float32 a column.
"""

from __future__ import annotations

import asyncio
import json
import math
import signal
from collections.abc import Mapping
from pathlib import Path

from gateway.layout import Field
from gateway.ports import Clock
from gateway.site import Device, Group, Point
from simulators.faults import Faults
from simulators.plant.machine import Value
from simulators.recording import Recording, RecordingError, read_recording
from simulators.wire.image import ANSWER_NUMBER, Image
from simulators.wire.modbus import TcpUnits
from simulators.wire.station import Answer, Station
from simulators.writesite import SiteText, write_site

ROW, ROW_TIME = "row", "row_time_ms"
DEVICE = "player1"
_MODEL, _UNIT = "recording", 1
_MOST_COLUMNS = 58  # what fits beside the head into one read of 125 words


def points_of(names: tuple[str, ...]) -> list[tuple[str, int, str]]:
    """Name, address and type of every register of a recording with these columns."""
    head = [(ANSWER_NUMBER, 0, "uint32"), (ROW, 2, "uint32"), (ROW_TIME, 4, "uint64")]
    return head + [(name, 8 + 2 * place, "float32") for place, name in enumerate(names)]


class Player:
    """Which row is on now. Rows come as recorded, `speed` times faster, or every `period_s`.

    With `patient` a row stays until it was read at least once: for tests that want every row.
    """

    def __init__(
        self, recording: Recording, clock: Clock, *, speed: float = 1.0, period_s: float | None = None,
        loop: bool = False, patient: bool = False,
    ) -> None:  # fmt: skip
        self.recording, self._clock, self._loop, self._patient = recording, clock, loop, patient
        self._speed, self._period_s = speed, period_s
        self.row, self._place = 1, 0
        self._since_ns = clock.boottime_ns()
        self._was_read = False
        self.finished = asyncio.Event()  # the last row is on, and was read if patient

    def signals(self) -> Mapping[str, Value]:
        """Of the row that is on now."""
        self()
        numbers = zip(self.recording.names, self.recording.rows[self._place], strict=True)
        return {ROW: self.row, ROW_TIME: self.recording.times_ms[self._place], **dict(numbers)}

    def __call__(self) -> int:
        """Time in nanoseconds; on the way the rows that are due pass."""
        now = self._clock.boottime_ns()
        while True:
            last = self._place + 1 == len(self.recording.rows)
            if self._patient and not self._was_read:
                return now
            if last and not self._loop:
                self.finished.set()
                return now
            due = self._since_ns + self._stays_ns()
            if due > now:
                return now
            self._since_ns = now if self._patient else due
            self._place = 0 if last else self._place + 1
            self.row, self._was_read = self.row + 1, False

    def _stays_ns(self) -> int:
        """How long the row that is on stays; at least 1 ms, where times repeat or run back."""
        if self._period_s is not None:
            return round(self._period_s * 1e9)
        times, place = self.recording.times_ms, self._place
        recorded = times[place + 1] - times[place] if place + 1 < len(times) else 1000
        return max(round(recorded * 1e6 / self._speed), 1_000_000)

    def served(self, station: Station, table: str, address: int, answer: Answer) -> None:
        """An answer went out; a whole row has been read when it holds all words."""
        del station, table
        if address <= 2 and address + len(answer.words) >= 8 + 2 * len(self.recording.names):
            self._was_read = True


def unit_of(player: Player) -> Station:
    """The unit that shows the player's rows."""
    recording = player.recording
    if len(recording.names) > _MOST_COLUMNS:
        raise RecordingError(
            f"{len(recording.names)} columns do not fit into one read; at most {_MOST_COLUMNS}"
        )
    points = tuple(
        Point(name, f"sim/line1/{DEVICE}/{name}", Field(kind), "holding", address)
        for name, address, kind in points_of(recording.names)
    )
    group = Group(f"{DEVICE}/fast", DEVICE, 1, points, 1)
    device = Device(DEVICE, "play", _MODEL, _UNIT, f"sim/line1/{DEVICE}", (group,))
    return Station(Image(device, player.signals), Faults(), player)


def player_site(names: tuple[str, ...], address: str, poll: str) -> SiteText:
    """The site that reads it."""
    site = SiteText("playback", _MODEL, poll)
    for name, place, kind in points_of(names):
        site.point(name, place, kind, coherent="row")
    site.bus("play", address, [(DEVICE, _UNIT)])
    return site


async def run_player(
    file: Path, port: int, speed: float, period_s: float | None, folder: Path | None, clock: Clock, *,
    loop: bool = False, patient: bool = False, poll: str = "50ms",
) -> None:  # fmt: skip
    """Serve until SIGTERM or SIGINT. Prints where it listens, and once the last row is on, that; JSON lines."""
    player = Player(read_recording(file), clock, speed=speed, period_s=period_s, loop=loop, patient=patient)
    units = TcpUnits({_UNIT: unit_of(player)}, clock, player.served, port)
    address = await units.start()
    if folder is not None:
        write_site(folder, player_site(player.recording.names, address, poll))
    rows = len(player.recording.rows)
    print(json.dumps({"address": address, "rows": rows, "columns": list(player.recording.names)}), flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    watch = asyncio.create_task(_tell_end(player, clock))
    await stop.wait()
    watch.cancel()
    await units.stop()


async def _tell_end(player: Player, clock: Clock) -> None:
    while not player.finished.is_set():
        await clock.sleep_until(clock.boottime_ns() + 50_000_000)
        player()
    print(json.dumps({"played": player.row}), flush=True)


def same(left: float, right: float) -> bool:
    """Equal, or both missing."""
    return left == right or (math.isnan(left) and math.isnan(right))
