"""A decoder of all of `lotwatch/v1/`: mosquitto_sub -F '%t %x' -t 'lotwatch/v1/#' | python stranger.py"""

import json
import struct
import sys
from fractions import Fraction
from itertools import accumulate

import zstandard

ORDERS = {2: ("ABCD", "CDAB", "BADC", "DCBA"), 4: ("ABCDEFGH", "GHEFCDAB", "BADCFEHG", "HGFEDCBA")}
TYPES = "int16 uint16 int32 uint32 int64 uint64 float32 float64 bit"
CODES = dict(zip(TYPES.split(), "hHiIqQfdH", strict=True))
NUMBERS = ("seq", "time_ns", "offset_ns", "clock_id", "spread_ns")


class Body:
    def __init__(self, payload):
        self.data = payload[1:] if payload[0] == 1 else zstandard.ZstdDecompressor().decompress(payload[1:])
        self.at = 0

    def take(self, size):
        self.at += size
        return self.data[self.at - size : self.at]

    def number(self):
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def texts(self, *names):
        return {name: self.take(self.number()).decode() for name in names}

    def columns(self, count, rows, width, bits):
        planes = [self.take(count * rows) for _ in range(width)]
        numbers = [sum(plane[i] << 8 * k for k, plane in enumerate(planes)) for i in range(count * rows)]
        return [summed(numbers[i : i + rows], bits) for i in range(0, count * rows, rows)]


def summed(folded, bits):
    return [total % 2**bits for total in accumulate(number >> 1 ^ -(number & 1) for number in folded)]


def signed(numbers):
    return [number - (number >> 63 << 64) for number in numbers]


def reading(body):
    out = body.texts("site", "gateway", "epoch", "group", "layout")
    rows, points, words = body.number(), body.number(), body.number()
    for name in NUMBERS:
        out[name] = signed(*body.columns(1, rows, body.number(), 64))
    size = rows * points
    codes = body.take(size) if body.number() else body.take(1) * size
    out["quality"] = [list(codes[i : i + rows]) for i in range(0, size, rows)]
    decimals = [(body.number(), body.number()) for _ in range(body.number())]
    out["words"] = columns = body.columns(words, rows, 2, 16)
    for start, how in decimals:
        width, order = (4, "d") if how & 64 else (2, "f"), ORDERS[4 if how & 64 else 2][how >> 4 & 3]
        for row in range(rows):
            whole = b"".join(columns[start + k][row].to_bytes(2, "big") for k in range(width[0]))
            number = int.from_bytes(whole, "big", signed=True) / 10 ** (how & 15)
            value = struct.pack(">" + width[1], number)
            wire = bytes(value[ord(letter) - 65] for letter in order)
            for k in range(width[0]):
                columns[start + k][row] = int.from_bytes(wire[2 * k : 2 * k + 2], "big")
    return out


def value_of(point, wire):
    order, mask = point["order"], point["mask"]
    size = len(order)
    data = b"".join(bytes(wire[i + order.index(x)] for x in sorted(order)) for i in range(0, len(wire), size))
    if point["type"] == "string":
        return data.split(b"\0")[0].decode("latin-1").rstrip()
    (number,) = struct.unpack(">" + CODES[point["type"]], data)
    number = number != 0 if point["type"] == "bit" and mask is None else number
    number = (number & mask) // (mask & -mask) if mask is not None else number
    scale, bias = Fraction(point["scale"]), Fraction(point["bias"])
    if (scale, bias) == (1, 0):
        return bool(number) if mask is not None and mask & (mask - 1) == 0 else number
    scaled = number * scale.numerator / scale.denominator + float(bias)
    return scaled if isinstance(number, float) else float(number * scale + bias)


def values_of(said, points):
    out, words = {}, iter(said["words"])
    for point, codes in zip(points, said["quality"], strict=True):
        rows = zip(*(next(words) for _ in range(point["words"])), strict=True)
        wires = (b"".join(word.to_bytes(2, "big") for word in row) for row in rows)
        out[point["tag"]] = [
            value_of(point, wire) if code < 128 else None for wire, code in zip(wires, codes, strict=True)
        ]
    return out


def tick(body):
    out = body.texts("site", "gateway", "epoch")
    steps = [body.number() for _ in range(4 * body.number())]
    return out | {name: signed(summed(steps[i::4], 64)) for i, name in enumerate(NUMBERS[:4])}


def decode(topic, payload, layouts):
    """What a message says, None where a retained one was taken away. `layouts` is a dict to keep them in."""
    said = None
    if payload[:1] == b"{":
        said = json.loads(payload)
        if "/layout/" in topic:
            layouts[said["layout"]] = said["points"]
    elif payload:
        said = {"reading": reading, "tick": tick}[topic.split("/")[3]](Body(payload))
        if said.get("layout") in layouts:
            said["values"] = values_of(said, layouts[said["layout"]])
    return said


if __name__ == "__main__":
    known: dict = {}
    for line in sys.stdin:
        name, _, data = line.strip().partition(" ")
        sys.stdout.write(json.dumps({"topic": name, "said": decode(name, bytes.fromhex(data), known)}) + "\n")
