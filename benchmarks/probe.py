"""`lotwatch probe`: how long at worst, and how many values of known maps it types right.

    python -m benchmarks probe [--whole]

Typing: the demo's devices are served by the simulators (pymodbus), searched and read for some seconds, and what is
found is compared with the map that they serve by. Right is: the value begins there, has that many words, and reads the
same numbers in each of the reads, whatever sign a small integer is given; bits under one mask are one register. Beside
it, made registers: those that the weights were chosen by, and others that they were not (held out; the figure that says
something of a device never seen). Time: on a pty with nobody at it, 13 of the 247 ids, or all with
--whole (nine minutes), against what is announced.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import pty
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchmarks._probe_maps import HELD, TUNED, Value, made
from benchmarks._table import Row, machine, print_table
from gateway.clock import SystemClock
from gateway.config import load
from gateway.layout import Field
from gateway.probe import Area, Unit, sweep
from gateway.probe.found import Words
from gateway.probe.guess import guess
from gateway.probe.hypotheses import values_of
from gateway.probing import Places, Search, Target
from gateway.resources import config_dir
from gateway.site import Device, Site

MODBUS = ("material", "presses", "regrind")
REACH = 0.9
SEARCH_S = 600.0


def registers_of(device: Device) -> dict[tuple[str, int], Field]:
    """What is to be found: one value a place; bits and masked fields of one register are that register."""
    out: dict[tuple[str, int], Field] = {}
    for group in device.groups:
        for point in group.points:
            field = point.field
            plain = (
                Field("bit")
                if point.table in {"coil", "discrete"}
                else Field(field.type, field.words, field.order)
            )
            if field.mask is not None or (field.type == "bit" and point.table in {"holding", "input"}):
                plain = Field("uint16")
            out[point.table, point.address] = plain
    return out


def right(unit: Unit, wanted: dict[tuple[str, int], Field]) -> tuple[int, int, list[str]]:
    """How many were found right, of those whose words were not zero all the time; and those that were not."""
    known = {(each.table, each.address): each.field for each in unit.guesses}
    good, of, wrong = 0, 0, []
    for (table, address), field in wanted.items():
        words = _words(unit, table, address, field.width)
        if words is None or not words.any():
            continue
        of += 1
        found = known.get((table, address))
        if found is not None and found.width == field.width and _same(words, field, found):
            good += 1
        else:
            wrong.append(
                f"{table} {address} {field.type} {field.order}: {found.type if found else 'inside another'}"
            )
    return good, of, wrong


def _words(unit: Unit, table: str, address: int, width: int) -> np.ndarray | None:
    for each in unit.words:
        area: Area = each.area
        if area.table == table and area.first <= address and address + width <= area.end:
            return each.words[:, address - area.first : address - area.first + width]
    return None


def _same(words: np.ndarray, field: Field, found: Field) -> bool:
    wanted, got = values_of(words, field).tolist(), values_of(words, found).tolist()
    return [str(each) for each in wanted] == [str(each) for each in got]


async def search(target: Target, places: Places) -> list[Unit]:
    clock = SystemClock()
    found = await Search(lambda setting: target.exchange(setting, clock), clock).run(places)
    if found.trouble:
        raise SystemExit(f"{target.address}: {found.trouble}")
    return found.units


def demo_rows() -> list[Row]:
    """The demo's devices, as they are served."""
    site: Site = load(config_dir() / "demo" / "site.yaml")
    rows, good, of = [], 0, 0
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "simulators", "demo", "--run-dir", folder, "--no-faults"]
        simulators = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            ports = _ports(Path(folder) / "ports.json")
            for bus in MODBUS:
                address = ports[bus]
                serial = address.startswith("/")
                target = Target("modbus.rtu" if serial else "modbus.tcp", address)
                lines = [sweep.Setting(9600, "N")] if serial else []
                units = asyncio.run(
                    search(target, Places(range(1, 5), lines, reads=8, every_ns=1_000_000_000))
                )
                for device in (each for each in site.devices if each.bus == bus):
                    unit = next(each for each in units if each.unit == device.unit)
                    one, many, wrong = right(unit, registers_of(device))
                    good, of = good + one, of + many
                    rows.append(
                        Row(
                            f"{device.name} on {bus}: {'; '.join(wrong) or 'all right'}",
                            "",
                            "",
                            f"{one} of {many}",
                        )
                    )
        finally:
            simulators.terminate()
            simulators.wait()
    share = good / of
    rows.append(
        Row(
            "values of the demo's devices typed right",
            "",
            f"{REACH:.0%}",
            f"{good} of {of}",
            f"{share:.0%}",
            share >= REACH,
        )
    )
    return rows


def _ports(file: Path) -> dict[str, str]:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if file.exists() and file.stat().st_size:
            ports: dict[str, str] = json.loads(file.read_text("utf-8"))
            return ports
        time.sleep(0.1)
    raise SystemExit("the simulators do not start")


def made_rows(what: str, maps: Mapping[str, list[Value]]) -> list[Row]:
    """Made registers, read eight times with values that move a little."""
    rows, good, of = [], 0, 0
    for name, fields in maps.items():
        reads = np.array([made(fields, turn) for turn in range(8)], np.uint16)
        area = Area("holding", 0, reads.shape[1])
        unit = Unit(1, words=[Words(area, tuple(range(8)), reads)])
        unit.guesses = guess(unit.words)
        wanted, at = {}, 0
        for field, *_ in fields:
            wanted["holding", at] = field
            at += field.width
        one, many, wrong = right(unit, wanted)
        good, of = good + one, of + many
        rows.append(Row(f"{name}: {'; '.join(wrong) or 'all right'}", "", "", f"{one} of {many}"))
    share = good / of
    rows.append(
        Row(
            f"made registers typed right, {what}",
            "",
            f"{REACH:.0%}",
            f"{good} of {of}",
            f"{share:.0%}",
            share >= REACH,
        )
    )
    return rows


def time_rows(*, whole: bool) -> list[Row]:
    """Nobody at a pty: announced and measured."""
    every = sweep.worst_ns(sweep.IDS, sweep.settings(sweep.BAUDS, sweep.PARITIES)) / 1e9
    lines = 3 * sweep.settings(sweep.BAUDS, ["N"])  # a pty takes no parity
    ids = sweep.IDS if whole else range(1, 14)
    near, far = pty.openpty()
    os.set_blocking(near, False)
    began, cpu = time.monotonic(), time.process_time()
    units = asyncio.run(search(Target("modbus.rtu", os.ttyname(far)), Places(ids, lines)))
    took, used = time.monotonic() - began, time.process_time() - cpu
    announced = sweep.worst_ns(ids, lines) / 1e9
    asked = len(ids) * len(lines)
    if units:
        raise SystemExit("somebody answered on an empty pty")
    scaled = took / announced * every
    return [
        Row(
            f"{len(sweep.IDS)} ids, 6 speeds, 3 parities, nobody there: computed",
            "",
            f"{SEARCH_S:.0f} s",
            f"{every:.0f} s",
            "",
            every <= SEARCH_S,
        ),
        Row(
            f"... measured on a pty, {asked} questions",
            f"{announced:.1f} s computed",
            "",
            f"{took:.1f} s, CPU {used:.1f} s",
            f"{took / announced:.3f}",
        ),
        Row(
            "... so all 4446" + (" (measured)" if whole else " (that ratio)"),
            "",
            f"{SEARCH_S:.0f} s",
            f"{scaled:.0f} s",
            "",
            scaled <= SEARCH_S,
        ),
    ]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--whole", action="store_true", help="search the pty for all 4446, nine minutes")
    given = parser.parse_args()
    print(machine())
    print_table(
        [
            *time_rows(whole=given.whole),
            *demo_rows(),
            *made_rows("weights chosen by them", TUNED),
            *made_rows("held out", HELD),
        ]
    )


if __name__ == "__main__":
    main()
