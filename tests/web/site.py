"""A site that lives: simulated presses and a blender, a chiller with a switch, a scanner in somebody's hand.

All of it is polled by the real daemon. The plant drifts when it is told to by its script, and stays so.
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import subprocess
import sys
import time
import tty
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from gateway.journal import JournalReader, open_readers
from gateway.model import LotMade
from gateway.people import Account, People, Role
from gateway.people.passwords import hashed
from gateway.resources import config_dir
from tests.system.servers import DIES_WITH_US, HOST, free_port
from tests.web.box import PATIENCE_S, Box

T = TypeVar("T")

HOSTILE = '"><img src=x onerror="document.title=1"><b>LOT</b>'
BOX, RESIN = "BOX-000042", "RESIN-7"
PASSWORD = "correct horse battery"  # of everybody
PEOPLE = {
    "Ada <b>root</b>": ("1", Role.ADMIN),
    "Chen Wei": ("4711", Role.OPERATOR),
    "Li Na": ("17", Role.QUALITY),
    "Maria Gomes": ("9", Role.VIEWER),
}
SCRIPT = """
at 6 s: press1.cushion step -0.4                  # check ring worn: 5 sigma, for good
at 8 s: press2.part_weight drift +0.25 over 6 s   # holding pressure creeps
"""
CELL = "moulding/line1/cooling"
BUSES = f"""
- {{name: chiller, driver: modbus.tcp, address: '{HOST}:1'}}
- {{name: hand, driver: serial.barcode, address: /dev/null}}
"""
DEVICES = f"""
- {{name: chiller1, bus: chiller, map: chiller, unit: 1, cell: {CELL}}}
- {{name: hand1, bus: hand, map: barcode_scanner, cell: {CELL}}}
"""
PLACES = f"""
- {{name: box_cooling, device: hand1, cell: {CELL}, action: open, role: product}}
"""
CHILLER = f"about: '{HOSTILE}'\npoints:\n" + "".join(
    f"- {{name: circuit{n}, table: holding, address: {n}, type: uint16, poll: watched, uom: '{HOSTILE}'}}\n"
    for n in range(4)
)
PLAN = f"""
characteristics:
- id: part_gloss
  about: '{HOSTILE}'
  step: '{HOSTILE}'
  machine: '{HOSTILE}'
  specification: '{HOSTILE}'
  technique: '{HOSTILE}'
  fmea: '{HOSTILE}'
  check: {{every: time, period: 1000h, cell: {CELL}, uom: GU, outside: tell}}
  sampling: {{every: reading, per_day: 24}}
  method: imr
  rules: [WE1]
  params: {{center: 42.0, sigma: 0.05}}
  reaction: {{en: 'Clean the mould. {HOSTILE}', zh: '清洁模具。{HOSTILE}'}}
  causes: ['{HOSTILE}', mould is dirty]
duties:
- name: gloss_meter
  kind: calibration
  about: '{HOSTILE}'
  subject: '{HOSTILE}'
  days: 30
  last: 2020-01-01T00:00:00Z
  reaction: '{HOSTILE}'
"""


def written(folder: Path) -> Path:
    """The demo's site file, with a chiller, a scanner and a plan of strangers' words."""
    demo = config_dir() / "demo"
    text = (demo / "site.yaml").read_text("utf-8")
    for before, after in (
        ("regrind_drying]", "regrind_drying, cooling]"),
        ("poll_classes:\n", "poll_classes:\n  watched: {period: 400ms, stale_after: 2s}\n"),
        (
            "  fast: 100ms\n  normal: 500ms\n",
            "  fast: 400ms\n  normal: 2s\n",
        ),  # a test machine has little to spare
        ("\nbuses:\n", f"\nbuses:{BUSES}"),
        ("\ndevices:\n", f"\ndevices:{DEVICES}"),
        ("\nscan_points:\n", f"\nscan_points:{PLACES}"),
        ("\nplans:\n", "\nplans:\n- gloss.yaml\n"),
    ):
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    (folder / "devices").mkdir()
    (folder / "devices" / "chiller.yaml").write_text(CHILLER, "utf-8")
    (folder / "gloss.yaml").write_text(PLAN, "utf-8")
    (folder / "plans").symlink_to(demo / "plans")
    (folder / "site.yaml").write_text(text, "utf-8")
    return folder / "site.yaml"


def wait_for(look: Callable[[], T | None], what: str) -> T:
    """What it gives, once it gives something."""
    end = time.monotonic() + PATIENCE_S
    while (found := look()) is None:
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.05)  # between looks at processes of our own
    return found


class Chiller:
    """One device of its own, that is switched off and on."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def on(self) -> None:
        """It answers when this returns."""
        load = ("-m", "simulators", "load", "--devices", "1", "--registers", "4", "--port", str(self.port))
        self._process = subprocess.Popen([*DIES_WITH_US, sys.executable, *load], stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self._process.stdout.readline()

    def off(self) -> None:
        """As its switch does it."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


class Scanner:
    """A scanner in somebody's hand."""

    def __init__(self) -> None:
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        self.path = os.ttyname(self._theirs)

    def scan(self, code: str) -> None:
        """Held before a label, until the gateway has it safe."""
        os.write(self._ours, b"\x02" + code.encode() + b"\x03")
        there, _, _ = select.select([self._ours], [], [], PATIENCE_S)
        assert there, f"nobody took {code}"
        assert os.read(self._ours, 1) == b"\x06"

    def close(self) -> None:
        os.close(self._ours)
        os.close(self._theirs)


class Site(Box):
    """The box of that site, its devices and its people."""

    def __init__(self, folder: Path) -> None:
        self.chiller, self.scanner = Chiller(), Scanner()
        self.chiller.on()
        plant = folder / "plant"
        plant.mkdir()
        (plant / "script").write_text(SCRIPT, "utf-8")
        words = (
            "demo",
            "--run-dir",
            str(plant),
            "--script",
            str(plant / "script"),
            "--waits",
            "--speed",
            "3",
        )
        self._plant = subprocess.Popen([*DIES_WITH_US, sys.executable, "-m", "simulators", *words])
        ports = wait_for(lambda: read(plant / "ports.json"), "the simulated plant")
        ports |= {"chiller": f"{HOST}:{self.chiller.port}", "hand": self.scanner.path}
        (folder / "journal").mkdir()
        introduce(folder / "journal")
        given = tuple(f"buses.{bus}.address={address}" for bus, address in ports.items())
        super().__init__(written(folder), folder, *given)

    def close(self) -> None:
        """Nothing of it runs any more."""
        self.kill()
        self._plant.kill()
        self._plant.communicate()
        self.chiller.off()
        self.scanner.close()

    def look(self, at: Callable[[JournalReader], T]) -> T:
        """What its journal says."""
        with open_readers(self.data)[0] as reader:
            return at(reader)

    def alarm_of(self, subject: str) -> str:
        """The alarm about it, once there is one."""

        def found(reader: JournalReader) -> str | None:
            return next((each.alarm for each in reader.alarms() if each.subject == subject), None)

        return wait_for(lambda: self.look(found), f"an alarm of {subject}")

    def whole_box(self) -> str:
        """A box of the press of which it is known what is in it; that comes after it was closed."""

        def found(reader: JournalReader) -> list[str]:
            events = (each.event for each in reader.events(1, reader.last().event))
            return [made.lot for made in events if isinstance(made, LotMade) and made.lot.startswith("sscc:")]

        return wait_for(lambda: next(iter(self.look(found)), None), "a box that is weighed")

    def has_lived(self) -> None:
        """Return when both drifts are alarms, and a box of the press has left the site."""

        def enough(reader: JournalReader) -> bool:
            drifted = {"press1_cushion", "press2_part_weight"} <= {each.subject for each in reader.alarms()}
            return drifted and any(
                lot.state == "closed" and lot.lot.startswith("sscc:") for lot in reader.lots()
            )

        wait_for(lambda: self.look(enough) or None, "drifts and a box")


def introduce(folder: Path) -> None:
    """Everybody gets an account, in the same way as `lotwatch user add` gives one."""
    with ThreadPoolExecutor(1) as other:  # playwright has a loop of its own in this thread
        password = other.submit(asyncio.run, hashed(PASSWORD)).result()
    people = People(folder)
    for name, (operator, role) in PEOPLE.items():
        people.add(Account(name, operator, role, password=password))
    people.close()


def read(file: Path) -> dict[str, str] | None:
    """A file of JSON, once it is there."""
    return json.loads(file.read_text("utf-8")) if file.exists() else None
