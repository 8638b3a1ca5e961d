"""Who has read docs/protocol.md and nothing else understands everything we say."""

from __future__ import annotations

import ast
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from gateway.model import BAD_FROM, Block, NumberedInput, Reading, Tick
from gateway.plain import to_plain
from gateway.site.links import COMPACT
from gateway.wire import Eras, messages
from tests.unit.wire import samples, stranger
from tests.unit.wire.protocol_examples import examples

ERAS = Eras.of(samples.site().groups())
FILE = Path(stranger.__file__)


def heard(block: Block, plain: tuple[str, ...] = ()) -> list[tuple[str, Any]]:
    """Topic and what the stranger makes of it."""
    layouts: dict[str, Any] = {}
    made = messages(samples.IDENTITY, block, ERAS, plain)
    return [(each.topic, stranger.decode(each.topic, each.payload, layouts)) for each in made]


def test_it_is_short_and_knows_nothing_of_ours():
    tree = ast.parse(FILE.read_text("utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported - set(sys.stdlib_module_names) == {"zstandard"}
    code = [line for line in FILE.read_text("utf-8").splitlines() if line.strip()]
    assert len(code) <= 100


@pytest.mark.parametrize("count", [1, 3, 40])
def test_readings_bit_for_bit(count):
    run = [samples.reading(seq, bad=(1, 5) if seq % 7 == 0 else ()) for seq in range(1, count + 1)]
    block = Block(tuple(NumberedInput(seq, each) for seq, each in enumerate(run, 1)), ())
    (_, layout), (topic, said) = heard(block)
    assert topic == "lotwatch/v1/north/reading"
    assert (said["group"], said["layout"]) == ("press1/fast", layout["layout"])
    assert said["seq"] == list(range(1, count + 1))
    assert said["time_ns"] == [each.at.time_ns for each in run]
    boots = [time - offset for time, offset in zip(said["time_ns"], said["offset_ns"], strict=True)]
    assert boots == [each.at.boottime_ns for each in run]
    assert said["spread_ns"] == [each.spread_ns for each in run]
    assert np.array(said["words"]).T.tolist() == [each.raw.tolist() for each in run]
    assert np.array(said["quality"]).T.tolist() == [each.quality.tolist() for each in run]
    for tag, typed in zip(samples.FIELDS, samples.LAYOUT.typed(np.array([r.raw for r in run])), strict=True):
        index = list(samples.FIELDS).index(tag)
        wanted = [
            None if each.quality[index] >= BAD_FROM else item
            for each, item in zip(run, typed.tolist(), strict=True)
        ]
        assert said["values"][f"{samples.CELL}/{tag}"] == wanted


def test_every_kind_of_message_is_read():
    block = samples.every_kind()
    said = heard(block)
    assert {topic.split("/")[3] for topic, _ in said} == {
        "setting", "scan", "entry", "tick", "reading", "layout", "signal", "alarm", "lot", "made", "event",
    }  # fmt: skip
    ticks = next(each for topic, each in said if topic.endswith("/tick"))
    given = [(seq, one.at) for seq, one in block.inputs if isinstance(one, Tick)]
    assert ticks["seq"] == [seq for seq, _ in given]
    assert ticks["time_ns"] == [at.time_ns for _, at in given]
    unknown = next(each for topic, each in said if each.get("group") == "ghost/fast")
    assert unknown["layout"] == ""
    assert "values" not in unknown


def test_both_forms_say_the_same():
    """Each value, quality, time and word of the JSON form, out of the compact one."""
    run = tuple(
        NumberedInput(seq, samples.reading(seq, bad=(0, 5) if seq % 5 == 0 else ())) for seq in range(1, 60)
    )
    compact = [each for topic, each in heard(Block(run, ())) if topic.endswith("/reading")]
    plain = [each for topic, each in heard(Block(run, ()), COMPACT) if topic.endswith("/reading")]
    assert len(compact) == len(plain) == 1
    (one,), (other,) = compact, plain
    assert one["seq"] == np.cumsum(other["seq"]).tolist()
    assert one["time_ns"] == np.cumsum(other["time_ns"]).tolist()
    for (tag, column), point, there in zip(
        one["values"].items(), other["points"], other["values"], strict=True
    ):
        assert tag == point["tag"]
        if point["type"] == "float32":  # its shortest decimal
            there = [None if item is None else float(np.float32(item)) for item in there]  # noqa: PLW2901 # as it was
        assert [repr(item) for item in column] == [repr(item) for item in there], tag


def test_the_examples_of_the_documentation():
    layouts: dict[str, Any] = {}
    for topic, payload in examples().items():
        assert stranger.decode(topic, payload, layouts)
    assert layouts


def test_it_reads_what_mosquitto_sub_prints():
    made = list(messages(samples.IDENTITY, samples.every_kind(), ERAS))
    lines = "".join(f"{each.topic} {each.payload.hex()}\n" for each in made) + "lotwatch/v1/north/alarm/x \n"
    done = subprocess.run([sys.executable, FILE], input=lines, capture_output=True, text=True, check=True)
    said = [orjson.loads(line) for line in done.stdout.splitlines()]
    assert [each["topic"] for each in said[:-1]] == [each.topic for each in made]
    assert said[-1]["said"] is None


def test_a_plain_record_is_what_was_given():
    scan = next(each for each in samples.every_kind().inputs if to_plain(each.input)["is"] == "Scan")
    said = next(each for topic, each in heard(Block((scan,), ())) if topic.endswith("/scan"))
    assert said["code"] == to_plain(scan.input)["code"]
    assert not isinstance(scan.input, Reading)
    assert math.isclose(said["rssi_dbm"], -61.5)
