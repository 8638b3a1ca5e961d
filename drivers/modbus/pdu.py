"""Protocol data units: questions to bytes, bytes to typed answers. No socket, no clock.

The law: a question is one of three types, and none of them writes; there is no way to encode another
function code. An answer is looked at only as the answer to its question: function, byte count and length
must fit it, or it is corrupt. Source: MODBUS Application Protocol Specification V1.1b3, sections 6 and 7.

>>> encode(Read(3, address=0x6B, count=3)).hex()
'03006b0003'
>>> decode(Read(3, 0x6B, 3), bytes.fromhex("0306022b00000064")).words.tolist()
[555, 0, 100]
>>> decode(Read(1, 0x4A1, 1), bytes.fromhex("8102"))
Refused(code=2)
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivers.modbus.errors import FrameCorrupt

COILS, DISCRETES, HOLDING, INPUT = 1, 2, 3, 4
SERVER_ID, ENCAPSULATED, DEVICE_IDENTIFICATION = 17, 43, 14
FUNCTIONS = {"coil": COILS, "discrete": DISCRETES, "holding": HOLDING, "input": INPUT}
"""Table of a point to the function that reads it."""

MOST_WORDS = 125  # 6.3, 6.4
MOST_BITS = 2000  # 6.1, 6.2
EXCEPTION = 0x80
LONGEST = 253  # bytes of a PDU, 4.1

# --- questions
# ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Read:
    """Functions 1 to 4: bits or registers, `count` of them from `address` on."""

    function: int
    address: int
    count: int

    def __post_init__(self) -> None:
        if self.function not in (COILS, DISCRETES, HOLDING, INPUT):
            raise ValueError(f"function {self.function} does not read")
        most = MOST_BITS if self.function <= DISCRETES else MOST_WORDS
        if not 1 <= self.count <= most:
            raise ValueError(f"function {self.function} reads 1 to {most}, not {self.count}")
        if not 0 <= self.address <= 0x10000 - self.count:
            raise ValueError(f"{self.count} from address {self.address} is outside of 0..65535")

    @property
    def nbytes(self) -> int:
        """Data bytes of the answer."""
        return (self.count + 7) // 8 if self.function <= DISCRETES else 2 * self.count


@dataclass(frozen=True, slots=True)
class AskServerId:
    """Function 17: what the unit says it is, in its maker's format."""

    function: int = SERVER_ID

    def __post_init__(self) -> None:
        if self.function != SERVER_ID:
            raise ValueError("only function 17 reports a server id")


@dataclass(frozen=True, slots=True)
class AskIdentification:
    """Function 43/14: objects from `first` on; category 1 basic, 2 regular, 3 extended, 4 one object."""

    category: int = 1
    first: int = 0
    function: int = ENCAPSULATED

    def __post_init__(self) -> None:
        if self.function != ENCAPSULATED or not 1 <= self.category <= 4 or not 0 <= self.first <= 0xFF:
            raise ValueError(f"no identification of category {self.category} from object {self.first}")


Request = Read | AskServerId | AskIdentification

# --- answers
# --------------------------------------------------------------------------------------------------------


class Registers(NamedTuple):
    """Answer of functions 3 and 4."""

    words: NDArray[np.uint16]


class Bits(NamedTuple):
    """Answer of functions 1 and 2: one word, 0 or 1, for each bit asked for."""

    words: NDArray[np.uint16]


class Refused(NamedTuple):
    """The unit answered with an exception code (section 7)."""

    code: int


class ServerId(NamedTuple):
    """Answer of function 17, kept whole, run indicator included: the id's length is the maker's."""

    data: bytes


class Identification(NamedTuple):
    """One answer of function 43/14: objects by their id, and where to go on if there are more."""

    conformity: int
    objects: Mapping[int, bytes]
    next_object: int | None


Answer = Registers | Bits | Refused | ServerId | Identification

# --- codec
# ----------------------------------------------------------------------------------------------------------

_READ = struct.Struct(">BHH")
BIG_WORD, WORD = np.dtype(">u2"), np.dtype(np.uint16)


def encode(request: Request) -> bytes:
    """The question's bytes. Raises ValueError where they would not only read, however the request was made."""
    if isinstance(request, Read):
        if request.function not in (COILS, DISCRETES, HOLDING, INPUT):
            raise ValueError(f"function {request.function} does not read")
        return _READ.pack(request.function, request.address, request.count)
    if isinstance(request, AskIdentification):
        return bytes((ENCAPSULATED, DEVICE_IDENTIFICATION, request.category, request.first))
    return bytes((SERVER_ID,))


def decode(request: Request, pdu: bytes) -> Answer:
    """What the whole PDU of an answer says. Raises FrameCorrupt when it is no answer to this question."""
    if len(pdu) < 2:
        raise FrameCorrupt(f"an answer of {len(pdu)} bytes")
    if pdu[0] == request.function | EXCEPTION:
        if len(pdu) != 2:
            raise FrameCorrupt(f"an exception of {len(pdu)} bytes")
        return Refused(pdu[1])
    if pdu[0] != request.function:
        raise FrameCorrupt(f"function {pdu[0]} answers a question for {request.function}")
    if isinstance(request, AskIdentification):
        return _identification(request, pdu)
    if pdu[1] != len(pdu) - 2:
        raise FrameCorrupt(f"byte count {pdu[1]}, but {len(pdu) - 2} bytes")
    if isinstance(request, AskServerId):
        return ServerId(bytes(pdu[2:]))
    if pdu[1] != request.nbytes:
        raise FrameCorrupt(f"{pdu[1]} bytes answer a question for {request.nbytes}")
    return decode_read(request, pdu, 2)


def decode_read(request: Read, data: bytes, at: int) -> Registers | Bits:
    """The data bytes of a read that passed its checks, from `at` on."""
    if request.function >= HOLDING:
        return Registers(np.frombuffer(data, BIG_WORD, request.count, at).astype(WORD))
    packed = np.frombuffer(data, np.uint8, request.nbytes, at)
    return Bits(np.unpackbits(packed, count=request.count, bitorder="little").astype(np.uint16))


def answer_length(pdu: bytes | bytearray, at: int = 0) -> int | None:
    """Bytes of the answer PDU that begins at `at`; None while too little is there; 0 if it is none."""
    have = len(pdu) - at
    if have < 2:
        return None
    function = pdu[at]
    if function & EXCEPTION:
        return 2
    if function in (COILS, DISCRETES, HOLDING, INPUT, SERVER_ID):
        length = 2 + pdu[at + 1]
        return length if length <= LONGEST else 0
    if function != ENCAPSULATED or pdu[at + 1] != DEVICE_IDENTIFICATION:
        return 0
    if have < 7:
        return None
    end = at + 7
    for _ in range(pdu[at + 6]):
        if len(pdu) < end + 2:
            return None
        end += 2 + pdu[end + 1]
    return end - at if end - at <= LONGEST else 0


def _identification(request: AskIdentification, pdu: bytes) -> Identification:
    # 6.21: function, MEI type, category, conformity, more follows, next object, number of objects, then the
    # objects
    if len(pdu) < 7 or pdu[1] != DEVICE_IDENTIFICATION or pdu[2] != request.category:
        raise FrameCorrupt("no device identification of the category asked for")
    if pdu[4] not in (0x00, 0xFF):
        raise FrameCorrupt(f"'more follows' is {pdu[4]:#04x}")
    objects: dict[int, bytes] = {}
    at = 7
    for _ in range(pdu[6]):
        if len(pdu) < at + 2 or len(pdu) < at + 2 + pdu[at + 1]:
            raise FrameCorrupt("identification ends inside an object")
        objects[pdu[at]] = bytes(pdu[at + 2 : at + 2 + pdu[at + 1]])
        at += 2 + pdu[at + 1]
    if at != len(pdu):
        raise FrameCorrupt(f"{len(pdu) - at} bytes after the last identification object")
    return Identification(pdu[3], objects, pdu[5] if pdu[4] else None)
