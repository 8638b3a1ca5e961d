"""Which sockets a process and all that it started listen on, as the kernel says (proc(5), /proc/net/tcp)."""

from __future__ import annotations

import contextlib
import ipaddress
import re
from pathlib import Path
from typing import NamedTuple

_LISTENS, _BOUND = (
    "0A",
    "07",
)  # TCP_LISTEN, and a UDP socket that nobody is connected to: include/net/tcp_states.h


class Listener(NamedTuple):
    """A socket that others may talk to."""

    protocol: str
    address: str
    port: int

    @property
    def outside(self) -> bool:
        """Whether it takes anything from another machine."""
        return not ipaddress.ip_address(self.address).is_loopback


def family_of(pid: int) -> set[int]:
    """A process and its descendants."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            parents[int(stat.parent.name)] = int(fields[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def listeners(pid: int) -> set[Listener]:
    """Of a process and its descendants."""
    inodes = set()
    for each in family_of(pid):
        for fd in Path(f"/proc/{each}/fd").glob("*"):
            with contextlib.suppress(OSError):
                inodes.update(re.findall(r"socket:\[(\d+)\]", str(fd.readlink())))
    found = set()
    for protocol in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/net/{protocol}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[9] in inodes and fields[3] == (_LISTENS if protocol.startswith("tcp") else _BOUND):
                host, _, port = fields[1].partition(":")
                found.add(Listener(protocol, _address(host), int(port, 16)))
    return found


def _address(words: str) -> str:
    """Hexadecimal, each 32 bits in this machine's order."""
    data = bytes.fromhex(words)
    return str(ipaddress.ip_address(b"".join(data[at : at + 4][::-1] for at in range(0, len(data), 4))))
