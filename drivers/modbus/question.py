"""A question to one unit, with all that can be worked out before it is asked, so that asking costs little."""

from __future__ import annotations

from functools import cached_property

from drivers.modbus.crc import crc16
from drivers.modbus.pdu import EXCEPTION, HOLDING, Read, Request, encode


class Question:
    """A request to a unit; its frames and what its answer must begin with."""

    def __init__(self, unit: int, request: Request) -> None:
        if not 0 <= unit <= 255:
            raise ValueError(f"unit {unit} is outside of 0..255")
        self.unit, self.request = unit, request
        self.refusal = request.function | EXCEPTION
        pdu = encode(request)
        body = bytes((unit,)) + pdu
        self.tcp_request = b"\0\0" + len(body).to_bytes(2, "big") + body
        self.tcp_answer = self._answer_head()
        self.count = request.count if isinstance(request, Read) else 0
        self.registers_size = 0  # bytes of a whole Modbus TCP answer with registers; 0: of none
        if isinstance(request, Read) and request.function >= HOLDING:
            self.registers_size = 9 + request.nbytes

    @cached_property
    def rtu_request(self) -> bytes:
        """The whole serial frame."""
        body = self.tcp_request[4:]
        return body + crc16(body)

    @property
    def nbytes(self) -> int | None:
        """Data bytes of the answer; None where the unit decides."""
        return self.request.nbytes if isinstance(self.request, Read) else None

    def _answer_head(self) -> bytes:
        """What follows the transaction id in a good answer, as far as it is known."""
        request = self.request
        if not isinstance(request, Read):
            return b"\0\0"
        length = (3 + request.nbytes).to_bytes(2, "big")
        return b"\0\0" + length + bytes((self.unit, request.function, request.nbytes))

    def __repr__(self) -> str:
        return f"Question({self.unit}, {self.request})"
