"""A supplier's document: what is taken of it, and a plain word with a place for everything that cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.cli import main
from gateway.epcis.declared import declared
from gateway.epcis.names import Names
from gateway.epcis.prehash import hash_id
from gateway.epcis.reading import PROBLEMS_MOST, Refused, read
from gateway.journal import JournalReader
from tests.unit.epcis.official import problems
from tests.unit.repository.plant import fill

NAMES = Names("https://lots.example/a/")
VECTORS = json.loads((Path(__file__).parents[2] / "vectors/epcis/hash_ids.json").read_text("utf-8"))[
    "vectors"
]
RESIN, COMPOUND = "urn:epc:class:lgtin:9506000.013435.A1", "https://id.gs1.org/01/09506000134376/10/C7"
AT = {"eventTime": "2027-01-10T08:00:00.000+01:00", "eventTimeZoneOffset": "+01:00"}
MADE: dict = {
    "type": "TransformationEvent", **AT, "bizStep": "creating_class_instance",
    "inputQuantityList": [
        {"epcClass": RESIN, "quantity": 600, "uom": "KGM"},
        {"epcClass": "https://sup.example/class/glass", "quantity": 0.4, "uom": "TNE"},
    ],
    "outputQuantityList": [{"epcClass": COMPOUND, "quantity": 990, "uom": "KGM"}],
    "ilmd": {"cbvmda:lotNumber": "C7", "cbvmda:itemExpirationDate": "2028-12-31"},
}  # fmt: skip
SHIPPED = {
    "type": "ObjectEvent", **AT, "action": "OBSERVE", "bizStep": "cbv:BizStep-shipping",
    "quantityList": [{"epcClass": COMPOUND, "quantity": 500, "uom": "KGM"}],
}  # fmt: skip


LONG = {"epcClass": "x:" + "y" * 300, "quantity": 1, "uom": "KGM"}


def document(*events, **more) -> dict:
    whole: dict = {
        "@context": "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", "type": "EPCISDocument",
        "schemaVersion": "2.0", "creationDate": "2027-01-11T00:00:00Z", "epcisBody": {"eventList": list(events)},
    }  # fmt: skip
    return whole | more


def taken(*events):
    return declared(read(json.dumps(document(*events)).encode()), NAMES)


def refused(text):
    with pytest.raises(Refused) as error:
        declared(read(text if isinstance(text, bytes) else json.dumps(text).encode()), NAMES)
    return [str(trouble) for trouble in error.value.troubles]


def test_a_transformation_declares_lots_and_what_they_are_made_of():
    assert problems(document(MADE, SHIPPED)) == []
    resin, glass, compound = taken(MADE, SHIPPED).lots
    assert (resin.name, resin.kg) == ("09506000134352:A1", 600)
    assert (glass.name, glass.kg) == ("https://sup.example/class/glass", 400)
    assert (compound.name, compound.kg, compound.moved_kg) == ("09506000134376:C7", 990, 500)
    assert compound.inputs == {resin.name: pytest.approx(600), glass.name: pytest.approx(400)}
    assert compound.facts == {"supplier_lot": "C7", "expiry": "2028-12-31"}


def test_an_event_that_was_declared_wrong_is_void():
    wrong = {**SHIPPED, "eventID": hash_id(SHIPPED)}
    declaration = {**wrong, "errorDeclaration": {"declarationTime": "2027-01-11T00:00:00Z"}}
    found = taken(MADE, wrong, declaration)
    assert found.void == 2
    assert found.lots[-1].moved_kg == 0


def test_outputs_share_the_inputs_by_mass():
    both = {**MADE, "outputQuantityList": [
        {"epcClass": COMPOUND, "quantity": 900, "uom": "KGM"},
        {"epcClass": "https://sup.example/class/waste", "quantity": 100, "uom": "KGM"},
    ]}  # fmt: skip
    lots = {lot.name: lot for lot in taken(both).lots}
    assert sum(lots["https://sup.example/class/waste"].inputs.values()) == pytest.approx(100)
    assert sum(lots["09506000134376:C7"].inputs.values()) == pytest.approx(900)


def test_a_lot_without_a_mass_is_left_out_with_a_word():
    event = {
        **MADE,
        "inputQuantityList": [{"epcClass": RESIN}],
        "inputEPCList": ["urn:epc:id:sscc:4012345.1111111111"],
    }
    found = taken(event)
    assert [(lot.name, lot.inputs) for lot in found.lots] == [("09506000134376:C7", {})]
    assert len(found.warnings) == 3
    assert any("ask for KGM" in str(warning) for warning in found.warnings)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"<epcis/>", "$: not JSON"),
        (b"[]", "$: an EPCISDocument is a JSON object"),
        ({}, '$: "@context" is missing'),
        (document(type="Order"), '$.type: "Order" is not EPCISDocument'),
        (document(schemaVersion="1.2"), '$.schemaVersion: "1.2": only EPCIS 2'),
        (document(epcisBody=[]), "$.epcisBody.eventList: a list of events is missing"),
        (document(), "$: no lot with a mass is in it"),
        (document(7), "$.epcisBody.eventList[0]: 7 is not an event"),
        (document(SHIPPED, {**SHIPPED, "type": "Event"}), '$.epcisBody.eventList[1].type: "Event" is none of'),
        (document({**SHIPPED, "eventTime": "2027-01-10"}), "[0].eventTime: "),
        (document({**SHIPPED, "eventTimeZoneOffset": "CET"}), "[0].eventTimeZoneOffset: "),
        (document({**SHIPPED, "action": "observe"}), '[0].action: "observe" is none of ADD, OBSERVE, DELETE'),
        (document({**SHIPPED, "bizStep": "sold"}), '[0].bizStep: "sold" is neither'),
        (document({**SHIPPED, "bizStep": ["shipping"]}), '[0].bizStep: ["shipping"] is neither'),
        (document({**SHIPPED, "eventID": "7"}), '[0].eventID: "7" is not a URI'),
        (document({**SHIPPED, "ilmd": {}}), "[0].ilmd: an ObjectEvent has ilmd with action ADD only"),
        (document({**MADE, "ilmd": {"lot": "7"}}), '[0].ilmd: "lot" has no prefix'),
        (document({**MADE, "ilmd": []}), "[0].ilmd: it is an object"),
        (document({**SHIPPED, "quantityList": {}}), "[0].quantityList: it is a list"),
        (document({**SHIPPED, "quantityList": [7]}), "[0].quantityList[0].epcClass: nothing is not a URI"),
        (document({**SHIPPED, "quantityList": [{"epcClass": "A 1"}]}), '.quantityList[0].epcClass: "A 1" is not'),
        (document({**SHIPPED, "quantityList": [{"epcClass": COMPOUND, "quantity": -1}]}), "[0].quantity: -1 is not"),
        (document({**SHIPPED, "quantityList": [{"epcClass": COMPOUND, "uom": "kilo"}]}), '[0].uom: "kilo" is not'),
        (document({**SHIPPED, "quantityList": [{"epcClass": COMPOUND, "kg": 1}]}), '"kg" is no member'),
        (document({**SHIPPED, "epcList": ["no uri"]}), '[0].epcList[0]: "no uri" is not a URI'),
        (document({**AT, "type": "TransactionEvent", "action": "ADD"}), '"bizTransactionList" is missing'),
        (document({**MADE, "inputQuantityList": []}), "a transformation has inputs and outputs"),
        (document({**MADE, "outputQuantityList": MADE["inputQuantityList"][:1]}), "the lot goes into itself"),
        (document({**SHIPPED, "action": "ADD", "quantityList": [LONG]}), "more than 200 characters"),
    ],
)  # fmt: skip
def test_a_refusal_says_where_and_what(text, words):
    assert any(words in trouble for trouble in refused(text)), refused(text)


def test_lots_that_are_made_of_each_other_are_refused():
    back = {
        **MADE,
        "inputQuantityList": MADE["outputQuantityList"],
        "outputQuantityList": MADE["inputQuantityList"],
    }
    assert any("made of each other" in trouble for trouble in refused(document(MADE, back)))


def test_more_cannot_have_gone_in_than_there_was():
    less = {**SHIPPED, "action": "ADD", "quantityList": [{"epcClass": RESIN, "quantity": 5, "uom": "KGM"}]}
    assert any(
        "600 kg of it went into others, and there were 5 kg" in each for each in refused(document(less, MADE))
    )


def test_everything_that_is_wrong_is_told_at_once_up_to_a_hundred():
    assert len(refused(document(7, 8, {**SHIPPED, "action": 1}))) == 3
    assert len(refused(document(*[7] * 300))) == PROBLEMS_MOST


@pytest.mark.parametrize("vector", VECTORS, ids=[each["name"] for each in VECTORS])
def test_published_events_are_read(vector):
    (event,) = read(json.dumps({"@context": vector["context"], **vector["event"]}).encode())
    assert event.type == vector["event"]["type"]


plain = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    st.sampled_from([MADE, SHIPPED]), st.sampled_from(sorted({*MADE, *SHIPPED, "@context", "eventID"})), plain
)
@settings(max_examples=60)
def test_whatever_stands_in_a_member_is_taken_or_refused(event, name, value):
    text = json.dumps(document({**event, name: value})).encode()
    assert all(trouble.path.startswith("$") and trouble.why for trouble in _troubles(text))


def _troubles(text):
    try:
        declared(read(text), NAMES)
    except Refused as error:
        return error.troubles
    return ()


# --- the command ---


@pytest.fixture
def run(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    fill(folder)
    file = tmp_path / "supplier.json"

    def doing(whole, *more):
        file.write_text(json.dumps(whole))
        args = [
            "import",
            "epcis",
            str(file),
            "--data",
            str(folder),
            "--operator",
            "17",
            "--accept-clock",
            *more,
        ]
        return CliRunner().invoke(main, args)

    return folder, doing


def test_declared_lots_are_in_the_journal_with_what_they_are_made_of(run):
    folder, imported = run
    done = imported(document(MADE, SHIPPED))
    assert done.exit_code == 0, done.stderr
    assert (
        "09506000134376:C7: 990 kg, made of 09506000134352:A1, https://sup.example/class/glass" in done.stdout
    )
    with JournalReader(folder) as reader:
        made = reader.made.made("09506000134376:C7")
    assert made is not None
    assert made.kg == 990
    assert made.facts["expiry"] == "2028-12-31"
    assert made.facts["uri"] == COMPOUND
    shares = dict(zip(made.composition.sources, made.composition.shares[0], strict=True))
    assert shares == {
        "09506000134352:A1": pytest.approx(0.6),
        "https://sup.example/class/glass": pytest.approx(0.4),
    }
    again = imported(document(MADE, SHIPPED))
    assert again.exit_code == 1
    assert "nothing is taken: the journal has" in again.stderr


def test_a_dry_run_takes_nothing(run):
    folder, imported = run
    done = imported(document(MADE), "--dry-run", "--json")
    assert done.exit_code == 0
    said = json.loads(done.stdout)
    assert (said["taken"], len(said["lots"])) == (False, 3)
    with JournalReader(folder) as reader:
        assert reader.made.made("09506000134376:C7") is None


def test_a_refused_document_leaves_the_journal_as_it_was(run):
    folder, imported = run
    done = imported(document(MADE, {**SHIPPED, "action": "observe"}))
    assert done.exit_code == 1
    assert "supplier.json: $.epcisBody.eventList[1].action" in done.stderr
    assert "Traceback" not in done.output
    with JournalReader(folder) as reader:
        assert reader.made.made("09506000134376:C7") is None
