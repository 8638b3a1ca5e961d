"""The list: what cannot be meant is told at its line, and what others could change is not believed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.config.problems import ConfigErrors
from lotwatch_writer.against import differences
from lotwatch_writer.listfile import load, unsafe
from lotwatch_writer.rows import DeviceRow, ListFile, PersonRow, ReadBackRow, SetpointRow
from tests.unit.writer.kit import KEYS

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "config/deploy/writer/list.yaml"
LIST = f"""\
within: 10min
people:
  - operator: "17"
    key: {KEYS["17"].public.line()}
  - operator: "18"
    key: {KEYS["18"].public.line()}
devices:
  - {{name: blender, driver: modbus.tcp, address: "10.0.0.7:502", unit: 1}}
setpoints:
  - tag: a/b/c/share
    device: blender
    function: 16
    address: 18
    type: float32
    order: CDAB
    uom: "%"
    low: 0
    high: 30
    step: 5
    per_hour: 4
    interval: 5min
    propose: ["17"]
    approve: ["17", "18"]
    read_back: {{tolerance: 0.05}}
"""


def problems(folder: Path, *changes: tuple[str, str], text: str = LIST) -> list[str]:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file = folder / "list.yaml"
    file.write_text(text, "utf-8")
    try:
        load(file)
    except ConfigErrors as errors:
        return [str(each).removeprefix(f"{file}:") for each in errors.problems]
    return []


def test_a_good_list(tmp_path) -> None:
    assert problems(tmp_path) == []
    allowed = load(tmp_path / "list.yaml")
    setpoint = allowed.setpoints["a/b/c/share"]
    assert (setpoint.function, setpoint.target.address, setpoint.target.field.order) == (16, 18, "CDAB")
    assert setpoint.back == setpoint.target
    assert (setpoint.interval_ns, setpoint.settle_ns, setpoint.timeout_ns) == (300 * 10**9, 10**9, 10**9)
    assert allowed.within_ns == 600 * 10**9
    digest = allowed.digest
    assert problems(tmp_path, ("high: 30", "high: 31")) == []
    assert load(tmp_path / "list.yaml").digest != digest


def test_the_shipped_example_is_good() -> None:
    allowed = load(SHIPPED, trusted=False)
    assert len(allowed.setpoints) == 1
    assert len(allowed.people) == 3


MISTAKES = [
    ('operator: "18"', 'operator: "017"', '5:15: people[1].operator: operator "17" is here twice, however it is'),
    (KEYS["18"].public.line(), KEYS["17"].public.line(), 'it is called "operator-17", and that of this operator'),
    (KEYS["18"].public.line(), "operator-18+AAAA", "6:10: people[1].key: not a key"),
    (KEYS["18"].public.line()[:-3], KEYS["19"].public.line()[:-3], "6:10: people[1].key:"),
    ('operator: "18"', "operator: Anna", "digits in quotes"),
    ("driver: modbus.tcp", "driver: modbus.rtu_over_tcp", '8:29: devices[0].driver: "modbus.rtu_over_tcp" is not a'),
    ("driver: modbus.tcp", "driver: modbus.rtu", "which modbus.rtu wants"),
    ('"10.0.0.7:502"', "/dev/ttyS0", "is not host:port, which modbus.tcp wants"),
    ("unit: 1}", "unit: 0}", "0 is out of range: 1 to 255"),
    ("unit: 1}", "unit: 1, timeout: 11s}", "timeout: must be at most 10s"),
    ("device: blender", "device: blendr", '11:13: setpoints[0].device: "blendr" is no device here; did you'),
    ("function: 16", "function: 3", "12:15: setpoints[0].function: 3 is out of range"),
    ("function: 16", "function: 8", "8 is not 5 or 15 for a coil, 6 or 16"),
    ("function: 16", "function: 6", "6 writes one register and float32 has 2: half a value is none; use 16"),
    ("function: 16", "function: 15", "float32 does not go with function 15: bits are coils"),
    ("type: float32", "type: bit", "bit does not go with function 16"),
    ("type: float32", "type: string", '"string" is not a type'),
    ("order: CDAB", "order: AB", "is not valid for float32"),
    ("address: 18", "address: 65535", "takes 2 words and the last address is 65535"),
    ("high: 30", "high: 0", "0 must be greater than low, 0"),
    ("high: 30", "high: .inf", "is not a finite number"),
    ("type: float32\n    order: CDAB", "type: int16", ""),
    ("per_hour: 4", "per_hour: 0", "0 is out of range: 1 to 60"),
    ("    per_hour: 4\n", "", '"per_hour" is missing'),
    ("    step: 5\n", "", '"step" is missing'),
    ("interval: 5min", "interval: 300", "has no unit"),
    ('propose: ["17"]', 'propose: ["19"]', 'setpoints[0].propose[0]: operator "19" is none of people'),
    ('approve: ["17", "18"]', 'approve: ["17", "017"]', "the only one who may approve: nothing could be written"),
    ("tolerance: 0.05", "tolerance: -1", "out of range"),
    ("tolerance: 0.05", "table: coil", "a float32 cannot be read from coil"),
    ("tolerance: 0.05", "table: input", "give the address in input too"),
    ("tolerance: 0.05", "settle: 61s", "must be at most 60s"),
    ("within: 10min", "withn: 10min", "1:1: withn:"),
    ("    uom", "    umo", "umo"),
    ("people:", "people: []\npeopl:", "people"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "says"), MISTAKES, ids=[f"{new[:30]}" for _, new, _ in MISTAKES])
def test_every_mistake_is_told_at_its_place(tmp_path, old, new, says) -> None:
    said = problems(tmp_path, (old, new))
    assert says in "\n".join(said)
    assert bool(said) == bool(says)


def test_one_register_has_one_setpoint(tmp_path) -> None:
    more = LIST[LIST.index("  - tag:") :].replace("share", "other").replace("address: 18", "address: 19")
    assert "19 is written by a/b/c/share already" in "\n".join(problems(tmp_path, text=LIST + more))
    twice = LIST[LIST.index("  - tag:") :]
    assert '"a/b/c/share" is here twice' in "\n".join(problems(tmp_path, text=LIST + twice))
    alias = '  - {name: again, driver: modbus.tcp, address: "10.0.0.7:502", unit: 1}\nsetpoints:'
    assert "one device is one row" in "\n".join(problems(tmp_path, ("setpoints:", alias)))


@pytest.mark.parametrize("text", ["", "x", "a: [", "people: {}", "\tpeople:", "- 1", "people: [{}]", "\x00"])
def test_what_is_no_list_is_told(tmp_path, text) -> None:
    assert problems(tmp_path, text=text)


def test_a_file_that_is_not_there_is_told(tmp_path) -> None:
    with pytest.raises(ConfigErrors, match="there is no such file"):
        load(tmp_path / "none.yaml")


def test_a_list_that_others_could_change_is_not_believed(tmp_path) -> None:
    file = tmp_path / "list.yaml"
    assert problems(tmp_path) == []
    for path, mode, good in ((file, 0o664, 0o644), (file, 0o646, 0o644), (tmp_path, 0o777, 0o700)):
        path.chmod(mode)
        with pytest.raises(ConfigErrors, match="can be changed by its group or by others: chmod go-w"):
            load(file)
        path.chmod(good)
    load(file)
    if os.geteuid() == 0:
        os.chown(file, 1, 1)
        with pytest.raises(ConfigErrors, match="belongs to another user: chown root"):
            load(file)
        assert "another user" in unsafe(file)


def test_a_link_to_a_place_of_others_is_looked_through(tmp_path) -> None:
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    (open_to_all / "list.yaml").write_text(LIST, "utf-8")
    open_to_all.chmod(0o777)
    (tmp_path / "list.yaml").symlink_to(open_to_all / "list.yaml")
    with pytest.raises(ConfigErrors, match="open can be changed"):
        load(tmp_path / "list.yaml")


SITE = """\
site: here
gateway: g1
lines: [{area: a, name: b, cells: [c]}]
buses:
  - {name: net, driver: modbus.tcp, address: "10.0.0.7:502"}
  - {name: serial, driver: modbus.rtu, address: /dev/ttyS0}
devices:
  - name: blender
    bus: net
    unit: 1
    cell: a/b/c
    points: [{name: share, table: holding, address: 18, type: float32, order: CDAB, uom: "%"}]
"""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("", "", ""),
        ("unit: 1", "unit: 2", "unit is 1 here and 2 in the gateway's config"),
        ("address: 18", "address: 20", "address read back is 18 here and 20"),
        ("order: CDAB", "order: ABCD", "order is CDAB here and ABCD"),
        ('uom: "%"', "uom: kg", "uom is % here and kg"),
        ("10.0.0.7", "10.0.0.8", "address of the device is 10.0.0.7:502 here and 10.0.0.8:502"),
        ("float32, order: CDAB", "int32, scale: 0.1, order: CDAB", "type is float32 here and int32"),
        ("name: share", "name: shore", "warning: setpoints[0].tag: "),
    ],
)
def test_list_and_gateway_have_to_mean_one_register(tmp_path, old, new, says) -> None:
    (tmp_path / "site.yaml").write_text(SITE.replace(old, new, 1) if old else SITE, "utf-8")
    file = tmp_path / "list.yaml"
    file.write_text(LIST, "utf-8")
    said = "\n".join(str(each) for each in differences(file, load(file), tmp_path / "site.yaml"))
    assert says in said
    assert bool(says) == bool(said)


def test_a_serial_port_of_the_gateway_is_told_before_it_is_refused(tmp_path) -> None:
    (tmp_path / "site.yaml").write_text(SITE, "utf-8")
    file = tmp_path / "list.yaml"
    serial = LIST.replace("modbus.tcp", "modbus.rtu").replace('"10.0.0.7:502"', "/dev/ttyS0")
    file.write_text(serial, "utf-8")
    said = "\n".join(str(each) for each in differences(file, load(file), tmp_path / "site.yaml"))
    assert "/dev/ttyS0 is a serial port that the gateway has open" in said


def test_the_reference_has_every_key_in_the_very_words() -> None:
    text = (ROOT / "docs/reference/writer.md").read_text("utf-8")
    for model in (ListFile, PersonRow, DeviceRow, SetpointRow, ReadBackRow):
        for name, field in model.model_fields.items():
            needed = "; **needed**" if field.is_required() else ""
            assert f"| `{name}` | {field.description}{needed} |" in text
