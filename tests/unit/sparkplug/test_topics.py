"""Topics, ids and STATE."""

from __future__ import annotations

import pytest

from gateway.sparkplug.state import BadState, HostState, HostWatch, parse_state, state
from gateway.sparkplug.topics import BadTopic, Topic, check_id, parse_topic, state_topic


@pytest.mark.parametrize(
    ("text", "topic"),
    [  # Sparkplug 3.0.0, 4.1 and 4.2: the examples' shape
        ("spBv1.0/G/NBIRTH/E", Topic("NBIRTH", "G", "E")),
        ("spBv1.0/G/DDATA/E/D", Topic("DDATA", "G", "E", "D")),
        ("spBv1.0/STATE/scada 1", Topic("STATE", "", "scada 1")),
        ("spBv1.0/STATE/NDATA/E", Topic("NDATA", "STATE", "E")),
    ],
)
def test_topics_are_read_and_written(text, topic):
    assert parse_topic(text) == topic
    assert str(topic) == text


@pytest.mark.parametrize(
    "text",
    [
        "", "spAv1.0/G/NBIRTH/E", "spBv1.0/G/NBIRTH", "spBv1.0/G/NBIRTH/E/D", "spBv1.0/G/DBIRTH/E",
        "spBv1.0//NBIRTH/E", "spBv1.0/G/NOTHING/E", "spBv1.0/G/DBIRTH/E/D/X", "spBv1.0/STATE/",
    ],
)  # fmt: skip
def test_what_is_no_topic_of_sparkplug_is_refused(text):
    with pytest.raises(BadTopic):
        parse_topic(text)


@pytest.mark.parametrize(
    "text", ["", "a+b", "a/b", "#", "x" * 256, "é" * 128, "a\nb", "\x7f", "$SYS", "\ud800"]
)
def test_ids_have_no_reserved_characters(text):
    with pytest.raises(BadTopic):
        check_id(text)


def test_ids_are_utf8():
    assert check_id("注塑-1") == "注塑-1"
    assert state_topic("主机") == "spBv1.0/STATE/主机"


def test_state_is_json_of_two_members():
    assert state(online=False, timestamp=7) == b'{"online":false,"timestamp":7}'
    assert parse_state(b'{"timestamp": 1668114759262, "online": true}') == HostState(True, 1668114759262)


@pytest.mark.parametrize(
    "payload",
    [
        b"", b"ONLINE", b"[]", b"{}", b"\xff", b'{"online":true}',
        b'{"online":1,"timestamp":1}', b'{"online":true,"timestamp":"1"}', b'{"online":true,"timestamp":-1}',
        b'{"online":true,"timestamp":true}', b'{"online":true,"timestamp":1.5}',
    ],
)  # fmt: skip
def test_what_is_no_state_is_refused(payload):
    with pytest.raises(BadState):
        parse_state(payload)


def test_an_older_state_says_nothing():
    watch = HostWatch()
    assert watch.hear(state(online=True, timestamp=10))
    assert watch.online
    assert not watch.hear(state(online=False, timestamp=9))
    assert watch.online
    assert watch.hear(state(online=False, timestamp=10)), "the will has the birth's own timestamp"
    assert not watch.online
    watch.begin()
    assert not watch.hear(state(online=True, timestamp=9)), "a new connection does not make it younger"
