"""What scales say, byte for byte from manuals, and what is made of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st_

from drivers.serial.weight import FORMATS, Trouble, Weight, sics, st
from gateway.model import Quality

# MT-SICS reference manuals 11780711 and 11781363, command S: responses and example.
MANUAL = {
    b"S S     100.00 g": Weight("100.00", "g", stable=True),
    b"S D     129.07 g": Weight("129.07", "g", stable=False),
    b"S S      -0.02 kg": Weight("-0.02", "kg", stable=True),
    b"S S 100.00 g": Weight("100.00", "g", stable=True),  # the manual's printed example has single spaces
    b"SI S      12.5 lb": Weight("12.5", "lb", stable=True),
}
MANUAL_TROUBLE = {
    b"S I": Quality.BUSY,
    b"S +": Quality.SENSOR_FAULT,
    b"S -": Quality.SENSOR_FAULT,
    b"ES": Quality.REFUSED,
    b"ET": Quality.CORRUPT,
    b"EL": Quality.REFUSED,
    b"S S Error 10b": Quality.DEVICE_FAILURE,
}


@pytest.mark.parametrize(("line", "weight"), MANUAL.items())
def test_sics_weights(line, weight):
    assert sics(line) == weight


@pytest.mark.parametrize(("line", "quality"), MANUAL_TROUBLE.items())
def test_sics_troubles(line, quality):
    said = sics(line)
    assert isinstance(said, Trouble)
    assert said.quality == quality
    assert said.why


@pytest.mark.parametrize(
    "line",
    [
        b"S S   12.",
        b"S S     12.5O kg",
        b"S S 1 2.50 kg",
        b"S S     12.50",
        b"SS 12.5 kg",
        b"",
        b"S",
        b"S S",
        b"\xff\xfe",
        b'I4 A "012"',
        b"S X 1 kg",
    ],
)
def test_what_is_not_whole_is_no_weight(line):
    if line == b"S S   12.":
        assert sics(line) == Trouble(Quality.CORRUPT, "not an MT-SICS answer")
    said = sics(line)
    assert isinstance(said, Trouble)
    assert said.quality == Quality.CORRUPT


@pytest.mark.parametrize(
    ("line", "weight"),
    [
        (b"ST,GS,+00012.34kg", Weight("00012.34", "kg", stable=True)),
        (b"US,NT,-00012.34 kg", Weight("-00012.34", "kg", stable=False)),
        (b"ST,+00012.34  g", Weight("00012.34", "g", stable=True)),
        (b"ST,GS,  12.5 lb", Weight("12.5", "lb", stable=True)),
    ],
)
def test_st_weights(line, weight):
    assert st(line) == weight


def test_st_overload_is_no_weight():
    assert st(b"OL,GS,+99999.99kg") == Trouble(Quality.SENSOR_FAULT, "overload")


def test_decimals_are_exact():
    said = sics(b"S S     12.345 kg")
    assert isinstance(said, Weight)
    assert said.value == 12.345
    assert said.text == "12.345"


@pytest.mark.parametrize("name", FORMATS)
@given(line=st_.binary(max_size=40))
def test_any_bytes_give_a_typed_answer(name, line):
    said = FORMATS[name](line)
    assert isinstance(said, (Weight, Trouble))
    if isinstance(said, Weight):
        assert said.value == said.value  # a number, not nan
