"""Time of one scan, by carrier: python -m benchmarks.decode [--codes N] [--biip PYTHON]

Every code is different, so nothing can be remembered. --biip: a Python with biip installed, measured on the same codes
in the same run. The last rows are the command on a file of lines, as a process, start included.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks._codes_corpus import PEERS, scans
from benchmarks._table import Row, machine, print_table
from gateway.codes.identify import Refused, lot_of, understand

REACH_US = 25.0
SEED = 1


def measured(codes: dict[str, list[str]]) -> Iterator[tuple[str, list[int]]]:
    """Nanoseconds of each code."""
    for name, each in codes.items():
        kind = "epc" if name.startswith("SGTIN") else ""
        for code in each[:200]:
            understand(code, kind)
        times = []
        for code in each:
            begin = time.perf_counter_ns()
            found = understand(code, kind)
            times.append(time.perf_counter_ns() - begin)
            if isinstance(found, Refused) and found.code != "lost_separator":
                raise AssertionError(f"{code!r}: {found.message}")
        yield name, times


def rows(codes: dict[str, list[str]], python: Path | None) -> Iterator[Row]:
    peer = _peer(codes, python)
    every: list[int] = []
    for name, times in measured(codes):
        every += times
        us, its = statistics.median(times) / 1000, peer.get(name)
        yield Row(
            name,
            f"biip {its['ns'] / 1000:.0f} us" if its else "",
            f"<= {REACH_US:g} us",
            f"{us:.1f} us, p99 {sorted(times)[len(times) * 99 // 100] / 1000:.0f} us",
            f"{us * 1000 / its['ns']:.2f}" if its else "",
            reached=us <= REACH_US,
        )
    us = statistics.median(every) / 1000
    yield Row("all carriers", "", f"<= {REACH_US:g} us", f"{us:.1f} us", reached=us <= REACH_US)
    begin = time.perf_counter()
    lots = [lot_of(code) for code in codes["GS1-128, 4 elements"]]
    yield Row(
        "... to the lot it names, GS1-128",
        "",
        "",
        f"{(time.perf_counter() - begin) / len(lots) * 1e6:.1f} us mean",
    )
    yield _command([code for each in codes.values() for code in each])
    said = (
        "not measured: no --biip PYTHON"
        if python is None
        else f"version {peer['biip']}; EPC and labels it does not read"
    )
    yield Row("biip", "", "", said)


def _peer(codes: dict[str, list[str]], python: Path | None) -> dict[str, Any]:
    if python is None:
        return {}
    given = json.dumps({name: codes[name][:5000] for name in PEERS})
    peer = Path(__file__).with_name("_biip_peer.py")
    ran = subprocess.run(
        [str(python), str(peer)], input=given.encode(), check=True, capture_output=True, timeout=900
    )
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def _command(codes: list[str]) -> Row:
    """`lotwatch decode --json -` on a file."""
    with tempfile.TemporaryFile() as lines:
        lines.write("\n".join(codes).encode())
        lines.seek(0)
        begin = time.perf_counter()
        command = [sys.executable, "-m", "gateway", "decode", "--json", "-"]
        ran = subprocess.run(command, stdin=lines, check=False, capture_output=True, timeout=900)
        took = time.perf_counter() - begin
    told = ran.stdout.count(b"\n")
    if told != len(codes):
        raise AssertionError(f"{told} answers to {len(codes)} codes: {ran.stderr.decode()}")
    return Row(
        f"lotwatch decode --json -, {told:,} lines", "", "", f"{told / took:,.0f} lines/s, start included"
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.decode")
    parser.add_argument("--codes", type=int, default=5000, help="codes of each carrier")
    parser.add_argument("--biip", type=Path, help="a Python that has biip")
    given = parser.parse_args()
    print(machine())
    print_table(rows(scans(given.codes, SEED), given.biip))
    return 0


if __name__ == "__main__":
    sys.exit(main())
