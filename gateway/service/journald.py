"""Log records as entries of systemd's journal with fields of their own, by its native protocol.

The protocol is systemd's "Native Journal Protocol" page: a datagram of fields, each NAME=value and a line end, or,
where the value has a line break, NAME, a line end, its length as 64 bits little-endian, the value, a line end.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import socket
import struct
import sys
from collections.abc import Mapping
from typing import TextIO

SOCKET = "/run/systemd/journal/socket"
MESSAGE_MOST = 32_768  # bytes; longer words are cut, so that a datagram always holds them
_FIELDS = {
    "device": "LOTWATCH_DEVICE",
    "bus": "LOTWATCH_BUS",
    "code": "LOTWATCH_CODE",
    "site": "LOTWATCH_SITE",
}
_PRIORITIES = (
    (logging.CRITICAL, 2),
    (logging.ERROR, 3),
    (logging.WARNING, 4),
    (logging.INFO, 6),
)  # syslog(3)
PLAIN = "%(levelname)s %(name)s: %(message)s"


class JournaldHandler(logging.Handler):
    """Sends records to journald; `extra={"fields": {"device": ..., "code": ...}}` become LOTWATCH_ fields."""

    def __init__(self, address: str = SOCKET, instead: TextIO | None = None) -> None:
        """`instead`: where a record goes that the journal does not take; stderr."""
        super().__init__()
        self._address, self._instead = address, instead
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._socket.setblocking(False)  # as the socket names it
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Never raises and never waits."""
        try:
            datagram = encoded(fields_of(record, self.format(record)))
            try:
                self._socket.sendto(datagram, self._address)
            except OSError as error:
                if error.errno == errno.EMSGSIZE:
                    self._socket.sendto(encoded(fields_of(record, record.getMessage()[:1000])), self._address)
                else:
                    raise
        except Exception:  # noqa: BLE001 # as logging.Handler.handleError: a log line never ends anybody
            with contextlib.suppress(Exception):
                print(logging.Formatter(PLAIN).format(record), file=self._instead or sys.stderr)

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()
        super().close()


def fields_of(record: logging.LogRecord, message: str) -> dict[str, str]:
    """The fields of a record, as journald names them (systemd.journal-fields(7))."""
    fields = {
        "MESSAGE": message,
        "PRIORITY": str(next((number for level, number in _PRIORITIES if record.levelno >= level), 7)),
        "SYSLOG_IDENTIFIER": "lotwatch",
        "CODE_FILE": record.pathname,
        "CODE_LINE": str(record.lineno),
        "CODE_FUNC": record.funcName or "",
        "LOGGER": record.name,
    }
    more = getattr(record, "fields", {})
    for name, value in more.items() if isinstance(more, Mapping) else ():
        if name in _FIELDS and value:
            fields[_FIELDS[name]] = str(value)
    return fields


def encoded(fields: Mapping[str, str]) -> bytes:
    r"""As a datagram.

    >>> encoded({"MESSAGE": "a\nb", "PRIORITY": "4"})
    b'MESSAGE\n\x03\x00\x00\x00\x00\x00\x00\x00a\nb\nPRIORITY=4\n'
    """
    out = []
    for name, value in fields.items():
        data = value.encode("utf-8", "replace")[:MESSAGE_MOST]
        if b"\n" in data:
            out.append(name.encode("ascii") + b"\n" + struct.pack("<Q", len(data)) + data + b"\n")
        else:
            out.append(name.encode("ascii") + b"=" + data + b"\n")
    return b"".join(out)


def stderr_is_the_journal(environment: Mapping[str, str], number: int) -> bool:
    """Whether JOURNAL_STREAM names what this file number is: systemd.exec(5) has device and inode in it."""
    device, _, inode = environment.get("JOURNAL_STREAM", "").partition(":")
    try:
        found = os.fstat(number)
    except OSError:
        return False
    return (device, inode) == (str(found.st_dev), str(found.st_ino))


def set_up(*, verbose: bool, environment: Mapping[str, str] = os.environ, address: str = SOCKET) -> None:
    """Log to journald with fields where it reads stderr, else to stderr as plain text."""
    level = logging.INFO if verbose else logging.WARNING
    if stderr_is_the_journal(environment, 2):
        logging.basicConfig(level=level, handlers=[JournaldHandler(address)])
    else:
        logging.basicConfig(level=level, format=PLAIN)
