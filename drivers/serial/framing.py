r"""Frames of a barcode scanner: prefix, code, suffix; or a fixed length; or a pause on the line. Pure.

Rule 1: a frame is whole or refused, never guessed.  Rule 2: what was refused is handed on with the reason,
so that nothing vanishes.  Rule 3: after garbage the next good frame is read.

>>> framer = Framer(Grammar(prefix=b"\x02", suffix=b"\x03"))
>>> framer.feed(b"\x02LOT-4", 0), framer.feed(b"711\x03", 0)
([], [Frame(data=b'LOT-4711', refused='')])
>>> framer.feed(b"\x02LOT\x02LOT-4712\x03", 0)
[Frame(data=b'LOT', refused='torn'), Frame(data=b'LOT-4712', refused='')]
"""

from __future__ import annotations

from dataclasses import dataclass

# Besides printable characters a code may hold the separators of ISO/IEC 15434 and GS1 (RS, GS, FS, EOT).
_CONTROL_OK = frozenset(b"\x04\x1c\x1d\x1e")


@dataclass(frozen=True, slots=True)
class Grammar:
    """How frames of one port look. At least one of suffix, length and idle_ns says where a frame ends."""

    prefix: bytes = b""
    suffix: bytes = b""
    length: int = 0  # bytes of the code, 0: any
    longest: int = 256
    idle_ns: int = 0  # silence that ends a frame, or tears one that needs a suffix; 0: never


@dataclass(frozen=True, slots=True)
class Frame:
    """What stood between prefix and suffix; `refused` says why it is no code, "" where it is one."""

    data: bytes
    refused: str = ""


class Framer:
    """Bytes in, frames out."""

    def __init__(self, grammar: Grammar) -> None:
        if not (grammar.suffix or grammar.length or grammar.idle_ns):
            raise ValueError("a frame needs a suffix, a length or an idle gap to end by")
        self._grammar = grammar
        self._buffer = b""
        self._last_ns = 0
        self._skipping = False  # an overlong frame was refused: its rest is of no interest

    @property
    def deadline_ns(self) -> int | None:
        """When a pause will end or tear what has begun; None when nothing has, or pauses mean nothing."""
        begun = self._buffer or self._skipping
        return self._last_ns + self._grammar.idle_ns if begun and self._grammar.idle_ns else None

    def feed(self, data: bytes, now_ns: int) -> list[Frame]:
        """Frames that are complete now; a pause before these bytes ends what was begun."""
        frames = self.idle(now_ns)
        self._buffer += data
        self._last_ns = now_ns
        while (frame := self._next()) is not None:
            if frame.data or frame.refused:
                frames.append(frame)
        return frames

    def idle(self, now_ns: int) -> list[Frame]:
        """The frame that silence until now has ended, if any."""
        deadline_ns = self.deadline_ns
        if deadline_ns is None or now_ns < deadline_ns:
            return []
        grammar, rest, skipping = self._grammar, self._buffer, self._skipping
        self._buffer, self._skipping = b"", False
        if skipping:
            return []
        data = rest.removeprefix(grammar.prefix)
        whole = rest.startswith(grammar.prefix) and not grammar.suffix and not grammar.length
        if not whole:
            return [Frame(data, "torn")]
        return [judged(data, grammar)] if data else []

    def clear(self) -> None:
        """Forget what has begun: the line broke."""
        self._buffer, self._skipping = b"", False

    def _next(self) -> Frame | None:
        """Cut the next frame off the buffer; None when there is none yet."""
        grammar = self._grammar
        if self._skipping:
            return self._skip()
        if grammar.prefix and (noise := self._before_prefix()):
            return Frame(noise, "no prefix")
        start = len(grammar.prefix)
        if len(self._buffer) < start:
            return None
        if grammar.length:
            return self._fixed(start)
        if not grammar.suffix:
            return self._overlong(start)
        end = self._buffer.find(grammar.suffix, start)
        again = self._buffer.find(grammar.prefix, start) if grammar.prefix else -1
        if again >= 0 and (end < 0 or again < end):
            data, self._buffer = self._buffer[start:again], self._buffer[again:]
            return Frame(data, "torn")
        if end < 0 or end - start > grammar.longest:
            return self._overlong(start)
        data, self._buffer = self._buffer[start:end], self._buffer[end + len(grammar.suffix) :]
        return judged(data, grammar)

    def _before_prefix(self) -> bytes:
        """Noise before the prefix, cut off; a prefix that has only begun is kept."""
        prefix = self._grammar.prefix
        at = self._buffer.find(prefix)
        if at < 0:
            begun = (n for n in range(len(prefix) - 1, 0, -1) if self._buffer.endswith(prefix[:n]))
            at = len(self._buffer) - next(begun, 0)
        noise, self._buffer = self._buffer[:at], self._buffer[at:]
        return noise.strip(b"\r\n\0 ")  # line ends and padding between frames are no news

    def _fixed(self, start: int) -> Frame | None:
        grammar = self._grammar
        end = start + grammar.length
        if len(self._buffer) < end + len(grammar.suffix):
            return None
        data, rest = self._buffer[start:end], self._buffer[end:]
        if not rest.startswith(grammar.suffix):
            self._buffer, self._skipping = rest, True
            return Frame(data, "wrong length")
        self._buffer = rest.removeprefix(grammar.suffix)
        return judged(data, grammar)

    def _overlong(self, start: int) -> Frame | None:
        if len(self._buffer) - start <= self._grammar.longest:
            return None
        data = self._buffer[start : start + self._grammar.longest]
        self._buffer, self._skipping = self._buffer[start + self._grammar.longest :], True
        return Frame(data, "overlong")

    def _skip(self) -> Frame | None:
        """Drop the rest of a refused frame, up to where the next one can begin."""
        grammar = self._grammar
        ends = [
            at + len(grammar.suffix)
            for at in [self._buffer.find(grammar.suffix)]
            if grammar.suffix and at >= 0
        ]
        ends += [at for at in [self._buffer.find(grammar.prefix)] if grammar.prefix and at >= 0]
        if not ends:
            keep = max(len(grammar.prefix), len(grammar.suffix)) - 1
            self._buffer = self._buffer[-keep:] if keep > 0 else b""
            return None
        self._buffer, self._skipping = self._buffer[min(ends) :], False
        return Frame(b"")


def judged(data: bytes, grammar: Grammar) -> Frame:
    """A complete frame: whether it can be a code."""
    data = data.strip(b"\r\n\0 ")
    if len(data) > grammar.longest:
        return Frame(data[: grammar.longest], "overlong")
    if any((byte < 0x20 and byte not in _CONTROL_OK) or byte == 0x7F for byte in data):
        return Frame(data, "unprintable")
    return Frame(data)
