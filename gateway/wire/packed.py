"""Bytes of a compact payload: whole numbers, texts, and the frame around them. What is not ours is `NotOurs`.

A payload's first byte says its form: ``{`` is JSON, 1 a compact body as it is, 2 one in a zstd frame that names its
size. What a frame unpacks to is bounded before it is unpacked.
"""

from __future__ import annotations

import threading

import zstandard

from gateway.wire.checks import NotOurs, text

PLAIN, PACKED = 1, 2
BODY_MOST = 8 << 20
"""Bytes of a body: some hundred times what we send."""

_LEVEL = 3  # of zstd: 4 takes a third more time for a hundredth of the size
_WORTH = 64  # bytes from which on a frame is tried


def number(value: int) -> bytes:
    """A whole number from 0 on as unsigned LEB128: seven bits a byte, the lowest first, the top bit says "more"."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def signed(value: int) -> bytes:
    """A whole number, small where it is near 0: 0, -1, 1, -2 as 0, 1, 2, 3."""
    return number(value << 1 if value >= 0 else (-value << 1) - 1)


def named(value: str) -> bytes:
    """A text: bytes of its UTF-8 form, counted."""
    data = value.encode()
    return number(len(data)) + data


class Cursor:
    """Reads a body from front to back. Every method raises NotOurs at its end."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def taken(self, size: int, what: str) -> bytes:
        """So many bytes."""
        end = self._at + size
        if end > len(self._data):
            raise NotOurs(f"the payload ends before its {what}")
        start, self._at = self._at, end
        return self._data[start:end]

    def number(self, what: str, high: int) -> int:
        """A whole number in [0, high]."""
        value = shift = 0
        while True:
            if self._at >= len(self._data):
                raise NotOurs(f"the payload ends before its {what}")
            byte = self._data[self._at]
            self._at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
            shift += 7
            if shift > 63:
                raise NotOurs(f"{what} is longer than 64 bits")
        if value > high:
            raise NotOurs(f"{what} is not from 0 to {high}")
        return value

    def signed(self, what: str) -> int:
        """What `signed` wrote."""
        folded = self.number(what, 2**64 - 1)
        return (folded >> 1) ^ -(folded & 1)

    def text(self, what: str, limit: int = 4096) -> str:
        """What `named` wrote, of at most `limit` characters."""
        data = self.taken(self.number(what, 4 * limit), what)
        try:
            return text(data.decode(), what, limit)
        except UnicodeDecodeError:
            raise NotOurs(f"{what} is not UTF-8") from None

    def rest(self) -> bytes:
        """All that was not read yet."""
        return self.taken(len(self._data) - self._at, "end")

    def end(self) -> None:
        """Nothing may follow."""
        if self._at != len(self._data):
            raise NotOurs(f"{len(self._data) - self._at} bytes follow the payload's end")


class _Zstd(threading.local):
    """Of each thread its own: to make them takes as long as a message."""

    def __init__(self) -> None:
        self.compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=False)
        self.decompressor = zstandard.ZstdDecompressor()


_ZSTD = _Zstd()


def is_compact(payload: bytes) -> bool:
    """Whether its first byte is of a compact form, known or not: JSON begins with no control character."""
    return payload[:1] < b"\t" and payload != b""


def framed(body: bytes) -> bytes:
    """The payload of a body, packed where that makes it shorter."""
    if len(body) >= _WORTH:
        packed = _ZSTD.compressor.compress(body)
        if len(packed) < len(body):
            return bytes([PACKED]) + packed
    return bytes([PLAIN]) + body


def unframed(payload: bytes) -> Cursor:
    """A cursor at the front of a payload's body. Raises NotOurs."""
    if payload[0] == PLAIN:
        return Cursor(payload[1:])
    if payload[0] != PACKED:
        raise NotOurs(f"first byte {payload[0]} is of a form that is not known here: a newer gateway's?")
    packed = payload[1:]
    try:
        size = zstandard.get_frame_parameters(packed).content_size
        if size == zstandard.CONTENTSIZE_UNKNOWN:
            raise NotOurs("the payload's frame does not say its size")
        if size > BODY_MOST:
            raise NotOurs(f"the payload would unpack to more than {BODY_MOST} bytes")
        body = _ZSTD.decompressor.decompress(packed, max_output_size=BODY_MOST, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise NotOurs(f"the payload does not unpack: {error}") from None
    return Cursor(body)
