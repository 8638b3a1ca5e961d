"""Words to the service manager, sd_notify(3): datagrams of NAME=VALUE lines to the socket that NOTIFY_SOCKET names."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping

DEFAULT_PING_NS = 10_000_000_000  # where the manager watches nothing: for the status line


class Notifier:
    """Says lines to one socket. Never blocks, never raises: what is not taken is not said."""

    def __init__(self, address: str, ping_ns: int = DEFAULT_PING_NS) -> None:
        """`ping_ns`: how often it wants to hear that all is well."""
        self.ping_ns = ping_ns
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._socket.setblocking(False)  # as the socket names it

    def say(self, **words: str) -> None:
        """One datagram, such as READY="1", STATUS="...". A line break in a value is a blank."""
        lines = (f"{name}={value.replace(chr(10), ' ')}" for name, value in words.items())
        with contextlib.suppress(OSError):
            self._socket.sendto("\n".join(lines).encode("utf-8", "replace"), self._address)

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()


def notifier(environment: Mapping[str, str] = os.environ) -> Notifier | None:
    """Of this process, or None where no manager listens. Pings thrice in the time after which it would be killed."""
    address = environment.get("NOTIFY_SOCKET", "")
    if address[:1] not in ("/", "@"):
        return None
    limit = environment.get("WATCHDOG_USEC", "")
    watched = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    if watched and limit.isdigit() and int(limit) > 0:
        return Notifier(address, int(limit) * 1_000 // 3)
    return Notifier(address)
