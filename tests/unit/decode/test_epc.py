"""Tag memory and EPC URIs against the standard's own examples, both ways; and memory that is none, refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codes import epc_memory, epc_plus, epc_values
from gateway.codes.digital_link import from_link, to_link
from gateway.codes.epc_families import FAMILIES, elements_of, parts_of
from gateway.codes.epc_schemes import SCHEMES
from gateway.codes.epc_uris import Epc, from_uri
from gateway.codes.gs1_checks import SET_82
from gateway.codes.identify import CODES, Identified, Refused, Understood, lot_of, understand
from gateway.codes.words import CodeRefused, Element, bracketed

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "epc" / "tags.json").read_text("utf-8"))
GOOD = VECTORS["good"]
LINKED = [row for row in GOOD if row["link"]]
WRITTEN = [row for row in LINKED if row["scheme"].count("+") == 1]
TAGGED = [row for row in GOOD if "tag_uri" in row]
SERIALS = st.text(SET_82, min_size=1, max_size=20)


def padded(memory: str) -> str:
    """In whole words, as a reader sends it."""
    return memory + "0" * (-len(memory) % 4)


@pytest.mark.parametrize("row", GOOD, ids=lambda row: f"{row['scheme']} {row['memory'][:12]}")
def test_published_memory_says_its_element_string_and_uris(row):
    for found in (understand(row["memory"]), understand(padded(row["memory"]).lower(), "epc")):
        assert isinstance(found, Understood), found
        assert found.kind == "epc"
        if row["link"]:
            assert to_link(found.elements, "") == row["link"]
            assert from_link(f"https://id.gs1.org{row['link']}") == found.elements
        assert found.tag_uri == row.get("tag_uri", "")


@pytest.mark.parametrize("row", TAGGED, ids=lambda row: row["tag_uri"])
def test_tag_uris_become_memory_and_memory_tag_uris(row):
    epc = from_uri(row["tag_uri"])
    assert epc_memory.to_memory(epc) == padded(row["memory"])
    assert epc_memory.from_memory(row["memory"]) == epc
    assert from_uri(epc.uri) == Epc(epc.family, epc.parts)
    if epc.family != "gid":
        assert parts_of(epc.family, elements_of(epc.family, epc.parts), len(epc.parts[0])) == epc.parts


@pytest.mark.parametrize("row", WRITTEN, ids=lambda row: row["scheme"])
def test_plus_schemes_are_written_as_published(row):
    tag = epc_plus.from_memory(row["memory"])
    assert tag.scheme == row["scheme"]
    assert epc_plus.to_memory(tag.scheme, tag.elements, filtered=tag.filter) == padded(row["memory"])


@pytest.mark.parametrize("row", VECTORS["refused"], ids=lambda row: row["why"])
def test_memory_that_begins_as_an_epc_and_is_none_is_refused(row):
    found = understand(padded(row["memory"]), "epc")
    assert isinstance(found, Refused), found
    assert found.code in CODES


@pytest.mark.parametrize(
    "memory", ["0" * 24, "E28011606000020612345678", "F" * 24, "2F320434147455900000162E"]
)
def test_a_tag_that_nobody_programmed_is_kept_as_its_memory(memory):
    found = understand(memory, "epc")
    assert isinstance(found, Understood)
    assert (found.kind, found.tag_uri) == ("epc-raw", f"urn:epc:raw:96.x{memory}")
    assert lot_of(memory, "epc") == Identified(memory, "epc-raw")
    assert lot_of(found.tag_uri) == Identified(memory, "epc-raw")


# TDS 1.13, 7: an EPC URI of each kind with its element string
@pytest.mark.parametrize(("uri", "said"), [
    ("urn:epc:id:sgtin:0614141.812345.6789", "(01)80614141123458(21)6789"),
    ("urn:epc:id:sscc:0614141.1234567890", "(00)106141412345678908"),
    ("urn:epc:id:sgln:0614141.12345.5678", "(414)0614141123452(254)5678"),
    ("urn:epc:id:sgln:0614141.12345.0", "(414)0614141123452"),
    ("urn:epc:id:grai:0614141.12345.5678", "(8003)006141411234525678"),
    ("urn:epc:id:giai:0614141.12345400", "(8004)061414112345400"),
    ("urn:epc:id:gsrn:0614141.1234567890", "(8018)061414112345678902"),
    ("urn:epc:id:gsrnp:0614141.1234567890", "(8017)061414112345678902"),
    ("urn:epc:id:gdti:0614141.12345.5678", "(253)06141411234525678"),
    ("urn:epc:id:cpi:0614141.98765.12345", "(8010)061414198765(8011)12345"),
    ("urn:epc:id:itip:4012345.012345.01.02.987", "(8006)040123451234560102(21)987"),
    ("urn:epc:id:pgln:1234567.89012", "(417)1234567890128"),
    ("urn:epc:class:lgtin:4012345.012345.998877", "(01)04012345123456(10)998877"),
    ("urn:epc:id:sgtin:9521141.012345.a.b-%2F", "(01)09521141123454(21)a.b-/"),
])  # fmt: skip
def test_pure_identities_become_element_strings(uri, said):
    found = understand(uri)
    assert isinstance(found, Understood), found
    assert (bracketed(found.elements), found.epc_uri) == (said, uri)


@pytest.mark.parametrize(("text", "code"), [
    ("urn:epc:id:sgtin:0614141.812345", "epc"),
    ("urn:epc:id:sgtin:0614141.81234.1", "epc"),
    ("urn:epc:id:sgtin:0614141.812345.%zz", "epc"),
    ("urn:epc:id:sgtin:0614141.812345.a b", "epc"),
    ("urn:epc:id:lgtin:4012345.012345.998877", "epc"),
    ("urn:epc:id:itip:4012345.012345.1.02.987", "epc"),
    ("urn:epc:id:itip:4012345.012345.03.02.987", "value"),
    ("urn:epc:id:gid:1.2.x", "epc"),
    ("urn:epc:id:gid:1.2.68719476736", "epc"),
    ("urn:epc:id:adi:35962.PQ7VZ4.M37GXB92", "epc_scheme"),
    ("urn:epc:tag:usdod-96:3.CAGEY.5678", "epc_scheme"),
    ("urn:epc:tag:sgtin-96:9.0614141.812345.6789", "epc"),
    ("urn:epc:tag:sgtin-96:3.0614141.812345", "epc"),
    ("urn:epc:tag:sgtin-96:3.0614141.812345.274877906944", "epc"),  # 38 bits end at 274877906943
    ("urn:epc:tag:sgtin-96:3.0614141.812345.0078", "epc"),
    ("urn:epc:tag:sgtin-96:3.0614141.812345.AB", "epc"),
    ("urn:epc:tag:gid-96:268435456.1.1", "epc"),  # 28 bits end at 268435455
    ("urn:epc:idpat:sgtin:0614141.*.*", "epc"),
    ("urn:epc:raw:96.x12", "epc"),
    ("urn:epc:", "epc"),
    ("urn:epc:id:sgtin:0614141.812345.\udcff", "epc"),
    ("urn:epc:id:sgtin:0614141.812345.\u0661", "epc"),
])  # fmt: skip
def test_uris_that_break_the_rules_are_refused(text, code):
    found = understand(text)
    assert isinstance(found, Refused), found
    assert found.code == code


def test_the_lot_is_the_same_whichever_carrier_said_it():
    said = [
        "(01)80614141123458(21)6789",
        f"]C101{80614141123458}216789",
        "https://example.com/some/01/80614141123458/21/6789",
        "3074257BF7194E4000001A85",
        "urn:epc:id:sgtin:0614141.812345.6789",
        epc_plus.to_memory("sgtin+", (Element("01", "", "80614141123458"), Element("21", "", "6789"))),
    ]
    assert {getattr(lot_of(each), "lot", each) for each in said} == {"80614141123458:sn:6789"}
    boxes = [lot_of("]C100106141412345678908"), lot_of("3114257BF4499602D2000000", "epc")]
    assert [getattr(each, "lot", each) for each in boxes] == ["sscc:106141412345678908"] * 2


def test_digits_of_a_label_are_no_tag_by_chance():
    number = "303425780000000000000019"  # would be an SGTIN-96
    assert isinstance(understand(number, "epc"), Understood)
    assert understand(f"]C0{number}") == Understood("plain", number, "]C0")


@given(SERIALS)
def test_a_serial_comes_back_with_its_zeros(serial):
    elements = elements_of("sgtin", ("0614141", "812345", serial))
    for memory in (
        epc_memory.to_memory(Epc("sgtin", ("0614141", "812345", serial), "sgtin-198")),
        epc_plus.to_memory("sgtin+", elements),
        epc_plus.to_memory("dsgtin+", (*elements, Element("17", "", "281231"))),
    ):
        found = understand(memory, "epc")
        assert isinstance(found, Understood)
        assert found.value("21") == serial


@pytest.mark.parametrize("serial", ["0012", "A", "274877906944"])
def test_a_short_scheme_refuses_what_it_would_lose(serial):
    with pytest.raises(CodeRefused):
        epc_memory.to_memory(Epc("sgtin", ("0614141", "812345", serial), "sgtin-96"))


@pytest.mark.long
@given(st.sampled_from(SCHEMES), st.integers(6, 12), st.data())
def test_any_identity_that_fits_comes_back_from_its_tag(scheme, size, data):
    family = FAMILIES[scheme.family]
    company = data.draw(st.text("0123456789", min_size=size, max_size=size))
    if family.digits:
        length = family.digits - size
        reference = data.draw(st.text("0123456789", min_size=length, max_size=length))
    else:
        reference = data.draw(st.integers(0, 99).map(str))
    counts = ["01", "02"][: family.counts]
    serial = [str(data.draw(st.integers(1, 2**30)))] if family.serial else []
    if scheme.name == "sgcn-96":
        serial = [serial[0].zfill(12)]
    epc = Epc(
        scheme.family, (company, reference, *counts, *serial), scheme.name, data.draw(st.integers(0, 7))
    )
    assert epc_memory.from_memory(epc_memory.to_memory(epc)) == epc


@pytest.mark.parametrize(("length", "bits"), [
    # EPC Tag Data Translation 2.0, table B: integer, upper and lower case hexadecimal, base 64, 7-bit ASCII, Code 40
    (1, (4, 4, 4, 6, 7, 16)), (2, (7, 8, 8, 12, 14, 16)), (5, (17, 20, 20, 30, 35, 32)), (13, (44, 52, 52, 78, 91, 80)),
    (20, (67, 80, 80, 120, 140, 112)), (30, (100, 120, 120, 180, 210, 160)), (46, (153, 184, 184, 276, 322, 256)),
])  # fmt: skip
def test_a_text_takes_as_many_bits_as_the_table_says(length, bits):
    assert tuple(epc_values.text_bits(kind, length) for kind in range(6)) == bits


def test_elements_that_are_no_such_epc_are_refused():
    with pytest.raises(CodeRefused, match=r"needs \(01\) and \(21\)"):
        parts_of("sgtin", (Element("01", "", "80614141123458"),), 7)
    with pytest.raises(CodeRefused, match="company prefix"):
        parts_of("sscc", (Element("00", "", "106141412345678908"),), 5)


BEHIND = [  # each way of writing a value that `epc_fields` has
    ("10", "L1"), ("10", "00123"), ("10", "A/B"), ("10", "ABC:D-E.F"), ("10", "cafe"), ("17", "261231"), ("20", "07"),
    ("30", "042"), ("3103", "001250"), ("3930", "978099"), ("421", "27640213"), ("4307", "BR"),
    ("4309", "02790858480279085848"),
    ("4321", "1"), ("4324", "2612310930"), ("4330", "001850-"), ("4330", "001850"), ("7003", "2612310930"),
    ("7007", "260101"), ("7007", "260101260131"), ("7011", "260101"), ("7011", "2601010930"), ("7023", "0614141A-1"),
    ("7030", "276DE1"), ("7250", "20000229"), ("7252", "1"), ("7258", "1/2"), ("8001", "12345678912309"),
    ("8003", "00614141123452"),
    ("8005", "000199"), ("8008", "26010112"), ("8008", "260101123059"), ("90", "x"), ("99", "y" * 90),
]  # fmt: skip


@pytest.mark.parametrize(("ai", "value"), BEHIND)
def test_data_behind_the_epc_comes_back(ai, value):
    key = [Element("8018", "GSRN - RECIPIENT", "061414112345678902"), Element("7259", "", "x")]
    del key[1]
    memory = epc_plus.to_memory("gsrn+", key, [Element(ai, "", value)])
    try:
        tag = epc_plus.from_memory(memory)
    except CodeRefused as refused:  # alone beside a GSRN it may lack a companion; its value was read before
        assert refused.code == "missing_ai"  # noqa: PT017
        assert f"({ai})" in refused.message  # noqa: PT017
        return
    assert [(each.ai, each.value) for each in tag.behind] == [(ai, value)]


def test_an_identifier_without_a_form_on_tags_is_refused():
    key = (Element("00", "SSCC", "106141412345678908"),)
    with pytest.raises(CodeRefused, match="no form on a tag"):
        epc_plus.to_memory("sscc+", key, [Element("717", "", "x")])
    with pytest.raises(CodeRefused, match="not a tag scheme"):
        epc_plus.to_memory("adi+", key)
    with pytest.raises(CodeRefused, match="needs"):
        epc_plus.to_memory("sgtin+", key)
