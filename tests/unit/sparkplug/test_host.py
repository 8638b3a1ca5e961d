"""The host: order, the reorder window, requests for births, deaths."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sparkplug.decode import decode
from gateway.sparkplug.encode import encode
from gateway.sparkplug.host import ASK_AGAIN_MS, REORDER_MS, Heard, Host, Outcome
from gateway.sparkplug.node import Message
from gateway.sparkplug.types import DataType, Metric, Payload
from gateway.wire.catalogue import Shape
from tests.unit.sparkplug.plant import NOW, dead, node
from tests.unit.wire import samples

G, N = "acme", "north-gw1"
KINDS = (1, 3, 7)


class Line:
    """A node of ours heard by a host, over a line that can lose and turn around."""

    def __init__(self) -> None:
        self.node, self.host, self.mono = node(), Host(), 0
        self.node.reading(samples.reading(1), NOW)

    def give(self, messages: list[Message]) -> Outcome:
        out = Outcome()
        for message in messages:
            one = self.host.hear(message.topic, message.payload, NOW, self.mono)
            out.heard += one.heard
            out.asks += one.asks
            out.troubles += one.troubles
        return out

    def data(self, seq: int) -> list[Message]:
        return self.node.reading(samples.reading(seq), NOW)

    def wait(self, ms: int) -> Outcome:
        self.mono += ms
        return self.host.due(NOW, self.mono)


def values(heard: list[Heard], name: str) -> list[object]:
    return [each.value for each in heard if each.name == name]


def test_births_and_data_come_out_as_values():
    line = Line()
    born = line.give(line.node.births(NOW))
    assert line.host.online(G, N)
    assert line.host.online(G, N, "press1")
    assert values(born.heard, "mould") == ["M-001"]
    assert not {"bdSeq", "Node Control/Rebirth"} & {each.name for each in born.heard}
    data = line.give(line.data(2))
    assert values(data.heard, "serial") == [2**53 + 5]
    assert {(each.device, each.quality) for each in data.heard} == {("press1", 192)}
    assert data.asks == []


def test_messages_that_come_out_of_order_are_put_in_order():
    line = Line()
    line.give(line.node.births(NOW))
    first, second, third = line.data(2), line.data(3), line.data(4)
    assert line.give(third).heard == line.give(second).heard == []
    out = line.give(first)
    assert values(out.heard, "shots") == [70_002, 70_003, 70_004]
    assert line.wait(REORDER_MS * 3) == Outcome()


@pytest.mark.long
def test_the_order_holds_over_255():
    line = Line()
    line.give(line.node.births(NOW))
    messages = [line.data(seq) for seq in range(2, 600)]
    for index in range(0, len(messages) - 1, 2):
        messages[index], messages[index + 1] = messages[index + 1], messages[index]
    heard = [value for message in messages for value in values(line.give(message).heard, "shots")]
    assert heard == [70_000 + seq for seq in range(2, 600)]


def test_a_lost_message_is_asked_for_when_the_window_is_over():
    line = Line()
    line.give(line.node.births(NOW))
    line.data(2)
    line.give(line.data(3))
    assert line.wait(REORDER_MS - 1).asks == []
    (ask,) = line.wait(1).asks
    assert (ask.topic, ask.qos, ask.retain) == (f"spBv1.0/{G}/NCMD/{N}", 0, False)
    said = decode(ask.payload)
    assert (said.seq, said.timestamp) == (None, NOW)
    assert [(each.name, each.value, each.datatype) for each in said.metrics] == [
        ("Node Control/Rebirth", True, 11)
    ]
    assert line.give(line.data(4)).heard == [], "nothing counts before the births"
    assert values(line.give(line.node.births(NOW)).heard, "shots") == [70_004]


def test_the_window_begins_anew_with_each_hole():
    line = Line()
    line.give(line.node.births(NOW))
    lost = line.data(2)
    line.give(line.data(3))
    line.wait(REORDER_MS - 1)
    line.data(4)
    line.give(line.data(5))
    line.give(lost)
    assert line.wait(REORDER_MS - 1).asks == []
    assert len(line.wait(1).asks) == 1


def test_a_node_that_was_not_born_is_asked_at_most_so_often():
    line = Line()
    line.node.births(NOW)
    assert len(line.give(line.data(2)).asks) == 1
    assert line.give(line.data(3)).asks == []
    line.mono = ASK_AGAIN_MS
    assert len(line.give(line.data(4)).asks) == 1


def test_unknown_aliases_and_devices_are_asked_for():
    line = Line()
    births = line.node.births(NOW)
    line.give(births)
    strange = encode(Payload((Metric(1, alias=4711, timestamp=NOW, kind=DataType.UINT32),), NOW, seq=2))
    out = line.give([Message(f"spBv1.0/{G}/DDATA/{N}/press1", strange)])
    assert len(out.asks) == 1
    again = Line()
    again.give(again.node.births(NOW)[:1])
    ghost = encode(Payload((), NOW, seq=1))
    assert len(again.give([Message(f"spBv1.0/{G}/DDATA/{N}/ghost", ghost)]).asks) == 1


def test_a_node_death_makes_everything_stale():
    line = Line()
    born = line.give(line.node.births(NOW)).heard
    out = line.give([line.node.death(NOW)])
    assert not line.host.online(G, N)
    assert not line.host.online(G, N, "press1")
    assert {each.name for each in out.heard} == {each.name for each in born}
    assert {(each.value, each.quality, each.time_ms) for each in out.heard} == {(None, 500, NOW)}


def test_a_death_of_an_older_connection_is_nothing():
    line = Line()
    old = line.node.connect(3, NOW)
    line.node.connect(4, NOW)
    line.give(line.node.births(NOW))
    assert line.give([old]).heard == []
    assert line.host.online(G, N)


def test_a_device_death_makes_the_device_stale_at_its_own_time():
    line = Line()
    line.give(line.node.births(NOW))
    out = line.give(line.node.event(dead(), NOW + 77))
    assert line.host.online(G, N)
    assert not line.host.online(G, N, "press1")
    assert {each.device for each in out.heard} == {"press1"}
    assert {(each.quality, each.time_ms) for each in out.heard} == {(500, NOW + 77)}


def test_history_does_not_change_the_quality_of_now():
    line = Line()
    line.give(line.node.births(NOW))

    shape = Shape(samples.GROUP)
    past = line.node.past(samples.reading(2, bad=(0,)), (shape.tags, shape.types), NOW)
    heard = line.give(past).heard
    assert all(each.historical for each in heard)
    assert {each.quality for each in line.give(line.data(3)).heard} == {192}


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("spBv1.0/acme/NBIRTH", b""),
        ("spBv1.0/acme/NBIRTH/n", b"\xff"),
        ("spBv1.0/acme/NBIRTH/n", encode(Payload((), NOW))),
        ("spBv1.0/acme/NBIRTH/n", encode(Payload((), NOW, seq=0))),
    ],
)
def test_what_is_no_birth_is_told(topic, payload):
    out = Host().hear(topic, payload, NOW, 0)
    assert len(out.troubles) == 1


def test_a_message_without_seq_is_asked_for():
    line = Line()
    line.give(line.node.births(NOW))
    out = line.give([Message(f"spBv1.0/{G}/NDATA/{N}", encode(Payload((), NOW)))])
    assert len(out.asks) == 1


def test_commands_and_states_are_not_ours_to_hear():
    for topic in (f"spBv1.0/{G}/NCMD/{N}", f"spBv1.0/{G}/DCMD/{N}/d", "spBv1.0/STATE/x"):
        assert Host().hear(topic, b"\xff", NOW, 0) == Outcome()


def test_names_without_aliases_do_as_well():
    host = Host()
    birth = Payload(
        (Metric(0, "bdSeq", timestamp=NOW, datatype=4), Metric(-5, "a", timestamp=NOW, datatype=1)), NOW, 0
    )
    host.hear("spBv1.0/g/NBIRTH/n", encode(birth), NOW, 0)
    data = Payload((replace(birth.metrics[1], value=-6),), NOW, 1)
    assert values(host.hear("spBv1.0/g/NDATA/n", encode(data), NOW, 0).heard, "a") == [-6]


def test_a_time_that_nobody_can_keep_is_now():
    host = Host()
    metrics = (Metric(0, "bdSeq", datatype=4), Metric(1, "a", timestamp=1 << 63, datatype=1))
    heard = host.hear("spBv1.0/g/NBIRTH/n", encode(Payload(metrics, 1 << 63, 0)), NOW, 0).heard
    assert [each.time_ms for each in heard] == [NOW]


@pytest.mark.long
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["NBIRTH/n", "NDATA/n", "NDEATH/n", "DBIRTH/n/d", "DDATA/n/d", "DDEATH/n/d"]),
            st.integers(0, 3),
            st.lists(
                st.tuples(st.sampled_from(["bdSeq", "a", None]), st.integers(0, 2), st.integers(0, 20)),
                max_size=3,
            ),
        ),
        max_size=12,
    )
)
def test_whatever_comes_is_taken_or_told(messages):
    host = Host()
    for topic, seq, metrics in messages:
        said = tuple(
            Metric(1, name, alias, NOW, kind if kind in KINDS else 3) for name, alias, kind in metrics
        )
        out = host.hear(f"spBv1.0/g/{topic}", encode(Payload(said, NOW, seq)), NOW, 0)
        assert all(isinstance(each, Heard) for each in out.heard)
        host.due(NOW, REORDER_MS)
