"""What config reads off the files of charts and drivers is what those modules say when they are imported."""

from __future__ import annotations

import dataclasses
import sys
from subprocess import run

import pytest

import drivers
from gateway.bank.kit import Kit
from gateway.config.drivers import driver_kind, driver_names
from gateway.plan.methods import method, methods
from gateway.plan.models import RULES, SPREAD
from gateway.site import Characteristic, Sampling
from gateway.spc import chart_kinds, load_chart
from gateway.spc.rules import NAMES


def test_charts() -> None:
    assert methods() == chart_kinds()
    assert method("bank") is None, "a helper is no chart"
    assert method("../spc/imr") is None


@pytest.mark.parametrize("name", chart_kinds())
def test_parameters_are_the_fields_of_the_chart(name: str) -> None:
    chart = method(name)
    assert chart is not None
    fields = [field.name for field in dataclasses.fields(load_chart(name))]
    spelled = {"lambda": "weight"}
    assert [spelled.get(each, each) for each in chart.params] == [
        *(f for f in fields if f != "rules"),
        "baseline",
    ]
    assert chart.rules is ("rules" in fields)
    words = {f.name: f.default for f in dataclasses.fields(load_chart(name)) if isinstance(f.default, str)}
    assert dict(chart.words) == words


def test_run_rules() -> None:
    assert tuple(RULES) == tuple(NAMES)


def test_drivers() -> None:
    assert {name: driver_kind(name) for name in driver_names()} == drivers.driver_kinds()


@pytest.mark.parametrize(
    "name", ["modbus", "modbus.crc", "modbus.", "..modbus.tcp", "modbus/tcp", "", "serial.__init__"]
)
def test_what_is_no_driver(name: str) -> None:
    assert driver_kind(name) is None


@pytest.mark.long
def test_reading_a_site_loads_neither_charts_nor_drivers() -> None:
    code = (
        "import sys; from gateway.config import load; from gateway.resources import config_dir; "
        "load(config_dir() / 'demo' / 'site.yaml'); "
        "print([name for name in sys.modules if name.startswith(('gateway.spc', 'drivers', 'asyncio', 'sqlite3'))])"
    )
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_rules_of_second_panels_are_those_that_charts_have():
    found: dict[str, set[str]] = {}
    for kind in chart_kinds():
        size, tags = (3, ()) if load_chart(kind).TAKES == "subgroup" else (1, ("a/b/c/y",))
        row = Characteristic("c", "a/b/c/x", kind, {}, (), Sampling(size=size), "", tags=tags)
        found[kind] = set(Kit((row,)).names) - set(load_chart(kind).RULES)
    assert {kind: names for kind, names in found.items() if names} == {
        kind: {name} for kind, name in SPREAD.items()
    }
