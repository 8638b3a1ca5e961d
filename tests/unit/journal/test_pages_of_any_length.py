"""How much is read at once changes no answer: pages, batches and windows of any length give the same."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path

import pytest

from gateway.clock import VirtualClock
from gateway.journal import JournalReader
from gateway.journal.lotevents import LotEvents
from gateway.journal.pack import WINDOW_NS
from gateway.journal.sealing import seal
from gateway.journal.signer import signer_of
from gateway.journal.verify import Verdict, verify
from gateway.model import Instant, LotChanged, NumberedEvent, NumberedInput, Scan
from tests.unit.journal.genealogy import shop
from tests.unit.journal.plant import T0, Dice, commit, open_journal
from tests.unit.journal.test_ledger import fill

FAR = 2**62
KINDS = ["Signal", "AlarmChanged", "stale", "gap"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten blocks of readings and events, the first windows sealed; then lots that are whole, lots scanned, scans."""
    made = tmp_path_factory.mktemp("pages") / "data"
    fill(made, 10)
    with open_journal(made) as journal:
        for each in list(seal(made, T0 // WINDOW_NS + 1)):
            asyncio.run(journal.put_sealed(each))
        last = journal.last()
        events = [each._replace(seq=last.event + each.seq) for each in shop().events]
        for n, lot in enumerate("ABCABC"):
            change = LotChanged(T0 + n // 2, lot, "opened" if n < 3 else "closed", "cell", "material", lot)
            events.append(NumberedEvent(events[-1].seq + 1, 0, change))
        scans = [
            NumberedInput(last.input + n, Scan("gate", Instant(T0 + n // 2, n, 1), f"L{n}"))
            for n in range(1, 8)
        ]
        asyncio.run(commit(journal, scans, events))
        signer_of(journal, VirtualClock(), Dice(3)).sign()
    return made


def answers(folder: Path) -> list[object]:
    lots = ["R1", "R2", "B1", "X1", "nobody", "S1"]
    with JournalReader(folder) as reader:
        last = reader.last()
        found: list[object] = [
            asdict(verify(reader, reader.ledger.key())),
            list(reader.events(1, 999)),
            list(reader.events_between(T0, FAR)),
            list(reader.events_between(0, FAR, KINDS)),
            list(reader.events_of(0, KINDS)),
            list(reader.events_of(3, ["LotMade", "Signal"])),
            list(reader.others_between(0, FAR, ["Scan"])),
            list(reader.lot_windows(0, FAR)),
            reader.made.went_into(lots),
            reader.made.briefs(lots),
            [repr(each) for each in reader.inputs(1, last.input)],
            [block.held() for block in reader.ledger.blocks(0, 99)],
        ]
        for tag, series in reader.window(T0, T0 + 2 * WINDOW_NS).items():
            found += [tag, series.time_ns.tolist(), repr(series.values.tolist()), series.quality.tolist()]
            one = reader.readings(tag, T0, T0 + 2 * WINDOW_NS)
            assert one.time_ns.tolist() == series.time_ns.tolist()
    view = LotEvents(folder)
    found += [list(view.between(0, FAR)), view.of_lots(lots), view.signalled(0, FAR)]
    view.close()
    return found


@pytest.fixture(scope="module")
def whole(folder) -> list[object]:
    found = answers(folder)
    assert isinstance(found[0], dict)
    assert found[0]["findings"] == []
    return found


ONES = (
    "history.PAGE", "history._LOOKED_THROUGH", "others.PAGE", "reader.PAGE", "naming._PAGE", "lots._PAGE",
    "lotevents.PAGE", "lotevents._LOTS", "madelots.AT_ONCE", "blocks.LEAVES", "verify._AT_ONCE",
    "chunkfile.CACHE_BYTES",
)  # fmt: skip
FEW = {
    "history.PAGE": 5, "history._LOOKED_THROUGH": 4, "others.PAGE": 2, "reader.PAGE": 3, "naming._PAGE": 2,
    "lots._PAGE": 2, "lotevents.PAGE": 2, "lotevents._LOTS": 4, "madelots.AT_ONCE": 4, "blocks.LEAVES": 4,
    "blocks.RECORDS": 6, "ledger._AT_ONCE": 2, "verify._AT_ONCE": 4, "verifyrows._PAGE": 2,
}  # fmt: skip
WINDOWS = {
    "times.WINDOWS_HOT": 1,
    "times.WINDOWS_OF_ALL": 1,
    "times.WINDOWS_OF_ONE": 1,
    "others.PAGE": 7,
    "lots._PAGE": 3,
}


@pytest.mark.parametrize("small", [dict.fromkeys(ONES, 1), FEW, WINDOWS], ids=["one", "few", "windows"])
def test_the_same_in_small_pieces(small, folder, whole, monkeypatch) -> None:
    for name, value in small.items():
        monkeypatch.setattr(f"gateway.journal.{name}", value)
    assert answers(folder) == whole


def test_a_thousand_findings_are_enough() -> None:
    verdict = Verdict("origin", replica=False)
    for number in range(1_200):
        verdict.found(str(number))
    assert verdict.findings == [str(number) for number in range(1_000)]
    assert (verdict.leaves, verdict.begins, verdict.heads, verdict.after) == (0, (0, 0), 0, 0)
