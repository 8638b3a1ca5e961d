"""What `messages` writes, `parse` reads back, bit for bit; and what is not ours is refused with a reason."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model import Block, NumberedEvent, NumberedInput, Reading, Signal
from gateway.plain import to_plain
from gateway.site.links import COMPACT
from gateway.wire import Eras, Message, NotOurs, messages, parse
from tests.unit.wire import samples

ERAS = Eras.of(samples.site().groups())


def canonical(record) -> str:
    """A record as text; float64 nan is one nan, arrays are their bytes."""
    given = record[-1]
    plain = to_plain(given)
    if isinstance(given, Reading):
        assert given.values.dtype == "f8"
        assert given.raw.dtype == "u2"
        assert given.quality.dtype == "u1"
        plain["values"] = [float(value).hex() for value in given.values]
    return orjson.dumps([*record[:-1], plain]).decode()


def in_json(block: Block, eras: Eras = ERAS) -> list[Message]:
    return list(messages(samples.IDENTITY, block, eras, COMPACT))


def back_and_forth(block: Block) -> Block:
    inputs: list[NumberedInput] = []
    events: list[NumberedEvent] = []
    for message in in_json(block):
        records = parse(message.topic, message.payload)
        assert records.identity == samples.IDENTITY
        assert tuple(records.seqs()) == message.seqs
        inputs += records.inputs
        events += records.events
    return Block(tuple(sorted(inputs, key=lambda each: each.seq)), tuple(events))


def test_every_kind_of_record_comes_back_equal():
    block = samples.every_kind()
    back = back_and_forth(block)
    assert [canonical(each) for each in back.inputs] == [canonical(each) for each in block.inputs]
    assert [canonical(each) for each in back.events] == [canonical(each) for each in block.events]
    assert all(each.input.raw.flags.writeable for each in back.inputs if isinstance(each.input, Reading))


def test_a_block_is_one_message_per_group_and_one_per_other_record():
    topics = [message.topic for message in in_json(samples.every_kind())]
    assert topics == [
        "lotwatch/v1/north/signal",
        "lotwatch/v1/north/alarm/a%2F7%20%2B%23",
        "lotwatch/v1/north/lot/R%2F7",
        "lotwatch/v1/north/event",
        "lotwatch/v1/north/made/B%2F7",
        "lotwatch/v1/north/setting",
        "lotwatch/v1/north/scan",
        "lotwatch/v1/north/entry",
        "lotwatch/v1/north/reading",
        "lotwatch/v1/north/reading",
        "lotwatch/v1/north/tick",
    ]


def test_values_go_in_their_own_type():
    block = Block(
        (NumberedInput(3, samples.reading(3)), NumberedInput(8, samples.reading(8, bad=(3, 5)))), ()
    )
    (message,) = in_json(block)
    body = orjson.loads(message.payload)
    tags = [point["tag"].rpartition("/")[2] for point in body["points"]]
    columns = dict(zip(tags, body["values"], strict=True))
    types = {tag: point["type"] for tag, point in zip(tags, body["points"], strict=True)}
    assert columns == {
        "melt_temp": [
            210.42857,
            211.14285,
        ],  # shortest decimals of the float32 nearest to 210 + 3/7 and 210 + 8/7
        "cushion": [2.38, 2.43],
        "door": [True, False],
        "shots": [70_003, None],
        "serial": [2**53 + 7, 2**53 + 17],  # beyond float64
        "mould": ["M-003", None],
        "mode": [3, 8],
        "energy": [0.1 + 3e-9, 0.1 + 8e-9],
    }
    assert types["melt_temp"] == "float32"
    assert types["cushion"] == "float64"
    assert types["door"] == "bool"
    assert body["seq"] == [3, 5]
    assert body["time_ns"][0] == samples.at(3).time_ns
    assert body["quality"] == [0, 0, 0, [0, 0x85], 0, [0, 0x85], 0, 0]


def test_a_column_that_does_not_fit_the_configured_type_goes_as_float64():
    """The config changed a point's type and the reading is of before: no value may be bent."""
    odd = samples.reading(3)
    odd.values[3] = 1.5  # configured as uint32
    block = Block((NumberedInput(3, odd),), ())
    (message,) = in_json(block)
    body = orjson.loads(message.payload)
    assert body["values"][3] == [1.5]
    assert body["points"][3]["type"] == "float64"
    assert canonical(parse(message.topic, message.payload).inputs[0]) == canonical(block.inputs[0])


@pytest.mark.long
def test_a_long_run_goes_in_parts():
    rows = tuple(NumberedInput(seq, samples.reading(seq)) for seq in range(1, 4_001))
    made = in_json(Block(rows, ()))
    assert [len(message.seqs) for message in made] == [625] * 6 + [250]


def test_readings_of_two_configs_never_share_a_message():
    eras = Eras()
    eras.begin(1, {})
    eras.begin(5, samples.site().groups())
    made = in_json(Block(tuple(samples.inputs(3, 7)), ()), eras)
    assert [message.seqs for message in made] == [(3, 4), (5, 6, 7)]
    tags = [{point["tag"] for point in orjson.loads(message.payload)["points"]} for message in made]
    assert tags[0] == {""}
    assert f"{samples.CELL}/door" in tags[1]


def test_alarms_are_retained_until_closed():
    block = Block(
        (), (samples.alarm(1, 1, "active"), samples.alarm(2, 2, "returned"), samples.alarm(3, 3, "closed"))
    )
    made = in_json(block)
    assert [(message.retain, message.clears) for message in made] == [
        (True, False),
        (True, False),
        (False, True),
    ]


GOOD = [(each.topic, each.payload) for each in in_json(samples.every_kind())]


@pytest.mark.parametrize(("topic", "payload"), GOOD)
def test_truncated_payloads_are_not_ours(topic, payload):
    for end in range(0, len(payload), max(len(payload) // 40, 1)):
        with pytest.raises(NotOurs):
            parse(topic, payload[:end])


@pytest.mark.long
@settings(max_examples=300)
@given(st.data())
def test_a_member_exchanged_is_refused_or_read_never_a_crash(data):
    topic, payload = data.draw(st.sampled_from(GOOD))
    body = orjson.loads(payload)
    name = data.draw(st.sampled_from(sorted(body)))
    body[name] = data.draw(JSON)
    try:
        records = parse(topic, orjson.dumps(body))
    except NotOurs:
        return
    assert all(1 <= seq < 2**63 for seq in records.seqs())


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"seq": [1, 0]}, "seq"),
        ({"seq": [9007199254740993, 2**63 - 1]}, "seq"),
        ({"raw": "AAAA"}, "raw does not unpack"),
        ({"words": 3}, "raw does not hold"),
        ({"stream": "event"}, "stream"),
        ({"v": 2}, "v is not an integer from 1 to 1"),
        ({"site": "south"}, "site"),
        ({"quality": 256}, "quality"),
        ({"values": [["1"]] * 8}, "values"),
        ({"gateway": ""}, "empty"),
    ],
)
def test_a_lie_is_named(change, says):
    block = Block((NumberedInput(5, samples.reading(5)),), ())
    (message,) = in_json(block)
    with pytest.raises(NotOurs, match=says):
        parse(message.topic, orjson.dumps({**orjson.loads(message.payload), **change}))


@pytest.mark.long
def test_a_zip_bomb_is_not_unpacked():
    import base64  # noqa: PLC0415
    import zlib  # noqa: PLC0415

    block = Block((NumberedInput(5, samples.reading(5)),), ())
    (message,) = in_json(block)
    bomb = base64.b64encode(zlib.compress(bytes(50_000_000))).decode()
    with pytest.raises(NotOurs, match="raw does not hold 1 rows"):
        parse(message.topic, orjson.dumps({**orjson.loads(message.payload), "raw": bomb}))


@pytest.mark.parametrize(
    "topic", ["lotwatch/v1/north", "lotwatch/v2/north/reading", "x", "lotwatch/v1/north/nothing"]
)
def test_a_foreign_topic_is_not_ours(topic):
    with pytest.raises(NotOurs):
        parse(topic, GOOD[0][1])


def test_the_topic_id_must_be_the_payloads():
    topic, payload = next(each for each in GOOD if "/alarm/" in each[0])
    with pytest.raises(NotOurs, match="id"):
        parse(topic + "x", payload)


def test_a_signal_keeps_infinite_limits():
    (signal, *_) = samples.every_kind().events
    assert isinstance(signal.event, Signal)
    made = in_json(Block((), (signal,)))[0]
    assert orjson.loads(made.payload)["ucl"] == "inf"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"time_ns": "soon"}, "change.time_ns"),
        ({"samples": 1.5}, "change.samples"),
        ({"more": 1}, "more"),
        ({"direction": None}, "change.direction"),
    ],
)
def test_a_lie_about_the_change_is_named(change, says):
    (signal, *_) = samples.every_kind().events
    (message,) = messages(samples.IDENTITY, Block((), (signal,)), ERAS)
    body = orjson.loads(message.payload)
    assert "is" not in body["change"]
    body["change"].update(change)
    with pytest.raises(NotOurs, match=says):
        parse(message.topic, orjson.dumps(body))


def test_a_signal_of_an_older_gateway_lacks_what_came_later():
    (signal, *_) = samples.every_kind().events
    (message,) = messages(samples.IDENTITY, Block((), (signal,)), ERAS)
    body = orjson.loads(message.payload)
    for name in ("uom", "change", "lots_since", "arl0", "baseline", "baseline_hash", "contributions", "plan"):
        del body[name]
    (numbered,) = parse(message.topic, orjson.dumps(body)).events
    assert isinstance(numbered.event, Signal)
    assert (numbered.event.change, numbered.event.arl0, numbered.event.lots_since) == (None, None, ())
