"""What must hold for the life of an edge node: numbers of births and deaths, wills, orders, the rebirth metric."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from tests.tck.capture import Packet, member_of, published
from tests.tck.register import (
    BOOLEAN,
    DATA,
    INT64,
    NUMBERED,
    REBIRTH,
    holds,
)


@holds(
    "topics-nbirth-bdseq-included",
    "topics-nbirth-bdseq-matching",
    "payloads-nbirth-bdseq",
    "payloads-nbirth-bdseq-repeat",
    "payloads-ndeath-bdseq",
    "message-flow-edge-node-birth-publish-nbirth-payload-bdSeq",
    "operational-behavior-data-commands-rebirth-action-3",
)
def bdseq(session: Sequence[Packet]) -> Iterator[str]:
    will = -1
    for packet in session:
        if packet.kind == "connect":
            will = packet.said.metrics[0].long_value
        if packet.verb not in ("NBIRTH", "NDEATH") or packet.kind == "subscribe":
            continue
        found = [metric for metric in packet.said.metrics if metric.name == "bdSeq"]
        if len(found) != 1 or found[0].datatype != INT64 or found[0].long_value != will:
            yield f"{packet.topic}: {found}, the will had {will}"


@holds(
    "topics-nbirth-bdseq-increment",
    "message-flow-edge-node-birth-publish-will-message-payload-bdSeq",
)
def bdseq_grows(session: Sequence[Packet]) -> Iterator[str]:
    wills = [packet.said.metrics[0].long_value for packet in session if packet.kind == "connect"]
    if wills != [number % 256 for number in range(len(wills))]:
        yield str(wills)


@holds(
    "topics-nbirth-rebirth-metric",
    "payloads-nbirth-rebirth-req",
    "operational-behavior-data-commands-rebirth-name",
    "operational-behavior-data-commands-rebirth-name-aliases",
    "operational-behavior-data-commands-rebirth-datatype",
    "operational-behavior-data-commands-rebirth-value",
)
def rebirth_metric(session: Sequence[Packet]) -> Iterator[str]:
    for packet in published(session, "NBIRTH"):
        found = [metric for metric in packet.said.metrics if metric.name == REBIRTH]
        good = len(found) == 1 and found[0].datatype == BOOLEAN and not found[0].HasField("alias")
        if not good or member_of(found[0]) != "boolean_value" or found[0].boolean_value:
            yield f"{packet.topic}: {found}"


@holds("topics-ndeath-payload", "topics-ndeath-seq", "payloads-ndeath-seq")
def ndeath(session: Sequence[Packet]) -> Iterator[str]:
    for packet in session:
        if packet.verb == "NDEATH":
            said = packet.said
            if said.HasField("seq") or [metric.name for metric in said.metrics] != ["bdSeq"]:
                yield f"{packet.kind} {packet.topic}"


@holds(
    "message-flow-edge-node-birth-publish-will-message",
    "message-flow-edge-node-birth-publish-will-message-qos",
    "message-flow-edge-node-birth-publish-will-message-will-retained",
    "payloads-ndeath-will-message",
    "payloads-ndeath-will-message-qos",
    "payloads-ndeath-will-message-retain",
)
def will(session: Sequence[Packet]) -> Iterator[str]:
    for packet in session:
        if packet.kind == "connect" and (packet.verb != "NDEATH" or packet.qos != 1 or packet.retain):
            yield f"{packet.topic}: qos {packet.qos}, retain {packet.retain}"


@holds(
    "principles-birth-certificates-order",
    "message-flow-edge-node-birth-publish-connect",
    "message-flow-device-birth-publish-nbirth-wait",
)
def birth_first(session: Sequence[Packet]) -> Iterator[str]:
    fresh = False
    for packet in session:
        if packet.kind == "connect":
            fresh = True
        elif packet.kind == "publish" and fresh:
            fresh = False
            if packet.verb not in ("NBIRTH", "NDEATH"):
                yield f"{packet.topic} is the first"


@holds("payloads-dbirth-order", "payloads-ndata-order", "payloads-ddata-order")
def births_together(session: Sequence[Packet]) -> Iterator[str]:
    """A device that is born later was not there: before, it has died or was never named in the session."""
    dead: set[str] = set()
    data = False
    for packet in published(session, *NUMBERED):
        if packet.verb == "NBIRTH":
            data, dead = False, set()
        elif packet.verb in DATA:
            data = True
        elif packet.verb == "DDEATH":
            dead.add(packet.topic.split("/")[4])
        elif data and packet.topic.split("/")[4] not in dead:
            yield f"{packet.topic} after data"


@holds("message-flow-edge-node-ncmd-subscribe")
def subscribed(session: Sequence[Packet]) -> Iterator[str]:
    asked = True
    for packet in session:
        if packet.kind == "connect":
            asked = False
        elif packet.kind == "subscribe" and packet.topic.split("/")[2] == "NCMD":
            asked = packet.qos == 1
        elif packet.verb == "NBIRTH" and not asked:
            yield "NBIRTH before NCMD was subscribed at QoS 1"


@holds(
    "operational-behavior-edge-node-intentional-disconnect-ndeath",
    "operational-behavior-edge-node-intentional-disconnect-packet",
    "payloads-ndeath-will-message-publisher",
)
def leaves(session: Sequence[Packet]) -> Iterator[str]:
    for before, packet in itertools.pairwise(session):
        if packet.kind == "disconnect" and (before.kind, before.verb) != ("publish", "NDEATH"):
            yield f"DISCONNECT after {before.kind} {before.topic}"
