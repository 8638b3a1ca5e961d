"""How a scan becomes a lot: symbologies, tags, labels, plain text, and one lot however it was scanned."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli.output import Exit
from gateway.cli.stored import lot_named
from gateway.codes.identify import CODES, Identified, Refused, Understood, lot_of, understand
from gateway.codes.labels import is_label, label
from simulators.codes import GS, box_epc, resin_code

GTIN = "09506000134352"
NUMBERS = [10_000_000 + 7_919 * n for n in range(2000)]


@pytest.mark.parametrize("code", [
    resin_code("R26-0210", 10.0),
    resin_code("R26-0210", 10.0, lot_last=False),
    f"(01){GTIN}(10)R26-0210",
    f"01{GTIN}10R26-0210",
    f"]Q301{GTIN}10R26-0210{GS}",
    f" ]d2{GS}01{GTIN}10R26-0210\r\n",
])  # fmt: skip
def test_one_lot_however_it_was_scanned(code):
    found = lot_of(code)
    assert isinstance(found, Identified)
    assert (found.lot, found.gtin) == (f"{GTIN}:R26-0210", GTIN)


def test_the_identifier_may_come_apart_from_the_code():
    assert lot_of(f"01{GTIN}10A", "]C1") == lot_of(f"]C101{GTIN}10A")
    assert lot_of(f"]C101{GTIN}10A", "]C1") == lot_of(f"]C101{GTIN}10A")


def test_a_box_has_one_name_on_its_tag_and_on_its_label():
    epc = box_epc(7)
    on_tag, on_label = lot_of(epc, "epc"), lot_of(f"]C0{epc}")
    assert isinstance(on_tag, Identified)
    assert isinstance(on_label, Identified)
    assert on_tag.lot == on_label.lot == "sscc:095060000000000077"
    assert (on_tag.kind, on_label.kind) == ("epc", "epc")


@pytest.mark.parametrize("memory", ["3O74", "307", "30 74", "zz"])
def test_what_is_no_memory_of_a_tag_is_refused(memory):
    found = lot_of(memory, "epc")
    assert isinstance(found, Refused)
    assert found.code == "not_hex"


def test_a_lot_holds_nothing_that_a_topic_or_path_trips_over():
    found = lot_of(f"(01){GTIN}(10)a/b+c%:(1)*")
    assert isinstance(found, Identified)
    assert found.lot == f"{GTIN}:a%2Fb%2Bc%25%3A%281%29%2A"


def test_a_batch_is_the_lot_and_its_serial_is_kept():
    found = lot_of(f"(01){GTIN}(10)A(21)9")
    assert found == Identified(f"{GTIN}:A", "gs1", GTIN, "9", "")


def test_the_pallet_of_a_batch_is_traced_as_the_batch():
    found = lot_of(f"(00)106141412345678908(02){GTIN}(37)40(10)A")
    assert found == Identified(f"{GTIN}:A", "gs1", GTIN, "", "106141412345678908")


@pytest.mark.parametrize("code", [f"(01){GTIN}", "6291041500213", "(414)0614141123452"])
def test_a_product_or_a_place_is_no_lot(code):
    assert isinstance(understand(code), Understood)
    found = lot_of(code)
    assert isinstance(found, Refused)
    assert found.code == "no_lot"


@pytest.mark.parametrize(("code", "kind"), [
    ("96385074", "gtin"),  # GTIN-8
    ("614141007349", "gtin"),  # GTIN-12
    ("]E09638507", "plain"),  # too short for a GTIN: digits like any others
    ("]A012345678", "plain"),
    ("01-4711", "plain"),
    ("10ABC", "plain"),  # it may be a batch, but nothing says so
    ("(A)", "plain"),
    ("Charge 17 / Ofen 3 µ", "plain"),
])  # fmt: skip
def test_digits_and_text_are_what_their_symbology_makes_them(code, kind):
    found = understand(code)
    assert isinstance(found, Understood), found
    assert found.kind == kind


def test_a_label_of_ours_is_known_by_its_check_character():
    text = label("NORTH", 42)
    found = lot_of(text)
    assert found == Identified(text, "label")
    other_digit = understand(text.replace("42", "\u0664\u0662"))  # a digit, but none of ours
    assert isinstance(other_digit, Refused)
    assert other_digit.code == "check_character"
    with pytest.raises(ValueError, match="8 of A-Z"):
        label("north", 42)


@pytest.mark.long
@given(st.from_regex(r"[A-Z0-9]{1,8}", fullmatch=True), st.integers(0, 10**10 - 1), st.data())
def test_one_wrong_character_of_a_label_is_always_found(site, counter, data):
    text = label(site, counter)
    assert is_label(text)
    place = data.draw(st.sampled_from([at for at, letter in enumerate(text) if letter != "-" and at > 2]))
    other = data.draw(st.sampled_from(sorted(set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") - {text[place]})))
    assert not is_label(text[:place] + other + text[place + 1 :])


@given(st.text(max_size=80) | st.text(f"0123456789()]C1d2Q3e0^{GS}ALW-", max_size=80))
def test_any_text_is_understood_or_refused_with_a_known_reason(text):
    for symbology in ("", "]C1", "epc"):
        found = understand(text, symbology)
        lot = lot_of(text, symbology)
        if isinstance(found, Refused):
            assert found.code in CODES
            assert lot == found
        else:
            assert found.text
        if isinstance(lot, Identified):
            assert lot.lot.isprintable()
            assert 0 < len(lot.lot) <= 90 or symbology == "epc"


def test_lots_of_a_whole_product_are_told_apart():
    lots = {lot_of(f"(01){GTIN}(10){number}") for number in NUMBERS}
    assert len(lots) == len(NUMBERS)


class NothingMade:
    """Its genealogy is empty."""

    def knows(self, lot: str) -> bool:
        return lot == ""

    def count(self) -> int:
        return 0

    def names(self) -> list[str]:
        return []


class Known:
    """A journal that knows one lot."""

    made = NothingMade()

    def lot(self, name: str) -> str | None:
        return name if name == f"{GTIN}:R26-0001" else None

    def lots_of_code(self, code: str) -> list[str]:
        return [] if code else [f"{GTIN}:R26-0001"]

    def lots(self) -> list[Any]:
        return []

    def scans(self, most: int) -> int:
        return min(1, most)


@pytest.mark.parametrize("code", [f"{GTIN}:R26-0001", f"(01){GTIN}(10)R26-0001", f"]C101{GTIN}10R26-0001"])
def test_commands_find_a_lot_by_any_code_that_says_it(code):
    readers: Any = [Known()]
    assert lot_named(code, readers) == f"{GTIN}:R26-0001"
    with pytest.raises(Exit):
        lot_named(f"(01){GTIN}(10)other", readers)
