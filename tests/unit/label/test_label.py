"""Labels: what their barcodes say, that no lot's name is a command to a printer, that made again they are the same."""

from __future__ import annotations

import re
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codes.identify import Identified, lot_of
from gateway.label import Barcode, CannotLabel, Content, barcode_of, zpl
from gateway.label.content import MOST
from gateway.label.pdf import FNC1, code128, pdf
from gateway.label.zpl import bars, escaped, matrix

BOX = Content(
    "LW-NORTH-000042-C",
    barcode_of("LW-NORTH-000042-C"),
    "north",
    "box",
    "2026-11-22",
    12.5,
    (0.241, 0.262),
    held=True,
)
HOSTILE = ["X^XA^XZ", "~JR", "BOX_1", "a^FS^XZ~HM", "_5EXA", "B>8X", 'B"\\7', "100%"]


def unescaped(field: str) -> str:
    """What a printer makes of field data after ^FH, by the rule of the guide: underscore and two hexadecimal digits."""
    data = re.sub(rb"_([0-9A-F]{2})", lambda found: bytes([int(found[1], 16)]), field.encode())
    return data.decode()


def fields(text: str) -> list[str]:
    return [unescaped(each) for each in re.findall(r"\^FD(.*?)\^FS", text)]


@pytest.mark.parametrize(
    "lot",
    [
        "LW-NORTH-000042-C",
        "09506000134352:R24%2F1",
        "09506000134352:sn:7",
        "sscc:095201234567891235",
        *HOSTILE,
    ],
)
def test_what_the_barcode_says_is_read_back_as_the_lot(lot: str):
    made = barcode_of(lot)
    said = lot_of(f"]C1{made.data}" if made.gs1 else made.data)
    assert isinstance(said, Identified)
    assert said.lot == lot


@pytest.mark.parametrize("lot", ["x" * (MOST + 1), "箱-7", "09506000134352", "LW-NORTH-000042-D", "^XA^XZ"])
def test_a_lot_that_no_barcode_says_gets_no_label(lot: str):
    with pytest.raises(CannotLabel, match="no barcode"):
        barcode_of(lot)


@pytest.mark.parametrize("lot", HOSTILE)
def test_a_hostile_name_is_no_command_to_the_printer(lot: str):
    text = zpl(Content(lot, barcode_of(lot), "north"))
    whole = "".join(re.split(r"\^FD.*?\^FS", text))
    harmless = zpl(Content("B", barcode_of("B"), "north"))
    assert whole == "".join(re.split(r"\^FD.*?\^FS", harmless)), "the commands are those of any label"
    assert lot in fields(text)
    assert "~" not in text
    for each in re.findall(r"\^FD(.*?)\^FS", text):
        assert "^" not in each


@given(st.text(max_size=40))
def test_whatever_a_field_holds_is_printed_and_not_obeyed(text: str):
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    field = escaped(text)
    assert not set(field) & set("^~\n\r\x1d")
    assert unescaped(field) == text


def test_invocation_codes():
    """ZPL II: > begins one, so a > of the data is >0; >: starts in B; >8 is FNC1."""
    assert bars(Barcode("a>b", "a>b", gs1=False)) == ">:a>0b"
    assert bars(barcode_of("09506000134352:R1")) == ">:>8010950600013435210R1"
    assert matrix(barcode_of("09506000134352:R1")) == "_1010950600013435210R1"
    assert matrix(Barcode("a_b", "a_b", gs1=False)) == "a__b"


def test_what_stands_on_a_label():
    said = fields(zpl(BOX))
    assert {
        "12.500 kg",
        "24.1 - 26.2 %",
        "2026-11-22",
        "north",
        "Regrind 回料",
        "do not use 禁止使用",
    } <= set(said)
    assert "Copy 副本" not in said
    again = Content("B", barcode_of("B"), "north", copy=3, regrind=(0.25, 0.25))
    assert {"Copy 副本", "3", "25.0 %"} <= set(fields(zpl(again)))


def test_the_same_label_made_again_is_the_same_bytes():
    assert pdf(BOX) == pdf(BOX)
    assert zpl(BOX) == zpl(BOX)


def test_chinese_is_in_the_pdf_as_text_of_a_chinese_font():
    made = pdf(BOX)
    assert made.startswith(b"%PDF-")
    assert b"STSong-Light" in made
    assert b"UniGB-UCS2-H" in made
    assert re.search(rb"/MediaBox \[ 0 0 283\.\d+ 198\.\d+ \]", made), "100 x 70 mm"
    assert zlib.crc32(made) == zlib.crc32(pdf(BOX))


def values(barcode: Barcode) -> list[int]:
    """Symbol characters as reportlab encodes them, without the stop, by its own table."""
    made = code128(barcode, 260.0, 40.0)
    made.validate()
    made.encode()
    assert made.encoded[-1] == 106, "stop"
    return list(made.encoded[:-1])


def test_the_check_character_is_that_of_the_printed_example():
    """PJJ123C in set A has the check value 54, 'V': en.wikipedia.org/wiki/Code_128, check digit calculation."""
    start, *data = [103, 48, 42, 42, 17, 18, 19, 35]
    assert (start + sum(place * value for place, value in enumerate(data, 1))) % 103 == 54
    *symbols, check = values(Barcode("PJJ123C", "", gs1=False))
    assert check == (symbols[0] + sum(place * value for place, value in enumerate(symbols[1:], 1))) % 103


@pytest.mark.parametrize("lot", ["LW-NORTH-000042-C", "B>8X", "BOX_1"])
def test_the_bars_say_the_name(lot: str):
    """Sets B and C of ISO/IEC 15417: a value of B is a character from space on, one of C two digits."""
    start, *symbols = values(barcode_of(lot))[:-1]
    said, in_c = "", start == 105
    assert start in (104, 105)
    for value in symbols:
        if value in (99, 100):
            in_c = value == 99
        else:
            said += f"{value:02d}" if in_c else chr(32 + value)
    assert said == lot


def test_a_gs1_barcode_begins_with_fnc1():
    assert values(barcode_of("09506000134352:R1"))[1] == 102
    assert FNC1 == "\xf1"
