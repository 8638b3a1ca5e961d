"""How far an upgrade is, in one file: what a power cut leaves, and what the next start goes on from.

Rule 1: the file is replaced whole, never changed.  Rule 2: one process at a time works on it.  Rule 3: no attempt uses
the names of an earlier one: a copy that lies there from then is not of the journal as it is now.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import orjson

from gateway.journal.chunkfile import sync_folder
from gateway.keeping.versions import Unusable

ENDED = frozenset({"kept", "returned"})
_BESIDE = ("before", "of", "archive")


@dataclass(frozen=True, slots=True)
class Gateway:
    """One that runs here."""

    unit: str
    data: str
    devices: tuple[str, ...] = ()  # that the version before read
    input: int = 0  # number of the last one that it wrote
    copy: str = ""  # of its journal, where the new version changes its shape


@dataclass(frozen=True, slots=True)
class Plan:
    """How far an upgrade is; the file."""

    before: str
    after: str
    probation_s: float
    gateways: tuple[Gateway, ...]
    mark: str = ""  # ends the names of this attempt's folders
    stage: str = "begun"  # stopped, probation, returning, kept, returned
    spent_s: float = 0.0  # of the probation, while somebody looked
    why: str = ""
    silent: tuple[str, ...] = field(default=())  # devices that the new version did not read

    def beside(self, gateway: Gateway, what: str) -> Path:
        """A folder of this attempt beside a journal: `before`, `of` or `archive`."""
        return beside(gateway, what, self.mark)


def beside(gateway: Gateway, what: str, mark: str) -> Path:
    """Named after a journal's folder."""
    return Path(f"{gateway.data.rstrip('/')}.{what}-{mark}")


def free_mark(after: str, gateways: Iterable[Gateway]) -> str:
    """The version's name, with a number where an earlier attempt left its folders."""
    known = tuple(gateways)

    def taken(mark: str) -> bool:
        return any(beside(gateway, what, mark).exists() for gateway in known for what in _BESIDE)

    names = (after if number == 1 else f"{after}-{number}" for number in count(1))
    return next(mark for mark in names if not taken(mark))


def read_plan(file: Path) -> Plan | None:
    """The upgrade that is under way, or the last one; None: there was none. Raises Unusable, OSError."""
    try:
        plain: dict[str, Any] = orjson.loads(file.read_bytes())
        gateways = tuple(
            Gateway(**{**each, "devices": tuple(each["devices"])}) for each in plain.pop("gateways")
        )
        return Plan(**{**plain, "silent": tuple(plain["silent"])}, gateways=gateways)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unusable(
            f"{file}: it does not say how far an upgrade is ({error}): look at it, then remove it"
        ) from None


def write_plan(file: Path, plan: Plan) -> Plan:
    """Replace the file. Raises OSError."""
    half = file.with_name(file.name + ".new")
    with half.open("wb") as out:
        out.write(orjson.dumps(asdict(plan), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        out.flush()
        os.fsync(out.fileno())
    half.replace(file)
    sync_folder(file.parent)
    return plan


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """While this process is the only one that works on the upgrade. Raises Unusable, OSError."""
    with file.with_name(file.name + ".lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unusable(f"{file}: another process works on an upgrade: lotwatch upgrade status") from None
        yield
