"""The fold: `step(state, input) -> Step`. The daemon, recovery, replay and the tests all run this.

Rule 1: no I/O, no clock, no chance: the same inputs give the same events and the same state.  Rule 2: state is a frozen
value, only a cache: a snapshot and the inputs after it rebuild it exactly (`gateway.plain` writes it).  Rule 3: folding
what was recorded gives what was folded first: judged quality is taken back before it is judged again.  Rule 4: journal
order is the truth for state, wire time for lots and windows, boottime for rates, gaps and silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from gateway.alarms import (
    Alarms,
    Cause,
    Ladders,
    amended,
    answered,
    climbs_restarted,
    corrected,
    raised,
    restarted,
    returned,
    settled,
    ticked,
)
from gateway.bank.drawing import Drawn
from gateway.charting import Shared, Watch
from gateway.codes.gs1_rules import ai_lengths
from gateway.controlplan import Revisions
from gateway.dosing import Dosing
from gateway.folding import diskalarms, dosealarms, linkalarms, office, remarks, setpoints
from gateway.folding.checking import Checking, Entered
from gateway.folding.foldstate import State, Step, desk_of, is_urgent, kept_of, off_desk, with_kept, world_of
from gateway.folding.groupset import GroupSets, group_of, lot_alone, reading_of
from gateway.folding.holdalarms import of_lots
from gateway.folding.holding import RESTATE, Holding
from gateway.lots import Lots, Paths, product_at, stepped, take
from gateway.lots.exchanged import exchanged
from gateway.mass import Mass, Moved
from gateway.model import (
    Entry,
    Event,
    Input,
    Instant,
    LotChanged,
    Noted,
    Plain,
    Reading,
    Scan,
    Setting,
    Severity,
    Tick,
)
from gateway.sentences import SharesOff, sentences
from gateway.site import Site


class BadPlan(ValueError):
    """A row of the plan that no chart can be made of; says which row, and what does not fit."""


class Pipeline:
    """The rooms of the fold, compiled for one site."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._points = {point.name: point for point in site.scan_points}
        if self._points:
            ai_lengths()  # tables of codes, made now: the first scan must not wait 10 ms for them
        self._paths = Paths.of(site.flows)
        self._holding = Holding(site)
        self._mass = Mass(site)
        self._dosing = Dosing(site)
        self._revisions = Revisions(site)
        self._checking = Checking(site, self._revisions, self._holding)
        self._ladders = Ladders(site)
        self._charted = frozenset(row.id for row in site.characteristics)
        try:
            self._sets = GroupSets(site, self._revisions, self._checking.dues.keys)
            self._use({})
        except ValueError as error:
            raise BadPlan(str(error)) from error

    def _use(self, in_force: Mapping[str, str]) -> None:
        """Work by these revisions: a cache of what the state says, known by its identity."""
        now = self._sets.now(in_force)
        self._in_force, self._groups, self._about = in_force, now.groups, now.about

    def start(self) -> State:
        """Nothing known yet."""
        groups = {name: group.start() for name, group in self._groups.items()}
        return State(self._about, 0, groups, Watch(), Lots(), Alarms())

    def adopt(self, state: State) -> State:
        """This site's state out of another site's: lots, alarms and whatever belongs to unchanged rows go on.

        The same where another revision of a plan has come into force.
        """
        self._use(state.in_force)
        if state.about == self._about:
            return state
        alarms, watch = state.alarms, state.watch
        groups = {
            name: group.adopt(state.groups.get(name), alarms, watch) for name, group in self._groups.items()
        }
        return replace(state, about=self._about, groups=groups)

    def drawn(self, state: State, characteristic: str) -> tuple[Drawn, ...]:
        """What the charts of a characteristic look like."""
        for name, group in self._groups.items():
            if found := group.charting.drawn(state.groups[name].charting, characteristic):
                return found
        return ()

    def step(self, state: State, given: Input) -> Step:
        """Fold one input."""
        if state.in_force is not self._in_force:
            self._use(state.in_force)
        step = self._step(state, given)
        return self._planned(given.at, self._held(state, given, step)) if step.events else step

    def _planned(self, at: Instant, step: Step) -> Step:
        """What the control plan makes of the events: revisions, checks of lots, the ladders of alarms."""
        state, events = step.state, step.events
        if self._revisions.dated and any(isinstance(event, LotChanged) for event in events):
            state, told = self._revised(state, at)
            events = (*events, *told)
        events = self._revisions.marked(state.in_force, events)
        if self._checking.any:
            state, told = off_desk(state, self._checking.came(desk_of(state), world_of(state, at), events))
            events = (*events, *told) if told else events
        if self._ladders.any:
            climbs = self._ladders.followed(state.climbs, state.alarms, events, at)
            climbs, due = self._ladders.due(climbs, state.alarms, at)
            state = state if climbs is state.climbs else replace(state, climbs=climbs)
            events = (*events, *due) if due else events
        if state is step.state and events is step.events:
            return step
        return Step(state, step.record, events, step.urgent or is_urgent(events))

    def _revised(self, state: State, at: Instant) -> tuple[State, tuple[Event, ...]]:
        """Another revision of a plan is in force: charts of unchanged rows go on, those of others begin or end."""
        in_force, told = self._revisions.now(state.in_force, state.lots, at.time_ns)
        if in_force is state.in_force:
            return state, ()
        state = self.adopt(replace(state, in_force=in_force))
        state, gone = self._put_away(state, at, "plan_in_force")
        return state, (*told, *gone)

    def _held(self, before: State, given: Input, step: Step) -> Step:
        """Lots that the step made, moved or lost are judged by the rules."""
        kept = kept_of(step.state)
        after, told = self._holding.after(kept, given, step.events, before.lots, before.newest_ns)
        if after is kept:
            return step
        return Step(
            with_kept(step.state, after), step.record, (*step.events, *told), step.urgent or is_urgent(told)
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
        doubted = (self._checking.doubted(state.owed),) if state.owed.past else ()
        new, shared, record, events = group.step(state.groups[given.group], shared, given, *doubted)
        groups = {**state.groups, given.group: new}
        newest = max(state.newest_ns, given.at.time_ns)
        lots = shared.lots
        after = State(
            state.about, newest, groups, shared.watch, lots, shared.alarms, state.failed, state.holds, state.mass,
            state.dosing, state.in_force, state.owed, state.climbs,
        )  # fmt: skip
        if self._checking.any and shared.watch.version != state.watch.version:
            after, due = off_desk(after, self._checking.switched(desk_of(after), world_of(after, given.at)))
            events += due
        if given.group in self._mass.metered:
            after, told = self._weighed(after, self._mass.reading(state.mass, record, lots), given.at)
            events += told
        if given.group in self._dosing.heard:
            after, told = self._dosed(after, record)
            events += told
        return Step(after, record, tuple(events), is_urgent(events) if events else False)

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
            cause = Cause("mass_sum", "composition", Severity.ALARM)
            facts: dict[str, Plain] = {"lot": lot, "off": off, **sentences(SharesOff(at.time_ns, lot, off))}
            alarms, told = raised(alarms, cause, at, (lot,), facts)
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
        before, now = state, given.at.boottime_ns
        silent = [name for name, group in self._groups.items() if group.silent(state.groups[name], now)]
        alarms, due = ticked(state.alarms, given.at)
        state, owed = self._aged(state if alarms is state.alarms else replace(state, alarms=alarms), given.at)
        if not silent and state is before:
            return Step(before, None)
        alarms, groups, watch = state.alarms, dict(state.groups), state.watch
        events: list[Event] = [*due, *owed]
        for name in silent:
            groups[name], alarms, told = self._groups[name].fall_silent(groups[name], alarms, given.at)
            watch = self._groups[name].unwatched(watch)
            events += told
        after = replace(state, groups=groups, alarms=alarms, watch=watch)
        return Step(after, given, tuple(events), urgent=True)

    def _aged(self, state: State, at: Instant) -> tuple[State, tuple[Event, ...]]:
        """Time passed for the control plan: revisions, checks, ladders. The same state where nothing follows."""
        events: tuple[Event, ...] = ()
        if self._revisions.dated:
            state, events = self._revised(state, at)
        if self._checking.any:
            state, told = off_desk(state, self._checking.ticked(desk_of(state), world_of(state, at)))
            events = (*events, *told)
        climbs, due = self._ladders.due(state.climbs, state.alarms, at)
        return (state if climbs is state.climbs else replace(state, climbs=climbs)), (*events, *due)

    def _entry(self, state: State, given: Entry) -> Step:
        if given.kind == "correct":
            return self._corrected(state, given)
        if given.kind == RESTATE:
            kept, made = self._holding.restated(kept_of(state), given)
            after = replace(with_kept(state, kept), mass=self._mass.restated(state.mass, made))
            return Step(after, given, made, urgent=True)
        if (noted := self._written(given)) is not None:
            return Step(state, given, noted, urgent=True)
        if (moved := self._mass.entered(state.mass, given)) is not None:
            after, told = self._weighed(state, moved, given.at)
            return Step(after, given, told, urgent=True)
        if given.kind == "correct_scan":
            return self._rescanned(state, given)
        if self._checking.knows(given):
            return self._result(state, given)
        if (refused := self._checking.refuses(desk_of(state), given)) is not None:
            return Step(state, given, (refused,), urgent=True)
        if (entered := self._holding.entered(kept_of(state), given)) is not None:
            after = with_kept(state, entered[0])
            after, more = off_desk(after, self._checking.disposed(desk_of(after), given, entered[1]))
            return Step(after, given, (*entered[1], *more), urgent=True)
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
            kept, over = self._holding.answered(kept_of(replace(state, alarms=alarms)), alarm, given.at)
            alarms, failed = self._checking.answered(kept.alarms, alarm, given.at)
            told = (*told, *over, *failed)
        return Step(replace(state, alarms=alarms, groups=groups), given, told, urgent=True)

    def _written(self, given: Entry) -> tuple[Event, ...] | None:
        """The events of an entry that is kept, and changes nothing that is watched; None where it does."""
        for entered in (office.entered, setpoints.entered):
            if (noted := entered(given)) is not None:
                return noted
        return remarks.entered(given, self._charted)

    def _result(self, state: State, given: Entry) -> Step:
        """A result of a check: charted as a reading is, then judged."""
        said = self._checking.understood(desk_of(state), world_of(state, given.at), given)
        if not isinstance(said, Entered):
            return Step(state, given, (said,), urgent=True)
        name, told = group_of(said.row.id), list[Event]()
        if name in self._groups:
            lots = lot_alone(said.row.cell, said.lot) if said.lot else state.lots
            held, shared = state.groups[name], Shared(state.watch, lots, state.alarms)
            doubted = ((said.row.tag,),) if said.doubtful else ()
            for value in said.values:
                result = reading_of(said.row.id, value, given.at)
                held, shared, _, events = self._groups[name].step(held, shared, result, *doubted)
                told += events
            groups = {**state.groups, name: held}
            state = replace(state, groups=groups, watch=shared.watch, alarms=shared.alarms)
        state, judged = off_desk(state, self._checking.result(desk_of(state), given, said))
        return Step(state, given, (*told, *judged), urgent=True)

    def _rescanned(self, state: State, given: Entry) -> Step:
        """Another lot was scanned than was there: lots, links and alarms of that time name the right one."""
        before = state.lots
        kept, events = self._holding.rescanned(kept_of(state), given)
        alarms, told = amended(
            kept.alarms,
            partial(exchanged, before, kept.lots),
            given.at.time_ns,
            str(given.body.get("instead")),
        )
        after = with_kept(state, replace(kept, alarms=alarms))
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
                dosing=dosing, climbs=climbs_restarted(state.climbs, given.at, same_boot=same_boot),
            )  # fmt: skip
            desk = self._checking.begun(desk_of(state), world_of(state, given.at), same_boot=same_boot)
            state = replace(state, owed=desk.owed)
            events = (*events, *self._gap(given))
        elif given.kind == "config":
            state, events = self._put_away(self._expect(self.adopt(state), given), given.at, "config")
            desk = self._checking.begun(desk_of(state), world_of(state, given.at), same_boot=True)
            climbs = self._ladders.joined(state.climbs, state.alarms, given.at)
            state = replace(state, owed=desk.owed, climbs=climbs)
        elif given.kind == linkalarms.LINK:
            alarms, events = linkalarms.linked(state.alarms, given)
            state = replace(state, alarms=alarms)
        elif given.kind == diskalarms.DISK:
            alarms, events = diskalarms.measured(state.alarms, self.site.gateway, given)
            state = replace(state, alarms=alarms)
        elif given.kind == "clock":
            state = replace(state, newest_ns=given.at.time_ns)
            told = Noted(given.at.time_ns, "clock", self.site.gateway, Severity.INFO, given.body)
            events = (*events, told)
        if given.kind in ("start", "config", "clock"):
            if self._revisions.dated:
                state, revised = self._revised(state, given.at)
                events = (*events, *revised)
            state, made = self._weighed(state, self._mass.begun(state.mass, given.at.time_ns), given.at)
            events = (*events, *made)
        if isinstance(reloaded := given.body.get("reload"), Mapping):  # while we ran, by somebody who waits
            told = Noted(given.at.time_ns, "config_changed", self.site.gateway, Severity.INFO, reloaded)
            return Step(state, given, (told, *events), urgent=True)
        return Step(state, given, events, is_urgent(events))

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

    def _put_away(self, state: State, at: Instant, by: str) -> tuple[State, tuple[Event, ...]]:
        """Alarms whose cause nobody can find gone any more return: their row left the config, or is another one."""
        names = [group.can_return(state.groups[name]) for name, group in self._groups.items()]
        others = state.alarms.known()
        known = set().union(*names) | {name for name in others if of_lots(name) or self._checking.of(name)}
        known |= dosealarms.names(self.site.dosers) | diskalarms.names(self.site.gateway)
        if self.site.broker is not None:
            known.add(linkalarms.cause(self.site.broker.where).name)
        alarms, events = state.alarms, list[Event]()
        for name in state.alarms.known():
            if name not in known:
                alarms, told = returned(alarms, name, at, {"returned_by": by}, at_once=True)
                events += told
        return replace(state, alarms=alarms), tuple(events)
