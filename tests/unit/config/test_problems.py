"""Each mistake is said once, at its place, with the nearest right word.

A case changes one piece of a good site's files; `@` in the new piece marks where the problem must be said.
"""

# ruff: noqa: E501 # a case is a row of a table

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config import ConfigErrors, Problem, read

from .conftest import PLAN, PRESS, SITE, write

FILES = {"site.yaml": SITE, "devices/press.yaml": PRESS, "plans/a.yaml": PLAN}

CASES = [
    # --- what the models refuse
    ("site.yaml", "site: plant1", "site: @Plant 1", '"Plant 1" is not a name: lower-case letters, digits, _ and -, at most 63; did you mean "plant_1"?'),
    ("site.yaml", "site: plant1", "site: @7", "7 is not a name: write it in quotes"),
    ("site.yaml", "site: plant1\n", "@", '"site" is missing'),
    ("site.yaml", "gateway: gw1", "gateway:@", "nothing is not a name"),
    ("site.yaml", "gateway: gw1", "gateway: gw1\n@gatway: gw2", '"gatway" is not a key here; did you mean "gateway"?'),
    ("site.yaml", "type: uint16", "type: @unit16", '"unit16" is not a point type; did you mean "uint16"?'),
    ("site.yaml", "unit: 1\n  cell: moulding/line1/press1", "unit: @256\n  cell: moulding/line1/press1", "256 is out of range: 0 to 255"),
    ("site.yaml", "unit: 1\n  cell: moulding/line1/press1", 'unit: @"1"\n  cell: moulding/line1/press1', '"1" is not a whole number'),
    ("site.yaml", "unit: 1\n  cell: moulding/line1/press1", "unit: @true\n  cell: moulding/line1/press1", "true is not a whole number"),
    ("site.yaml", "unit: 1\n  cell: moulding/line1/press1", "unit: @010\n  cell: moulding/line1/press1", '"010" is not a whole number'),
    ("site.yaml", "address: 200", "address: @65536", "65536 is out of range: 0 to 65535"),
    ("site.yaml", "address: 200", "address: @-1", "-1 is out of range: 0 to 65535"),
    ("site.yaml", "address: 200", "address: @" + "9" * 60, "a number far too large is out of range: 0 to 65535"),
    ("site.yaml", "high: 40", "high: @.nan", "nan is not a finite number"),
    ("site.yaml", "high: 40", "high: @1e999", "inf is not a finite number"),
    ("site.yaml", "high: 40", "high: @no", '"no" is not a number'),
    ("site.yaml", "high: 40", "high: @[40]", "a list is not a number"),
    ("site.yaml", "fast: 100ms", "fast: @100", "100 has no unit: write 100ms, 100s, 100min or 100h"),
    ("site.yaml", "fast: 100ms", "fast: @100msec", '"100msec" is not a duration such as 100ms, 2s, 10min, 8h or 1d'),
    ("site.yaml", "fast: 100ms", "fast: @0s", '"0s" is out of range: 1ms to 366d'),
    ("site.yaml", "fast: 100ms", "fast: 100ms, @Slow: 1s", '"Slow" is not a name: lower-case letters, digits, _ and -'),
    ("site.yaml", "stale_after: 3h", "stale_after: @30min", "must be longer than the period"),
    ("site.yaml", "action: open", "action: @opne", '"opne" is not an action; did you mean "open"?'),
    ("site.yaml", "action: open", "action: open\n  lasts: @2min", "only material that is opened or moved here lasts"),
    ("site.yaml", "action: open", "action: close\n  role: material\n  lasts: @2min", "only material that is opened or moved here lasts"),
    ("site.yaml", "level: HH", "level: @HHH", '"HHH" is not an alarm level; did you mean "HH"?'),
    ("site.yaml", "buses:\n", "commit: @sdd\nbuses:\n", '"sdd" is not a commit profile; did you mean "ssd"?'),
    ("site.yaml", "  host: 127.0.0.1\n", "  host: 127.0.0.1\n  version: @5\n", '5 is not an MQTT version; did you mean "5"?'),
    ("site.yaml", "  host: 127.0.0.1\n", "  host: 127.0.0.1\n  tls: @yes\n", '"yes" is not true or false; did you mean "true"?'),
    ("site.yaml", "- area: moulding", "- @7\n- area: moulding", "7 is not a mapping"),
    ("site.yaml", "plans:\n- plans/a.yaml", "plans: @plans/a.yaml", '"plans/a.yaml" is not a list'),
    # --- secrets
    ("site.yaml", "  host: 127.0.0.1\n", "  host: 127.0.0.1\n  @password: hunter2\n", "a secret does not belong in this file: write password_from: file:PATH or password_from: credential:NAME"),
    ("site.yaml", "  host: 127.0.0.1\n", "  host: 127.0.0.1\n  @pasword: hunter2\n", "a secret does not belong in this file: write password_from: file:PATH or password_from: credential:NAME"),
    ("site.yaml", "file:/no/password", "@hunter2", "says where the secret is, not the secret itself: file:PATH or credential:NAME"),
    ("site.yaml", "file:/no/password", "@env:PASSWORD", "names an environment variable, which every child inherits: write file:PATH or credential:NAME"),
    ("site.yaml", "file:/no/password", "@credential:a/b", "says where the secret is, not the secret itself: file:PATH or credential:NAME"),
    ("site.yaml", "  host: 127.0.0.1\n", "  host: 127.0.0.1\n  tls: true\n  certificate_file: @box.pem\n", "needs its key: write key_from: file:PATH"),
    ("site.yaml", "  host: 127.0.0.1\n", "  host: 127.0.0.1\n  tls: true\n  key_from: @file:box.key\n", "is the key of no certificate: write certificate_file"),
    ("site.yaml", "  host: 127.0.0.1\n", "  host: 127.0.0.1\n  key_from: file:box.key\n  certificate_file: @box.pem\n", "is of use with TLS only: write tls: true"),
    ("site.yaml", 'url: "http://127.0.0.1:8086"', 'url: "http://127.0.0.1:8086", @token: hunter2', "a secret does not belong in this file: write token_from: file:PATH or token_from: credential:NAME"),
    ("site.yaml", '"http://127.0.0.1:8086"', '@"http://a:hunter2@@127.0.0.1:8086"', "has a secret in it: give the token by token_from: file:PATH or credential:NAME"),
    # --- names that must be known, names that must be free
    ("site.yaml", "bus: net", "bus: @ned", '"ned" is not a bus of this site; did you mean "net"?'),
    ("site.yaml", "driver: modbus.tcp", "driver: @modbus.tpc", '"modbus.tpc" is not a driver; did you mean "modbus.tcp"?'),
    ("site.yaml", "cell: moulding/line1/press2", "cell: @moulding/line1/press3", '"moulding/line1/press3" is not a cell of this site; did you mean "moulding/line1/press2"?'),
    ("site.yaml", "cell: moulding/line1/press2", "cell: @press2", '"press2" is not a cell: area/line/cell, in lower case'),
    ("site.yaml", "{name: cushion, high: 40}", "{name: @cushoin, high: 40}", '"cushoin" is not a point of the map; did you mean "cushion"? (a further point needs a type)'),
    ("site.yaml", "device: scanner1", "device: @scaner1", '"scaner1" is not a device of this site; did you mean "scanner1"?'),
    ("site.yaml", "device: scanner1", "device: @press1", "press1 reads no codes: a scan point needs a reader, or hand where codes are typed"),
    ("site.yaml", "  device: scanner1\n", "", '"device" is missing'),
    ("site.yaml", "scan_points:\n", "scan_points:\n- {name: box2, device: scanner1, cell: moulding/line1/packing, action: move}\n", "scanner1 reads for box2 already: a reader serves one scan point"),
    ("site.yaml", "name: rs485", "name: @net", '"net" is taken, on line 9'),
    ("site.yaml", "- name: press2", "- name: @press1", '"press1" is taken, on line 19'),
    ("site.yaml", "- name: scanner1", "- name: @hand", '"hand" is kept for scan points where codes are typed'),
    ("site.yaml", "cells: [press1, ", "cells: [press1, @press1, ", "cell moulding/line1/press1 is here twice"),
    ("site.yaml", "{name: extra", "{name: @cushion", '"cushion" is here twice'),
    ("site.yaml", "cell: moulding/line1/press2", "cell: moulding/line1/press1", "tag moulding/line1/press1/shots is press1's already: give this device or point another cell, or the point another name"),
    ("site.yaml", "bus: rs485\n  map: press\n  unit: 1", "bus: net\n  map: press\n  unit: @1", "unit 1 of bus net is press1 already"),
    ("site.yaml", "address: /dev/ttyS2", "address: @/dev//ttyS1", '"/dev//ttyS1" is the address of bus rs485 already: put the devices on one bus'),
    ("site.yaml", "map: press\n  unit: 1\n  cell: moulding/line1/press1", "map: @granulato\n  unit: 1\n  cell: moulding/line1/press1", '; did you mean "granulator"?'),
    ("site.yaml", "- plans/a.yaml", "- @plans/b.yaml", '; did you mean "plans/a.yaml"?'),
    ("site.yaml", "- plans/a.yaml", "- plans/a.yaml\n- @plans/a.yaml", '"plans/a.yaml" is here twice'),
    # --- buses and units
    ("site.yaml", "10.0.0.1:502", "@10.0.0.1", '"10.0.0.1" is not host:port, such as 192.168.1.20:502'),
    ("site.yaml", "10.0.0.1:502", "@/dev/ttyS0", '"/dev/ttyS0" is not host:port; did you mean modbus.rtu?'),
    ("site.yaml", "10.0.0.1:502", "@10.0.0.1:70000", "port 70000 is out of range: 1 to 65535"),
    ("site.yaml", "address: /dev/ttyS2", "address: @ttyS2", '"ttyS2" is neither the path of a serial port, such as /dev/ttyUSB0, nor host:port'),
    ("site.yaml", "driver: modbus.rtu\n  address: /dev/ttyS1", "driver: @modbus.rtu\n  address: 10.0.0.2:502", "10.0.0.2:502 is a socket; did you mean modbus.rtu_over_tcp or modbus.tcp?"),
    ("site.yaml", "bus: rs485\n  map: press\n  unit: 1", "bus: rs485\n  map: press\n  unit: @250", "250 is not a unit id here: 1 to 247"),
    ("site.yaml", "bus: rs485\n  map: press\n  unit: 1\n", "bus: rs485\n  map: press\n", '"unit" is missing: the Modbus unit id'),
    ("site.yaml", "bus: scanner\n", "bus: scanner\n  unit: @1\n", "serial.barcode has no unit ids"),
    # --- points
    ("devices/press.yaml", "address: 2, ", "address: @65535, ", "65535 is too high: float32 takes 2 words and the last address is 65535"),
    ("devices/press.yaml", "type: float32", "type: float32, order: @AB", '"AB" is not valid for float32; known: ABCD, CDAB, BADC, DCBA'),
    ("devices/press.yaml", "type: float32", "type: float32, mask: @1", "a mask takes bits of an integer; float32 has none"),
    ("devices/press.yaml", "mask: 0x0F00", "mask: @0x10000", "0x10000 does not fit into uint16"),
    ("devices/press.yaml", "words: 4", "words: 4, scale: @2", "a string is not scaled"),
    ("devices/press.yaml", ", words: 4", "", '"words" is missing: how many registers the string has, two characters each'),
    ("devices/press.yaml", "type: uint16", "type: uint16, words: @2", "only a string has words; uint16 takes 1"),
    ("devices/press.yaml", "type: uint16", "type: uint16, invalid: [1, @70000]", "70000 does not fit into uint16: unsigned, up to 65535"),
    ("devices/press.yaml", "type: uint16", "type: uint16, scale: @0", "0 is no scale: 1e-12 to 1e12, or negative"),
    ("devices/press.yaml", "high: 50", "high: @0", "0 must be greater than low, 0"),
    ("devices/press.yaml", "address: 10, ", "", '"address" is missing'),
    ("devices/press.yaml", "table: holding, address: 10", "table: coil, address: 10", "a coil is a bit, not uint16"),
    ("devices/press.yaml", "name: state", "name: @shots", '"shots" is here twice'),
    ("devices/press.yaml", "address: 2, type: float32, poll: fast", "address: 2, type: float32, poll: @slow", "group shot is read by one request; shots is polled fast, this slow"),
    ("devices/press.yaml", "address: 2, ", "address: 124, ", "group shot spans 126 words, 0 to 125; one request takes 125 at most"),
    ("devices/press.yaml", "about: A press", "max_words: 3", "group shot spans 4 words, 0 to 3; one request takes 3 at most"),
    ("devices/press.yaml", "words: 4}", "words: 4, poll: @quick}", '"quick" is not a poll class of this site; known: fast, normal, slow, hourly'),
    # --- anomaly
    ("site.yaml", "  cell: moulding/line1/press1\n", "  cell: moulding/line1/press1\n  anomaly: {alarms_per_day: @0}\n", "0 must be greater than 0"),
    ("site.yaml", "  cell: moulding/line1/press1\n", "  cell: moulding/line1/press1\n  anomaly: {every: @5}\n", "5 has no unit: write 5ms, 5s, 5min or 5h"),
    ("site.yaml", "  cell: moulding/line1/press1\n", "  cell: moulding/line1/press1\n  anomaly: {points: [@cusion]}\n", '"cusion" is not a point of press1; did you mean "cushion"?'),
    ("site.yaml", "  cell: moulding/line1/press1\n", "  cell: moulding/line1/press1\n  anomaly: {points: [cushion, @cushion]}\n", '"cushion" is here twice'),
    ("site.yaml", "  cell: moulding/line1/press1\n", "  cell: moulding/line1/press1\n  anomaly: {points: [@tool]}\n", "moulding/line1/press1/tool is text: it cannot be watched"),
    ("site.yaml", "  cell: moulding/line1/press1\n", "  cell: moulding/line1/press1\n  anomaly: {@alarm_per_day: 1}\n", '"alarm_per_day" is not a key here; did you mean "alarms_per_day"?'),
    ("site.yaml", "  cell: moulding/line1/press1\n", "  cell: moulding/line1/press1\n  anomaly: {when: @{}}\n", 'says nothing: give "tag" and "is", or "warm_up"'),
    ("site.yaml", "  cell: moulding/line1/press1\n", "  cell: moulding/line1/press1\n  anomaly: {when: {warm_up: @1min}}\n", "is after a change of state or key, and this row has neither"),
    ("site.yaml", "  cell: moulding/line1/press1\n", "  cell: moulding/line1/press1\n  anomaly: {when: {tag: @moulding/line1/press1/stat, is: [2]}}\n", '"moulding/line1/press1/stat" is not a tag of this site; did you mean "moulding/line1/press1/state"?'),
    ("site.yaml", "  cell: moulding/line1/packing\nscan", "  cell: moulding/line1/packing\n  anomaly: @{}\nscan", "scanner1 has no numbers to watch"),
    # --- limits and plans
    ("site.yaml", "value: 2, ", "value: @9, ", "L must be below HH, 9"),
    ("site.yaml", "level: L,", "level: @HH,", "HH of moulding/line1/press1/cushion is here twice"),
    ("site.yaml", "{tag: moulding/line1/press1/cushion, level: L", "{tag: @moulding/line1/press1/tool, level: L", "moulding/line1/press1/tool is text: it has no limits"),
    ("plans/a.yaml", "tag: moulding/line1/press1/cushion", "tag: @moulding/line1/press1/cusion", '"moulding/line1/press1/cusion" is not a tag of this site; did you mean "moulding/line1/press1/cushion"?'),
    ("plans/a.yaml", "tag: moulding/line1/press1/cushion", "tag: @moulding/line1/press1/tool", "moulding/line1/press1/tool is text: it cannot be charted"),
    ("plans/a.yaml", "method: ewma", "method: @emwa", '"emwa" is not a chart; did you mean "ewma"?'),
    ("plans/a.yaml", "lambda: 0.2", "@lamda: 0.2", '"lamda" is not a parameter of ewma; did you mean "lambda"?'),
    ("plans/a.yaml", "lambda: 0.2", "lambda: @1.2", "1.2 must not be greater than 1"),
    ("plans/a.yaml", "sigma: 0.1", "sigma: @0", "0 must be greater than 0"),
    ("plans/a.yaml", "lambda: 0.2", "limits: @asymptotc", '"asymptotc" is not one of exact, asymptotic'),
    ("plans/a.yaml", "sigma: 0.1", "sigma: @big", '"big" is not a number'),
    ("plans/a.yaml", "usl: 7", "usl: 7\n  rules: @[WE1]", "ewma has no run rules"),
    ("plans/a.yaml", "method: ewma", "method: imr\n  rules: [WE1, @R]", "imr has no rule R: it is of xbar-r"),
    ("plans/a.yaml", "method: ewma", "method: imr\n  rules: [@WE9]", '"WE9" is not a run rule; did you mean "WE4"?'),
    ("plans/a.yaml", "key: [moulding/line1/press1/state]", "key: [@moulding/line1/press1/stat]", '"moulding/line1/press1/stat" is not a tag of this site; did you mean "moulding/line1/press1/state"?'),
    ("plans/a.yaml", "method: ewma", "tags: @[moulding/line1/press2/cushion]\n  method: ewma", "ewma charts one tag, here are 2"),
    ("plans/a.yaml", "method: ewma\n  params: {center: 6.0, sigma: 0.1, lambda: 0.2}", "method: @t2", "t2 charts two tags or more, here are 1"),
    ("plans/a.yaml", "method: ewma\n  params: {center: 6.0, sigma: 0.1, lambda: 0.2}", "tags: [@moulding/line1/press1/tool]\n  method: t2", "moulding/line1/press1/tool is text: it cannot be charted"),
    ("plans/a.yaml", "method: ewma\n  params: {center: 6.0, sigma: 0.1, lambda: 0.2}", "tags: [@moulding/line1/press1/cushion]\n  method: t2", "moulding/line1/press1/cushion is here twice"),
    ("plans/a.yaml", "method: ewma\n  params: {center: 6.0, sigma: 0.1, lambda: 0.2}", "method: @p", "p charts a count and the tag of its size, here are 1"),
    ("plans/a.yaml", "method: ewma\n  params: {center: 6.0, sigma: 0.1, lambda: 0.2}\n  key: [moulding/line1/press1/state]\n  sampling:\n    every:", "method: xbar-r\n  sampling:\n    @every:", "xbar-r charts subgroups: size must be 2 or more"),
    ("plans/a.yaml", "    every: counter", "    take: @difference\n    size: 5\n    every: counter", "a difference is of two samples: size 1, and not `every: lot`"),
    ("plans/a.yaml", "    every: counter", "    take: @differences\n    every: counter", '"differences" is not what to take; did you mean "difference"?'),
    ("plans/a.yaml", "  usl: 7", "  when: @{}\n  usl: 7", 'says nothing: give "tag" and "is", or "warm_up"'),
    ("plans/a.yaml", "  usl: 7", "  when: {is: @[2]}\n  usl: 7", 'is of no tag: write "tag" beside it'),
    ("plans/a.yaml", "  usl: 7", "  when: @{tag: moulding/line1/press1/state}\n  usl: 7", '"is" is missing: the values of the tag in which samples are made'),
    ("plans/a.yaml", "  usl: 7", "  when: {tag: @moulding/line1/press1/stat, is: [2]}\n  usl: 7", '"moulding/line1/press1/stat" is not a tag of this site; did you mean "moulding/line1/press1/state"?'),
    ("plans/a.yaml", "  key: [moulding/line1/press1/state]", "  when: {warm_up: @10min}", "is after a change of state or key, and this row has neither"),
    ("plans/a.yaml", "  usl: 7", "  design: @{}\n  usl: 7", 'says no "arl0", and the site has no false_alarms_per_day to share'),
    ("plans/a.yaml", "  usl: 7", "  design: {arl0: @1}\n  usl: 7", "1 must be greater than 1"),
    ("plans/a.yaml", "  usl: 7", "  design: {arl0: 370, confidence: @1}\n  usl: 7", "1 is not a number above 0 and below 1"),
    ("plans/a.yaml", "lambda: 0.2}", "lambda: 0.2, L: @3}\n  design: {arl0: 370}", "is chosen by design: leave it out, or leave out design"),
    ("plans/a.yaml", "method: ewma\n  params: {center: 6.0, sigma: 0.1, lambda: 0.2}", "method: imr\n  design: @{arl0: 370}", "a designed imr chart listens to its limit alone: write rules: [WE1]"),
    ("plans/a.yaml", "  usl: 7", "  limits:\n  - {version: 1, from: @2026-11-22, approved_by: '17', params: {center: 6.0, sigma: 0.1}}\n  usl: 7", '"2026-11-22" has no time zone: end it with Z, or +08:00'),
    ("plans/a.yaml", "  usl: 7", "  limits:\n  - {version: 1, from: @soon, approved_by: '17', params: {center: 6.0, sigma: 0.1}}\n  usl: 7", '"soon" is not a time such as 2026-11-22T06:00:00Z'),
    ("plans/a.yaml", "  usl: 7", "  limits:\n  - {version: 1, from: 2026-11-22T00:00:00Z, approved_by: @Ann, params: {center: 6.0}}\n  usl: 7", '"Ann" is not an operator number: digits in quotes, such as "17", never a name'),
    ("plans/a.yaml", "  usl: 7", "  limits:\n  - {version: 1, from: 2026-11-22T00:00:00Z, approved_by: '17', params: {@centre: 6.0}}\n  usl: 7", '"centre" is not a parameter of ewma; did you mean "center"?'),
    ("plans/a.yaml", "  usl: 7", "  limits:\n  - {version: 1, from: 2026-11-22T00:00:00Z, approved_by: '17', params: {sigma: @0}}\n  usl: 7", "0 must be greater than 0"),
    ("plans/a.yaml", "  usl: 7", "  limits:\n  - {version: 1, from: 2026-11-22T00:00:00Z, approved_by: '17', params: {sigma: 1}}\n  - {version: @1, from: 2026-11-23T00:00:00Z, approved_by: '17', params: {sigma: 1}}\n  usl: 7", "version 1 is here twice"),
    ("site.yaml", "site: plant1", "false_alarms_per_day: @0\nsite: plant1", "0 must be greater than 0"),
    ("plans/a.yaml", "    counter: moulding/line1/press1/shots\n", "", '"counter" is missing with `every: counter`'),
    ("plans/a.yaml", "every: counter", "every: time", '"period" is missing with `every: time`'),
    ("plans/a.yaml", "counter: moulding/line1/press1/shots", "counter: @moulding/line1/press1/cushion", "moulding/line1/press1/cushion is not a counter: a whole number, not scaled, is needed"),
    ("plans/a.yaml", "usl: 7", "usl: @4", "4 must be greater than lsl, 5"),
    ("plans/a.yaml", "target: 6", "target: @8", "8 is outside of lsl and usl"),
    ("plans/a.yaml", "  reaction: look\n", "", '"reaction" is missing'),
    # --- YAML
    ("site.yaml", "gateway: gw1", "gateway: gw1\n@gateway: gw2", '"gateway" is here twice'),
    ("site.yaml", "gateway: gw1", "gateway: @!!str gw1", '"tag:yaml.org,2002:str" is a tag: write the value alone'),
    ("site.yaml", "gateway: gw1", "@<<: {gateway: gw1}", "merge keys are not taken: write the keys out"),
    ("site.yaml", "gateway: gw1", "gateway: @*gw", "*gw is not defined before it is used"),
    ("site.yaml", "  driver: modbus.tcp", "@\tdriver: modbus.tcp", "a tab cannot indent YAML: use spaces"),
    ("site.yaml", "gateway: gw1", "gateway: gw1\x07", "control character U+0007 is not allowed"),
    ("site.yaml", "gateway: gw1", "gateway: gw1\n? @[a]\n: b", "a key must be a word"),
    ("plans/a.yaml", "characteristics:", "characteristics", None),
]  # fmt: skip


def said(folder: Path, file: str, old: str, new: str) -> tuple[list[Problem], tuple[int, int] | None]:
    """The problems of a changed site, and where the change marks one."""
    original = FILES[file]
    assert original.count(old) >= 1, old
    at = original.index(old)
    marked = original[:at] + new.replace("@@", "\0") + original[at + len(old) :]
    mark = marked.find("@", at, at + len(new) + 1) if "@" in new.replace("@@", "") else -1
    place = None
    if mark >= 0:
        place = marked.count("\n", 0, mark) + 1, mark - marked.rfind("\n", 0, mark)
        marked = marked[:mark] + marked[mark + 1 :]
    texts = {
        "site.yaml": SITE,
        "devices/press.yaml": PRESS,
        "plans/a.yaml": PLAN,
        file: marked.replace("\0", "@"),
    }
    write(folder, texts["site.yaml"], texts["devices/press.yaml"], texts["plans/a.yaml"])
    try:
        return read(folder / "site.yaml").warnings, place
    except ConfigErrors as errors:
        return errors.problems, place


def test_the_site_that_the_cases_change_is_good(folder: Path) -> None:
    assert read(folder / "site.yaml").warnings == []


@pytest.mark.long
@pytest.mark.parametrize(("file", "old", "new", "text"), CASES, ids=range(len(CASES)))
def test_a_mistake_is_said_at_its_place(
    tmp_path: Path, file: str, old: str, new: str, text: str | None
) -> None:
    problems, place = said(tmp_path, file, old, new)
    errors = [problem for problem in problems if problem.severity == "error"]
    assert errors, "not noticed"
    here = [problem for problem in errors if text is None or problem.text.endswith(text)]
    assert here, [str(problem) for problem in errors]
    assert here[0].file == str(tmp_path / file)
    if place is not None:
        assert (here[0].line, here[0].col) == place, str(here[0])
    assert "hunter2" not in "".join(map(str, problems))


@pytest.mark.long
@pytest.mark.parametrize(("file", "old", "new", "text"), [case for case in CASES if case[3]])
def test_one_mistake_is_one_problem(tmp_path: Path, file: str, old: str, new: str, text: str) -> None:
    problems, _ = said(tmp_path, file, old, new)
    others = [
        str(problem)
        for problem in problems
        if not problem.text.endswith(text) and problem.severity == "error"
    ]
    # what follows in truth: who names a thing that is now called otherwise, and a second fault of the same change
    follow = (
        '"rs485" is not a bus',
        '"scanner1" is not a device',
        '"moulding/line1/press1/state" is not a tag',
        "already",
        "is of `every: counter`",
        "takes 4 words; this device answers 3",
    )
    assert not [
        other
        for other in others
        if not any(
            each in other
            for each in (*follow, '"lambda" is not a parameter of imr', 'gateway: "gateway" is missing')
        )
    ], others


def test_every_problem_comes_at_once_each_at_its_line(tmp_path: Path) -> None:
    site = (
        SITE.replace("type: uint16", "type: unit16")
        .replace("bus: net", "bus: ned")
        .replace("action: open", "action: opne")
    )
    plan = PLAN.replace("ewma", "emwa").replace("usl: 7", "usl: seven")
    press = PRESS.replace("float32", "flaot32")
    path = write(tmp_path, site, press, plan)
    with pytest.raises(ConfigErrors) as caught:
        read(path)
    lines = str(caught.value).splitlines()
    assert lines == [
        f'{path}:20:8: devices[0].bus: "ned" is not a bus of this site; did you mean "net"?',
        f'{path}:31:55: devices[1].points[1].type: "unit16" is not a point type; did you mean "uint16"?',
        f'{path}:39:11: scan_points[0].action: "opne" is not an action; did you mean "open"?',
        f'{tmp_path}/devices/press.yaml:4:53: points[1].type: "flaot32" is not a point type; did you mean "float32"?',
        f'{tmp_path}/plans/a.yaml:4:11: characteristics[0].method: "emwa" is not a chart; did you mean "ewma"?',
        f'{tmp_path}/plans/a.yaml:10:8: characteristics[0].usl: "seven" is not a number',
    ]


def test_a_warning_does_not_stop_a_site(tmp_path: Path) -> None:
    bus = "- {name: spare, driver: modbus.tcp, address: '10.0.0.9:502'}\ndevices:\n"
    path = write(tmp_path, SITE.replace("devices:\n", bus))
    loaded = read(path)
    assert [str(each) for each in loaded.warnings] == [f"{path}:18:3: warning: buses[3]: spare has no device"]


def test_values_that_cut_each_other_are_warned_of(tmp_path: Path) -> None:
    path = write(tmp_path, press=PRESS.replace("address: 2, type: float32", "address: 1, type: uint32"))
    assert "1 is inside shots, 0 to 1" in [each.text for each in read(path).warnings]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"", "is empty"),
        (b"# nothing\n", "is empty"),
        (b"- 1\n", "a list is not a mapping"),
        (b"5", "5 is not a mapping"),
        (b"site: \xff\xfe", "byte 0xff is not UTF-8: save the file as UTF-8"),
        ("site: plant1".encode("utf-16"), "byte 0xff is not UTF-8: save the file as UTF-8"),
        (b"a: 1\n---\nb: 2\n", "a second document begins here: one file is one document"),
        (b"[" * 100_000, "nested deeper than 30 levels"),
        (b"- " * 100_000, "nested deeper than 30 levels"),
        (b"a: &a [x, x, x, x, x, x, x, x, x, x]\n" + b"".join(b"%c: &%c [%s]\n" % (n + 1, n + 1, b", ".join([b"*%c" % n] * 10)) for n in range(97, 105)), "aliases make this more than 400000 values"),
        (b"x: " + b"a" * 9_000_000, "is larger than 8 MB"),
    ],
    ids=range(11),
)  # fmt: skip
def test_strange_files_are_said_not_raised(tmp_path: Path, raw: bytes, text: str) -> None:
    path = tmp_path / "site.yaml"
    path.write_bytes(raw)
    with pytest.raises(ConfigErrors) as caught:
        read(path)
    assert [each.text for each in caught.value.problems][-1] == text


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    for path, text in (
        (tmp_path, "is a directory: name the file in it, such as site.yaml"),
        (tmp_path / "no.yaml", "there is no such file"),
    ):
        with pytest.raises(ConfigErrors) as caught:
            read(path)
        assert str(caught.value) == f"{path}:1:1: {text}"


def test_a_device_without_an_end_is_not_read() -> None:
    with pytest.raises(ConfigErrors, match="/dev/zero:1:1: cannot be read: it is not a file"):
        read("/dev/zero")


def test_a_problem_is_one_line_whatever_the_key(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text('"a\\nb\\u2028c\\x1b": 1\n')
    with pytest.raises(ConfigErrors) as caught:
        read(tmp_path / "site.yaml")
    first = str(caught.value.problems[0])
    assert first.endswith(r'a\nb\u2028c\x1b: "a\nb\u2028c\u001b" is not a key here')


def test_suggestions_end_where_everything_is_unknown(tmp_path: Path) -> None:
    rows = "".join(
        f"- {{tag: moulding/line1/press1/p{n}, level: H, value: 1, reaction: x}}\n" for n in range(300)
    )
    with pytest.raises(ConfigErrors) as caught:
        read(write(tmp_path, SITE.replace("alarm_limits:\n", f"alarm_limits:\n{rows}")))
    unknown = [each.text for each in caught.value.problems if "is not a tag" in each.text]
    assert len(unknown) == 300
    assert sum("did you mean" in text for text in unknown) <= 100


def test_an_anchor_that_is_used_twice_is_two_values(folder: Path) -> None:
    path = folder / "site.yaml"
    path.write_text(
        SITE.replace("reaction: stop", "reaction: &r stop").replace("reaction: look", "reaction: *r")
    )
    assert [limit.reaction for limit in read(path).site.alarm_limits] == ["stop", "stop"]
