"""The fold: `step(state, input) -> Step`. The daemon, recovery, replay and the tests all run this.

Rule 1: no I/O, no clock, no chance: the same inputs give the same events and the same state.  Rule 2: state is a frozen
value, only a cache: a snapshot and the inputs after it rebuild it exactly (`gateway.plain` writes it).  Rule 3: folding
what was recorded gives what was folded first: judged quality is taken back before it is judged again.  Rule 4: journal
order is the truth for state, wire time for lots and windows, boottime for rates, gaps and silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from gateway import dosealarms
from gateway.alarms import (
    Alarms,
    Cause,
    amended,
    answered,
    corrected,
    raised,
    restarted,
    returned,
    settled,
    ticked,
)
from gateway.charting import Shared, Watch
from gateway.dosing import Dosing, DosingState
from gateway.groupfold import GroupFold, GroupState, Rows
from gateway.holdalarms import of_lots
from gateway.holding import RESTATE, Holding, Kept
from gateway.holds import Holds
from gateway.lots import Lots, Paths, product_at, stepped, take
from gateway.lots.exchanged import exchanged
from gateway.mass import Mass, MassState, Moved
from gateway.model import (
    AlarmChanged,
    Entry,
    Event,
    Input,
    Instant,
    LotChanged,
    LotMade,
    Noted,
    Plain,
    Reading,
    Scan,
    Setting,
    Severity,
    Tick,
)
from gateway.plain import digest
from gateway.site import Site


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


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What one input gave."""

    state: State
    record: Input | None  # as the journal keeps it; None: a Tick that changed nothing
    events: tuple[Event, ...] = ()
    urgent: bool = False  # ends the block


class BadPlan(ValueError):
    """A row of the plan that no chart can be made of; says which row, and what does not fit."""


class Pipeline:
    """The rooms of the fold, compiled for one site."""

    def __init__(self, site: Site) -> None:
        self.site = site
        rows = Rows(site)
        try:
            groups = {**site.groups(), **site.derived()}
            self._groups = {group.id: GroupFold(rows, group) for group in groups.values()}
        except ValueError as error:
            raise BadPlan(str(error)) from error
        self._points = {point.name: point for point in site.scan_points}
        self._paths = Paths.of(site.flows)
        self._holding = Holding(site)
        self._mass = Mass(site)
        self._dosing = Dosing(site)
        self._about = digest([group.about for group in self._groups.values()])

    def start(self) -> State:
        """Nothing known yet."""
        groups = {name: group.start() for name, group in self._groups.items()}
        return State(self._about, 0, groups, Watch(), Lots(), Alarms())

    def adopt(self, state: State) -> State:
        """This site's state out of another site's: lots, alarms and whatever belongs to unchanged rows go on."""
        if state.about == self._about:
            return state
        alarms, watch = state.alarms, state.watch
        groups = {
            name: group.adopt(state.groups.get(name), alarms, watch) for name, group in self._groups.items()
        }
        return replace(state, about=self._about, groups=groups)

    def step(self, state: State, given: Input) -> Step:
        """Fold one input."""
        step = self._step(state, given)
        return self._held(state, given, step) if step.events else step

    def _held(self, before: State, given: Input, step: Step) -> Step:
        """Lots that the step made, moved or lost are judged by the rules."""
        kept = _kept(step.state)
        after, told = self._holding.after(kept, given, step.events, before.lots, before.newest_ns)
        if after is kept:
            return step
        return Step(
            _with(step.state, after), step.record, (*step.events, *told), step.urgent or _urgent(told)
        )

    def _step(self, state: State, given: Input) -> Step:
        match given:
            case Reading():
                return self._reading(state, given)
            case Tick():
                return self._tick(state, given)
            case Scan():
                return self._scan(state, given)
            case Entry():
                return self._entry(state, given)
            case Setting():
                return self._setting(state, given)

    def _reading(self, state: State, given: Reading) -> Step:
        group = self._groups.get(given.group)
        if group is None or len(given.values) != group.width:
            return Step(state, given)  # of a config that is no longer in force; kept, and nobody's
        shared = Shared(state.watch, state.lots, state.alarms)
        new, shared, record, events = group.step(state.groups[given.group], shared, given)
        groups = {**state.groups, given.group: new}
        newest = max(state.newest_ns, given.at.time_ns)
        lots = shared.lots
        after = State(
            state.about,
            newest,
            groups,
            shared.watch,
            lots,
            shared.alarms,
            state.failed,
            state.holds,
            state.mass,
            state.dosing,
        )
        if given.group in self._mass.metered:
            after, told = self._weighed(after, self._mass.reading(state.mass, record, lots), given.at)
            events += told
        if given.group in self._dosing.heard:
            after, told = self._dosed(after, record)
            events += told
        return Step(after, record, tuple(events), _urgent(events) if events else False)

    def _dosed(self, state: State, record: Reading) -> tuple[State, tuple[Event, ...]]:
        """Ratios of the cycles that are told by now; they are charted as if a device had answered."""
        lots = partial(product_at, state.lots)
        done = self._dosing.reading(state.dosing, record, state.watch.keys, lots)
        if done.state is state.dosing:
            return state, ()
        if not (done.readings or done.findings):
            return replace(state, dosing=done.state), done.events
        shared, groups, events = (
            Shared(state.watch, state.lots, state.alarms),
            dict(state.groups),
            list(done.events),
        )
        for derived in done.readings:
            group = derived.group
            groups[group], shared, _, told = self._groups[group].step(groups[group], shared, derived)
            events += told
        alarms = shared.alarms
        for finding in done.findings:
            alarms, raised_now = dosealarms.told(alarms, finding, record.at)
            events += raised_now
        after = replace(state, groups=groups, watch=shared.watch, alarms=alarms, dosing=done.state)
        return after, tuple(events)

    def _weighed(self, state: State, moved: Moved, at: Instant) -> tuple[State, tuple[Event, ...]]:
        """What moved; a lot whose shares do not sum to 1 is an alarm, for nobody may rely on it."""
        if moved.state is state.mass and not moved.events:
            return state, ()
        alarms, events = state.alarms, moved.events
        for lot, off in moved.broken:
            cause = Cause("mass_sum", "composition", Severity.ALARM, reaction=_SUM_REACTION)
            alarms, told = raised(alarms, cause, at, (lot,), {"lot": lot, "off": off})
            events = (*events, *told)
        return replace(state, mass=moved.state, alarms=alarms), events

    def _scan(self, state: State, given: Scan) -> Step:
        before = state.lots
        lots, events = take(before, self._points, given, state.newest_ns, self._paths)
        late = partial(exchanged, before, lots)
        alarms, told = amended(state.alarms, late, given.at.time_ns, given.code)
        newest = max(state.newest_ns, given.at.time_ns)
        after = replace(state, lots=lots, newest_ns=newest, alarms=alarms)
        after, made = self._weighed(after, self._mass.scanned(after.mass, given, lots), given.at)
        return Step(after, given, (*events, *told, *made), urgent=True)

    def _tick(self, state: State, given: Tick) -> Step:
        now = given.at.boottime_ns
        silent = [name for name, group in self._groups.items() if group.silent(state.groups[name], now)]
        alarms, due = ticked(state.alarms, given.at)
        if not silent and alarms is state.alarms:
            return Step(state, None)
        groups, events, watch = dict(state.groups), list[Event](due), state.watch
        for name in silent:
            groups[name], alarms, told = self._groups[name].fall_silent(groups[name], alarms, given.at)
            watch = self._groups[name].unwatched(watch)
            events += told
        after = replace(state, groups=groups, alarms=alarms, watch=watch)
        return Step(after, given, tuple(events), urgent=True)

    def _entry(self, state: State, given: Entry) -> Step:
        if given.kind == "correct":
            return self._corrected(state, given)
        if given.kind == RESTATE:
            kept, made = self._holding.restated(_kept(state), given)
            after = replace(_with(state, kept), mass=self._mass.restated(state.mass, made))
            return Step(after, given, made, urgent=True)
        if (moved := self._mass.entered(state.mass, given)) is not None:
            after, told = self._weighed(state, moved, given.at)
            return Step(after, given, told, urgent=True)
        if given.kind == "correct_scan":
            return self._rescanned(state, given)
        if (entered := self._holding.entered(_kept(state), given)) is not None:
            return Step(_with(state, entered[0]), given, entered[1], urgent=True)
        done = answered(state.alarms, given)
        if done is None:
            return Step(state, given, (), urgent=True)
        alarms, answers = done
        groups, told = state.groups, tuple[Event, ...](answers)
        if (done_with := settled(state.alarms, alarms)) is not None:
            alarm, there = done_with
            for name, group in self._groups.items():
                new, more = group.settled(groups[name], alarm, given.at.time_ns, there=there)
                groups, told = {**groups, name: new}, (*told, *more)
            kept, over = self._holding.answered(_kept(replace(state, alarms=alarms)), alarm, given.at)
            alarms, told = kept.alarms, (*told, *over)
        return Step(replace(state, alarms=alarms, groups=groups), given, told, urgent=True)

    def _rescanned(self, state: State, given: Entry) -> Step:
        """Another lot was scanned than was there: lots, links and alarms of that time name the right one."""
        before = state.lots
        kept, events = self._holding.rescanned(_kept(state), given)
        alarms, told = amended(
            kept.alarms,
            partial(exchanged, before, kept.lots),
            given.at.time_ns,
            str(given.body.get("instead")),
        )
        after = _with(state, replace(kept, alarms=alarms))
        return Step(after, given, (*events, *told), urgent=True)

    def _corrected(self, state: State, given: Entry) -> Step:
        """A sample is judged again beside the live charts."""
        asked = (group.corrected(state.groups[name], given) for name, group in self._groups.items())
        name, verdicts = next(
            (each for each in asked if each is not None), ("", "there is no such characteristic")
        )
        alarms, events = corrected(state.alarms, given, name, verdicts)
        return Step(replace(state, alarms=alarms), given, events, urgent=True)

    def _setting(self, state: State, given: Setting) -> Step:
        events: tuple[Event, ...] = ()
        if given.kind in ("start", "clock"):
            lots, events = stepped(state.lots, given.at.time_ns, state.newest_ns)
            state = replace(state, lots=lots)
        if given.kind == "start":
            state = self.adopt(state)
            now = given.at.boottime_ns
            groups = {name: group.restart(state.groups[name], now) for name, group in self._groups.items()}
            same_boot = "stopped_seconds" in given.body
            alarms = restarted(state.alarms, given.at, same_boot=same_boot)
            watch = Watch(state.watch.version + 1)  # nobody saw a changeover of the meantime
            dosing = self._dosing.restart(state.dosing)
            state = replace(
                state, groups=groups, watch=watch, newest_ns=given.at.time_ns, failed={}, alarms=alarms,
                dosing=dosing,
            )  # fmt: skip
            events = (*events, *self._gap(given))
        elif given.kind == "config":
            state, events = self._put_away(self._expect(self.adopt(state), given), given)
        elif given.kind == "clock":
            state = replace(state, newest_ns=given.at.time_ns)
            told = Noted(given.at.time_ns, "clock", self.site.gateway, Severity.INFO, given.body)
            events = (*events, told)
        if given.kind in ("start", "config", "clock"):
            state, made = self._weighed(state, self._mass.begun(state.mass, given.at.time_ns), given.at)
            events = (*events, *made)
        return Step(state, given, events, _urgent(events))

    def _gap(self, given: Setting) -> tuple[Event, ...]:
        stopped, now = given.body.get("stopped_ns"), given.at.time_ns
        if not isinstance(stopped, int):
            return ()
        seconds = given.body.get(
            "stopped_seconds"
        )  # by boottime, where it was the same boot: no clock step is in it
        facts: dict[str, Plain] = {
            "from_ns": stopped, "to_ns": now,
            "seconds": seconds if isinstance(seconds, float) else (now - stopped) / 1e9,
            "reason": str(given.body.get("reason", "not running")),
        }  # fmt: skip
        return (Noted(now, "gap", self.site.gateway, Severity.WARNING, facts),)

    def _expect(self, state: State, given: Setting) -> State:
        """Groups that are new in the config may be silent from now on for as long as any other."""
        now = given.at.boottime_ns
        new = {name: replace(held, heard_ns=now) for name, held in state.groups.items() if held.heard_ns < 0}
        return replace(state, groups={**state.groups, **new}) if new else state

    def _put_away(self, state: State, given: Setting) -> tuple[State, tuple[Event, ...]]:
        """Alarms whose cause nobody can find gone any more return: their row left the config, or is another one."""
        names = [group.can_return(state.groups[name]) for name, group in self._groups.items()]
        known = set().union(*names) | {name for name in state.alarms.known() if of_lots(name)}
        known |= dosealarms.names(self.site.dosers)
        alarms, events = state.alarms, list[Event]()
        for name in state.alarms.known():
            if name not in known:
                alarms, told = returned(alarms, name, given.at, {"returned_by": "config"}, at_once=True)
                events += told
        return replace(state, alarms=alarms), tuple(events)


def _kept(state: State) -> Kept:
    return Kept(state.holds, state.alarms, state.lots, state.mass)


def _with(state: State, kept: Kept) -> State:
    return replace(state, holds=kept.holds, alarms=kept.alarms, lots=kept.lots, mass=kept.mass)


_SUM_REACTION = "Do not rely on what this lot is made of; send a support bundle."
_SEEN = frozenset({"batch", "box", "pallet", "shipment"})  # by people; blends and slices of a vessel can wait


def _urgent(events: tuple[Event, ...] | list[Event]) -> bool:
    return any(
        isinstance(event, AlarmChanged | LotChanged) or (isinstance(event, LotMade) and event.kind in _SEEN)
        for event in events
    )
