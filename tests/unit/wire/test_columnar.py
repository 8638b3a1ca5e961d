"""The compact form gives back what went in, bit for bit; and whatever else comes is refused with a reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.columns.varint import signed, unsigned
from gateway.layout import ORDERS, Field, Layout
from gateway.model import Block, Identity, Instant, NumberedInput, Reading, Tick
from gateway.rows import Rows, Stretch, columns_of, rows_of
from gateway.site import Group, Point
from gateway.site.links import COMPACT
from gateway.wire import Eras, NotOurs, messages, parse, stretch_messages
from gateway.wire.columnar import decode, encode, encode_ticks
from gateway.wire.decimals import Decimal, floats_in, replaced
from gateway.wire.packed import BODY_MOST, framed, named, unframed
from tests.unit.wire import samples

WHO = Identity("north", "gw1", "e5f1")
TOPIC = "lotwatch/v1/north/reading"
INT64 = st.integers(-(2**63), 2**63 - 1)
UNHURRIED = settings(suppress_health_check=[HealthCheck.too_slow])


@st.composite
def any_rows(draw) -> Rows:
    """Rows of any numbers that a journal can hold, not only sensible ones."""
    count, points, words = draw(st.integers(1, 50)), draw(st.integers(0, 4)), draw(st.integers(0, 9))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    seq = draw(st.integers(1, 2**62)) + np.cumsum(rng.integers(1, 2**40, count))
    natural = rng.integers(0, 2**63 - 1, (3, count)) >> draw(st.integers(0, 62))
    quality = rng.integers(0, 256, (count, points)).astype(np.uint8)
    if draw(st.booleans()):
        quality[:] = draw(st.integers(0, 255))
    raw = (rng.integers(0, 2**16, (count, words)) >> draw(st.integers(0, 15))).astype(np.uint16)
    times = rng.integers(-(2**63), 2**63 - 1, count)
    return Rows(seq, times, natural[0], natural[1], natural[2], quality, raw)


def back(rows: Rows, fields: tuple[Field, ...] = ()) -> Rows:
    layout = Layout(fields)
    floats = floats_in(layout.fields, layout.starts) if fields else ()
    records = parse(TOPIC, encode(WHO, "dev/fast", "", rows, floats))
    ((group, out),) = records.columns
    assert (records.identity, group) == (WHO, "dev/fast")
    return out


@pytest.mark.long
@UNHURRIED
@given(any_rows())
def test_any_rows_come_back_byte_for_byte(rows):
    assert back(rows).canonical() == rows.canonical()


@pytest.mark.parametrize("order", range(4))
@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_floats_at_the_sensors_resolution_come_back_in_every_byte_order(kind, order):
    fields = tuple(Field(kind, order=ORDERS[2 if kind == "float32" else 4][order]) for _ in range(3))
    rng = np.random.default_rng(order)
    columns = [
        np.round(rng.normal(210, 3, 100), 2),
        np.round(rng.normal(0, 5, 100), 1),
        rng.normal(0, 1, 100),
    ]
    rows = floats_as(fields, np.array(columns).T + 0.0)  # no -0.0, which no whole number gives
    raw = rows.raw.copy()
    layout = Layout(fields)
    done = replaced(raw, floats_in(layout.fields, layout.starts))
    width = fields[0].width
    assert sorted((each.start, each.digits) for each in done) == [(0, 2), (width, 1)]  # noise stays as it is
    assert back(rows, fields).canonical() == rows.canonical()
    plain = len(encode(WHO, "dev/fast", "", rows, ()))
    assert len(encode(WHO, "dev/fast", "", rows, floats_in(layout.fields, layout.starts))) < plain


def floats_as(fields: tuple[Field, ...], values: np.ndarray) -> Rows:
    """Rows whose words are these floats in the fields' byte orders."""
    count, parts = len(values), []
    for field, column in zip(fields, values.T, strict=True):
        width = field.width
        big = column.astype(f">f{2 * width}").tobytes()
        places = [ord(letter) - 65 for letter in field.order or ORDERS[width][0]]
        wire = np.frombuffer(big, np.uint8).reshape(count, 2 * width)[:, places]
        parts.append(np.ascontiguousarray(wire).view(">u2"))
    raw = np.concatenate(parts, axis=1).astype(np.uint16)
    steps = np.arange(1, count + 1)
    quality = np.zeros((count, len(fields)), dtype=np.uint8)
    return Rows(steps, 10**18 + steps, steps, steps * 0 + 1, steps * 0, quality, raw)


@pytest.mark.parametrize("odd", [-0.0, np.nan, np.inf, -np.inf, 1e30, 0.1 + 0.2, 5e-324])
def test_one_odd_float_keeps_its_column_as_it_is(odd):
    fields = (Field("float64"), Field("float64"))
    values = np.round(np.random.default_rng(1).normal(20, 1, (64, 2)), 1)
    values[40, 0] = odd
    rows = floats_as(fields, values)
    assert back(rows, fields).canonical() == rows.canonical()
    layout = Layout(fields)
    assert replaced(rows.raw.copy(), floats_in(fields, layout.starts)) == [Decimal(4, 4, 0, 1)]


@given(st.integers(0, 2**32))
def test_any_bits_as_floats_come_back(seed):
    rng = np.random.default_rng(seed)
    fields = (Field("float32"), Field("float64", order="HGFEDCBA"))
    raw = rng.integers(0, 2**16, (40, 6)).astype(np.uint16)
    raw[:, rng.random(6) < 0.5] = 0
    base = floats_as(fields, np.zeros((40, 2)))
    rows = replace(base, raw=raw)
    assert back(rows, fields).canonical() == rows.canonical()


@pytest.mark.long
@given(st.lists(st.tuples(INT64, INT64), min_size=1, max_size=20))
def test_ticks_come_back(times):
    ticks = [
        (seq, Tick(Instant(time, abs(boot) % 2**62, 3)))
        for seq, (time, boot) in enumerate(times, 2**60)
        if time > -(2**63)
    ]
    if ticks:
        made = parse("lotwatch/v1/north/tick", encode_ticks(WHO, ticks))
        assert made.inputs == tuple(NumberedInput(*each) for each in ticks)


def test_a_stretch_of_the_journal_says_what_its_blocks_said():
    block = samples.every_kind()
    others = tuple(each for each in block.inputs if not isinstance(each.input, Reading))
    eras = Eras.of(samples.site().groups())
    for plain in ((), COMPACT):
        stretch = Stretch(tuple(columns_of(block.inputs)), others)
        assert stretch.seqs() == [each.seq for each in block.inputs]
        told = [
            parse(each.topic, each.payload)
            for each in stretch_messages(WHO, stretch, eras, plain)
            if each.seqs
        ]
        live = messages(WHO, Block(block.inputs, ()), eras, plain)
        again = [parse(each.topic, each.payload) for each in live if each.seqs]
        for name in ("inputs", "columns"):
            one, other = (canonical(getattr(r, name) for r in some) for some in (told, again))
            assert one == other


def canonical(parts) -> list[tuple[object, ...]]:
    """Records of messages in an order of their own; readings without values, which a group nobody knows has not."""
    out: list[tuple[object, ...]] = []
    for part in parts:
        for first, second in part:
            if isinstance(second, Reading):
                out.append((second.group, rows_of([(first, second)]).canonical()))
            elif isinstance(second, Rows):
                out.append((first, second.canonical()))
            else:
                out.append((first, repr(second)))
    return sorted(out, key=str)


def test_a_change_of_the_config_parts_a_stretch():
    eras = Eras()
    eras.begin(0, samples.site().groups())
    first = Point("a", "a/b/c/d", samples.POINTS[0].field)
    renamed = Group("press1/fast", "press1", 1, (first, *samples.POINTS[1:]), 1)
    eras.begin(5, {renamed.id: renamed})
    rows = columns_of([NumberedInput(seq, samples.reading(seq)) for seq in range(1, 9)])
    made = list(stretch_messages(WHO, Stretch(tuple(rows)), eras))
    assert [each.seqs for each in made] == [(), (1, 2, 3, 4), (), (5, 6, 7, 8)]
    layouts = [each.topic for each in made if not each.seqs]
    assert len(set(layouts)) == 2
    for layout, reading in ((0, 1), (2, 3)):
        cursor = unframed(made[reading].payload)
        names = [cursor.text("x") for _ in range(5)]
        assert made[layout].topic.endswith(f"/{names[-1]}")


# --- what is not ours ----------------------------------------------------------------------------------------------


FIELDS = (Field("float32"), Field("uint16"), Field("float64"))
GOOD = encode(
    WHO, "dev/fast", "ab12", floats_as((Field("float32"), Field("float64")), np.full((40, 2), 20.5)),
    floats_in((Field("float32"), Field("float64")), (0, 2)),
)  # fmt: skip
BODY = unframed(GOOD).rest()


@pytest.mark.parametrize("end", range(0, len(BODY), 7))
def test_a_body_cut_short_is_not_ours(end):
    with pytest.raises(NotOurs):
        parse(TOPIC, b"\x01" + BODY[:end])
    with pytest.raises(NotOurs):
        parse(TOPIC, b"\x02" + zstandard.compress(BODY[:end]))
    with pytest.raises(NotOurs):
        parse(TOPIC, GOOD[: end % len(GOOD)])


@pytest.mark.long
@settings(max_examples=400)
@given(st.binary(max_size=200), st.sampled_from(["reading", "tick", "event", "head"]), st.booleans())
def test_any_bytes_are_refused_or_read_never_a_crash(data, kind, packed):
    payload = b"\x02" + zstandard.compress(data) if packed else b"\x01" + data
    try:
        records = parse(f"lotwatch/v1/north/{kind}", payload)
    except NotOurs:
        return
    assert records.seqs()


@pytest.mark.long
@settings(max_examples=400)
@given(st.integers(0, len(BODY) - 1), st.binary(min_size=1, max_size=4), st.booleans())
def test_bytes_exchanged_are_refused_or_read_never_a_crash(at, noise, in_frame):
    whole = GOOD if in_frame else b"\x01" + BODY
    place = at % (len(whole) - 1) + 1
    try:
        records = parse(TOPIC, whole[:place] + noise + whole[place + len(noise) :])
    except NotOurs:
        return
    assert all(1 <= seq < 2**63 for seq in records.seqs())


def test_a_bomb_is_not_unpacked():
    for bomb in (bytes(BODY_MOST + 1), bytes(200 << 20)):
        with pytest.raises(NotOurs, match="unpack to more"):
            parse(TOPIC, b"\x02" + zstandard.compress(bomb))
    unsaid = zstandard.ZstdCompressor(write_content_size=False).compress(bytes(BODY_MOST * 4))
    with pytest.raises(NotOurs, match="does not say its size"):
        parse(TOPIC, b"\x02" + unsaid)


def lie(*, rows: int = 1, points: int = 1, words: int = 1, seq: int = 1, tail: bytes = b"") -> bytes:
    """A body with sizes of its own."""
    front = (
        b"".join(map(named, (*("north", "gw1", "e"), "g", "")))
        + unsigned(rows)
        + unsigned(points)
        + unsigned(words)
    )
    numbers = bytes([8]) + (seq << 1).to_bytes(8, "little") + bytes(4)
    return b"\x01" + front + numbers + b"\x00\x00" + (tail or b"\x00" + bytes(2 * rows * words))


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        (lie(rows=0), "0 rows of 1 points and 1 words are none"),
        (lie(rows=100_000, points=20_000, words=0), "are none, or too many"),
        (lie(rows=100_001), "number of rows is not from 0 to 100000"),
        (lie(words=2, tail=bytes(4)), "ends before its words"),
        (lie(seq=0), "seq does not rise"),
        (lie(tail=b"\x02\x00\x12"), "number of decimals is not from 0 to 1"),
        (lie(tail=b"\x01\x00\x12" + bytes(2)), "decimals are not where a float can be"),
        (lie(tail=b"\x01\x00\x92" + bytes(2)), "a decimal is of no kind we know"),
        (lie() + b"x", "1 bytes follow the payload's end"),
        (b"\x01" + named("north") + named("") + named("e"), "site, gateway or epoch is empty"),
        (b"\x01" + b"\xff" * 11, "longer than 64 bits"),
        (b"\x01\x02\xff\xfe", "site is not UTF-8"),
        (b"\x03abc", "first byte 3 is of a form that is not known here"),
        (b"\x02abc", "does not unpack"),
    ],
)
def test_a_lie_is_named(payload, says):
    with pytest.raises(NotOurs, match=says):
        parse(TOPIC, payload)


def test_seqs_that_do_not_rise_or_leave_their_range_are_refused():
    rows = floats_as((Field("float32"),), np.zeros((3, 1)))
    for seq in ([1, 1, 2], [3, 2, 1], [2**63 - 1, -(2**63), 5], [0, 1, 2]):
        with pytest.raises(NotOurs, match="seq does not rise"):
            decode(unframed(encode(WHO, "g", "", replace(rows, seq=np.array(seq)), ())))
    for name in ("boottime_ns", "clock_id", "spread_ns"):
        with pytest.raises(NotOurs, match=name):
            decode(unframed(encode(WHO, "g", "", replace(rows, **{name: np.array([1, -1, 1])}), ())))


def test_ticks_that_lie_are_refused():
    front = named("north") + named("gw1") + named("e")
    for body, says in (
        (unsigned(0), "no ticks"),
        (unsigned(1) + signed(0) + signed(5) + signed(0) + signed(1), "leaves its range"),
        (unsigned(1) + signed(1) + signed(5) + signed(6) + signed(1), "boottime_ns of a tick"),
        (unsigned(2**40), "number of ticks"),
    ):
        with pytest.raises(NotOurs, match=says):
            parse("lotwatch/v1/north/tick", b"\x01" + front + body)


def test_the_topic_must_fit():
    with pytest.raises(NotOurs, match="the topic's site"):
        parse("lotwatch/v1/south/reading", GOOD)
    with pytest.raises(NotOurs, match="a signal has no compact form"):
        parse("lotwatch/v1/north/signal", GOOD)


def test_a_short_body_stays_as_it_is():
    assert framed(b"abc") == b"\x01abc"
    assert framed(bytes(1000))[:1] == b"\x02"
