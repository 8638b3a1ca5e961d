"""The register of checks: by tck id, each a function that gives the breaches it finds in a captured session."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tests.tck.capture import Packet

Check = Callable[[Sequence[Packet]], Iterator[str]]
CHECKS: dict[str, Check] = {}

NODE = ("NBIRTH", "NDATA", "NDEATH")
DEVICE = ("DBIRTH", "DDATA", "DDEATH")
NUMBERED = ("NBIRTH", "NDATA", *DEVICE)
BIRTHS = ("NBIRTH", "DBIRTH")
DATA = ("NDATA", "DDATA")
REBIRTH = "Node Control/Rebirth"
INT32, INT64, BOOLEAN = 3, 4, 11
BASIC = range(1, 16)
UTC = (1_000_000_000_000, 4_000_000_000_000)  # ms: 2001 to 2096


def holds(*ids: str) -> Callable[[Check], Check]:
    """The check is for these ids; `{}` stands for each verb in small letters where it is there."""

    def register(check: Check) -> Check:
        for id_ in ids:
            assert id_ not in CHECKS, id_
            CHECKS[id_] = check
        return check

    return register


def each(pattern: str, verbs: Sequence[str]) -> list[str]:
    return [pattern.format(verb.lower()) for verb in verbs]
