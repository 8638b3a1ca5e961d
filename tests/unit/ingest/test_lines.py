"""Line protocol: escaping as InfluxData's "Line protocol" reference says, types, places, and what kinds cannot hold."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ingest.kinds import KINDS
from gateway.ingest.lines import Lines, numbered
from gateway.ingest.linetext import line, place
from gateway.model import LotChanged, NumberedEvent, NumberedInput
from gateway.rows import columns_of
from gateway.wire import Eras
from tests.unit.wire import samples

ERAS = Eras.of(samples.site().groups())
INFLUX = Lines("north", "gw1", KINDS["influxdb"], "ns")
VICTORIA = Lines("north", "gw1", KINDS["victoriametrics"], "ns")
HEAD = "reading,area=hall,cell=press1,line=line1,point="


def parse(text: str) -> tuple[str, dict[str, str], dict[str, str], int]:
    """A second reader of line protocol, by its grammar: unescaped commas, equals signs and blanks part it."""
    whole = re.fullmatch(r'((?:\\.|[^ \\]|\\)+?) ((?:"(?:\\.|[^"\\])*"|[^ "])+) (-?\d+)', text, re.DOTALL)
    assert whole is not None
    head, fields, time = whole.groups()
    name, *tags = re.split(r"(?<!\\),", head)
    pairs = [re.split(r"(?<!\\)=", tag) for tag in tags]
    named = {_unescaped(key): _unescaped(value) for key, value in pairs}
    given = dict(re.findall(r'([^=,]+)=("(?:\\.|[^"\\])*"|[^,]+)(?:,|$)', fields, re.DOTALL))
    return _unescaped(name), named, given, int(time)


def _unescaped(text: str) -> str:
    return re.sub(r"\\([,= ])", r"\1", text)


NAMES = st.text(string.ascii_letters + string.digits + ',= "/#äµ\\', min_size=1, max_size=12).filter(
    lambda text: not text.endswith("\\") and not re.search(r"\\[,= ]", text)
)


@pytest.mark.long
@given(NAMES, NAMES, st.text(string.printable, max_size=20), st.integers(-(2**62), 2**62))
def test_what_is_escaped_reads_back(cell, point, text, time):
    made = line("reading", {"cell": cell, "point": point}, {"text": text, "quality": 3}, time)
    name, tags, fields, at = parse(made)
    assert (name, at) == ("reading", time)
    assert tags == {"cell": cell, "point": point}
    assert re.sub(r'\\(["\\])', r"\1", fields["text"][1:-1]) == text
    assert fields["quality"] == "3i"


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("a b", r"m,t=a\ b f=1i 0"),
        ("a,b=c", r"m,t=a\,b\=c f=1i 0"),
        ("ends\\", r"m,t=ends f=1i 0"),  # else it would escape the blank after it
        ("two\nlines", r"m,t=two\nlines f=1i 0"),
        ("", "m f=1i 0"),
        ("漆", "m,t=漆 f=1i 0"),
    ],
)
def test_tag_values(given, wanted):
    assert line("m", {"t": given}, {"f": 1}, 0) == wanted


def test_numbers_that_are_not_finite_are_left_out():
    assert line("m", {}, {"a": float("nan"), "b": float("inf"), "c": 1.5, "d": True}, 0) == "m c=1.5,d=true 0"


def reading_lines(lines: Lines, seq: int, **how) -> dict[str, str]:
    made = lines.inputs([NumberedInput(seq, samples.reading(seq, **how))], ERAS)
    out = {}
    for text in made:
        assert text.startswith(HEAD)
        out[text[len(HEAD) :].partition(",")[0]] = text.partition(" ")[2]
    return out


def test_a_reading_is_a_line_per_point_in_its_own_type():
    time = samples.at(3).time_ns
    assert reading_lines(INFLUX, 3) == {
        "melt_temp": f"value=210.42857,quality=0i {time}",  # shortest decimal of the float32
        "cushion": f"value=2.38,quality=0i {time}",
        "door": f"value=1,quality=0i {time}",
        "shots": f"value=70003,quality=0i {time}",
        "serial": f"value_i=9007199254740999i,quality=0i {time}",
        "mould": f'text="M-003",quality=0i {time}',
        "mode": f"value_i=3i,quality=0i {time}",
        "energy": f"value=0.100000003,quality=0i {time}",
    }


def test_a_bad_value_leaves_its_quality_only():
    time = samples.at(3).time_ns
    lines = reading_lines(INFLUX, 3, bad=(0, 2, 4, 5))
    for name in ("melt_temp", "door", "serial", "mould"):
        assert lines[name] == f"quality=133i {time}"


def test_a_store_without_strings_gets_none_on_readings_and_milliseconds():
    millis = samples.at(3).time_ns // 10**6
    assert reading_lines(VICTORIA, 3)["mould"] == f"quality=0i {millis}"
    assert VICTORIA.precision == "ms"


def test_lots_are_on_signals_alarms_and_lots_only():
    events = samples.every_kind().events
    for lines in (INFLUX, VICTORIA):
        made = {text.partition(",")[0]: text for text in lines.events(events) if "lot=B/7" not in text}
        assert set(made) == {"signal", "alarm", "lot", "gateway"}
        for measurement in ("signal", "alarm"):
            assert "R-7" in made[measurement]
        assert "lot=R/7" in made["lot"]
    readings = "".join(INFLUX.inputs(samples.every_kind().inputs, ERAS))
    assert "R-7" not in readings


def test_texts_of_events_are_fields_or_tags_as_the_kind_can():
    (alarm,) = [each for each in samples.every_kind().events if each.seq == 2]
    _, tags, fields, _ = parse(next(iter(INFLUX.events([alarm]))))
    assert fields["state"] == '"active"'
    assert "state" not in tags
    _, tags, fields, _ = parse(next(iter(VICTORIA.events([alarm]))))
    assert tags["state"] == "active"
    assert not [value for value in fields.values() if '"' in value]


def test_a_group_that_no_config_knows_has_no_line():
    assert list(INFLUX.inputs([NumberedInput(3, samples.reading(3, group="ghost/fast"))], ERAS)) == []


def test_place():
    assert place("hall/line1/press1/melt") == {
        "area": "hall",
        "line": "line1",
        "cell": "press1",
        "point": "melt",
    }
    assert place("odd") == {"point": "odd"}


def test_many_lines_at_once_are_the_lines_one_by_one():
    given = [
        NumberedInput(seq, samples.reading(seq, bad=(0, 3) if seq % 7 == 0 else ())) for seq in range(2, 40)
    ]
    for lines in (INFLUX, VICTORIA):
        blocks = list(lines.blocks(columns_of(given), ERAS))
        assert any(len(block.seqs) > 1 for block in blocks)
        pairs = list(numbered(blocks))
        assert sorted(text for _, text in pairs) == sorted(lines.inputs(given, ERAS))
        assert "\n".join(block.text for block in blocks) == "\n".join(text for _, text in pairs)
        alone = [(each.seq, text) for each in given for text in lines.inputs([each], ERAS)]
        assert sorted(pairs) == sorted(alone)


def lot(seq: int, time_ns: int, name: str = "L/1") -> NumberedEvent:
    return NumberedEvent(seq, 1, LotChanged(time_ns, name, "opened", "hall/line1/press1", "material", name))


def test_events_with_the_same_tags_and_time_are_told_apart():
    """Of two scans in one millisecond, a database that keeps milliseconds would have one."""
    at = 1_700_000_000_000_000_000
    events = [lot(1, at), lot(2, at + 999_999), lot(3, at + 5, "L/2"), lot(4, at + 7), lot(5, at + 1_000_000)]

    def beside(t0: int, t1: int) -> list[NumberedEvent]:
        return [each for each in events if t0 <= each.event.time_ns < t1]

    tags = [parse(text)[1].get("n") for text in VICTORIA.events(events, beside)]
    assert tags == [None, "1", None, "2", None]
    made = list(VICTORIA.events(events, beside))
    assert len({(text.split(" ")[0], text.split(" ")[-1]) for text in made}) == 5
    assert [parse(text)[1].get("n") for text in INFLUX.events(events, beside)] == [
        None
    ] * 5  # nanoseconds differ
    alone = [next(iter(VICTORIA.events([each], beside))) for each in events]
    assert alone == list(VICTORIA.events(events, beside))  # whenever it is written, the same


def test_events_of_one_instant_are_told_apart_in_nanoseconds_too():
    events = [lot(1, 7), lot(2, 7)]
    made = list(INFLUX.events(events, lambda *_: events))
    assert [parse(text)[1].get("n") for text in made] == [None, "1"]
