"""What a reading says about its unit and its bus, and the bad reading of a group that was not read."""

from __future__ import annotations

from enum import Enum

import numpy as np
from numpy.typing import NDArray

from gateway.model import BAD_FROM, Instant, Quality, Reading
from gateway.site import Group

_SLOW_NS = 100_000_000


class Outcome(Enum):
    """Of one poll."""

    ANSWERED = "the unit is there, whatever it said"
    SILENT = "it did not answer"
    DOWN = "there is no line to it"
    UNKNOWN = "it was not asked"


def outcome(quality: NDArray[np.uint8], took_ns: int, cost_ns: int) -> Outcome:
    """What a poll that took so long and was expected to cost that much tells of the unit.

    A unit behind a gateway that is dead shows as a slow failure: the gateway waits for it in vain, then
    answers for it (exceptions 10 and 11, Modbus Application Protocol V1.1b3, 7).
    """
    seen = set(quality.tolist())
    if not seen or min(seen) < BAD_FROM:
        return Outcome.ANSWERED
    if Quality.LINE_DOWN in seen:
        return Outcome.DOWN
    if Quality.NO_ANSWER in seen:  # others may be refused: a driver remembers what a unit has refused before
        return Outcome.SILENT
    if Quality.NOT_ASKED in seen:
        return Outcome.UNKNOWN
    if Quality.DEVICE_FAILURE in seen and took_ns > max(_SLOW_NS, 4 * cost_ns):
        return Outcome.SILENT
    return Outcome.ANSWERED


def unread(group: Group, why: Quality, at: Instant) -> Reading:
    """The reading of a group that was not read: every value bad with the reason."""
    count, words = len(group.points), sum(point.field.width for point in group.points)
    return Reading(
        group.id, at, 0, np.full(count, np.nan), np.full(count, why, np.uint8), np.zeros(words, np.uint16)
    )
