"""One round: start, suffer, come to rest, and take stock.

Rest is no pause: the readers have been acknowledged, the gateway has ended in good order, and the worker's own
watermark says that replica and database hold all of the journal. Then the database is killed once more, for what a
watermark covers must outlast that.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from gateway.ports import Watermark
from tests.kills.account import Account, account
from tests.kills.faults import Fault
from tests.kills.lotwatch import Lotwatch, Told, database_of, held, journal_last, replica_last
from tests.kills.stage import PATIENCE_S, Stage, Wishes, staged, until

FAREWELL_S = 10.0  # without progress: then a gateway that had no time to send all is started once more


@dataclass
class Outcome:
    """What came of a round."""

    suffered: dict[str, int]  # "kill gateway", "cut worker-broker", ...
    account: Account
    ended: list[str] = field(default_factory=list)  # processes that ended by themselves
    seconds: float = 0.0
    stuck: str = ""  # it never came to rest: why
    starts: list[float] = field(
        default_factory=list
    )  # of the gateway: seconds of the processor until it reads

    @property
    def whole(self) -> bool:
        """Nothing lost, nothing doubled, all in order, and nobody fell over by himself."""
        told = self.account
        return not (self.stuck or self.ended or told.findings or told.lost or told.doubled or told.disordered)

    @property
    def kills(self) -> int:
        return sum(count for name, count in self.suffered.items() if name.startswith("kill"))

    def plain(self) -> dict[str, Any]:
        return {**asdict(self), "kills": self.kills, "whole": self.whole}


async def run_round(wishes: Wishes, faults: Sequence[Fault]) -> Outcome:
    """Raises NoServer, and RuntimeError where a server does not come up."""
    began = time.monotonic()
    suffered: Counter[str] = Counter()
    made, stuck = Account(), ""
    async with staged(wishes, Lotwatch()) as stage:
        try:
            await moved(stage, "the first record reaches the replica")
            for fault in faults:
                await asyncio.sleep(fault.after_s)
                if fault.kind == "fill" and not stage.disk.can_fill:
                    continue
                if fault.working:
                    await moved(stage, f"something arrives before {fault.kind} {fault.on}")
                await stage.suffer(fault)
                suffered[f"{fault.kind} {fault.on}"] += 1
            await rest(stage)
            await stage.kill("database")
            suffered["kill database"] += 1
            await stage.start("database")
            made = await asyncio.to_thread(take_stock, stage)
        except TimeoutError as error:
            stuck = str(error)
    return Outcome(dict(suffered), made, stage.ended, time.monotonic() - began, stuck, stage.starts.took)


def take_stock(stage: Stage) -> Account:
    taken = {number: reader.taken for number, reader in enumerate(stage.plant.readers, 1)}
    return account(stage.wishes.folder, stage.journal, stage.replicas, database_of(stage), taken)


async def moved(stage: Stage, what: str) -> None:
    """Wait until the replica has more than now. Raises TimeoutError."""
    before = replica_last(stage.replicas)
    await until(lambda: replica_last(stage.replicas) != before, what)


async def rest(stage: Stage) -> None:
    """Everything that was given is where it must be, as far as the product itself says. Raises TimeoutError."""
    readers = stage.plant.readers
    for reader in readers:
        reader.end()
    await until(
        lambda: all(reader.done for reader in readers), "the readers are answered",
        lambda: [reader.taken for reader in readers],
    )  # fmt: skip
    await _arrived(stage, PATIENCE_S)  # what a broker forgot is missed, asked for and sent again meanwhile
    await stage.stop("gateway")
    while not await _arrived(stage, FAREWELL_S):  # it had no time to send all: it does so at its next start
        owed = journal_last(stage.journal)
        await stage.start("gateway")
        if not await _arrived(stage, PATIENCE_S, owed):
            raise TimeoutError(f"the replica does not get to {owed}: it is at {replica_last(stage.replicas)}")
        await stage.stop("gateway")
    stage.plant.flush()
    wanted, told = journal_last(stage.journal), await asyncio.to_thread(Told, stage)
    try:
        await until(lambda: told.covers(wanted), f"the watermark covers {wanted}", lambda: told.at)
    finally:
        await asyncio.to_thread(told.close)


async def _arrived(stage: Stage, patience_s: float, wanted: Watermark | None = None) -> bool:
    """Whether the replica came to hold what the journal has, or had; it is waited for while it gains."""
    at = wanted or journal_last(stage.journal)
    try:
        await until(lambda: held(stage.replicas, at), "", lambda: replica_last(stage.replicas), patience_s)
    except TimeoutError:
        return False
    return True
