"""Serial ports and sockets of the buses, and the port of the pages. Opens and closes them; sends nothing."""

from __future__ import annotations

import errno
import fcntl
import getpass
import grp
import os
import socket
from collections.abc import Callable
from pathlib import Path

from gateway.doctor.found import Finding
from gateway.lines import endpoint
from gateway.site import Bus

CONNECT_S = 3.0
STABLE = (Path("/dev/serial/by-id"), Path("/dev/serial/by-path"))
"""Where udev keeps names that stay."""


def bus(
    row: Bus,
    *,
    running: bool,
    stable: tuple[Path, ...] = STABLE,
    may: Callable[[Path, int], bool] = os.access,
) -> list[Finding]:
    """What is wrong with the line of a bus. `running`: the daemon does, so ports are in use, and rightly."""
    place = endpoint(row.address)
    if place is None:
        return _serial(row, running=running, stable=stable, may=may)
    host, port = place
    try:
        socket.create_connection((host, port), CONNECT_S).close()
    except OSError as error:
        facts = {"address": row.address, "bus": row.name, "host": host, "port": str(port)}
        return [Finding("LW105", {**facts, "why": error.strerror or str(error) or "no answer in time"})]
    return []


def listening(host: str, port: int) -> list[Finding]:
    """Whether the daemon could listen there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError:
            return [Finding("LW106", {"host": host, "port": str(port)})]
    return []


def _serial(
    row: Bus, *, running: bool, stable: tuple[Path, ...], may: Callable[[Path, int], bool]
) -> list[Finding]:
    port = Path(row.address)
    facts = {"port": row.address, "bus": row.name, "user": getpass.getuser()}
    if not port.exists():
        return [Finding("LW101", facts)]
    found = _named(port, facts, stable)
    if not may(port, os.R_OK | os.W_OK):
        return [*found, Finding("LW102", {**facts, "group": _group(port)})]
    if not running and _in_use(port):
        found.append(Finding("LW103", facts))
    return found


def _named(port: Path, facts: dict[str, str], stable: tuple[Path, ...]) -> list[Finding]:
    """Numbers of USB adapters change; names by id or by path do not."""
    if not port.name.startswith(("ttyUSB", "ttyACM")) or port.is_symlink():
        return []
    same = (
        link
        for folder in stable
        if folder.is_dir()
        for link in sorted(folder.iterdir())
        if link.samefile(port)
    )
    better = next(same, None)
    return [Finding("LW104", {**facts, "better": f": {better}" if better else ""}, warning=True)]


def _in_use(port: Path) -> bool:
    """As the daemon takes a port for itself, flock(2); a program that locks it otherwise (TIOCEXCL) is EBUSY."""
    try:
        file = os.open(port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError as error:
        return error.errno == errno.EBUSY
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def _group(port: Path) -> str:
    try:
        return grp.getgrgid(port.stat().st_gid).gr_name
    except (KeyError, OSError):
        return "dialout"
