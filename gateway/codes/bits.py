"""Bits taken from the left of a memory, and put together again. Pure."""

from __future__ import annotations

from gateway.codes.words import CodeRefused


class Bits:
    """A memory read from the left.

    >>> bits = Bits("30F")
    >>> bits.take(4), bits.take(3), bits.rest
    (3, 0, 15)
    """

    __slots__ = ("left", "rest")

    def __init__(self, digits: str) -> None:
        self.rest = int(digits, 16)  # what is not taken yet, as a number
        self.left = 4 * len(digits)  # and of how many bits

    def take(self, count: int) -> int:
        """The next bits as a number. Raises CodeRefused where the memory ends."""
        self.left -= count
        if self.left < 0:
            raise CodeRefused("epc", "the tag's memory ends within its EPC")
        taken = self.rest >> self.left
        self.rest &= (1 << self.left) - 1
        return taken

    def end(self) -> None:
        """Raises CodeRefused unless the rest is padding."""
        if self.rest:
            raise CodeRefused("epc", "the tag's memory goes on behind its EPC")


class Made:
    """Bits being put together, left to right."""

    __slots__ = ("_bits", "_size")

    def __init__(self) -> None:
        self._bits = self._size = 0

    def put(self, value: int, count: int) -> None:
        """Raises CodeRefused where the value needs more bits."""
        if value < 0 or value >> count:
            raise CodeRefused("epc", f"{value} does not fit {count} bits of a tag")
        self._bits, self._size = self._bits << count | value, self._size + count

    def memory(self) -> str:
        """Hexadecimal digits of whole words of 16 bits, zeros behind."""
        words = -(-self._size // 16)
        return f"{self._bits << (16 * words - self._size):0{4 * words}X}"
