"""Bytes to lines of text, with a limit. Pure."""

from __future__ import annotations

LONGEST = 256


class Lines:
    r"""Cuts what comes into lines at LF or CR; empty lines are dropped.

    >>> lines = Lines()
    >>> lines.feed(b"S S   12."), lines.feed(b"50 kg\r\nS D"), lines.rest
    ([], [b'S S   12.50 kg'], b'S D')
    """

    def __init__(self) -> None:
        self.rest = b""  # a line that has begun

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that are complete now. One longer than any sensible line comes cut, to fail its checks."""
        *whole, self.rest = (self.rest + data).replace(b"\r", b"\n").split(b"\n")
        if len(self.rest) > LONGEST:
            whole.append(self.rest[:LONGEST])
            self.rest = b""
        return [line for line in whole if line]

    def clear(self) -> None:
        """Forget the line that has begun."""
        self.rest = b""
