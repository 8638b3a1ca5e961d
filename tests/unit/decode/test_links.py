"""Digital Links against published ones, good and bad."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codes.digital_link import from_link, to_link
from gateway.codes.gs1_checks import SET_82
from gateway.codes.gs1_rules import rules
from gateway.codes.identify import Refused, Understood, lot_of, understand
from gateway.codes.words import CodeRefused, Element

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "gs1" / "links.json").read_text("utf-8"))
GTIN = "09506000134352"


def strung(elements: tuple[Element, ...]) -> str:
    """As the vectors write it: ^ for FNC1, first and behind what has no known length."""
    ends = ["" if rules()[each.ai].known_length else "^" for each in elements[:-1]] + [""]
    return "^" + "".join(f"{each.ai}{each.value}{end}" for each, end in zip(elements, ends, strict=True))


@pytest.mark.parametrize("row", VECTORS["good"], ids=lambda row: row["link"])
def test_a_published_link_says_its_element_string(row):
    assert strung(from_link(row["link"])) == row["says"]
    found = understand(f"]Q1{row['link']}")
    assert isinstance(found, Understood)
    assert (found.kind, found.symbology) == ("digital-link", "]Q1")


@pytest.mark.parametrize("row", VECTORS["refused"], ids=lambda row: row["link"] or "empty")
def test_an_address_that_breaks_the_rules_is_refused(row):
    with pytest.raises(CodeRefused) as refused:
        from_link(row["link"])
    assert refused.value.code == row["error"]


@pytest.mark.parametrize("key", [GTIN, GTIN[1:]])
def test_a_short_gtin_is_the_same_one(key):
    assert lot_of(f"HTTPS://example.com/x/01/{key}/10/A") == lot_of(f"https://id.gs1.org/01/{GTIN}/10/A")


@pytest.mark.parametrize(("path", "code", "says"), [
    (f"01/{GTIN}/10/A/22/B", "link", r"\(22\)\(10\)\(21\) or \(235\); not \(10\)\(22\)"),
    (f"01/{GTIN}/235/A/21/B", "link", "not"),
    ("00/106141412345678908/10/A", "link", "takes no qualifier"),
    (f"01/{GTIN}?21=A", "link", "must not stand in the query"),
    (f"01/{GTIN}/10/A%2", "link", "percent"),
    ("AQnYUc1gmiERBhQ2ecBgOA", "link_compressed", "compressed"),
    (f"01/{GTIN}?3103=001000&3102=000100", "excluded_ai", "beside"),
    ("414/0614141123452/7040/1ABC/254/X", "link", "not"),
])  # fmt: skip
def test_what_is_wrong_is_said(path, code, says):
    found = understand(f"https://example.com/{path}")
    assert isinstance(found, Refused), found
    assert found.code == code
    with pytest.raises(CodeRefused, match=says):
        from_link(f"https://example.com/{path}")


@given(st.text(SET_82, min_size=1, max_size=20), st.text(SET_82, min_size=1, max_size=20))
def test_any_value_comes_back_from_its_link(batch, serial):
    elements = (
        Element("01", "GTIN", GTIN),
        Element("10", "BATCH/LOT", batch),
        Element("21", "SERIAL", serial),
    )
    assert from_link(to_link(elements)) == elements


def test_a_place_is_no_key_with_which_a_link_begins():
    with pytest.raises(ValueError, match="no primary key"):
        to_link((Element("10", "BATCH/LOT", "A"),))


def test_tag_memory_in_a_link_is_read():
    for last in ("eh30164596f40c0e5cbe991a83", "exMBZFlvQMDly-mRqD"):
        found = understand(f"https://example.com/{last}")
        assert isinstance(found, Understood), found
        assert found.epc_uri == "urn:epc:id:sgtin:9528765.012345.123456789123"
