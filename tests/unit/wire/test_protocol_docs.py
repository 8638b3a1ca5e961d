"""docs/protocol.md is true: its examples are ours, fit the schema and read back; its table names every kind."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema
import orjson
import pytest

from gateway.acts import opened_act
from gateway.rows import columns_of
from gateway.site.links import COMPACT
from gateway.wire import (
    Eras,
    messages,
    parse,
    parse_checkpoint,
    parse_gone,
    parse_head,
    parse_leaves,
    parse_request,
    parse_status,
    parse_stored,
)
from tests.unit.wire import samples
from tests.unit.wire.protocol_examples import EVENTS, INPUTS, compact, examples

DOCS = Path(__file__).parents[3] / "docs"
TEXT = (DOCS / "protocol.md").read_text("utf-8")
SCHEMA = orjson.loads((DOCS / "protocol.schema.json").read_bytes())
SHOWN = {
    topic: body.encode()
    for topic, body in re.findall(r"^`(lotwatch/\S+)`\n\n```json\n(.*?)```", TEXT, re.MULTILINE | re.DOTALL)
}
MADE = examples()
DUMPED = {
    topic: bytes.fromhex(dump)
    for topic, dump in re.findall(
        r"^`(lotwatch/\S+)` in hexadecimal\n\n```text\n(.*?)```", TEXT, re.MULTILINE | re.DOTALL
    )
}
MARKS = {
    "head": parse_head,
    "stored": parse_stored,
    "layout": orjson.loads,
    "request": parse_request,
    "gone": parse_gone,
    "act": opened_act,
    "status": parse_status,
    "leaf": parse_leaves,
    "checkpoint": parse_checkpoint,
}


def validator(kind: str) -> jsonschema.Draft202012Validator:
    schema = {"$schema": SCHEMA["$schema"], "$ref": f"#/$defs/{kind}", "$defs": SCHEMA["$defs"]}
    return jsonschema.Draft202012Validator(schema)


def kind_of(topic: str) -> str:
    """Of a topic, or of one as the table has it below the site."""
    kind, _, name = topic.removeprefix("lotwatch/v1/north/").partition("/")
    return "act" if kind == "entry" and name else kind


def test_one_of_each_kind_is_shown():
    kinds = set(SCHEMA["$defs"]) - {"number"}
    assert {kind_of(topic) for topic in SHOWN} == kinds
    assert SHOWN.keys() == MADE.keys()
    table = TEXT[TEXT.index("| topic below") : TEXT.index("An **alarm**")]
    assert kinds == {
        kind_of(name)
        for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
        for name in re.findall(r"`(.*?)`", row)
    } - {"lotwatch", "config"}  # a config from far away is a signed note and no JSON


@pytest.mark.parametrize("topic", sorted(SHOWN))
def test_an_example_is_what_our_code_makes(topic):
    shown, made = orjson.loads(SHOWN[topic]), orjson.loads(MADE[topic])
    if "raw" in shown:  # how zlib packs depends on its build; what it packs is compared below
        shown["raw"] = made["raw"] = ""
    assert shown == made
    assert list(shown) == list(made)


@pytest.mark.parametrize("topic", sorted(SHOWN))
def test_an_example_fits_its_schema_and_reads_back(topic):
    kind = kind_of(topic)
    validator(kind).validate(orjson.loads(SHOWN[topic]))
    if kind in MARKS:
        assert MARKS[kind](SHOWN[topic]) == MARKS[kind](MADE[topic])
        return
    shown, made = parse(topic, SHOWN[topic]), parse(topic, MADE[topic])
    assert repr(shown) == repr(made)
    known = {each.seq for each in INPUTS} if shown.inputs else {each.seq for each in EVENTS}
    assert {*(each.seq for each in shown.inputs), *(each.seq for each in shown.events)} <= known


def test_the_compact_forms_are_shown_and_say_what_the_json_says():
    assert compact() == DUMPED
    shown, plain = (
        parse("lotwatch/v1/north/reading", each["lotwatch/v1/north/reading"]) for each in (DUMPED, SHOWN)
    )
    ((_, rows),) = shown.columns
    assert columns_of(plain.inputs)[0][1].canonical() == rows.canonical()
    ticks = [parse("lotwatch/v1/north/tick", each["lotwatch/v1/north/tick"]) for each in (DUMPED, SHOWN)]
    assert ticks[0] == ticks[1]


def test_whatever_we_send_fits_the_schema():
    block = samples.every_kind()
    eras = Eras.of(samples.site().groups())
    layouts = [each for each in messages(samples.IDENTITY, block, eras) if not each.seqs]
    for message in [*layouts, *messages(samples.IDENTITY, block, eras, COMPACT)]:
        validator(kind_of(message.topic)).validate(orjson.loads(message.payload))


@pytest.mark.parametrize(
    ("topic", "change"),
    [
        ("lotwatch/v1/north/reading", {"seq": []}),
        ("lotwatch/v1/north/reading", {"quality": 300}),
        ("lotwatch/v1/north/status", {"online": "yes"}),
        ("lotwatch/v1/north/event", {"seq": 0}),
        ("lotwatch/v1/north/head", {"more": 1}),
        ("lotwatch/v1/north/leaf", {"trees": [8]}),
        ("lotwatch/v1/north/stored", {"ledger": {"leaves": -1, "alarm": ""}}),
    ],
)
def test_the_schema_refuses_what_does_not_fit(topic, change):
    body = {**orjson.loads(SHOWN[topic]), **change}
    assert not validator(kind_of(topic)).is_valid(body)
