"""Looking for Modbus RTU frames in what came: each place is looked at once, at the cost of a byte, noise or not.

A frame may begin at any byte, and says its own length: noise that looks like the beginning of long frames, again and
again, would have the check of 250 bytes computed at every second place. The check is linear: with the register of
CRC-16 kept after each byte, that of any stretch comes out of the registers at its two ends. If ``reg[b]`` is what
``reg[a]`` became over ``bytes[a:b]``, then the register of these bytes alone, begun with 0xFFFF, is
``reg[b] ^ zeros(reg[a] ^ 0xFFFF, b - a)``, where ``zeros`` runs a register over so many bytes of zero; and it is 0
where the last two bytes are the right check (R. N. Williams, A Painless Guide to CRC Error Detection Algorithms, 1993).
"""

from __future__ import annotations

from array import array
from functools import cache

import numpy as np

from drivers.modbus.crc import TABLE
from drivers.modbus.pdu import LONGEST, answer_length

SHORTEST = 5  # bytes of a frame: an exception
_LONGEST_FRAME = LONGEST + 3


class Hunt:
    """Bytes in, whole frames out, in the order in which they begin. `most`: bytes kept of what is none."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._bytes = bytearray()
        self._registers = [0xFFFF]  # before each byte, and after the last
        self._waiting: list[tuple[int, int]] = []  # (place, end) of frames that may have begun: not whole yet
        self._looked = 0  # places before this one are waiting, or begin no frame

    def __len__(self) -> int:
        return len(self._bytes)

    def clear(self) -> None:
        """Forget what came."""
        self._bytes.clear()
        del self._registers[1:]
        self._waiting.clear()
        self._looked = 0

    def add(self, data: bytes, echo: bytes) -> None:
        """More came. An `echo` in it, of what was sent, is taken out."""
        before = len(self._bytes)
        self._bytes += data
        at = self._bytes.find(echo, max(before - len(echo) + 1, 0))
        if at >= 0:
            while at >= 0:
                del self._bytes[at : at + len(echo)]
                before = min(before, at)
                at = self._bytes.find(echo, at)
            del self._registers[before + 1 :]
            self._waiting = [each for each in self._waiting if each[0] < before]
            self._looked = min(self._looked, before)
        register, registers, table = self._registers[-1], self._registers, TABLE
        for byte in self._bytes[before:]:
            register = (register >> 8) ^ table[(register ^ byte) & 0xFF]
            registers.append(register)

    def next(self) -> tuple[int, bytes] | None:
        """The first whole frame with a good check, taken out with all before it; and how many bytes that was."""
        data, size = self._bytes, len(self._bytes)
        still: list[tuple[int, int]] = []
        for number, (at, end) in enumerate(self._waiting):
            if end > size:
                still.append((at, end))
            elif (found := self._look(at)) is not None:
                if found > size:
                    still.append((at, found))
                else:
                    self._waiting = still + self._waiting[number + 1 :]
                    return self._taken(at, found)
        self._waiting = still
        for at in range(self._looked, size - SHORTEST + 1):
            self._looked = at + 1
            if (found := self._look(at)) is not None:
                if found <= size:
                    return self._taken(at, found)
                self._waiting.append((at, found))
        if len(data) > self._most:
            self._cut(len(data) - self._most)
        return None

    def _look(self, at: int) -> int | None:
        """Where the frame at a place ends: whole and good, or not there yet; None where there is none."""
        length = answer_length(self._bytes, at + 1)
        if length is None:
            return len(self._bytes) + 1
        if not length:
            return None
        end = at + length + 3
        if end > len(self._bytes):
            return end
        low, high = _zeros(end - at)
        begun = self._registers[at] ^ 0xFFFF
        return end if self._registers[end] == low[begun & 0xFF] ^ high[begun >> 8] else None

    def _taken(self, at: int, end: int) -> tuple[int, bytes]:
        frame = bytes(self._bytes[at:end])
        self._cut(end)
        return at, frame

    def _cut(self, count: int) -> None:
        """Let go of what is in front."""
        del self._bytes[:count]
        del self._registers[:count]
        self._waiting = [(at - count, end - count) for at, end in self._waiting if at >= count]
        self._looked = max(self._looked - count, 0)


def _zeros(size: int) -> tuple[array[int], array[int]]:
    """What a register's low and its high byte become over so many bytes of zero."""
    return _all_zeros()[size]


@cache
def _all_zeros() -> list[tuple[array[int], array[int]]]:
    table = np.array(TABLE, np.uint16)
    both = np.concatenate([np.arange(256), np.arange(256) << 8]).astype(np.uint16)
    made = []
    for _ in range(_LONGEST_FRAME + 1):
        made.append((array("H", both[:256].tobytes()), array("H", both[256:].tobytes())))
        both = (both >> 8) ^ table[both & 0xFF]
    return made
