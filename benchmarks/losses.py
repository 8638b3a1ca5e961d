"""The loss matrix: what each fault costs lotwatch and its peers, by one harness; `docs/reliability.md` has the last.

``python -m benchmarks losses [--peer PYTHON] [--system NAME ...] [--fault NAME ...] [--record FILE] [--seed 1]``.
Readers of codes show one after another, each until it is acknowledged; a gateway sends them over mosquitto, a worker
writes them to a database that is 10 ms away. Each cell is a stage of its own and suffers one kind of fault, drawn from
the seed, the same for every system. Then everything works again, the readers end, and what was acknowledged is looked
for in the database.
``--peer`` names the Python of a venv with gmqtt, no dependency of ours. A cell in ``--record`` is not run again.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from benchmarks._table import machine
from tests.kills.faults import LINKS, Fault
from tests.kills.lotwatch import database_of, lots_in
from tests.kills.peers import Peer, wanted
from tests.kills.round import run_round
from tests.kills.stage import SITE, NoServer, Stage, Wishes, staged, until

READERS = 6
AWAY_S = 0.005  # each way, from the worker to the database
QUIET_S = 8.0  # a database that shows no more of them for so long has no more
_DRAIN_S = 40.0

Draw = Callable[[random.Random], list[Fault]]


def _kills(on: str, times: int = 6, down_s: float = 0.5) -> Draw:
    return lambda chance: [Fault("kill", on, chance.uniform(0.5, 2.5), down_s) for _ in range(times)]


def _cuts(chance: random.Random) -> list[Fault]:
    kinds = ("cut", "freeze")
    return [
        Fault(kinds[at % 2], LINKS[at % 3], chance.uniform(0.5, 1.5), chance.uniform(0.5, 2.0))
        for at in range(9)
    ]


def _full(chance: random.Random) -> list[Fault]:
    """Full, and the broker killed meanwhile."""
    return [Fault("fill", on, chance.uniform(0.5, 2.5), 2.0) for on in ("disk", "broker", "disk", "broker")]


FAULTS: dict[str, tuple[str, str, Draw]] = {
    "gateway killed": ("influxdb1", "ours", _kills("gateway")),
    "worker killed": ("influxdb1", "ours", _kills("worker")),
    "broker killed, Debian's mosquitto.conf": ("influxdb1", "debian", _kills("worker+broker", 4, 1.5)),
    "broker killed, our mosquitto.conf": ("influxdb1", "ours", _kills("worker+broker", 4, 1.5)),
    "database killed, InfluxDB 1.6": ("influxdb1", "ours", _kills("database")),
    "database killed, VictoriaMetrics": ("victoriametrics", "ours", _kills("database", 3)),
    "link cut or frozen": ("influxdb1", "ours", _cuts),
    "disk full, broker killed meanwhile": ("influxdb1", "ours", _full),
}


def systems(peer: str | None) -> dict[str, Peer | None]:
    """By name; None is lotwatch."""
    found: dict[str, Peer | None] = {"lotwatch": None, "aiomqtt": Peer("aiomqtt_plain")}
    if peer is not None:
        found["gmqtt"] = Peer("gmqtt_plain", python=peer)
    found["paho"] = Peer("paho_queue")
    found["paho manual_ack"] = Peer("paho_queue", "manual")
    found["mosquitto bridge"] = Peer("paho_queue", "manual", bridged=True)
    return found


def cell(system: Peer | None, fault: str, seed: int) -> dict[str, Any]:
    """What one fault cost one system: ``{"sent", "lost", "doubled", "note"}``."""
    database, broker, draw = FAULTS[fault]
    faults = draw(random.Random(f"{seed} {fault}"))
    with tempfile.TemporaryDirectory(prefix="lotwatch-losses-") as folder:
        wishes = Wishes(Path(folder) / "stage", database, broker, readers=READERS, away_s=AWAY_S)
        if system is not None:
            return asyncio.run(_peer(wishes, system, faults))
        outcome = asyncio.run(run_round(wishes, faults))
        told = outcome.account
        note = "; ".join([*([outcome.stuck] if outcome.stuck else []), *outcome.ended, *told.findings])
        return {"sent": told.codes, "lost": told.lost, "doubled": told.doubled, "note": note}


async def _peer(wishes: Wishes, system: Peer, faults: list[Fault]) -> dict[str, Any]:
    note = ""
    async with staged(wishes, system) as stage:
        await until(lambda: bool(lots_in(database_of(stage), SITE)), "the first code is in the database")
        for fault in faults:
            await asyncio.sleep(fault.after_s)
            if system.bridged and fault.on == "gateway":  # the box has both
                fault = Fault(fault.kind, "gateway+edge", 0.0, fault.lasts_s)  # noqa: PLW2901
            await stage.suffer(fault)
        for reader in stage.plant.readers:
            reader.end()
        try:
            await until(
                lambda: all(reader.done for reader in stage.plant.readers), "the readers are answered",
                lambda: [reader.taken for reader in stage.plant.readers], _DRAIN_S,
            )  # fmt: skip
        except TimeoutError:
            note = "its gateway answers no more"
        codes = wanted(stage)
        found = await _settled(stage, codes)
        note = "; ".join([*([note] if note else []), *stage.ended])
    missing = [code for code in codes if not found.get(code)]
    doubled = sum(max(found.get(code, 0) - 1, 0) for code in codes)
    return {"sent": len(codes), "lost": len(missing), "doubled": doubled, "note": note}


async def _settled(stage: Stage, codes: list[str]) -> dict[str, int]:
    """What the database has, when it has all of it or gains no more."""
    found: dict[str, int] = {}

    def look() -> int:
        found.update(lots_in(database_of(stage), SITE))
        return len(found)

    with contextlib.suppress(TimeoutError):
        await until(lambda: look() >= len(codes) and all(code in found for code in codes), "", look, QUIET_S)
    return found


def main() -> int:
    """Run what is not recorded yet, and print the matrix."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks losses", description="What each fault costs.")
    parser.add_argument("--peer", metavar="PYTHON", help="of a venv with gmqtt")
    parser.add_argument("--system", action="append", help="this one alone; may be repeated")
    parser.add_argument("--fault", action="append", help="likewise")
    parser.add_argument("--record", type=Path, help="a line a cell; those in it are not run again")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    known = systems(given.peer)
    columns, rows = given.system or list(known), given.fault or list(FAULTS)
    for name in [
        *(each for each in columns if each not in known),
        *(each for each in rows if each not in FAULTS),
    ]:
        parser.error(f"there is no {name!r}; there are {', '.join([*known, *FAULTS])}")
    done: dict[tuple[str, str], dict[str, Any]] = {}
    if given.record is not None and given.record.exists():
        for line in given.record.read_bytes().splitlines():
            row = orjson.loads(line)
            if row["seed"] == given.seed:
                done[row["system"], row["fault"]] = row
    try:
        for fault in rows:
            for name in columns:
                if (name, fault) not in done:
                    made = {
                        "system": name,
                        "fault": fault,
                        "seed": given.seed,
                        **cell(known[name], fault, given.seed),
                    }
                    done[name, fault] = made
                    print(f"{fault}: {name}: {_words(made)} {made['note'][:300]}", flush=True)
                    if given.record is not None:
                        with given.record.open("ab") as file:
                            file.write(orjson.dumps(made) + b"\n")
    except NoServer as error:
        print(error)
        return 1
    print(machine())
    print(f"| lost / doubled of N acknowledged | {' | '.join(columns)} |")
    print(f"|---|{'---|' * len(columns)}")
    for fault in rows:
        print(f"| {fault} | {' | '.join(_words(done[name, fault]) for name in columns)} |")
    ours = [done["lotwatch", fault] for fault in rows if "lotwatch" in columns]
    return int(any(row["lost"] or row["doubled"] or row["note"] for row in ours))


def _words(row: dict[str, Any]) -> str:
    return f"{row['lost']} / {row['doubled']} of {row['sent']}"


if __name__ == "__main__":
    sys.exit(main())
