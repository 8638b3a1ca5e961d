"""`lotwatch check` on a site of 4,000 lines, as a process, imports included. Reach: under 0.5 s on the wall.

    python -m benchmarks.check_config

The site is one a plant could have: buses of Modbus units with their points written out, in block style as people write
them and, every tenth, a point a row, and 40 lines of broker, limits and scan points.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks._table import Row, machine, print_table

LINES = 4_000
REACH_S = 0.5
RUNS = 7


def site_text(lines: int = LINES) -> str:
    """A good site of so many lines."""
    cells = [f"cell{number}" for number in range(60)]
    out = [
        "site: big",
        "gateway: gw1",
        "lines:",
        "- area: moulding",
        "  name: line1",
        f"  cells: [{', '.join(cells)}]",
    ]
    out += ["buses:"]
    for number in range(20):
        out += [f"- name: bus{number}", "  driver: modbus.tcp", f"  address: 10.0.0.{number + 1}:502"]
    out += ["devices:"]
    device = 0
    while len(out) < lines:
        out += [
            f"- name: press{device}",
            f"  bus: bus{device % 20}",
            f"  unit: {device // 20 + 1}",
            f"  cell: moulding/line1/cell{device % 60}",
            "  points:",
        ]
        for point in range(8):
            name, address = f"p{device}_{point}", 2 * point
            if point == 7:
                out.append(
                    f"  - {{name: {name}, table: holding, address: {address}, type: float32, order: CDAB, "
                    "uom: bar, low: 0, high: 2500, poll: slow}"
                )
                continue
            out += [
                f"  - name: {name}",
                "    table: holding",
                f"    address: {address}",
                "    type: float32",
                "    uom: Cel  # as on the panel",
                "    high: 400",
            ]
        device += 1
    while len(out) > lines:  # the last device loses what is beyond
        out.pop()
    while not out[-1].startswith("- name: press"):
        out.pop()
    out.pop()
    out += ["# the end"] * (lines - len(out))
    return "\n".join(out) + "\n"


def once(site: Path) -> tuple[float, float]:
    """Wall and processor seconds of one check."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "check", str(site)], capture_output=True, text=True, check=False
    )
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise SystemExit(f"check ended with {done.returncode}:\n{done.stdout[:2000]}{done.stderr[:2000]}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the figure."""
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site.yaml"
        site.write_text(site_text(), "utf-8")
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(folder) / "pyc")  # as installed: compiled files are kept
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        once(site)
        runs = [once(site) for _ in range(RUNS)]
    wall, cpu = (statistics.median(each) for each in zip(*runs, strict=True))
    print(machine())
    what = f"lotwatch check, {LINES} lines, median of {RUNS} processes"
    print_table(
        [
            Row(what, "", f"{REACH_S} s", f"{wall:.3f} s", "", wall < REACH_S),
            Row("  of processor", "", "", f"{cpu:.3f} s"),
        ]
    )


if __name__ == "__main__":
    main()
