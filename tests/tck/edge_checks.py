"""What must hold for a captured session of an edge node, by tck id. Each check gives the breaches that it finds.

The sentences are in the specification (Sparkplug 3.0.0); `tests/vectors/sparkplug/tck.tsv` has our words for them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

from tests.tck.capture import Packet, member_of, published

Check = Callable[[Sequence[Packet]], Iterator[str]]
CHECKS: dict[str, Check] = {}

NODE = ("NBIRTH", "NDATA", "NDEATH")
DEVICE = ("DBIRTH", "DDATA", "DDEATH")
NUMBERED = ("NBIRTH", "NDATA", *DEVICE)
BIRTHS = ("NBIRTH", "DBIRTH")
DATA = ("NDATA", "DDATA")
REBIRTH = "Node Control/Rebirth"
INT32, INT64, BOOLEAN = 3, 4, 11
BASIC = range(1, 16)
UTC = (1_000_000_000_000, 4_000_000_000_000)  # ms: 2001 to 2096


def holds(*ids: str) -> Callable[[Check], Check]:
    """The check is for these ids; `{}` stands for each verb in small letters where it is there."""

    def register(check: Check) -> Check:
        for id_ in ids:
            assert id_ not in CHECKS, id_
            CHECKS[id_] = check
        return check

    return register


def each(pattern: str, verbs: Sequence[str]) -> list[str]:
    return [pattern.format(verb.lower()) for verb in verbs]


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
