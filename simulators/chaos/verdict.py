"""Everything that is not as it must be: what the devices know against what journal, replica and database hold.

Rule 1: a value in the journal is the one that the device gave then, in answers that only ever go up.  Rule 2: an answer
that is due is there, or the gateway died before its commit (`excuse`), and a gap that is true says so.  Rule 3: the
replica holds what the journal holds, the database what the devices said.  Rule 4: nothing is there that nobody said,
nothing twice.  Rule 5: the journal's inputs, folded once more from the first, give its events again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from gateway.ingest.audit import audit
from gateway.journal.reader import JournalReader
from gateway.model import BAD_FROM, Instant, LotChanged, Noted, Plain, Reading, Scan, Setting, Signal
from gateway.refold import Refold
from gateway.site.room import WINDOWS_NS
from simulators.chaos.account import Account
from simulators.chaos.devices import KILOGRAMS
from simulators.chaos.excuse import Excuse
from simulators.chaos.points import Points
from simulators.chaos.scanner import code_of
from simulators.chaos.world import World

NEAR_NS = 250_000_000
"""Between the instant at which an answer was on the wire and the one at which its reading says it was: a slow box."""
UNITS = {"a": 1, "b": 2, "c": 3, "d": 4}


class Judge:
    """Of one run that has come to its end."""

    def __init__(self, world: World) -> None:
        self._world, self._truth = world, world.truth
        self.made = Account(found=list(world.found))
        self._boots: dict[int, tuple[int, bool]] = {}  # clock id: virtual instant of boottime 0; confirmed
        self._points = Points()
        self._scans: set[int] = set()  # a lot is closed and opened again where the clock is set
        self._dark: dict[
            int, tuple[int, int, int, int]
        ] = {}  # by start: from when it was dark to when, wall and virtual
        self._named: set[int] = set()  # starts whose gap was told

    def judge(self) -> Account:
        """All of it."""
        made, world = self.made, self._world
        with JournalReader(world.gateway.data) as journal:
            self._clock_rows(journal)
            self._inputs(journal)
            self._events(journal)
            self._refold(journal)
        self._due()
        self._points.compare(world.database, made)
        report = audit(world.gateway.data, world.worker.data)
        for finding in report.findings:
            made.says(0, f"audit: {finding}")
        for life in (world.database.altered,):
            for what in life:
                made.says(0, f"database: written again as something else: {what}")
        if world.worker.letters:
            made.says(0, f"dead letters: {world.worker.letters} messages or points were put aside")
        made.found.sort(key=lambda found: (found.at_ns == 0, found.at_ns))
        return made

    def _since(self, virtual_ns: int) -> int:
        """Of the run."""
        return virtual_ns - self._world.began_ns

    def _clock_rows(self, journal: JournalReader) -> None:
        unsure = journal.unsynchronised()
        for _, given in journal.inputs(1, journal.last().input, groups=()):
            if isinstance(given, Setting) and given.kind == "clock":
                number, boot = given.body["clock_id"], given.body["boot_id"]
                assert isinstance(number, int) and isinstance(boot, str)  # noqa: S101, PT018 # a clock row
                self._boots[number] = self._world.box.boots[boot], number not in unsure

    def _inputs(self, journal: JournalReader) -> None:
        newest: dict[str, int] = {}
        codes: list[str] = []
        last = last_at = (0, 0)  # wall and virtual time: before the newest instant; of the newest input
        newest_at: Instant | None = None
        started = False
        seen = {name: bytearray(len(answers.due) + 1) for name, answers in self._truth.answers.items()}
        for seq, given in journal.inputs(1, journal.last().input):
            row = self._boots.get(given.at.clock_id)
            if row is None:
                self.made.says(
                    0, f"journal: input {seq} is of clock row {given.at.clock_id}, which is not there"
                )
                continue
            at_ns = row[0] + given.at.boottime_ns
            # Where a run begins, config and clock row stand before its start, of the same instant.
            last, newest_at = (last if given.at == newest_at else last_at), given.at
            if isinstance(given, Setting) and given.kind == "start":
                if started:
                    self._dark[seq] = (*last, given.at.time_ns, at_ns)
                started = True
            last_at = given.at.time_ns, at_ns
            if isinstance(given, Reading):
                self._reading(seq, given, at_ns, newest, seen, confirmed=row[1])
            elif isinstance(given, Scan):
                codes.append(given.code)
                self._scans.add(seq)
        self._seen = seen
        self._codes(codes)

    def _reading(  # each a fact of it
        self,
        seq: int,
        given: Reading,
        at_ns: int,
        newest: dict[str, int],
        seen: dict[str, bytearray],
        *,
        confirmed: bool,
    ) -> None:
        made, truth = self.made, self._truth
        name = given.group.split("/")[0]
        made.readings += 1
        made.unconfirmed += not confirmed
        if confirmed:
            self._points.expect(name, given)
        if given.quality[0] >= BAD_FROM:
            if (given.quality < BAD_FROM).any():
                made.says(self._since(at_ns), f"torn: input {seq}: a reading of {name} is good in part")
            return
        number = int(given.values[0]) if name in UNITS else round(float(given.values[0]) * 1000)
        if name not in UNITS:
            number = _wound(number, newest.get(name, 0))
        answers = truth.answers[name]
        if not 0 < number <= len(answers.due):
            made.says(self._since(at_ns), f"invented: input {seq}: {name} never gave answer {number}")
            return
        if number <= newest.get(name, 0):
            made.says(
                self._since(at_ns),
                f"order: input {seq}: answer {number} of {name} comes after {newest[name]}: doubled, late or restamped",
            )
        newest[name] = max(number, newest.get(name, 0))
        seen[name][number] = 1
        made.held += 1
        sent_ns = answers.sent_ns[number - 1]
        if abs(at_ns - sent_ns) > NEAR_NS:
            off = (at_ns - sent_ns) / 1e9
            made.says(
                self._since(at_ns),
                f"time: input {seq}: answer {number} of {name} is stamped {off:+.3f} s off",
            )
        if name in UNITS:
            value, unit = truth.process.value(UNITS[name], number), UNITS[name]
            if (given.values[1], given.values[2]) != (value, unit):
                said = f"{given.values[1]} of unit {given.values[2]:g}"
                made.says(
                    self._since(at_ns),
                    f"wrong: input {seq}: {said} instead of {value} of unit {unit}, answer {number}",
                )

    def _codes(self, codes: list[str]) -> None:
        made, truth = self.made, self._truth
        made.codes = len(codes)
        wanted = [code_of(number) for number in range(1, truth.shown + 1)]
        if codes != wanted:
            for code, times in Counter(codes).items():
                if times > 1:
                    made.says(0, f"codes: {code} is there {times} times")
            for code in sorted(set(wanted) ^ set(codes)):
                made.says(0, f"codes: {code} {'is not there' if code in wanted else 'was never shown'}")
            if sorted(codes) == sorted(wanted):
                made.says(0, "codes: they are not in the order in which they were shown")

    def _events(self, journal: JournalReader) -> None:
        made = self.made
        opened: Counter[str] = Counter()
        for _, cause, event in journal.events(1, journal.last().event):
            kind = event.kind if isinstance(event, Noted) else type(event).__name__
            made.events[kind] += 1
            if isinstance(event, Signal):
                made.signals += 1
                made.says(
                    0,
                    f"false alarm: {event.chart} of {event.tag} at {event.value} ({', '.join(event.rules)})",
                )
            elif isinstance(event, LotChanged) and event.change == "opened" and cause in self._scans:
                opened[event.code] += 1
            elif isinstance(event, Noted) and event.kind == "gap":
                self._gap(cause, event.facts)
            elif isinstance(event, Noted) and event.kind in {
                "fold_failed",
                "task_restarted",
                "publish_refused",
            }:
                made.says(0, f"told: {event.kind} of {event.subject}: {dict(event.facts)}")
        for start in sorted(self._named ^ self._dark.keys()):
            made.says(0, f"gaps: start {start} {'has none' if start in self._dark else 'never was'}")
        for code, times in opened.items():
            if times != 1:
                made.says(0, f"lots: {code} was opened {times} times")

    def _refold(self, journal: JournalReader) -> None:
        refold = Refold()
        for _ in refold.journal(journal):
            pass
        self.made.refolded = refold.inputs
        if not refold.equal:
            self.made.says(0, f"refold: {refold.differs or 'nothing was compared'}")

    def _gap(self, start: int, facts: Mapping[str, Plain]) -> None:
        """It is true: it reaches from the last record before it to the start that says it, and nothing is in it."""
        self.made.gaps += 1
        self._named.add(start)
        said, true = (facts["from_ns"], facts["to_ns"]), self._dark.get(start, (0, 0, 0, 0))[::2]
        if said != true:
            self.made.says(0, f"gaps: that of start {start} says {said} instead of {true}")

    def _due(self) -> None:
        """Answers that are due and not there."""
        made, truth = self.made, self._truth
        dark = [(begin, end) for _, begin, _, end in self._dark.values()]
        window_ns = WINDOWS_NS[self._world.site.commit]
        excuse = Excuse(truth.lives, self._world.disks["gateway"].refused_ns, window_ns)
        for name, answers in truth.answers.items():
            made.answers += len(answers.due)
            for number, due in enumerate(answers.due, 1):
                made.due += due
                if not due or self._seen[name][number]:
                    continue
                sent_ns = answers.sent_ns[number - 1]
                told = any(begin - NEAR_NS <= sent_ns <= end + NEAR_NS for begin, end in dark)
                if told and excuse.holds(sent_ns):
                    made.uncommitted += 1
                    continue
                made.says(
                    self._since(sent_ns), f"lost: answer {number} of {name} is nowhere, and nobody says why"
                )


def _wound(number: int, newest: int) -> int:
    """A scale begins again at its end: the answer that it must be, going on from the newest."""
    whole = 1000 * KILOGRAMS
    return (
        number + max(newest - 1, 0) // whole * whole + (whole if number < newest % whole - whole // 2 else 0)
    )
