"""Element strings: the table of facts, separators that are there and that were lost, checks against second opinions."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codes.dates import full_year, iso_date
from gateway.codes.gs1 import from_brackets, from_scan
from gateway.codes.gs1_checks import (
    CHECKS,
    SET_82,
    check_character,
    check_digit,
)
from gateway.codes.gs1_rules import rules
from gateway.codes.gs1_table import ROWS
from gateway.codes.words import GS, CodeRefused
from simulators import codes

GTIN = "0109506000134352"
values = st.text(SET_82, min_size=1, max_size=20)
dates = st.dates().map(lambda day: f"{day:%y%m%d}")


def test_the_table_has_every_identifier_and_checks_that_exist():
    known = rules()
    assert len(known) == 541
    names = {name for parts in re.findall(r":([a-z0-9&]+)", ROWS) for name in parts.split("&")}
    assert names == set(CHECKS)
    for rule in known.values():
        assert all(each for group in rule.needs for each in group), f"{rule.ai} needs {rule.needs_said}"


@pytest.mark.parametrize(("ai", "title", "shortest", "longest", "known_length"), [
    # GS1 General Specifications, figure 3.2-1 (format) and 7.8.5-2 (predefined length)
    ("00", "SSCC", 18, 18, True),
    ("10", "BATCH/LOT", 1, 20, False),
    ("253", "GDTI", 13, 30, False),
    ("3103", "NET WEIGHT (kg)", 6, 6, True),
    ("402", "GSIN", 17, 17, False),
    ("414", "LOC No.", 13, 13, True),
    ("8003", "GRAI", 14, 30, False),
    ("8008", "PROD TIME", 8, 12, False),
    ("99", "INTERNAL", 1, 90, False),
])  # fmt: skip
def test_formats_of_the_general_specifications(ai, title, shortest, longest, known_length):
    rule = rules()[ai]
    assert (rule.title, rule.shortest, rule.longest, rule.known_length) == (
        title,
        shortest,
        longest,
        known_length,
    )


def test_two_first_digits_tell_how_long_an_identifier_is():
    lengths: dict[str, set[int]] = {}
    for ai in rules():
        lengths.setdefault(ai[:2], set()).add(len(ai))
    assert all(len(each) == 1 for each in lengths.values())


@given(values, values, dates)
def test_what_separators_part_comes_back(batch, serial, date):
    scan = f"{GTIN}10{batch}{GS}17{date}21{serial}"
    assert [each.value for each in from_scan(scan)] == [GTIN[2:], batch, date, serial]


@given(values, dates)
def test_a_lost_separator_before_a_date_is_always_found(batch, date):
    with pytest.raises(CodeRefused) as refused:
        from_scan(f"{GTIN}10{batch}17{date}")
    assert refused.value.code == "lost_separator"


@given(st.text(SET_82, min_size=3, max_size=20), st.text(SET_82, min_size=3, max_size=20))
def test_a_lost_separator_before_a_serial_is_always_found(batch, serial):
    with pytest.raises(CodeRefused) as refused:
        from_scan(f"{GTIN}10{batch}21{serial}")
    assert refused.value.code == "lost_separator"


@pytest.mark.parametrize(("digits", "share"), [(6, 0.0), (8, 0.02), (10, 0.08)])
def test_few_numeric_batches_look_like_two_elements(digits, share):
    draw = random.Random(digits)
    batches = ["".join(draw.choices("0123456789", k=digits)) for _ in range(1000)]
    assert sum(held(f"{GTIN}10{batch}") for batch in batches) <= share * len(batches)


def held(scan: str) -> bool:
    try:
        from_scan(scan)
    except CodeRefused as refused:
        return refused.code == "lost_separator"
    return False


def test_of_several_readings_the_likeliest_is_told():
    with pytest.raises(CodeRefused, match=r"may also say \(01\)09506000134352\(10\)R26-0210\(17\)281231$"):
        from_scan(f"{GTIN}10R26-021017281231")  # (10)R26-0(21)017281231 would be another


def test_one_separator_shows_that_separators_come():
    assert from_scan(f"{GTIN}10ABC{GS}21XYZ17251231")[-1].value == "XYZ17251231"


def test_brackets_in_a_value():
    assert from_brackets(r"(01)09506000134352(10)A\(21)B")[-1].value == "A(21)B"
    assert from_brackets("(01)09506000134352(10)A(23)B")[-1].value == "A(23)B"  # 23 is no identifier
    with pytest.raises(CodeRefused, match="beginning"):
        from_brackets("no brackets")


@given(st.text("0123456789", min_size=1, max_size=17))
def test_check_digits_agree_with_the_simulators(digits):
    assert check_digit(digits) == codes.check_digit(digits)


def test_the_check_character_agrees_with_published_ones():
    # ISO/IEC 7064 MOD 37,36: GRid Standard 2.1 (IFPI), and a vendor's manual of the same function
    assert [check_character(text) for text in ("A12425GABC1234002", "123AB")] == ["M", "X"]


@pytest.mark.parametrize(("two", "this_year", "full"), [
    # General Specifications, figure 7.12-1: difference 51 to 99 is the century before, -99 to -50 the next one
    (97, 2026, 1997), (76, 2026, 2076), (77, 2026, 1977), (26, 2026, 2026), (0, 2051, 2100), (2, 2051, 2002),
    (0, 2050, 2100), (1, 2050, 2001), (50, 1999, 1950), (49, 1999, 2049),
])  # fmt: skip
def test_two_digits_of_a_year_mean_the_nearest_century(two, this_year, full):
    assert full_year(two, this_year) == full


def test_day_00_is_the_last_of_the_month():
    assert [iso_date(text, 2026) for text in ("250200", "240200", "251200", "251231")] == [
        "2025-02-28", "2024-02-29", "2025-12-31", "2025-12-31",
    ]  # fmt: skip


@pytest.mark.parametrize(("check", "right", "wrong"), [
    ("iban", "GB82WEST12345698765432", "GB82WEST12345698765433"),  # IBAN registry: United Kingdom
    ("posinseqslash", "2/3", "3/2"),
    ("nozeroprefix", "10", "0"),
    ("pcenc", "a%20b", "a%2"),
    ("latitude", "1800000000", "1800000001"),
    ("hhmi", "2359", "2400"),
    ("mediatype", "80", "11"),
    ("winding", "9", "2"),
    ("yyyymmdd", "20240229", "20230229"),
])  # fmt: skip
def test_checks_of_parts(check, right, wrong):
    assert CHECKS[check](right)
    assert not CHECKS[check](wrong)
