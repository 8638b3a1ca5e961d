"""How worn the disk of a folder is, as far as the kernel tells without rights: files below /sys. Blocks.

eMMC and SD cards say how much of their life is used in steps of 10 % (JEDEC JESD84-B51, EXT_CSD 267 to 269:
PRE_EOL_INFO and DEVICE_LIFE_TIME_EST); the kernel counts sectors of 512 bytes written since it started (block/stat,
field 7). What a disk does not say is None, never a guess.

A card's endurance is rarely told. `ENDURANCE_BYTES` is our own assumption of a poor one: 32 GB of three bits a cell,
500 erasures of each block, and four bytes worn for one written, as small writes make it move whole blocks.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from gateway.site import Site
from gateway.site.room import WINDOWS_NS

SYSTEM = Path("/sys/dev/block")
_SECTOR = 512
_WRITTEN = 6  # place in the file "stat"
_EXCEEDED = 0x0B
ENDURANCE_BYTES = 32e9 * 500 / 4  # 4 TB written
COMMIT_BYTES, VALUE_BYTES = 17_400, 20
"""What a commit writes however little is in it, and each value beside, sealed and merged: `benchmarks write_budget`."""

_DAY_S, _YEAR_DAYS = 86_400, 365.25
_END = {1: "normal", 2: "warning", 3: "urgent"}


def wear(folder: Path, system: Path = SYSTEM) -> dict[str, Any]:
    """``written`` bytes since the machine started, ``used_pct`` of the disk's life at most, ``reserve`` in a word."""
    try:
        number = folder.stat().st_dev
        disk = (system / f"{os.major(number)}:{os.minor(number)}").resolve()
        if (disk / "partition").exists():
            disk = disk.parent
    except OSError:
        return {"written": None, "used_pct": None, "reserve": None}
    counts = _words(disk / "stat")
    life = [int(word, 16) for word in _words(disk / "device" / "life_time")]
    known = [each for each in life if 0 < each <= _EXCEEDED]
    end = _words(disk / "device" / "pre_eol_info")
    return {
        "written": int(counts[_WRITTEN]) * _SECTOR if len(counts) > _WRITTEN else None,
        "used_pct": min(10 * max(known), 110) if known else None,
        "reserve": _END.get(int(end[0], 16)) if end else None,
    }


def _words(file: Path) -> list[str]:
    try:
        return file.read_text("ascii", "replace").split()
    except OSError:
        return []


def years(bytes_a_day: float, endurance: float = ENDURANCE_BYTES) -> float:
    """How long a card lasts that is written so much.

    >>> round(years(0.25e9))
    44
    """
    return endurance / bytes_a_day / _YEAR_DAYS


def budget(site: Site) -> dict[str, Any]:
    """About what a site's commit profile writes, how long a poor card lasts by that, what a power cut may cost."""
    window_s = WINDOWS_NS[site.commit] / 1e9
    groups = [group for device in site.devices for group in device.groups if group.period_ns]
    values = sum(len(group.points) * 1e9 / group.period_ns for group in groups)
    fastest = max((1e9 / group.period_ns for group in groups), default=0.0)  # nothing read, nothing to commit
    written = _DAY_S * (min(1 / window_s, fastest) * COMMIT_BYTES + values * VALUE_BYTES)
    return {
        "profile": site.commit, "loss_s": window_s, "bytes_a_day": round(written),
        "years": round(years(written), 1) if written else None,
    }  # fmt: skip
