"""`lotwatch decode`: one object a line, in order; exit codes; no tracebacks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.cli import main
from gateway.codes.identify import CODES
from gateway.codes.plainly import plainly

GTIN = "09506000134352"
LGTIN = "urn:epc:class:lgtin:4012345.012345.998877"


def run(*words: str, given: bytes = b"", code: int = 0):
    result = CliRunner().invoke(main, ["decode", *words], input=given)
    assert result.exit_code == code, result.output
    return result


def test_json_says_what_applies_and_nothing_else():
    result = run("--json", f"]C101{GTIN}1728120010R24-0001", "R24-0001")
    first, second = map(json.loads, result.stdout.splitlines())
    assert first == {
        "input": f"]C101{GTIN}1728120010R24-0001",
        "ok": True,
        "kind": "gs1",
        "symbology": "]C1",
        "elements": [
            {"ai": "01", "title": "GTIN", "value": GTIN},
            {"ai": "17", "title": "USE BY or EXPIRY", "value": "281200"},
            {"ai": "10", "title": "BATCH/LOT", "value": "R24-0001"},
        ],
        "gtin": GTIN,
        "lot": "R24-0001",
        "expiry": "2028-12-31",
    }
    assert second == {"input": "R24-0001", "ok": True, "kind": "plain", "lot": "R24-0001"}


def test_lines_of_stdin_keep_their_separators_and_their_order():
    result = run(
        "--json", "-", given=f"01{GTIN}10A\x1d21B\r\n376104250021234569\n\xff\n".encode("latin-1"), code=1
    )
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [each.get("kind") for each in found] == ["gs1", "sscc", None]
    assert (found[0]["lot"], found[0]["serial"]) == ("A", "B")
    assert found[1]["sscc"] == "376104250021234569"
    assert found[2]["input"] == "\\xff"
    assert found[2]["error"]["code"] == "unprintable"


def test_a_tag_says_its_uris_and_its_element_string():
    (found,) = map(json.loads, run("--json", "3074257BF7194E4000001A85").stdout.splitlines())
    assert found == {
        "input": "3074257BF7194E4000001A85",
        "ok": True,
        "kind": "epc",
        "elements": [
            {"ai": "01", "title": "GTIN", "value": "80614141123458"},
            {"ai": "21", "title": "SERIAL", "value": "6789"},
        ],
        "epc_uri": "urn:epc:id:sgtin:0614141.812345.6789",
        "tag_uri": "urn:epc:tag:sgtin-96:3.0614141.812345.6789",
        "gtin": "80614141123458",
        "serial": "6789",
    }


def test_a_tag_that_nobody_programmed_and_a_batch_in_a_urn():
    raw, batch = map(json.loads, run("--json", "E28011606000020612345678", LGTIN).stdout.splitlines())
    assert (raw["kind"], raw["lot"], "elements" in raw) == ("epc-raw", "E28011606000020612345678", False)
    assert (batch["gtin"], batch["lot"], batch["epc_uri"]) == ("04012345123456", "998877", LGTIN)


def test_long_input_is_answered_in_order_over_chunks():
    codes = [f"]C101{GTIN}10R{number:06d}" for number in range(3000)]
    lines = run("--json", "-", given="\n".join(codes).encode()).stdout.splitlines()
    assert [json.loads(line)["input"] for line in lines] == codes


def test_people_read_titles_and_reasons():
    result = run(f"(01){GTIN}(10)A", "6291041500214", code=1)
    assert "BATCH/LOT" in result.stdout
    assert "refused (check_digit)" in result.stdout


def test_no_code_is_a_usage_error():
    assert "Usage" in run(code=2).stderr


@pytest.mark.long
@settings(max_examples=300)
@given(st.text(max_size=60) | st.binary(max_size=40).map(lambda b: b.decode("utf-8", "surrogateescape")))
def test_anything_becomes_one_json_line(code):
    found = json.loads(json.dumps(plainly(code, 2026)))
    assert found["ok"] or found["error"]["message"]


def test_the_docs_name_every_kind_and_every_reason():
    text = (Path(__file__).parents[3] / "docs" / "reference" / "decode.md").read_text("utf-8")
    for word in (*CODES, "gs1", "epc", "sscc", "gtin", "label", "plain", "digital-link", "epc-raw"):
        assert f"| `{word}` |" in text
