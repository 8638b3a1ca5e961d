"""Words as the standard, manuals and a second encoder have them; never as our driver has them."""

import math
import struct

import pytest

from gateway.layout import Field
from gateway.site import Point
from simulators.wire.encode import words_of


def words(field, value, invalid=()):
    return [f"{word:04x}" for word in words_of(Point("p", "a/p", field, invalid=invalid), value)]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("", "4048f5c3"),
        ("ABCD", "4048f5c3"),
        ("CDAB", "f5c34048"),
        ("BADC", "4840c3f5"),
        ("DCBA", "c3f54840"),
    ],
)
def test_float32_in_every_order(order, expected):
    # 3.14 as IEEE 754 single is 0x4048f5c3
    assert "".join(words(Field("float32", order=order), 3.14)) == expected


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("ABCDEFGH", "0102030405060708"),
        ("GHEFCDAB", "0708050603040102"),
        ("BADCFEHG", "0201040306050807"),
        ("HGFEDCBA", "0807060504030201"),
    ],
)
def test_uint64_in_every_order(order, expected):
    assert "".join(words(Field("uint64", order=order), 0x0102030405060708)) == expected


def test_integers_scaled_and_biased():
    assert words(Field("int16"), -1) == ["ffff"]
    assert words(Field("int16", order="BA"), 0x1234) == ["3412"]
    assert words(Field("int16", scale="0.1"), 80.04) == ["0320"]
    assert words(Field("uint32", scale="0.01"), 1234.56) == ["0001", "e240"]
    assert words(Field("int16", scale="0.5", bias="-20"), 0.0) == ["0028"]


def test_fields_under_a_mask_and_bits():
    assert words(Field("uint16", mask=0x00F0), 2) == ["0020"]
    assert words(Field("bit", mask=0x8000), 1) == ["8000"]
    assert words(Field("bit"), 1) == ["0001"]
    assert words(Field("bit"), 0) == ["0000"]


def test_text_in_both_orders_is_cut_and_filled():
    assert words(Field("string", words=3), "ABC") == ["4142", "4300", "0000"]
    assert words(Field("string", words=2, order="BA"), "ABCDEF") == ["4241", "4443"]


def test_no_value_is_nan_or_the_maps_own_sentinel():
    (high, low) = words(Field("float32"), math.nan)
    assert math.isnan(struct.unpack(">f", bytes.fromhex(high + low))[0])
    assert words(Field("int16", scale="0.1"), math.nan, invalid=(0x8000,)) == ["8000"]
