"""`lotwatch check` of a control plan of 200 characteristics, told apart: what the plan costs, and what starting does.

    python -m benchmarks control_plan [--rows N] [--repeats N]

Each run is a process of its own, as a person starts it. The rows are what a plan has: charts of tags on shot counters,
with keys, owners and FMEA lines; every fourth a check made by hand, with its gauge. No chart is designed: the limits of
designed ones are numerics of some seconds, measured by `budget`.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks._table import Row, machine, print_table

REACH_S = 0.5
_CELLS = 25
_ROWS = 200


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks control_plan")
    parser.add_argument("--rows", type=int, default=_ROWS)
    parser.add_argument("--repeats", type=int, default=7)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        whole = written(Path(folder) / "whole", given.rows)
        bare = written(Path(folder) / "bare", 0)
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(folder) / "pyc")  # as installed: compiled files are kept
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        check(whole)
        cpu, wall = best([check(whole) for _ in range(given.repeats)])
        cpu0, wall0 = best([check(bare) for _ in range(given.repeats)])
        yard, _ = best([ran("-c", "import numpy") for _ in range(given.repeats)])
    name = f"lotwatch check, a plan of {given.rows} rows"
    print(machine())
    print_table(
        [
            Row(f"{name}, CPU", f"the same site without rows: {cpu0:.3f} s", f"< {REACH_S} s", f"{cpu:.3f} s",
                f"{cpu / cpu0:.2f}", cpu < REACH_S),
            Row(f"{name}, wall", f"{wall0:.3f} s", f"< {REACH_S} s", f"{wall:.3f} s", f"{wall / wall0:.2f}",
                wall < REACH_S),
            Row("... to what this machine is just now", f"python -c 'import numpy': {yard:.3f} s", "", "",
                f"{cpu / yard:.2f}"),
            Row("... what the rows alone cost, CPU", "", "", f"{1e3 * (cpu - cpu0) / max(given.rows, 1):.2f} ms a row"),
        ]
    )  # fmt: skip
    return 0


def best(runs: list[tuple[float, float]]) -> tuple[float, float]:
    """Median CPU, and the least wall time: other work on the machine only adds to that."""
    return statistics.median(cpu for cpu, _ in runs), min(wall for _, wall in runs)


def check(site: Path) -> tuple[float, float]:
    """CPU and wall seconds of one run; the site is good, or this fails."""
    return ran("-m", "gateway", "check", str(site))


def ran(*words: str) -> tuple[float, float]:
    """The same of any run of Python."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [sys.executable, *words],
        check=True,
        capture_output=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def written(folder: Path, rows: int) -> Path:
    """A site of 25 presses and one plan over all of them."""
    (folder / "plans").mkdir(parents=True)
    (folder / "devices").mkdir()
    (folder / "devices" / "press.yaml").write_text(_MAP)
    cells = [f"press{i}" for i in range(_CELLS)]
    devices = "".join(
        f"- {{name: {cell}, bus: net, map: press, unit: {i + 1}, cell: moulding/line1/{cell}}}\n"
        for i, cell in enumerate(cells)
    )
    (folder / "site.yaml").write_text(_SITE.format(cells=", ".join(cells), devices=devices))
    text = _PLAN + "characteristics:" + ("\n" if rows else " []\n")
    text += "".join(
        (_CHECK if i % 4 == 3 else _CHART).format(i=i, cell=cells[i % _CELLS], point=i % 8)
        for i in range(rows)
    )
    (folder / "plans" / "part.yaml").write_text(text + _DUTIES)
    return folder / "site.yaml"


_MAP = "points:\n- {name: shots, table: holding, address: 0, type: uint32, poll: fast}\n" + "".join(
    f"- {{name: p{i}, table: holding, address: {2 + 2 * i}, type: float32, poll: fast}}\n" for i in range(8)
)
_SITE = """\
site: plant1
gateway: gw1
time_zone: "+08:00"
shifts: [{{name: early, start: "06:00"}}, {{name: late, start: "18:00"}}]
lines: [{{area: moulding, name: line1, cells: [{cells}]}}]
poll_classes: {{fast: 1s}}
buses: [{{name: net, driver: modbus.tcp, address: "10.0.0.1:502"}}]
devices:
{devices}alerts:
  people: [{{name: lead, mail_from: "file:/etc/lotwatch/lead"}}]
  mail: {{host: mail.example.com, sender: lotwatch@example.com}}
  ladders: [{{name: standard, steps: [{{tell: [owner]}}]}}]
plans: [plans/part.yaml]
"""
_PLAN = """\
plan: bracket
part: "4711 rev C"
phase: production
revision: B
effective: 2026-11-01T00:00:00Z
approved_by: "42"
owner: lead
escalation: standard
"""
_CHART = """\
- id: row{i}
  number: {i}
  step: 30 Moulding
  machine: {cell}
  about: characteristic {i} of the part
  of: process
  class: SC
  technique: the press's own sensor
  tag: moulding/line1/{cell}/p{point}
  method: imr
  params: {{center: 6.0, sigma: 0.1}}
  rules: [WE1]
  sampling: {{every: counter, counter: moulding/line1/{cell}/shots}}
  usl: 7
  lsl: 5
  target: 6
  reaction: Check the check ring and the dosing stroke; hold the box under the press.
  fmea: 30-{i}
"""
_CHECK = """\
- id: row{i}
  number: {i}
  step: 40 Inspection
  about: dimension {i} of the part
  of: product
  technique: calliper
  gauge: calliper
  check: {{every: shift, cell: moulding/line1/{cell}, within: 2h, uom: mm}}
  method: xbar-r
  params: {{center: 12.0, sigma: 0.02}}
  sampling: {{size: 5}}
  usl: 12.1
  lsl: 11.9
  reaction: Measure five more; hold the boxes of the shift.
"""
_DUTIES = "duties:\n- {name: calliper, kind: calibration, days: 365, reaction: send it to the laboratory}\n"

if __name__ == "__main__":
    sys.exit(main())
