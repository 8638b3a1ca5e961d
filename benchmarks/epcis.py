"""EPCIS: events exported a second, and pages of queries on a journal of 1e5 lot events: python -m benchmarks.epcis

    [--events 100000] [--folder DIR]

Resin lots, boxes made of two of them, changes at cells, pallets of ten boxes. The export goes through the whole journal
and writes every event as JSON; a page has 30 events. Median and worst of several queries, and the median of their CPU,
in one process, the journal opened before. There is no peer on this machine; the hash id of an event is timed beside,
for it is much of its cost.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks._plant import SECOND, T0
from benchmarks._table import Row, machine, print_table
from gateway.epcis.documents import document_pieces
from gateway.epcis.prehash import hash_id
from gateway.epcis.query import parse
from gateway.epcis.shapes import OURS
from gateway.epcis.times import stamp
from gateway.journal import Replica
from gateway.journal.database import NAME
from gateway.model import Composition, Event, Identity, Ingredient, LotChanged, LotMade, NumberedEvent
from gateway.repository import Repository

PAGES = 20
CELL = "moulding/line1/press1"
RESIN_KG, BOX_KG = 25.0, 12.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="keep the journal here, or use the one that is here")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="lotwatch-epcis-"))
    try:
        if not (folder / NAME).is_file():
            fill(folder, given.events)
        measure(folder, given.events)
    finally:
        if given.folder is None:
            shutil.rmtree(folder)


def lots(count: int) -> Iterator[Event]:
    """So many events: five for two resin lots' box, and a pallet for ten boxes."""
    made, at, box, boxes = 0, T0, 0, list[str]()
    while made < count:
        at += 60 * SECOND
        resins = [f"09506000134352:R{box:07d}-{side}" for side in (1, 2)]
        name = f"LW-NORTH-{box:06d}-0"
        whole = Composition(tuple(resins), ((0.5, 0.5),), (0.01, 0.01), (0.0,), ((0.8, 0.2, *(0.0,) * 7),))
        for resin in resins:
            yield LotMade(
                at,
                resin,
                "material",
                CELL,
                RESIN_KG,
                0.01,
                (),
                Composition((resin,), ((1.0,),), (0.0,), (0.0,), ((1.0, *(0.0,) * 8),)),
            )
        yield LotChanged(at, name, "opened", CELL, "product", name, tuple(resins))
        yield LotChanged(at + 50 * SECOND, name, "closed", CELL, "product", name)
        yield LotMade(
            at + 50 * SECOND,
            name,
            "box",
            CELL,
            BOX_KG,
            0.02,
            tuple(Ingredient(resin, BOX_KG / 2, 0.01) for resin in resins),
            whole,
        )
        made, box = made + 5, box + 1
        boxes.append(name)
        if len(boxes) == 10:
            yield LotMade(
                at + 55 * SECOND,
                f"PAL-{box:06d}",
                "pallet",
                CELL,
                10 * BOX_KG,
                0.1,
                tuple(Ingredient(each, BOX_KG) for each in boxes),
                whole,
                aggregated=True,
            )
            made, boxes = made + 1, []


def fill(folder: Path, count: int) -> None:
    """A replica with these events."""
    replica = Replica.open(folder, Identity("bench", "gw1", "0" * 32))
    block: list[NumberedEvent] = []
    for seq, event in enumerate(lots(count), 1):
        block.append(NumberedEvent(seq, 0, event))
        if len(block) == 2_000:
            replica.store([], block)
            block = []
    replica.store([], block)
    replica.close()


def timed(work: Callable[[], object], times: int = PAGES) -> tuple[float, float, float]:
    """Median and worst by the clock, median of CPU, in milliseconds."""
    taken, cpu = [], []
    for _ in range(times):
        began, used = time.perf_counter(), time.process_time()
        work()
        taken.append((time.perf_counter() - began) * 1e3)
        cpu.append((time.process_time() - used) * 1e3)
    return statistics.median(taken), max(taken), statistics.median(cpu)


def measure(folder: Path, count: int) -> None:
    rows = []
    with Repository(folder) as repository:
        began, cpu = time.perf_counter(), time.process_time()
        size = sum(len(piece) for piece in document_pieces(repository.events(-(2**63), 2**63 - 1), T0))
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
        events = len(list(lots(count)))
        rows.append(
            Row(
                "events exported, as one document",
                "none",
                "shown",
                f"{events / took:,.0f} /s ({events / cpu:,.0f} /s of CPU), {size / 1e6:.0f} MB",
            )
        )
        last = repository.ask(parse([("perPage", "1")]))
        one = last.events[0]
        rows.append(
            Row(
                "... of that: its hash id",
                "none",
                "shown",
                f"{timed(lambda: hash_id(one, OURS), 2_000)[2] * 1e3:.0f} us",
            )
        )
        middle = events // 12
        asked = {
            "the first page": [],
            "a page from the middle of time": [("GE_eventTime", _at(middle))],
            "a page of one business step": [("EQ_bizStep", "departing")],
            "what one resin lot went into": [
                ("MATCH_inputEPCClass", f"https://id.gs1.org/01/09506000134352/10/R{middle:07d}-1")
            ],
            "all of one box": [
                ("MATCH_anyEPCClass", f"https://bench.lotwatch.invalid/class/LW-NORTH-{middle:06d}-0")
            ],
            "nothing, in the last of a journal": [
                ("EQ_bizStep", "shipping"),
                ("GE_eventTime", _at(2 * middle - 400)),
            ],
        }
        for name, parameters in asked.items():
            query = parse(parameters)
            found = len(repository.ask(query).events)
            median, worst, cpu = timed(partial(repository.ask, query))
            rows.append(
                Row(
                    f"{name} ({found} events)",
                    "none",
                    "shown",
                    f"{median:.1f} ms, worst {worst:.1f}; CPU {cpu:.1f}",
                )
            )
    print_table(rows)
    print(machine())


def _at(box: int) -> str:
    return stamp(T0 + box * 60 * SECOND)


if __name__ == "__main__":
    main()
