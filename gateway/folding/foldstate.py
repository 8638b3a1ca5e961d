"""What the fold remembers, what one step of it gives, and the parts that its rooms are handed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gateway.alarms import Alarms, Climb
from gateway.charting import Watch
from gateway.controlplan import Owed
from gateway.controlplan.due import World
from gateway.dosing import DosingState
from gateway.folding.checking import Desk
from gateway.folding.groupfold import GroupState
from gateway.folding.holding import Kept
from gateway.holds import Holds
from gateway.lots import Lots
from gateway.mass import MassState
from gateway.model import AlarmChanged, Event, Input, Instant, LotChanged, LotMade


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Everything the fold remembers. A step touches the parts it changes and shares the others."""

    about: str  # digest of the rows it was made for
    newest_ns: int  # newest wire time folded in this stretch of the clock
    groups: Mapping[str, GroupState]
    watch: Watch
    lots: Lots
    alarms: Alarms
    failed: Mapping[str, int] = field(
        default_factory=dict
    )  # inputs of this run that could not be folded, by subject
    holds: Holds = field(default_factory=Holds)
    mass: MassState = field(default_factory=MassState)
    dosing: DosingState = field(default_factory=DosingState)
    in_force: Mapping[str, str] = field(
        default_factory=dict
    )  # revision by plan and cell, of plans with dates
    owed: Owed = field(default_factory=Owed)
    climbs: Mapping[str, Climb] = field(default_factory=dict)  # by id of the alarm


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What one input gave."""

    state: State
    record: Input | None  # as the journal keeps it; None: a Tick that changed nothing
    events: tuple[Event, ...] = ()
    urgent: bool = False  # ends the block


def kept_of(state: State) -> Kept:
    """What the room of holds works on."""
    return Kept(state.holds, state.alarms, state.lots, state.mass)


def with_kept(state: State, kept: Kept) -> State:
    """The state with what that room gave back."""
    return replace(state, holds=kept.holds, alarms=kept.alarms, lots=kept.lots, mass=kept.mass)


def world_of(state: State, at: Instant) -> World:
    """What a check may look at."""
    return World(at, state.watch.keys, state.in_force)


def desk_of(state: State) -> Desk:
    """What the room of checks works on."""
    return Desk(state.owed, kept_of(state))


def off_desk(state: State, done: tuple[Desk, tuple[Event, ...]]) -> tuple[State, tuple[Event, ...]]:
    """The state with what is on the desk; the same one where it is what it was."""
    desk, events = done
    kept = desk.kept
    if desk.owed is state.owed and kept.alarms is state.alarms and kept.holds is state.holds:
        return state, events
    return replace(with_kept(state, kept), owed=desk.owed), events


_SEEN = frozenset({"batch", "box", "pallet", "shipment"})  # by people; blends and slices of a vessel can wait


def is_urgent(events: tuple[Event, ...] | list[Event]) -> bool:
    """Whether somebody waits for one of these: it ends the block."""
    return any(
        isinstance(event, AlarmChanged | LotChanged) or (isinstance(event, LotMade) and event.kind in _SEEN)
        for event in events
    )
