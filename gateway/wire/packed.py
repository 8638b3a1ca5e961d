"""Bytes of a compact payload: whole numbers, texts, and the frame around them. What is not ours is `NotOurs`.

Whole numbers are those of `gateway.columns.varint`. A payload's first byte says its form: ``{`` is JSON, 1 a compact
body as it is, 2 one in a zstd frame that names its size. What a frame unpacks to is bounded before it is unpacked.
"""

from __future__ import annotations

import threading

import zstandard

from gateway.columns.varint import take_unsigned, unsigned
from gateway.wire.checks import NotOurs, text

PLAIN, PACKED = 1, 2
BODY_MOST = 8 << 20
"""Bytes of a body: some hundred times what we send."""

_LEVEL = 3  # of zstd: 4 takes a third more time for a hundredth of the size
_WORTH = 64  # bytes from which on a frame is tried


def named(value: str) -> bytes:
    """A text: bytes of its UTF-8 form, counted."""
    data = value.encode()
    return unsigned(len(data)) + data


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
        try:
            value, self._at = take_unsigned(self._data, self._at)
        except IndexError:
            raise NotOurs(f"the payload ends before its {what}") from None
        except ValueError:
            raise NotOurs(f"{what} is longer than 64 bits") from None
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
