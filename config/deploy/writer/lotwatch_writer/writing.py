"""From an approval to a verdict: the order in which things are on the disk, on the wire and read back.

Rule 1: "writing" is on the disk before the first byte leaves; from there on the write counts, whatever comes.  Rule 2:
nothing is sent twice.  Rule 3: the verdict is what the device holds, not what it answered.  Rule 4: where nobody knows
whether a write was done, the device is read, and that is on the disk, before anything else is written there.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from typing import Any

from gateway.ports import Clock
from lotwatch_writer.allowed import Setpoint
from lotwatch_writer.audit import Row
from lotwatch_writer.book import Kind, Proposal, Unsettled, Verdict
from lotwatch_writer.pdu import Write, encode
from lotwatch_writer.wire import Unreadable, Unsent, Wire
from lotwatch_writer.words import NoWords, value_of, words_of

Append = Callable[..., Row]
LOOKS = 3  # read-backs that do not show the value yet, before it is said to differ


async def carry_out(
    wire: Wire, clock: Clock, append: Append, setpoint: Setpoint, proposal: Proposal, by: str, held: float
) -> Row:
    """One write; the row with its verdict. Raises OSError where the audit takes no row: then nothing was sent, or the
    next start finds it unsettled.
    """
    words = words_of(setpoint.target.field, proposal.value)
    write = Write(setpoint.function, setpoint.target.address, words)
    append(
        Kind.WRITING, id=proposal.id, tag=setpoint.tag, value=proposal.value, uom=setpoint.uom, held=held,
        by=by, proposer=proposal.by, reason=proposal.reason, device=setpoint.bus.address, unit=setpoint.unit,
        request=encode(write).hex(),
    )  # fmt: skip
    try:
        answer, why = await wire.write(write), ""
    except Unsent as error:
        answer, why = "not sent", str(error)
    append(Kind.ANSWERED, id=proposal.id, tag=setpoint.tag, answer=answer, why=why)
    await clock.sleep_until(clock.boottime_ns() + setpoint.settle_ns)
    begun = Unsettled(proposal.id, setpoint.tag, proposal.value, by, proposal.by, proposal.reason)
    return await seen(wire, clock, append, setpoint, begun, answer)


async def seen(
    wire: Wire, clock: Clock, append: Append, setpoint: Setpoint, write: Unsettled, answer: str
) -> Row:
    """What the device holds after a write: the row with its verdict."""
    read: float | None = None
    holds: bool | None = None
    why = ""
    for look in range(LOOKS):
        if look:
            await clock.sleep_until(clock.boottime_ns() + setpoint.settle_ns)
        try:
            read = await wire.read(setpoint.back)
        except Unreadable as error:
            read, holds, why = None, None, str(error)
            break
        holds = agrees(setpoint, write.value, read)
        if holds:
            break
    facts: dict[str, Any] = {
        "id": write.id, "tag": write.tag, "value": write.value, "uom": setpoint.uom, "by": write.by,
        "proposer": write.proposer, "reason": write.reason,
        "answer": answer, "read": read if read is None or math.isfinite(read) else None,
        "verdict": str(Verdict.of(answer, holds)), "why": why,
        "device": setpoint.bus.address, "unit": setpoint.unit, "at": f"{setpoint.back.table} {setpoint.back.address}",
    }  # fmt: skip
    return append(Kind.READ_BACK, **facts)


def agrees(setpoint: Setpoint, value: float, read: float) -> bool:
    """Whether a device that was written `value` reads right: as near as the tolerance, from what its words can hold."""
    field, wanted = setpoint.target.field, value
    with contextlib.suppress(NoWords):  # of a list that was changed since
        wanted = value_of(field, words_of(field, value))
    return abs(read - wanted) <= setpoint.tolerance + 1e-9 * abs(wanted)
