"""Where proposals and approvals come in: who says it, may they, is it of now; and what follows.

Rule 1: a note is looked at only if its challenge was given out here a moment ago and not used.  Rule 2: what a known
person signed is in the audit with the whole note, whatever became of it.  Rule 3: one at a time, and the disk is waited
for in the loop: there is nothing else to do meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from gateway.config.problems import ConfigErrors
from gateway.ports import Clock, Entropy, Line
from gateway.site import Bus
from lotwatch_writer.allowed import Allowed, Setpoint, number, same_person
from lotwatch_writer.audit import Audit, Row
from lotwatch_writer.book import Book, Kind, Proposal
from lotwatch_writer.bounds import At, beyond, too_far, too_soon
from lotwatch_writer.challenges import Challenges, TooMany
from lotwatch_writer.notes import BadNote, Said, heard, held_by
from lotwatch_writer.plainlist import plain_of
from lotwatch_writer.wire import Unreadable, Wire
from lotwatch_writer.words import NoWords, words_of
from lotwatch_writer.writing import carry_out, seen

OPEN_MOST = 50  # proposals that wait
FORGED_MOST, FORGED_NS = 10, 60_000_000_000  # rows of those in a minute; the rest is refused and not told


class Refused(Exception):
    """Not done; says why."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What the desk has of the world."""

    clock: Clock
    entropy: Entropy
    load: Callable[[], Allowed]  # the list as it is now; raises ConfigErrors. Blocks
    line: Callable[[Bus, Clock], Line]


class Desk:
    """One for the writer."""

    def __init__(self, outside: Outside, audit: Audit) -> None:
        """Blocks. Raises ConfigErrors, OSError."""
        self._out, self._audit, self.book = outside, audit, Book()
        for row in audit.rows:
            self.book.take(row)
        self._challenges = Challenges()
        self._forged: list[int] = []
        self._turn = asyncio.Lock()
        self._append(Kind.BEGUN)
        self._in_force(outside.load())

    # --- asked by anybody who can open the door

    async def hello(self) -> dict[str, Any]:
        """A challenge, and what there is to propose and to approve."""
        async with self._turn:
            allowed = self._current()
            try:
                challenge = self._challenges.give(
                    self._out.entropy.token(16).hex(), self._out.clock.boottime_ns()
                )
            except TooMany:
                raise Refused("too many ask at once: try again in some minutes") from None
            at = self._now()
            return {
                "challenge": challenge, "list": allowed.digest, "rows": len(self._audit.rows),
                "head": self._audit.rows[-1].hash,
                "setpoints": [
                    {"tag": each.tag, "uom": each.uom, "low": each.low, "high": each.high, "step": each.step}
                    for each in allowed.setpoints.values()
                ],
                "open": [
                    {
                        "proposal": each.id, "tag": each.tag, "value": each.value, "uom": each.uom, "by": each.by,
                        "reason": each.reason, "left_s": (allowed.within_ns - each.at.age_ns(at)) // 1_000_000_000,
                    }
                    for each in self.book.open.values()
                ],
                "unsettled": sorted(self.book.unsettled),
            }  # fmt: skip

    async def tidy(self) -> None:
        """Let proposals lapse whose time is over, and look after a write whose end nobody knows."""
        async with self._turn:
            allowed = self._current()
            for tag in list(self.book.unsettled):
                if (setpoint := allowed.setpoints.get(tag)) is not None:
                    async with self._wire(setpoint) as wire:
                        await self._settled(wire, setpoint)

    # --- asked by a person

    async def take(self, note: str) -> dict[str, Any]:
        """What becomes of a note. Raises Refused."""
        async with self._turn:
            allowed = self._current()
            said = self._known(allowed, note)
            try:
                if said.list != allowed.digest:
                    raise Refused("the list has changed since you looked: look again at its bounds")
                match said.do:
                    case "propose":
                        return await self._propose(allowed, said, note)
                    case "approve":
                        return await self._approve(allowed, said, note)
                    case _:
                        return self._withdraw(said, note)
            except Refused as refused:
                facts: dict[str, Any] = {"what": said.do}
                if said.tag:
                    facts |= {"tag": said.tag, "value": said.value, "uom": said.uom}
                if said.proposal:
                    facts["id"] = said.proposal
                self._append(Kind.REFUSED, by=number(said.operator), why=str(refused), note=note, **facts)
                raise

    async def _propose(self, allowed: Allowed, said: Said, note: str) -> dict[str, Any]:
        by, setpoint = number(said.operator), self._setpoint(allowed, said)
        if by not in setpoint.propose:
            raise Refused(f"operator {by} may not propose {setpoint.tag}")
        if len(self.book.open) >= OPEN_MOST:
            raise Refused(f"{OPEN_MOST} proposals wait already")
        if any(each.tag == setpoint.tag for each in self.book.open.values()):
            raise Refused(f"a proposal for {setpoint.tag} waits already: withdraw it, or let it lapse")
        async with self._wire(setpoint) as wire:
            held = await self._fit(wire, setpoint, said.value)
        row = self._append(
            Kind.PROPOSED, id=sha256(note.encode()).hexdigest(), tag=said.tag, value=said.value, uom=said.uom,
            reason=said.reason, by=by, list=allowed.digest, held=held, note=note,
        )  # fmt: skip
        return {"proposal": row.facts["id"], "row": row.n, "within_s": allowed.within_ns // 1_000_000_000}

    async def _approve(self, allowed: Allowed, said: Said, note: str) -> dict[str, Any]:
        proposal, by = self._open(said), number(said.operator)
        setpoint = self._setpoint(allowed, said)
        if (said.tag, said.value, said.uom) != (proposal.tag, proposal.value, proposal.uom):
            raise Refused("what was approved is not what was proposed")
        if proposal.digest != allowed.digest:
            raise Refused("the list has changed since this was proposed: propose it anew")
        if by not in setpoint.approve:
            raise Refused(f"operator {by} may not approve {setpoint.tag}")
        if same_person(by, proposal.by, allowed.people):
            raise Refused("nobody approves their own proposal: it takes a second person")
        async with self._wire(setpoint) as wire:
            held = await self._fit(wire, setpoint, proposal.value)
            self._append(Kind.APPROVED, id=proposal.id, tag=setpoint.tag, by=by, note=note)
            row = await carry_out(wire, self._out.clock, self._append, setpoint, proposal, by, held)
        return {
            "row": row.n,
            **{key: row.facts[key] for key in ("tag", "value", "uom", "answer", "read", "verdict", "why")},
        }

    def _withdraw(self, said: Said, note: str) -> dict[str, Any]:
        proposal, by = self._open(said), number(said.operator)
        self._append(Kind.WITHDRAWN, id=proposal.id, tag=proposal.tag, by=by, note=note)
        return {"proposal": proposal.id, "tag": proposal.tag}

    # --- what is asked of each

    def _known(self, allowed: Allowed, note: str) -> Said:
        """What a person of the list signed just now. Raises Refused; who repeats old notes fills no disk with rows."""
        try:
            said = heard(note)
        except BadNote as error:
            why = f"not a note: {error}"
        else:
            key = allowed.people.get(number(said.operator))
            if key is None:
                why = "unknown person"
            elif not held_by(note, said.operator, key):
                why = f"not signed with the key of operator {said.operator}"
            elif self._challenges.use(said.challenge, self._out.clock.boottime_ns()):
                return said
            else:
                why = f"a note of operator {said.operator} whose challenge was used, is too old, or was not given here"
        now = self._out.clock.boottime_ns()
        self._forged = [each for each in self._forged if now - each < FORGED_NS]
        if len(self._forged) < FORGED_MOST:
            self._forged.append(now)
            self._append(Kind.FORGED, why=why)
        raise Refused(why)

    def _setpoint(self, allowed: Allowed, said: Said) -> Setpoint:
        setpoint = allowed.setpoints.get(said.tag)
        if setpoint is None:
            raise Refused(f"{said.tag} is not in the list")
        if said.uom != setpoint.uom:
            raise Refused(f"{said.tag} is in {setpoint.uom}, not in {said.uom}")
        return setpoint

    def _open(self, said: Said) -> Proposal:
        proposal = self.book.open.get(said.proposal)
        if proposal is None:
            known = said.proposal in self.book.seen
            raise Refused("it was decided, withdrawn or has lapsed" if known else "there is no such proposal")
        return proposal

    async def _fit(self, wire: Wire, setpoint: Setpoint, value: float) -> float:
        """Range, rate and step, in the order of what they cost; what the device holds. Raises Refused."""
        if why := beyond(setpoint, value):
            raise Refused(why)
        try:
            words_of(setpoint.target.field, value)
        except NoWords as error:
            raise Refused(str(error)) from None
        if why := too_soon(setpoint, self.book.writes.get(setpoint.tag, ()), self._now()):
            raise Refused(why)
        await self._settled(wire, setpoint)
        if setpoint.tag in self.book.unsettled:
            raise Refused(
                "it is not known whether the last write was done, and the device cannot be read: nothing was sent"
            )
        try:
            held = await wire.read(setpoint.target)
        except Unreadable as error:
            raise Refused(f"the device was not heard, so nothing was sent: {error}") from None
        if why := too_far(setpoint, held, value):
            raise Refused(why)
        return held

    async def _settled(self, wire: Wire, setpoint: Setpoint) -> None:
        """Look at what became of a write whose end is not in the audit; a device that is silent is not told again."""
        left = self.book.unsettled.get(setpoint.tag)
        if left is None:
            return
        try:
            await wire.read(setpoint.back)
        except Unreadable:
            return
        await seen(wire, self._out.clock, self._append, setpoint, left, "none")

    # --- the book

    def _current(self) -> Allowed:
        """The list as it is now; what has lapsed by now is told. Raises Refused."""
        try:
            allowed = self._out.load()
        except ConfigErrors as errors:
            problem = next(each for each in errors.problems if each.severity == "error")
            raise Refused(f"the list cannot be used, so nothing is written: {problem}") from None
        if allowed.digest != self.book.digest:
            self._in_force(allowed)
        for each in self.book.lapsed(self._now(), allowed.within_ns):
            self._append(Kind.EXPIRED, id=each.id, tag=each.tag, by=each.by)
        return allowed

    def _in_force(self, allowed: Allowed) -> None:
        if allowed.digest != self.book.digest:
            self._append(Kind.LIST, **plain_of(allowed))

    def _wire(self, setpoint: Setpoint) -> Wire:
        return Wire(setpoint, self._out.line(setpoint.bus, self._out.clock), self._out.clock)

    def _now(self) -> At:
        return At(self._out.clock.row().boot_id, self._out.clock.boottime_ns())

    def _append(self, kind: str, **facts: Any) -> Row:
        row = self._audit.append(kind, **facts)
        self.book.take(row)
        return row
