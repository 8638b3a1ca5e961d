"""The compact form of ``reading`` and ``tick``: columns of whole numbers as differences, their bytes by weight.

Made for two cases at once, a live message of one row and a backlog of thousands of values: no step looks at a column by
itself. Every number is the device's own: words as they came, or what `gateway.wire.decimals` makes of a float.
`docs/protocol.md` has the format, byte by byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.columns.varint import signed, unsigned
from gateway.model import Identity, Instant, NumberedInput, Tick
from gateway.rows import Rows
from gateway.wire.checks import INT64, NotOurs
from gateway.wire.decimals import Decimal, Floats, replaced, restored
from gateway.wire.packed import Cursor, framed, named

ROWS_MOST = 100_000
POINTS_MOST = 20_000
WORDS_MOST = 65_535
CELLS_MOST = 4 << 20  # rows times points and words: what a few bytes may unpack to
_DECIMALS_FROM = 32  # rows; in fewer a float is as short as its digits
_NUMBERS = ("seq", "time_ns", "time_ns - boottime_ns", "clock_id", "spread_ns")
_ID_MOST = 200  # characters


def head(identity: Identity) -> bytes:
    """What every compact body begins with."""
    return named(identity.site) + named(identity.gateway) + named(identity.epoch)


def encode(identity: Identity, group: str, layout: str, rows: Rows, floats: Sequence[Floats]) -> bytes:
    """The payload of some readings of one group. `layout`: id of what says how to read it; "" where nothing does."""
    count, points, words = len(rows), rows.quality.shape[1], rows.raw.shape[1]
    raw = np.array(rows.raw, dtype="<u2")  # a copy: it is changed in place
    decimals = replaced(raw, floats) if count >= _DECIMALS_FROM else []
    parts = [head(identity), named(group), named(layout), unsigned(count), unsigned(points), unsigned(words)]
    parts += _numbers(rows)
    if count and points and not bool((rows.quality == rows.quality[0, 0]).all()):
        parts += [b"\x01", rows.quality.T.tobytes()]
    else:
        parts += [b"\x00", rows.quality[:1, :1].tobytes() or b"\x00"]
    parts.append(unsigned(len(decimals)))
    for start, width, order, digits in decimals:
        parts.append(unsigned(start) + bytes([width // 4 << 6 | order << 4 | digits]))
    parts.append(_planes(_folded(_differences(np.ascontiguousarray(raw.T)))).tobytes())
    return framed(b"".join(parts))


def decode(cursor: Cursor) -> tuple[Identity, str, Rows]:
    """Whose readings they are, their group, and they. Raises NotOurs."""
    identity, group = taken_head(cursor), cursor.text("group")
    cursor.text("layout", _ID_MOST)
    count = cursor.number("number of rows", ROWS_MOST)
    points = cursor.number("number of points", POINTS_MOST)
    words = cursor.number("number of words", WORDS_MOST)
    if not 0 < count * max(points + words, 1) <= CELLS_MOST:
        raise NotOurs(f"{count} rows of {points} points and {words} words are none, or too many")
    numbers = np.zeros((len(_NUMBERS), count), dtype="<u8")
    for place, name in enumerate(_NUMBERS):
        width = cursor.number(name, 8)
        data = cursor.taken(width * count, name)
        if count == 1:
            numbers[place, 0] = int.from_bytes(data, "little")
        else:
            kept = np.frombuffer(data, np.uint8).reshape(width, count)
            numbers[place].view(np.uint8).reshape(count, 8)[:, :width] = kept.T
    seq, time_ns, offset, clock_id, spread_ns = _summed(_unfolded(numbers).view("<i8"))
    if cursor.number("form of quality", 1):
        packed = np.frombuffer(cursor.taken(count * points, "quality"), np.uint8)
        quality = np.ascontiguousarray(packed.reshape(points, count).T)
    else:
        quality = np.full((count, points), cursor.taken(1, "quality")[0], dtype=np.uint8)
    decimals = [_decimal(cursor) for _ in range(cursor.number("number of decimals", words))]
    planes = np.frombuffer(cursor.taken(2 * count * words, "words"), np.uint8).reshape(2, words, count)
    cursor.end()
    steps = np.ascontiguousarray(planes.transpose(1, 2, 0)).view("<u2")[..., 0]
    raw = np.ascontiguousarray(_summed(_unfolded(steps)).T)
    restored(raw, decimals)
    rows = Rows(
        seq, time_ns, time_ns - offset, clock_id, spread_ns, quality, raw.astype(np.uint16, copy=False)
    )
    _check(rows)
    return identity, group, rows


def encode_ticks(identity: Identity, ticks: Sequence[tuple[int, Tick]]) -> bytes:
    """The payload of some ticks."""
    parts = [head(identity), unsigned(len(ticks))]
    before = (0, 0, 0, 0)
    for seq, tick in ticks:
        row = (seq, tick.at.time_ns, tick.at.time_ns - tick.at.boottime_ns, tick.at.clock_id)
        parts += [signed(_wrapped(now - then)) for now, then in zip(row, before, strict=True)]
        before = row
    return framed(b"".join(parts))


def decode_ticks(cursor: Cursor) -> tuple[Identity, list[NumberedInput]]:
    """Whose ticks they are, and they. Raises NotOurs."""
    identity = taken_head(cursor)
    made: list[NumberedInput] = []
    row = [0, 0, 0, 0]
    for _ in range(cursor.number("number of ticks", ROWS_MOST)):
        last = row[0]
        row = [_wrapped(then + cursor.signed(name)) for then, name in zip(row, _NUMBERS, strict=False)]
        seq, time_ns, offset, clock_id = row
        if not (last < seq <= INT64 and -INT64 <= time_ns <= INT64 and 0 <= clock_id <= INT64):
            raise NotOurs("seq, time_ns or clock_id of a tick leaves its range")
        boottime_ns = _wrapped(time_ns - offset)
        if boottime_ns < 0:
            raise NotOurs("boottime_ns of a tick leaves its range")
        made.append(NumberedInput(seq, Tick(Instant(time_ns, boottime_ns, clock_id))))
    cursor.end()
    if not made:
        raise NotOurs("no ticks in it")
    return identity, made


def taken_head(cursor: Cursor) -> Identity:
    """What `head` wrote. Raises NotOurs."""
    identity = Identity(*(cursor.text(name, _ID_MOST) for name in ("site", "gateway", "epoch")))
    if not (identity.site and identity.gateway and identity.epoch):
        raise NotOurs("site, gateway or epoch is empty")
    return identity


def _numbers(rows: Rows) -> list[bytes]:
    """Of each of _NUMBERS how many bytes are kept, and those."""
    offset = rows.time_ns - rows.boottime_ns
    columns = (rows.seq, rows.time_ns, offset, rows.clock_id, rows.spread_ns)
    parts: list[bytes] = []
    if len(rows) == 1:  # as nearly all live ones
        for column in columns:
            plain = column.item()
            kept = plain << 1 if plain >= 0 else ~(plain << 1)
            width = (kept.bit_length() + 7) // 8
            parts += [bytes([width]), kept.to_bytes(width, "little")]
        return parts
    folded = _folded(_differences(np.array(columns, dtype="<i8")))
    for place, most in enumerate(folded.max(axis=1).tolist()):
        width = (most.bit_length() + 7) // 8
        parts += [bytes([width]), _planes(folded[place])[:width].tobytes()]
    return parts


def _decimal(cursor: Cursor) -> Decimal:
    start = cursor.number("place of a decimal", WORDS_MOST)
    (how,) = cursor.taken(1, "digits of a decimal")
    if how & 0x80:
        raise NotOurs("a decimal is of no kind we know")
    return Decimal(start, 4 if how & 0x40 else 2, how >> 4 & 3, how & 15)


def _check(rows: Rows) -> None:
    seq = rows.seq
    if int(seq[0]) < 1 or not bool((seq[1:] > seq[:-1]).all()):
        raise NotOurs("seq does not rise from 1 on")
    for name in ("boottime_ns", "clock_id", "spread_ns"):
        if int(getattr(rows, name).min()) < 0:
            raise NotOurs(f"{name} leaves its range")


def _wrapped(value: int) -> int:
    """By two's complement of 64 bits."""
    return (value + 2**63) % 2**64 - 2**63


def _differences(columns: NDArray[Any]) -> NDArray[Any]:
    """Each row's step from the one before, in place; the first stays. ``[columns, rows]``."""
    columns[:, 1:] -= columns[:, :-1].copy()
    return columns


def _summed(steps: NDArray[Any]) -> NDArray[Any]:
    return np.cumsum(steps, axis=1, dtype=steps.dtype)


def _folded(steps: NDArray[Any]) -> NDArray[Any]:
    """0, -1, 1, -2 as 0, 1, 2, 3, by two's complement of the type."""
    size = steps.dtype.itemsize
    plain = steps.view(f"<i{size}")
    return ((plain << 1) ^ (plain >> (8 * size - 1))).view(f"<u{size}")


def _unfolded(folded: NDArray[Any]) -> NDArray[Any]:
    one = folded.dtype.type(1)
    plain: NDArray[Any] = (folded >> one) ^ (np.zeros(1, folded.dtype) - (folded & one))
    return plain


def _planes(numbers: NDArray[Any]) -> NDArray[np.uint8]:
    """The lowest byte of each number, then the next: ``[bytes, ...]``."""
    whole = np.ascontiguousarray(numbers)
    return (
        whole.view(np.uint8)
        .reshape(*whole.shape, whole.dtype.itemsize)
        .transpose(whole.ndim, *range(whole.ndim))
    )
