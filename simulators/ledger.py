"""The account: every answer served against every reading a replica holds.

Rule 1: an answer that carried its number must be in the replica exactly once, with the words that were sent.
Rule 2: it is not lost where the gateway could not have it: the script held it back; a reading of that group between its
neighbours says that no good answer came (each poll gives one reading, good or bad); the gateway started anew there; or
it was the last answer on its way when the gateway stopped, one per device. Those are counted as `unread`.
Rule 3: a code that a reader had acknowledged must be in the replica exactly once; one of a reader that waits for no
answer too, unless the gateway was away at that time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from gateway.journal import open_readers
from gateway.model import BAD_FROM, NumberedInput, Reading, Scan, Setting
from gateway.plain import from_plain
from gateway.site import Group, Site
from simulators.served import Answered, Shown, read_served
from simulators.wire.image import ANSWER_NUMBER

SETTLED_NS = 2_000_000_000
"""Codes shown later than this before the replica's last input may still have been on their way."""


@dataclass
class Summary:
    """What came of it."""

    served: int = 0  # answers that carried their number
    read: int = 0  # of them in the replica
    lost: int = 0
    duplicated: int = 0
    unread: int = 0  # the gateway could not have them (rule 2)
    wrong: int = 0  # there, with other words than were sent
    codes_shown: int = 0
    codes_lost: int = 0
    codes_duplicated: int = 0
    devices: dict[str, dict[str, int]] = field(default_factory=dict)  # served, read, lost, duplicated of each
    examples: list[str] = field(default_factory=list)  # of what is wrong, at most ten

    @property
    def whole(self) -> bool:
        """Nothing lost, nothing twice, nothing changed."""
        return not (self.lost or self.duplicated or self.wrong or self.codes_lost or self.codes_duplicated)

    def plain(self) -> dict[str, object]:
        return asdict(self)

    def says(self, example: str) -> None:
        if len(self.examples) < 10:
            self.examples.append(example)


@dataclass(slots=True)
class _Track:
    """One device in the replica, in journal order: numbers read, and how many polls between two gave none."""

    numbers: Counter[int] = field(default_factory=Counter)
    readings: dict[int, tuple[Group, Reading]] = field(default_factory=dict)
    excuses: dict[int, int] = field(default_factory=dict)  # after that number: polls without a good answer
    restarts: set[int] = field(default_factory=set)  # after that number the gateway started anew
    newest: int = 0

    def failed(self) -> None:
        self.excuses[self.newest] = self.excuses.get(self.newest, 0) + 1


@dataclass(slots=True)
class Seen:
    """What a replica says of a run; `take` adds the inputs of one replica."""

    tracks: dict[str, _Track] = field(default_factory=dict)
    codes: Counter[tuple[str, str]] = field(default_factory=Counter)
    last_ns: int = 0
    away: list[tuple[int, int]] = field(
        default_factory=list
    )  # from the last input before a start to the first reading after it: by then its lines are open


def compare(run_dir: Path, replica: Path) -> Summary:
    """The account of a run. Raises FileNotFoundError, gateway.journal.JournalError."""
    started_ns, answers, codes = read_served(run_dir / "served.db")
    seen = Seen()
    for reader in open_readers(replica):
        with reader:
            take(seen, reader.inputs(1, reader.last().input), started_ns)
    return account(answers, codes, seen)


def take(seen: Seen, inputs: Iterable[NumberedInput], started_ns: int) -> None:
    """What these inputs say, from that wall time on; in journal order."""
    groups: dict[str, Group] = {}
    devices: dict[str, str] = {}  # scan point to device
    opening = False
    for _, given in inputs:
        if isinstance(given, Setting) and given.kind == "config":
            site: Site = from_plain(Site, given.body["site"])
            groups = {name: group for name, group in site.groups().items() if _place(group) is not None}
            devices = {point.name: point.device for point in site.scan_points}
        if given.at.time_ns < started_ns:
            continue
        if isinstance(given, Setting) and given.kind == "start":
            seen.away.append((seen.last_ns, given.at.time_ns))
            opening = True
        elif isinstance(given, Reading) and opening:
            seen.away[-1] = (seen.away[-1][0], given.at.time_ns)
            opening = False
        if not isinstance(given, Setting):  # those that come with a start are told before it, at its time
            seen.last_ns = max(seen.last_ns, given.at.time_ns)
        if isinstance(given, Reading) and given.group in groups:
            group = groups[given.group]
            _read(seen.tracks.setdefault(group.device, _Track()), group, given)
        elif isinstance(given, Setting) and given.kind == "start":
            for track in seen.tracks.values():
                track.restarts.add(track.newest)
        elif isinstance(given, Scan) and given.phase == "seen":
            seen.codes[devices.get(given.point, given.point), bare(given.code)] += 1


def _read(track: _Track, group: Group, reading: Reading) -> None:
    place = _place(group)
    if place is None or reading.quality[place] >= BAD_FROM:
        track.failed()
        return
    number = int(reading.values[place])
    track.numbers[number] += 1
    track.readings[number] = (group, reading)
    track.newest = number


def _place(group: Group) -> int | None:
    """Where the answer number is among the group's points."""
    names = [point.name for point in group.points]
    return names.index(ANSWER_NUMBER) if ANSWER_NUMBER in names else None


def account(answers: Iterable[Answered], codes: Iterable[Shown], seen: Seen) -> Summary:
    """Pure: what was served against what the replica says."""
    summary = Summary()
    by_device: dict[str, dict[int, Answered]] = {}
    for answer in answers:
        by_device.setdefault(answer.device, {})[answer.number] = answer
    for device, served in by_device.items():
        track = seen.tracks.get(device, _Track())
        told = _device(summary, device, served, track)
        summary.devices[device] = told
        summary.served += told["served"]
        summary.read += told["read"]
        summary.lost += told["lost"]
        summary.duplicated += told["duplicated"]
        summary.unread += told["unread"]
    _codes(summary, codes, seen)
    return summary


def _device(summary: Summary, device: str, served: Mapping[int, Answered], track: _Track) -> dict[str, int]:
    told = {"served": len(served), "read": 0, "lost": 0, "duplicated": 0, "unread": 0}
    for number, times in track.numbers.items():
        if number not in served:
            continue  # older than the log keeps
        told["read"] += 1
        if times > 1:
            told["duplicated"] += times - 1
            summary.says(f"{device}: answer {number} is there {times} times")
        if different := _different(served[number], *track.readings[number]):
            summary.wrong += 1
            summary.says(f"{device}: answer {number}: {different} is not as sent")
    for before, missing, at_end in _gaps(served, track):
        excused = sum(1 for number in missing if served[number].late_ns)
        excused += track.excuses.get(before, 0) + int(at_end)
        if before in track.restarts:
            excused = len(missing)
        lost = max(len(missing) - excused, 0)
        told["lost"] += lost
        told["unread"] += len(missing) - lost
        if lost:
            summary.says(f"{device}: {lost} of the answers {missing[0]} to {missing[-1]} are not there")
    return told


def _gaps(served: Mapping[int, Answered], track: _Track) -> list[tuple[int, list[int], bool]]:
    """Runs of numbers served and not read: the number read before them, they, and whether none was read after."""
    gaps: list[tuple[int, list[int], bool]] = []
    before, run = 0, list[int]()
    for number in sorted(served):
        if number not in track.numbers:
            run.append(number)
            continue
        if run:
            gaps.append((before, run, False))
            run = []
        before = number
    if run:
        gaps.append((before, run, True))
    return gaps


def _different(answer: Answered, group: Group, reading: Reading) -> str:
    """The first point whose words are not those that were sent, or ""."""
    starts, end = group.layout().starts, answer.address + len(answer.words)
    for point, start, quality in zip(group.points, starts, reading.quality, strict=True):
        width = point.field.width
        if point.table != answer.place or point.address < answer.address or point.address + width > end:
            continue
        first = point.address - answer.address
        if (
            quality < BAD_FROM
            and tuple(reading.raw[start : start + width]) != answer.words[first : first + width]
        ):
            return point.name
    return ""


def _codes(summary: Summary, codes: Iterable[Shown], seen: Seen) -> None:
    shown: Counter[tuple[str, str]] = Counter()
    pending: Counter[tuple[str, str]] = Counter()
    for each in codes:
        key = (each.device, bare(each.code))
        if not each.taken or each.time_ns > seen.last_ns - SETTLED_NS:
            pending[key] += 1
        elif not each.tries and any(left - SETTLED_NS <= each.time_ns <= back for left, back in seen.away):
            pending[key] += 2  # seen before, after, both or not at all
        else:
            shown[key] += 1
    for key, times in shown.items():
        summary.codes_shown += times
        have = seen.codes[key]
        if have < times:
            summary.codes_lost += times - have
            summary.says(f"{key[0]}: code {key[1]!r} is not there")
        elif have > times + pending[key]:
            summary.codes_duplicated += have - times - pending[key]
            summary.says(f"{key[0]}: code {key[1]!r} is there {have} times, shown {times}")


def bare(code: str) -> str:
    """A code without its AIM symbology identifier, which drivers take off."""
    return code[3:] if code[:1] == "]" and len(code) > 3 else code
