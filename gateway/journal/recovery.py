"""What a restart needs: the newest snapshot, the inputs after it, and where the journal ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.model import ClockRow, Instant, NumberedInput
from gateway.ports import Watermark


@dataclass(frozen=True, slots=True)
class Recovery:
    """The committed past. State is the snapshot with `inputs` folded onto it."""

    snapshot: bytes | None  # None: fold from the first input
    snapshot_seq: int  # the last input in it; 0 without one
    snapshot_config_hash: str | None  # of the config that made the snapshot: fold on with that one
    config_hash: str | None  # of the config in force after the last input; None when there never was one
    inputs: Iterator[NumberedInput]  # after the snapshot, in order, read as they are taken
    last: Watermark
    last_instant: Instant | None
    last_clock_id: int  # 0: no clock row yet
    last_clock: ClockRow | None = None  # of that id


@dataclass(frozen=True, slots=True)
class Found:
    """The newest snapshot of a journal, and the hashes around it."""

    body: bytes | None = None
    seq: int = 0
    config_hash: str | None = None
