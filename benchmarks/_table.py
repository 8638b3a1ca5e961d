"""What a benchmark prints: rows of one table, and the machine they were measured on."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """One figure."""

    what: str
    peer: str  # what it is compared with, and what that gave
    reach: str  # what is to be reached
    measured: str
    ratio: str = ""  # measured to peer
    reached: bool | None = None  # None: shown for comparison only


HEAD = ("what", "peer", "reach", "measured", "ratio", "reached?")


def print_table(rows: Iterable[Row]) -> None:
    """The rows under their heads, columns aligned."""
    verdict = {None: "", True: "yes", False: "MISSED"}
    lines = [HEAD, *((r.what, r.peer, r.reach, r.measured, r.ratio, verdict[r.reached]) for r in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    for number, line in enumerate(lines):
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))


def crowded() -> Row:
    """What a fixed loop takes in the same minute: neighbours on the core lengthen it as they do the figure before."""
    took = []
    for _ in range(5):
        began, total = time.process_time_ns(), 0
        for number in range(500_000):
            total += number * number
        took.append((time.process_time_ns() - began) / 1e6)
    took.sort()
    return Row(
        "... a loop of 500,000 squares then (32 ms on a quiet core): CPU",
        "",
        "",
        f"{took[2]:.0f} ms",
    )


def machine() -> str:
    """Processor, cores, kernel and interpreter, in one line."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    load = os.getloadavg()[0]
    here = f"Linux {platform.release()}, Python {platform.python_version()}"
    return f"{model}, {os.cpu_count()} cores, load {load:.1f}, {here}"
