"""A Maguire blender behind its Modbus gateway, on the wire: a register address is a command, its answer the words.

Of the manual that `config/devices/maguire_wsb4.yaml` names: a command is asked by its own address, whole; 24 clears the
totals (page 15). What the manual leaves open is taken so that a careless client is found out: a command that acts does
so however it is asked for.
"""

from __future__ import annotations

from dataclasses import replace

from gateway.site import Device
from simulators.wire.encode import words_of
from simulators.wire.image import ILLEGAL_ADDRESS, ILLEGAL_VALUE, Image, Refused, Signals

TOTALS, THROUGHPUT, TYPE, CLEAR, STATUS, DISPLAY, BATCH_INFO, UNITS = 16, 29, 49, 24, 53, 56, 84, 85
FOUR = {TOTALS: 23, THROUGHPUT: 3, TYPE: 2, STATUS: 3, DISPLAY: 8, BATCH_INFO: 4, UNITS: 1}
"""Words of an answer, of four-component software (pages 35, 33, 39, 29, 21, 18, 41)."""


class Tunnel(Image):
    """Answers commands with the words of the map's points; a word that no point names is zero."""

    def __init__(self, device: Device, signals: Signals) -> None:
        super().__init__(device, signals)
        self.obeyed: list[int] = []  # commands that act, and were asked for
        longest = max((point.address & 0xFF) + point.field.width for point in self.points)
        self._counts = FOUR | ({TOTALS: longest} if longest > FOUR[TOTALS] else {})

    def read(self, table: str, address: int, count: int) -> list[int]:
        command, word = divmod(address, 256)
        if command == CLEAR:
            self.obeyed.append(command)
        if table not in {"holding", "input"} or word or command not in self._counts:
            raise Refused(ILLEGAL_ADDRESS)
        if count != self._counts[command]:
            raise Refused(ILLEGAL_VALUE)
        shown = self._signals()
        words = [0] * count
        for point in self.points:
            if point.address >> 8 == command:
                at = point.address & 0xFF
                counts = replace(
                    point, field=replace(point.field, scale="1", bias="0")
                )  # whatever a site makes of them
                words[at : at + point.field.width] = words_of(counts, shown[point.name])
        return words
