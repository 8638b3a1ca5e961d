"""The edge node: births, data, deaths and their numbers."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.model import LotChanged
from gateway.site import Sparkplug
from gateway.sparkplug.decode import decode, typed
from gateway.sparkplug.encode import encode
from gateway.sparkplug.facts import Standing
from gateway.sparkplug.node import EdgeNode, asks_rebirth
from gateway.sparkplug.topics import BadTopic
from gateway.sparkplug.types import DataType, Metric, Payload
from gateway.wire.catalogue import Shape
from tests.unit.sparkplug.plant import CHART, NOW, dead, named, node, payloads, site, stale, topics
from tests.unit.wire import samples

TYPES = {
    "melt_temp": DataType.FLOAT, "cushion": DataType.DOUBLE, "door": DataType.BOOLEAN, "shots": DataType.UINT32,
    "serial": DataType.INT64, "mould": DataType.STRING, "mode": DataType.UINT64, "energy": DataType.DOUBLE,
}  # fmt: skip


def test_a_node_without_readings_is_born_without_devices():
    messages = node().births(NOW)
    assert topics(messages) == ["NBIRTH/north-gw1"]
    (birth,) = payloads(messages)
    assert (birth.seq, birth.timestamp) == (0, NOW)
    metrics = named(birth)
    assert (metrics["bdSeq"].value, metrics["bdSeq"].datatype) == (7, DataType.INT64)
    rebirth = metrics["Node Control/Rebirth"]
    assert (rebirth.value, rebirth.datatype, rebirth.alias) == (False, DataType.BOOLEAN, None)
    assert metrics["Properties/Version"].value == "1.2.3"
    assert all(metric.timestamp and metric.datatype for metric in birth.metrics)


def test_the_will_has_the_births_bdseq_and_no_seq():
    made = EdgeNode(site(), Sparkplug("acme", "n"))
    will = made.connect(255, NOW)
    assert (will.topic, will.qos, will.retain) == ("spBv1.0/acme/NDEATH/n", 1, False)
    said = decode(will.payload)
    assert said.seq is None
    assert [(metric.name, metric.value, metric.datatype) for metric in said.metrics] == [
        ("bdSeq", 255, DataType.INT64)
    ]
    assert named(payloads(made.births(NOW))[0])["bdSeq"].value == 255
    made.connect(256, NOW)
    assert named(payloads(made.births(NOW))[0])["bdSeq"].value == 0


def test_a_device_is_born_with_names_aliases_types_and_properties():
    made = node()
    made.reading(samples.reading(1, bad=(1,)), NOW)
    birth = payloads(made.births(NOW))[1]
    metrics = named(birth)
    assert {name: metric.datatype for name, metric in metrics.items()} == TYPES
    assert metrics["serial"].value == 2**53 + 3, "what float64 cannot hold"
    assert metrics["mould"].value == "M-001"
    assert metrics["melt_temp"].timestamp == samples.at(1).time_ns // 1_000_000
    assert metrics["melt_temp"].properties["Quality"].value == 192
    assert metrics["melt_temp"].properties["Tag"].value == f"{samples.CELL}/melt_temp"
    assert metrics["cushion"].value is None
    assert metrics["cushion"].properties["Quality"].value == 0
    assert metrics["cushion"].properties["Reason"].value == "corrupt"


def test_aliases_are_unique_over_the_node():
    made = node()
    made.reading(samples.reading(1), NOW)
    aliases = [metric.alias for said in payloads(made.births(NOW)) for metric in said.metrics]
    given = [alias for alias in aliases if alias is not None]
    assert len(given) == len(set(given)) == len(aliases) - 1


def test_only_what_changed_is_said_by_alias():
    made = node()
    made.reading(samples.reading(1), NOW)
    births = payloads(made.births(NOW))
    names = {metric.alias: metric for metric in births[1].metrics}
    reading = samples.reading(2)
    (data,) = payloads(made.reading(reading, NOW + 9))
    assert data.timestamp == NOW + 9
    assert data.seq == 2
    changed = {names[metric.alias].name for metric in data.metrics}
    assert changed == {"melt_temp", "cushion", "door", "shots", "serial", "mould", "mode", "energy"}
    assert all(metric.name is None and metric.datatype is None for metric in data.metrics)
    assert {metric.timestamp for metric in data.metrics} == {reading.at.time_ns // 1_000_000}
    assert made.reading(reading, NOW) == []


def test_values_come_back_as_they_were():
    made = node()
    made.reading(samples.reading(1), NOW)
    types = {metric.alias: metric for metric in payloads(made.births(NOW))[1].metrics}
    for seq in range(2, 60):
        reading = samples.reading(seq, bad=(0,) if seq % 9 == 0 else ())
        for data in payloads(made.reading(reading, NOW)):
            for metric in data.metrics:
                birth = types[metric.alias]
                index = [point.name for point in samples.POINTS].index(birth.name or "")
                if metric.value is None:
                    assert reading.quality[index] >= 0x80
                elif birth.name == "serial":
                    assert metric.value == 2**53 + 1 + 2 * seq
                elif birth.name != "mould":
                    assert typed(metric.value, birth.datatype or 0) == reading.values[index]


def test_quality_is_said_when_it_changes_and_a_bad_value_is_null():
    made = node()
    made.reading(samples.reading(1), NOW)
    birth = named(payloads(made.births(NOW))[1])
    for seq, quality in ((2, 0), (3, None), (4, 192)):
        (data,) = payloads(made.reading(samples.reading(seq, bad=(1,) if seq < 4 else ()), NOW))
        found = {metric.alias: metric for metric in data.metrics}.get(birth["cushion"].alias)
        if quality is None:
            assert found is None
        else:
            assert found is not None
            assert found.properties["Quality"].value == quality
            assert (found.value is None) == (quality == 0)


@pytest.mark.long
def test_seq_goes_to_255_and_begins_again_at_0():
    made = node()
    made.reading(samples.reading(1), NOW)
    seqs = [said.seq for said in payloads(made.births(NOW))]
    for seq in range(2, 600):
        seqs += [said.seq for said in payloads(made.reading(samples.reading(seq), NOW))]
    assert seqs == [number % 256 for number in range(len(seqs))]
    assert payloads(made.births(NOW))[0].seq == 0


def test_a_silent_device_dies_and_is_born_again_when_it_answers():
    made = node()
    made.reading(samples.reading(1), NOW)
    made.births(NOW)
    deaths = made.event(dead(), NOW + 1)
    assert topics(deaths) == ["DDEATH/north-gw1/press1"]
    assert payloads(deaths)[0].seq == 2
    assert made.event(dead(), NOW + 2) == [], "once"
    everything = tuple(range(len(samples.POINTS)))
    assert made.reading(samples.reading(2, bad=everything), NOW) == []
    births = made.reading(samples.reading(3), NOW)
    assert topics(births) == ["DBIRTH/north-gw1/press1"]
    assert payloads(births)[0].seq == 3


def test_a_device_whose_groups_are_all_stale_dies():
    made = node()
    made.reading(samples.reading(1), NOW)
    made.births(NOW)
    messages = made.event(stale("active"), NOW)
    assert topics(messages) == ["NDATA/north-gw1", "DDEATH/north-gw1/press1"]
    assert "DDEATH" not in "".join(topics(made.event(stale("returned", 2), NOW)))
    assert topics(made.reading(samples.reading(2), NOW)) == ["DBIRTH/north-gw1/press1"]


def test_a_dead_device_is_not_in_the_next_births():
    made = node()
    made.reading(samples.reading(1), NOW)
    made.births(NOW)
    made.event(dead(), NOW)
    assert topics(made.births(NOW)) == ["NBIRTH/north-gw1"]


def test_nothing_goes_out_before_the_births_and_after_the_end():
    made = node()
    assert made.reading(samples.reading(1), NOW) == []
    assert made.event(samples.alarm(2, 1, "active").event, NOW) == []
    made.births(NOW)
    made.leave()
    assert made.reading(samples.reading(2), NOW) == []
    assert made.event(dead(), NOW) == []


def test_events_are_metrics_of_the_node():
    made = node()
    births = {metric.alias: metric.name for metric in payloads(made.births(NOW))[0].metrics}
    said: dict[str | None, object] = {}
    for each in samples.every_kind().events:
        for data in payloads(made.event(each.event, NOW)):
            said |= {births[metric.alias]: metric.value for metric in data.metrics}
    assert said["SPC/melt-temp/Value"] == 1.5
    assert said["SPC/melt-temp/Rules"] == "WE1"
    assert said["SPC/melt-temp/Lots"] == "R-7"
    assert (said["Alarms/Open"], said["Alarms/Unacknowledged"]) == (1, 1)
    assert said[f"Lots/{samples.CELL}/material"] == "R/7"
    assert '"lot":"B/7"' in str(said["Lots/Made"])
    made.event(samples.alarm(9, 2, "closed").event, NOW)
    assert named(payloads(made.births(NOW))[0])["Alarms/Open"].value == 0


def test_what_is_open_when_the_run_begins_is_in_the_births():
    standing = Standing({(samples.CELL, "product"): ("R-1", "R-2")}, {"A-1": "active", "A-2": "acknowledged"})
    metrics = named(payloads(node(standing=standing).births(NOW))[0])
    assert metrics[f"Lots/{samples.CELL}/product"].value == "R-1 R-2"
    assert (metrics["Alarms/Open"].value, metrics["Alarms/Unacknowledged"].value) == (2, 1)
    assert metrics[f"SPC/{CHART.id}/Value"].value is None


def test_a_moved_lot_leaves_the_cell_where_it_was():
    standing = Standing({("hall/line1/dryer", "material"): ("P-1",)})
    made = node(standing=standing)
    made.births(NOW)
    moved = LotChanged(NOW * 1_000_000, "P-1", "moved", samples.CELL, "material", "x")
    made.event(moved, NOW)
    assert named(payloads(made.births(NOW))[0])[f"Lots/{samples.CELL}/material"].value == "P-1"


SHAPE = Shape(samples.GROUP)
TODAY = (SHAPE.tags, SHAPE.types)


def test_the_past_is_marked_as_historical_and_changes_nothing():
    made = node()
    made.reading(samples.reading(9), NOW)
    before = payloads(made.births(NOW))[1].metrics
    for bad in ((), (1, 5)):
        (data,) = payloads(made.past(samples.reading(3, bad=bad), TODAY, NOW))
        assert all(metric.historical for metric in data.metrics)
        assert len(data.metrics) == len(samples.POINTS)
        assert {metric.timestamp for metric in data.metrics} == {samples.at(3).time_ns // 1_000_000}
    assert payloads(made.births(NOW))[1].metrics == before


def test_the_past_of_another_config_or_of_no_device_is_not_told():
    made = node()
    made.births(NOW)
    assert made.past(samples.reading(3), TODAY, NOW) == [], "not born"
    made.reading(samples.reading(4), NOW)
    assert made.past(samples.reading(3), (("other",), ("float32",)), NOW) == []
    assert made.past(samples.reading(3, group="ghost/fast"), TODAY, NOW) == []


def test_past_events_do_not_touch_what_is_counted_now():
    made = node()
    births = {metric.alias: metric.name for metric in payloads(made.births(NOW))[0].metrics}
    (data,) = payloads(made.past_event(samples.alarm(2, 1, "active").event, NOW))
    assert [(births[metric.alias], metric.historical) for metric in data.metrics] == [("Alarms/Last", True)]


def test_a_reading_that_does_not_fit_its_group_is_left_alone():
    made = node()
    made.births(NOW)
    reading = samples.reading(1)
    short = type(reading)(
        reading.group, reading.at, 0, reading.values[:2], reading.quality[:2], np.zeros(2, np.uint16)
    )
    assert made.reading(short, NOW) == []


def test_a_number_that_its_type_cannot_hold_is_null_and_stops_nothing():
    made = node()
    made.reading(samples.reading(1), NOW)
    births = {metric.alias: metric.name for metric in payloads(made.births(NOW))[1].metrics}
    reading = samples.reading(2)
    reading.values[3] = 2.0**40  # no UInt32
    for messages in (made.past(reading, TODAY, NOW), made.reading(reading, NOW)):
        (data,) = payloads(messages)
        said = {births[metric.alias]: metric.value for metric in data.metrics}
        assert said["shots"] is None
        assert said["mould"] == "M-002"
    assert named(payloads(made.births(NOW))[1])["shots"].value is None


@pytest.mark.parametrize(
    ("metrics", "asks"),
    [
        ((Metric(value=True, name="Node Control/Rebirth", datatype=DataType.BOOLEAN),), True),
        ((Metric(value=False, name="Node Control/Rebirth", datatype=DataType.BOOLEAN),), False),
        ((Metric(value=1, name="Node Control/Rebirth", datatype=DataType.INT32),), False),
        ((Metric(value=True, name="Node Control/Reboot", datatype=DataType.BOOLEAN),), False),
        ((), False),
    ],
)
def test_a_rebirth_is_asked_by_name_and_true(metrics, asks):
    assert asks_rebirth(encode(Payload(metrics, timestamp=1))) is asks


@pytest.mark.parametrize("settings", [Sparkplug("a/b", "n"), Sparkplug("g", "a+b"), Sparkplug("", "n")])
def test_ids_with_reserved_characters_make_no_node(settings):
    with pytest.raises(BadTopic):
        EdgeNode(site(), settings)
