"""Options: values as people write them, errors that name the option."""

from __future__ import annotations

import pytest

import drivers
from drivers import driver_kinds, load_driver
from drivers.options import Option, as_bytes, as_duration, read

KNOWN = {
    "suffix": Option("bytes", "CR LF", "ends"),
    "idle": Option("duration", "50ms", "silence"),
    "count": Option("int", 3, "how many", least=1),
    "gate": Option("float", -70, "dBm"),
    "on": Option("bool", True, "whether"),
    "word": Option("choice", "a", "which", ("a", "b")),
    "list": Option("ints", [1], "some"),
}


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("50ms", 50_000_000),
        ("1.5s", 1_500_000_000),
        ("2 min", 120_000_000_000),
        ("8h", 28_800_000_000_000),
        ("250us", 250_000),
        (0, 0),
    ],
)
def test_durations(given, made):
    assert as_duration(given) == made


@pytest.mark.parametrize("given", ["", "5", "5 days", "-1s", 5, 1.5, None, True, ["1s"]])
def test_what_is_no_duration(given):
    with pytest.raises(ValueError, match=r"options\.idle: .* is not a duration such as 200ms"):
        read({"idle": given}, KNOWN)


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("CR LF", b"\r\n"),
        ("", b""),
        ("0x1D", b"\x1d"),
        ("GS", b"\x1d"),
        ("~", b"~"),
        ("STX ID= ETX", b"\x02ID=\x03"),
    ],
)
def test_bytes(given, made):
    assert as_bytes(given) == made


def test_defaults_are_filled_in():
    assert read({}, KNOWN) == {
        "suffix": b"\r\n",
        "idle": 50_000_000,
        "count": 3,
        "gate": -70,
        "on": True,
        "word": "a",
        "list": (1,),
    }


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"count": True}, r"options\.count: True is not a whole number"),
        ({"count": 1.5}, r"options\.count"),
        ({"count": 0}, r"options\.count: 0 is below 1"),
        ({"on": 1}, r"options\.on"),
        ({"gate": "loud"}, r"options\.gate"),
        ({"word": "c"}, r"options\.word: 'c' is not one of a, b"),
        ({"list": ["1"]}, r"options\.list"),
        ({"zzz": 1}, r"options\.zzz: there is no such option; there are suffix"),
    ],
)
def test_errors_name_the_option(given, message):
    with pytest.raises(ValueError, match=message):
        read(given, KNOWN)


def test_drivers_are_found_by_name():
    kinds = driver_kinds()
    assert {"modbus.tcp", "modbus.rtu", "serial.scale", "serial.barcode", "serial.rfid"} <= set(kinds)
    assert kinds["serial.scale"] == "polling"
    assert kinds["serial.barcode"] == "talking"
    assert not {"serial.framing", "modbus.planner"} & set(kinds)
    for name, kind in kinds.items():
        assert kind == load_driver(name).KIND
        assert callable(load_driver(name).build)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("serial.scal", "did you mean serial.scale?"),
        ("serial.framing", "there is no driver"),
        ("profibus", "there are modbus"),
        ("os.path", "there is no driver"),
        ("..x", "there is no driver"),
    ],
)
def test_an_unknown_driver_is_refused_with_a_hint(name, hint):
    with pytest.raises(ValueError, match="there is no driver") as raised:
        load_driver(name)
    assert hint in str(raised.value)


def test_a_driver_of_a_wrong_kind_is_named(tmp_path, monkeypatch):
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "__init__.py").touch()
    (tmp_path / "odd" / "one.py").write_text('KIND = "shouting"\n')
    monkeypatch.setattr(drivers, "__path__", [*drivers.__path__, str(tmp_path)])
    with pytest.raises(ValueError, match=r"one\.py: KIND is 'shouting', not one of polling, talking"):
        driver_kinds()
