"""Columns of numbers as few bytes, and back, bit for bit: for the sealed chunks of the journal, and for messages.

Pure: arrays in, bytes out. A column is a one-dimensional array of unsigned numbers of 1, 2, 4 or 8 bytes; what they
mean (signed, float) is the caller's. Its bytes, little-endian, `v` an unsigned LEB128, `z` a zigzag one:

    kind    u8   filter in bits 0-1: 0 CONSTANT, 1 PLAIN, 2 DELTA, 3 DELTA2
                 0x04 a unit follows   0x08 decimals   0x10 the data are one zstd frame
    base    z    signed, as all that is added below: sums are taken modulo 2^(8 * width)
    unit    v    with 0x04, else 1
    least   z    DELTA, DELTA2
    slope   z    DELTA2
    decimals     with 0x08: exponent u8, exceptions v, of each its row u32, then of each its number in full
    bits    u8   not CONSTANT: kept of each number: 0, 1, 2, 4 or a multiple of 8; the others are 0
    length  v    with 0x10: of the zstd frame
    data         1, 2, 4 bits: 8, 4 or 2 numbers in a byte, the first one in the lowest bits
                 else: the lowest byte of every number, then the next byte of every number

    r[i]    = the numbers in the data
    PLAIN   x[i] = base + unit * r[i]
    DELTA   x[i] = base + unit * sum(r[j] + least, j <= i)
    DELTA2  x[i] = base + unit * sum(slope + sum(r[k] + least, k <= j), j <= i)
    CONSTANT x[i] = base

Decimals are floats that are short in decimal, as sensors give them: x is then of 8 bytes, signed, and the number is the
float nearest to x / 10^exponent (computed as float64, rounded to float32 in a column of 4 bytes). Exceptions are
numbers that this does not give back.
"""

from gateway.columns.column import Malformed, decode, encode, is_constant

__all__ = ["Malformed", "decode", "encode", "is_constant"]
