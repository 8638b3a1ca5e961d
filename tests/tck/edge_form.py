"""What must hold for the form of an edge node's messages: topics, seq, times, names, aliases, types, properties."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.tck.capture import Packet, member_of, published
from tests.tck.register import (
    BASIC,
    BIRTHS,
    DATA,
    DEVICE,
    INT32,
    NODE,
    NUMBERED,
    REBIRTH,
    UTC,
    each,
    holds,
)


@holds(
    "topic-structure",
    "topic-structure-namespace-a",
    "topic-structure-namespace-device-id-associated-message-types",
    "topic-structure-namespace-device-id-non-associated-message-types",
    "message-flow-edge-node-birth-publish-nbirth-topic",
    "message-flow-edge-node-birth-publish-will-message-topic",
    "message-flow-device-birth-publish-dbirth-topic",
    *each("topics-{}-topic", (*NODE, *DEVICE)),
)
def topics(session: Sequence[Packet]) -> Iterator[str]:
    for packet in session:
        if packet.kind not in ("publish", "will", "connect"):
            continue
        levels = packet.topic.split("/")
        wanted = 4 if packet.verb in NODE else 5 if packet.verb in DEVICE else 0
        if levels[0] != "spBv1.0" or len(levels) != wanted:
            yield packet.topic


@holds(
    *(f"intro-{part}-id-{what}" for part in ("group", "edge-node", "device") for what in ("string", "chars")),
    *(f"topic-structure-namespace-valid-{part}-id" for part in ("group", "edge-node", "device")),
    "topic-structure-namespace-unique-device-id",
    "message-flow-device-birth-publish-dbirth-match-edge-node-topic",
    "case-sensitivity-sparkplug-ids",
)
def ids(session: Sequence[Packet]) -> Iterator[str]:
    levels = [packet.topic.split("/") for packet in published(session, *NODE, *DEVICE)]
    for at in levels:
        if not all(part and not set(part) & set("+#\0") for part in at):
            yield "/".join(at)
    if len({(at[1], at[3]) for at in levels}) > 1:
        yield "more than one node"
    devices = {at[4] for at in levels if len(at) == 5}
    if len({device.lower() for device in devices}) != len(devices):
        yield "two devices differ by case alone"


@holds(
    *each("topics-{}-mqtt", ("NBIRTH", "NDATA", *DEVICE)),
    *each("payloads-{}-qos", (*BIRTHS, *DATA)),
    *each("payloads-{}-retain", (*BIRTHS, *DATA)),
    "message-flow-edge-node-birth-publish-nbirth-qos",
    "message-flow-edge-node-birth-publish-nbirth-retained",
    "message-flow-device-birth-publish-dbirth-qos",
    "message-flow-device-birth-publish-dbirth-retained",
)
def qos(session: Sequence[Packet]) -> Iterator[str]:
    for packet in published(session, *NUMBERED):
        if packet.qos != 0 or packet.retain:
            yield f"{packet.topic}: qos {packet.qos}, retain {packet.retain}"


@holds(
    "message-flow-edge-node-birth-publish-nbirth-payload",
    "message-flow-edge-node-birth-publish-will-message-payload",
    "message-flow-device-birth-publish-dbirth-payload",
)
def protobuf(session: Sequence[Packet]) -> Iterator[str]:
    for packet in session:
        if packet.verb:
            try:
                packet.said  # noqa: B018 # it is read
            except Exception as error:  # noqa: BLE001 # whatever the runtime says
                yield f"{packet.topic}: {error}"


@holds(
    "topics-nbirth-seq-num",
    "payloads-nbirth-seq",
    "payloads-sequence-num-always-included",
    "payloads-sequence-num-req-nbirth",
    "payloads-sequence-num-incrementing",
    "message-flow-edge-node-birth-publish-nbirth-payload-seq",
    "message-flow-device-birth-publish-dbirth-payload-seq",
    "topics-ndata-seq-num",
    "topics-dbirth-seq",
    "topics-ddata-seq-num",
    "topics-ddeath-seq-num",
    *each("payloads-{}-seq", ("NDATA", *DEVICE)),
    *each("payloads-{}-seq-inc", ("NDATA", *DEVICE)),
    "payloads-ddeath-seq-number",
)
def sequence(session: Sequence[Packet]) -> Iterator[str]:
    before: int | None = None
    for packet in published(session, *NUMBERED):
        said = packet.said
        wanted = 0 if packet.verb == "NBIRTH" or before is None else (before + 1) % 256
        if not said.HasField("seq") or said.seq != wanted:
            yield f"{packet.topic}: seq {said.seq}, not {wanted}"
        before = said.seq


@holds(
    *each("topics-{}-timestamp", (*BIRTHS, *DATA)),
    *each("payloads-{}-timestamp", (*BIRTHS, *DATA, "DDEATH")),
    "payloads-timestamp-in-UTC",
)
def timestamps(session: Sequence[Packet]) -> Iterator[str]:
    for packet in published(session, *NUMBERED):
        said = packet.said
        if not said.HasField("timestamp") or not UTC[0] < said.timestamp < UTC[1]:
            yield f"{packet.topic}: {said.timestamp}"


@holds("payloads-name-birth-data-requirement", "payloads-metric-timestamp-in-UTC")
def metric_timestamps(session: Sequence[Packet]) -> Iterator[str]:
    for packet in published(session, *BIRTHS, *DATA):
        for metric in packet.said.metrics:
            if not metric.HasField("timestamp") or not UTC[0] < metric.timestamp < UTC[1]:
                yield f"{packet.topic}: {metric.name or metric.alias} at {metric.timestamp}"


@holds(
    "topics-nbirth-metrics",
    "topics-dbirth-metrics",
    "operational-behavior-data-publish-nbirth-values",
    "operational-behavior-data-publish-dbirth-values",
    "payloads-metric-datatype-req",
    "payloads-metric-datatype-value",
    "payloads-metric-datatype-value-type",
    "payloads-name-requirement",
)
def birth_metrics(session: Sequence[Packet]) -> Iterator[str]:
    for packet in published(session, *BIRTHS):
        for metric in packet.said.metrics:
            value = member_of(metric)
            if not metric.name or metric.datatype not in BASIC or (value is None) != metric.is_null:
                yield f"{packet.topic}: {metric.name!r}"


@holds("payloads-alias-uniqueness", "payloads-alias-birth-requirement")
def aliases(session: Sequence[Packet]) -> Iterator[str]:
    taken: dict[int, tuple[str, str]] = {}
    for packet in published(session, *BIRTHS):
        if packet.verb == "NBIRTH":
            taken.clear()
        for metric in packet.said.metrics:
            who = (packet.topic, metric.name)
            if metric.name != REBIRTH and not metric.HasField("alias"):
                yield f"{who} has no alias"
            elif metric.HasField("alias") and taken.setdefault(metric.alias, who) != who:
                yield f"{who} and {taken[metric.alias]} share alias {metric.alias}"


@holds("payloads-alias-data-cmd-requirement", "payloads-metric-datatype-not-req")
def data_metrics(session: Sequence[Packet]) -> Iterator[str]:
    for packet in published(session, *DATA):
        for metric in packet.said.metrics:
            if metric.HasField("name") or metric.HasField("datatype") or not metric.HasField("alias"):
                yield f"{packet.topic}: {metric.name!r}"


@holds(
    "topics-nbirth-metric-reqs",
    "topics-dbirth-metric-reqs",
    "operational-behavior-data-publish-nbirth",
    "operational-behavior-data-publish-dbirth",
)
def born(session: Sequence[Packet]) -> Iterator[str]:
    known: dict[str, set[int]] = {}
    for packet in published(session, *BIRTHS, *DATA):
        owner = "/".join(packet.topic.split("/")[3:])
        if packet.verb == "NBIRTH":
            known.clear()
        found = {metric.alias for metric in packet.said.metrics}
        if packet.verb in BIRTHS:
            known[owner] = found
        elif found - known.get(owner, set()):
            yield f"{packet.topic}: aliases {found - known.get(owner, set())} were not born"


@holds(
    "operational-behavior-data-publish-nbirth-order",
    "operational-behavior-data-publish-dbirth-order",
)
def chronological(session: Sequence[Packet]) -> Iterator[str]:
    for packet in published(session, *BIRTHS, *DATA):
        times = [metric.timestamp for metric in packet.said.metrics if not metric.is_historical]
        if times != sorted(times):
            yield packet.topic


@holds("payloads-propertyset-keys-array-size", "payloads-propertyset-values-array-size")
def property_sizes(session: Sequence[Packet]) -> Iterator[str]:
    for packet in published(session, *BIRTHS, *DATA):
        for metric in packet.said.metrics:
            if len(metric.properties.keys) != len(metric.properties.values):
                yield f"{packet.topic}: {metric.name or metric.alias}"


@holds(
    "payloads-metric-propertyvalue-type-type",
    "payloads-metric-propertyvalue-type-value",
    "payloads-metric-propertyvalue-type-req",
)
def property_types(session: Sequence[Packet]) -> Iterator[str]:
    for packet in published(session, *BIRTHS):
        for metric in packet.said.metrics:
            if any(value.type not in BASIC for value in metric.properties.values):
                yield f"{packet.topic}: {metric.name}"


@holds("payloads-propertyset-quality-value-type", "payloads-propertyset-quality-value-value")
def quality(session: Sequence[Packet]) -> Iterator[str]:
    for packet in published(session, *BIRTHS, *DATA):
        for metric in packet.said.metrics:
            for key, value in zip(metric.properties.keys, metric.properties.values, strict=False):
                if key == "Quality" and (value.type != INT32 or value.int_value not in (0, 192, 500)):
                    yield f"{packet.topic}: {metric.name or metric.alias} {value}"


@holds(
    "topics-ndata-payload",
    "topics-ddata-payload",
    "principles-rbe-recommended",
    "operational-behavior-data-publish-nbirth-change",
    "operational-behavior-data-publish-dbirth-change",
)
def by_exception(session: Sequence[Packet]) -> Iterator[str]:
    last: dict[int, object] = {}
    for packet in published(session, *BIRTHS, *DATA):
        if packet.verb == "NBIRTH":
            last.clear()
        for metric in packet.said.metrics:
            field = member_of(metric)
            now = (field and getattr(metric, field), metric.is_null)
            marked = bool(len(metric.properties.keys))
            if packet.verb in DATA and not (marked or metric.is_historical) and last.get(metric.alias) == now:
                yield f"{packet.topic}: {metric.alias} has not changed"
            if metric.HasField("alias") and not metric.is_historical:
                last[metric.alias] = now


@holds("case-sensitivity-metric-names")
def names(session: Sequence[Packet]) -> Iterator[str]:
    for packet in published(session, *BIRTHS):
        small = [metric.name.lower() for metric in packet.said.metrics]
        if len(set(small)) != len(small):
            yield packet.topic
