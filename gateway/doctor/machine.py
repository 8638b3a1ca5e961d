"""Clock, disk and wear of this machine, by what its kernel says; and who may read what lies on it."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gateway.box.timesync import kernel_synchronised
from gateway.doctor.found import Finding
from gateway.journal.signer import KEY, OTHERS
from gateway.journal.stands import stands
from gateway.site.room import Room

MADE_NS = 1_767_225_600_000_000_000  # 2026-01-01: no clock that is right is before it
LOW, LOWER, LOWEST = 0.20, 0.10, 0.05
NEAR = 0.9  # of the quota
WORN = 0.8
_STEP = 0.1  # of life, eMMC 5.0 (JEDEC JESD84-B50), DEVICE_LIFE_TIME_EST: 1 is 0 to 10 %, 11 is all of it
_IN_MEMORY = ("tmpfs", "ramfs")


@dataclass(frozen=True)
class Machine:
    """Where the kernel says it; tests have their own."""

    sys: Path = Path("/sys")
    mounts: Path = Path("/proc/mounts")
    synchronised: Callable[[], bool | None] = kernel_synchronised
    statvfs: Callable[[Path], os.statvfs_result] = os.statvfs


def clock(now_ns: int, machine: Machine) -> list[Finding]:
    """Whether time is right, and stays right over a power cut."""
    found = []
    kept = machine.synchronised()
    if now_ns < MADE_NS:
        found.append(
            Finding("LW203", {"now": f"{datetime.fromtimestamp(now_ns // 10**9, UTC):%Y-%m-%d %H:%M}"})
        )
    elif kept is False:
        found.append(Finding("LW201"))
    elif kept is None:
        found.append(Finding("LW202", warning=True))
    rtc = machine.sys / "class" / "rtc"
    if machine.sys.is_dir() and not (rtc.is_dir() and any(rtc.iterdir())):
        found.append(Finding("LW204", warning=True))
    return found


def disk(data: Path, machine: Machine) -> list[Finding]:
    """Whether the journal's folder can be written, has room, and lasts."""
    folder = data.absolute()
    while not folder.exists():
        folder = folder.parent
    facts = {"folder": str(folder), "user": getpass.getuser()}
    try:
        room = machine.statvfs(folder)
    except OSError as error:
        return [Finding("LW301", {**facts, "why": error.strerror or str(error)})]
    found = []
    if room.f_flag & os.ST_RDONLY:
        found.append(Finding("LW304", facts))
    elif not os.access(folder, os.W_OK | os.X_OK):
        found.append(Finding("LW301", {**facts, "why": "permission denied"}))
    kind = _kind(folder, machine)
    if kind in _IN_MEMORY:
        found.append(Finding("LW303", {**facts, "kind": kind}))
    free = room.f_bavail / room.f_blocks if room.f_blocks else 1.0
    if free < LOW:
        found.append(Finding("LW302", {**facts, "free": f"{free:.1%}"}, warning=free >= LOWER))
    files = room.f_favail / room.f_files if room.f_files else 1.0
    if files < LOWEST:
        found.append(Finding("LW307", {**facts, "free": f"{files:.1%}"}))
    return found


def folder(data: Path, room: Room, machine: Machine) -> list[Finding]:
    """Whether the journal's folder is at its quota, and the ballast where it is to be; nothing where there is none."""

    def disk_room(path: Path) -> tuple[int, int]:
        found = machine.statvfs(path)
        return found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize

    try:
        now = stands(data, room, disk_room)
    except OSError:  # not there yet, or `disk` has said why
        return []
    facts = {"folder": str(data.absolute()), "used": _size(now.taken), "quota": _size(now.quota)}
    found = [Finding("LW309", facts, warning=True)] if now.taken >= NEAR * now.quota else []
    if now.spent:
        found.append(Finding("LW310", {"folder": str(data.absolute()), "free": _size(now.free)}))
    return found


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def key(data: Path) -> list[Finding]:
    """Whether the key that signs the journal is its owner's alone."""
    file = data / KEY
    try:
        open_to_others = file.stat().st_mode & OTHERS
    except OSError:  # none yet, or not ours to see
        return []
    return [Finding("LW308", {"file": str(file)})] if open_to_others else []


def wear(machine: Machine) -> list[Finding]:
    """Flash that says how much of its life is used: eMMC and some cards."""
    found = []
    for file in sorted((machine.sys / "block").glob("mmcblk*/device/life_time")):
        try:
            steps = max(int(word, 16) for word in file.read_text("ascii").split())
        except (OSError, ValueError):
            continue
        if steps and steps * _STEP > WORN:
            used = "all" if steps > 10 else f"{(steps - 1) * _STEP:.0%} to {steps * _STEP:.0%}"
            found.append(Finding("LW305", {"device": file.parts[-3], "used": used}, warning=steps < 10))
    return found


def _kind(folder: Path, machine: Machine) -> str:
    """Type of the file system that holds it: of the longest mount point above it."""
    best, kind = -1, ""
    try:
        lines = machine.mounts.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    for line in lines:
        words = line.split()
        if len(words) > 2 and len(words[1]) >= best and folder.is_relative_to(words[1].replace("\\040", " ")):
            best, kind = len(words[1]), words[2]
    return kind
