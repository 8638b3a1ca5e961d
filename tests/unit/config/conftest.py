"""A small good site, written into a folder of its own; cases change it."""

from __future__ import annotations

from pathlib import Path

import pytest

SITE = """\
site: plant1
gateway: gw1
lines:
- area: moulding
  name: line1
  cells: [press1, press2, packing]
poll_classes: {fast: 100ms, hourly: {period: 1h, stale_after: 3h}}
buses:
- name: net
  driver: modbus.tcp
  address: 10.0.0.1:502
- name: rs485
  driver: modbus.rtu
  address: /dev/ttyS1
- name: scanner
  driver: serial.barcode
  address: /dev/ttyS2
devices:
- name: press1
  bus: net
  map: press
  unit: 1
  cell: moulding/line1/press1
- name: press2
  bus: rs485
  map: press
  unit: 1
  cell: moulding/line1/press2
  points:
  - {name: cushion, high: 40}
  - {name: extra, table: holding, address: 200, type: uint16, cell: moulding/line1/packing}
- name: scanner1
  bus: scanner
  cell: moulding/line1/packing
scan_points:
- name: box
  device: scanner1
  cell: moulding/line1/packing
  action: open
alarm_limits:
- {tag: moulding/line1/press1/cushion, level: HH, value: 9, reaction: stop}
- {tag: moulding/line1/press1/cushion, level: L, value: 2, reaction: look}
plans:
- plans/a.yaml
broker:
  host: 127.0.0.1
  password_from: file:/no/password
database: {url: "http://127.0.0.1:8086"}
"""

PRESS = """\
about: A press
points:
- {name: shots, table: holding, address: 0, type: uint32, poll: fast, coherent: shot}
- {name: cushion, table: holding, address: 2, type: float32, poll: fast, coherent: shot, low: 0, high: 50}
- {name: tool, table: holding, address: 4, type: string, words: 4}
- {name: state, table: holding, address: 10, type: uint16, mask: 0x0F00}
"""

PLAN = """\
characteristics:
- id: cushion1
  tag: moulding/line1/press1/cushion
  method: ewma
  params: {center: 6.0, sigma: 0.1, lambda: 0.2}
  key: [moulding/line1/press1/state]
  sampling:
    every: counter
    counter: moulding/line1/press1/shots
  usl: 7
  lsl: 5
  target: 6
  reaction: look
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path)
    return tmp_path


def write(folder: Path, site: str = SITE, press: str = PRESS, plan: str = PLAN) -> Path:
    (folder / "plans").mkdir(exist_ok=True)
    (folder / "devices").mkdir(exist_ok=True)
    (folder / "site.yaml").write_text(site, "utf-8")
    (folder / "devices" / "press.yaml").write_text(press, "utf-8")
    (folder / "plans" / "a.yaml").write_text(plan, "utf-8")
    return folder / "site.yaml"
