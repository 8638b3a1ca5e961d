"""Which frames of a write-ahead log count, by the words of its format: sqlite.org/fileformat2.html, 4.1 to 4.4.

A frame is valid when it has the salts of the log's head and the checksum over all before it; what counts reaches to the
last valid one that ends a commit. Most frames of a state were in the one before too, so each is looked at once. That
SQLite says the same is checked now and then by who uses this.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass

HEAD, FRAME_HEAD = 32, 24  # bytes
_MAGIC, _VERSION = 0x377F0682, 3_007_000
_KNOWN_MOST = 20_000  # frames

Sum = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Frame:
    """One of a log."""

    page: int  # from 1
    pages: int  # of the database after this commit; 0 within one
    size: int  # of a page
    seen: bytes  # digest of the page as it is now
    behind: Sum  # checksum that has to be in its head


class Logs:
    """Logs of one life. `frames` is what counts of one."""

    def __init__(self) -> None:
        self._known: dict[tuple[Sum, bytes], Frame] = {}  # by the sum before, and its bytes
        self._last: tuple[bytes, list[Frame], int] = b"", [], 0  # valid bytes, frames in them, up to a commit

    def frames(self, log: bytes) -> list[Frame]:
        """Those up to the last that ends a commit; none of a log that is none."""
        if len(log) < HEAD:
            return []
        magic, version, size, _, _, _, first, second = struct.unpack_from(">8I", log)
        order = ">" if magic & 1 else "<"
        if magic & ~1 != _MAGIC or version != _VERSION or not _is_size(size):
            return []
        last = checksum(log[: HEAD - 8], (0, 0), order)
        if last != (first, second):
            return []
        salts, step = log[16:24], FRAME_HEAD + size
        found, ended = self._begun(log, step)
        if found:
            last = found[-1].behind
        for at in range(HEAD + len(found) * step, len(log) - step + 1, step):
            bytes_ = log[at : at + step]
            if bytes_[8:16] != salts:
                break
            frame = self._known.get((last, bytes_)) or self._looked_at(bytes_, last, order)
            if not frame.page or frame.behind != struct.unpack_from(">2I", bytes_, 16):
                break
            last = frame.behind
            found.append(frame)
            if frame.pages:
                ended = len(found)
        self._last = log[: HEAD + len(found) * step], found, ended
        return found[:ended]

    def _begun(self, log: bytes, step: int) -> tuple[list[Frame], int]:
        """What the log before has in common with this one, where that is all that was valid of it."""
        bytes_, found, ended = self._last
        if found and found[0].size == step - FRAME_HEAD and log.startswith(bytes_):
            return list(found), ended
        return [], 0

    def _looked_at(self, bytes_: bytes, before: Sum, order: str) -> Frame:
        if len(self._known) > _KNOWN_MOST:
            self._known.clear()
        page, pages = struct.unpack_from(">2I", bytes_)
        data = bytes_[FRAME_HEAD:]
        behind = checksum(data, checksum(bytes_[:8], before, order), order)
        frame = self._known[before, bytes_] = Frame(page, pages, len(data), digest(data), behind)
        return frame


def digest(data: bytes | bytearray) -> bytes:
    """Of any bytes."""
    return hashlib.sha1(data, usedforsecurity=False).digest()  # processors have it built in


def _is_size(size: int) -> bool:
    return 512 <= size <= 65_536 and not size & (size - 1)


def checksum(data: bytes, before: Sum, order: str) -> Sum:
    """4.4: two sums, each of them in each step of eight bytes with the other."""
    first, second = before
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for x, y in zip(words[::2], words[1::2], strict=True):
        first = (first + x + second) & 0xFFFFFFFF
        second = (second + y + first) & 0xFFFFFFFF
    return first, second
