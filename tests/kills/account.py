"""The account of a round: from the simulators' own log to journal, replica and database, nothing lost or doubled."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gateway.ingest.audit import audit
from gateway.ingest.audit_sources import point_source
from gateway.journal import JournalReader, open_readers
from gateway.model import NumberedInput, Reading, Scan
from gateway.site import Database
from simulators.ledger import Summary, compare
from simulators.wire.image import ANSWER_NUMBER
from tests.kills.lotwatch import lots_in
from tests.kills.plant import code_of
from tests.kills.stage import SITE

NAMED = 20


@dataclass
class Account:
    """What was given, what was found, and everything that is not as it must be."""

    codes: int = 0  # acknowledged by the gateway: each must be there once
    answers: int = 0  # given by the units
    read: int = 0  # of them in the replica
    uncommitted: int = 0  # of them on their way to a commit when the gateway was killed, or read by nobody
    lost: int = 0
    doubled: int = 0
    disordered: int = 0
    compared: dict[str, int] = field(default_factory=dict)  # records and database points, by the audit
    findings: list[str] = field(default_factory=list)

    def says(self, finding: str) -> None:
        if len(self.findings) < NAMED:
            self.findings.append(finding)


def account(
    folder: Path, journal: Path, replicas: Path, database: Database, taken: dict[int, int]
) -> Account:
    """`taken`: by reader, how many codes were acknowledged. Everything has come to rest."""
    made = Account(codes=sum(taken.values()))
    _by_simulators(made, compare(folder, replicas))
    readers = [("journal", JournalReader(journal)), *(("replica", each) for each in open_readers(replicas))]
    for where, reader in readers:
        with reader:
            places = {name: group.points for name, group in _groups(reader).items()}
            _codes(made, where, reader.inputs(1, reader.last().input), taken)
            _order(made, where, reader.inputs(1, reader.last().input), places)
    _lots(made, lots_in(database, SITE), taken)
    report = audit(journal, replicas, database=point_source(database))
    made.compared = dict(report.compared)
    for finding in report.findings:
        made.says(str(finding))
        made.lost += finding.kind in {"gap", "refused", "differs"}
        made.doubled += finding.kind in {"duplicate", "extra"}
    return made


def _by_simulators(made: Account, summary: Summary) -> None:
    made.answers, made.read, made.uncommitted = summary.served, summary.read, summary.unread
    made.lost += summary.lost + summary.codes_lost + summary.wrong
    made.doubled += summary.duplicated + summary.codes_duplicated
    for example in summary.examples:
        made.says(f"simulators' log: {example}")


def _groups(reader: JournalReader):
    site = reader.site()
    assert site is not None
    return site.groups()


def _codes(made: Account, where: str, inputs: Iterable[NumberedInput], taken: dict[int, int]) -> None:
    """Each reader's codes 1..n, once and in that order."""
    found: dict[str, list[str]] = {}
    for _, given in inputs:
        if isinstance(given, Scan) and given.phase == "seen":
            found.setdefault(given.point, []).append(given.code)
    for number, count in taken.items():
        codes = found.get(f"reader{number}", [])
        _each_once(
            made,
            f"{where}: reader{number}",
            Counter(codes),
            [code_of(number, n) for n in range(1, count + 1)],
        )
        if codes != sorted(codes):
            made.disordered += 1
            made.says(f"{where}: codes of reader{number} are not in the order in which they were shown")


def _lots(made: Account, found: dict[str, int], taken: dict[int, int]) -> None:
    """In the database, each code opened its lot once."""
    wanted = [code_of(number, n) for number, count in taken.items() for n in range(1, count + 1)]
    _each_once(made, "database: lots", found, wanted)


def _each_once(made: Account, where: str, found: Counter[str] | dict[str, int], wanted: list[str]) -> None:
    missing = [code for code in wanted if not found.get(code)]
    twice = [code for code in wanted if found.get(code, 0) > 1]
    extra = sorted(found.keys() - set(wanted))
    made.lost += len(missing)
    made.doubled += sum(found[code] - 1 for code in twice) + len(extra)
    for what, codes in (("missing", missing), ("more than once", twice), ("never acknowledged", extra)):
        if codes:
            made.says(f"{where}: {what}: {len(codes)}, the first {codes[0]}")


def _order(made: Account, where: str, inputs: Iterable[NumberedInput], places) -> None:
    """Answers of a unit, and times of a device, only ever go up."""
    newest: dict[str, tuple[int, int]] = {}
    for seq, group, number, time_ns in _numbers(inputs, places):
        last = newest.get(group, (0, 0))
        if number <= last[0] or time_ns <= last[1]:
            made.disordered += 1
            made.says(f"{where}: input {seq}: answer {number} of {group} after {last[0]}")
        newest[group] = (number, time_ns)


def _numbers(inputs: Iterable[NumberedInput], places) -> Iterator[tuple[int, str, int, int]]:
    for seq, given in inputs:
        if isinstance(given, Reading) and given.group in places:
            names = [point.name for point in places[given.group]]
            number = given.values[names.index(ANSWER_NUMBER)]
            if not math.isnan(number):  # it answered
                yield seq, given.group, int(number), given.at.time_ns
