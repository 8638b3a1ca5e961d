"""Every row of the reliability table that needs no server, as often as `make test` does it."""

from __future__ import annotations

import shutil

import pytest

from benchmarks.reliability import codec, lines, ports, schemas
from benchmarks.reliability.inputs import configs, frames, payloads, scans, web
from benchmarks.reliability.power import row as power
from tests.unit.reliability.kit import groups, passes

pytestmark = pytest.mark.long


def some(row, size):
    return pytest.mark.parametrize(
        "numbers", groups(row, size), ids=lambda numbers: f"{numbers[0]}-{numbers[-1]}"
    )


@some(power.ROW, 1)
def test_power_loss(numbers, record_property):
    ran = passes(power.ROW, numbers, record_property)
    assert min(ran.facts[how] for how in ("prefix", "torn", "any")) > 300
    assert (
        ran.facts["recovered whole"] > ran.facts["commits"]
    )  # each commit was seen on the disk, and more than it


@some(frames.ROW, 5)
def test_frames(numbers, record_property):
    passes(frames.ROW, numbers, record_property)


@some(scans.ROW, 5)
def test_scans(numbers, record_property):
    ran = passes(scans.ROW, numbers, record_property)
    assert min(ran.facts["understood"], ran.facts["refused"]) > 1_000


@some(payloads.ROW, 5)
def test_mqtt_payloads(numbers, record_property):
    ran = passes(payloads.ROW, numbers, record_property)
    assert (
        min(ran.facts["taken"], ran.facts["refused"]) > 1_000
    )  # some mutations are harmless: they reach far


@some(configs.ROW, 2)
def test_configs(numbers, record_property):
    ran = passes(configs.ROW, numbers, record_property)
    assert (
        ran.facts["refused"] > ran.count / 2
    )  # the mutations do bite: were they harmless, this would show nothing
    assert ran.facts["loads"] > 0


@some(web.ROW, 2)
def test_http(numbers, record_property):
    ran = passes(web.ROW, numbers, record_property)
    assert min(ran.facts[f"status {code}"] for code in (200, 400, 404, 405, 421)) > 5
    # requests come as far as what they ask for
    assert min(ran.facts["acts done"], ran.facts["status 409"]) > 0


@some(lines.ROW, 5)
def test_line_faults(numbers, record_property):
    passes(lines.ROW, numbers, record_property)


@some(codec.ROW, 5)
def test_codec_beside_pymodbus_and_libmodbus(numbers, record_property):
    if shutil.which("mbpoll") is None:
        pytest.skip("no libmodbus on this machine: .ci/debian.sh brings it with mbpoll")
    ran = passes(codec.ROW, numbers, record_property)
    for peer in ("libmodbus", "pymodbus"):
        assert ran.facts[f"{peer}: identical"] > 0.8 * ran.count


@some(ports.ROW, 1)
def test_serial_ports(numbers, record_property):
    ran = passes(ports.ROW, numbers, record_property)
    assert ran.facts["read again at poll 1"] > 0
    assert (
        ran.facts["good while faulty"] > 0 or numbers[0] % 2
    )  # RTU reads through an echo; a scale hears none


@some(schemas.ROW, schemas.ROW.per_run)
def test_migrations_of_each_released_schema(numbers, record_property):
    ran = passes(schemas.ROW, numbers, record_property)
    assert ran.facts["states"] > 300
