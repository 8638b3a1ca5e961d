"""SIGKILL at random over gateway, broker, ingest worker and database, with cut links and a full disk between.

``python -m benchmarks kills [--kills 40] [--seed 1] [--seconds LIMIT] [--record FILE] [--round N]``. The harness is
`tests.kills`: in rounds of 20 kills, each on servers of its own, on VictoriaMetrics and InfluxDB 1.6 in turn, with
mosquitto by our config and by Debian's in turn. A round ends by the worker's watermark, one more kill of the database,
and the account from the simulators' log to the database. ``--record`` keeps a line a round, and the rounds that are in
it already are not run again: a long run may be cut short and go on. ``--round`` runs one again, by its number.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from benchmarks._record import lines_of, note
from benchmarks._table import Row, machine, print_table
from tests.kills.faults import drawn
from tests.kills.round import run_round
from tests.kills.stage import NoServer, Wishes
from tests.kills.starts import RESTART_S, usual_s

KILLS_A_ROUND = 20  # and one of the database when all has come to rest
SETTINGS = (
    ("victoriametrics", "ours"),
    ("influxdb1", "ours"),
    ("victoriametrics", "debian"),
    ("influxdb1", "debian"),
)


def round_of(seed: int, number: int, kills: int = KILLS_A_ROUND) -> dict[str, Any]:
    """Run one round; its outcome, with what it takes to run it again."""
    database, broker = SETTINGS[number % len(SETTINGS)]
    with tempfile.TemporaryDirectory(prefix="lotwatch-kills-") as folder:
        faults = drawn(kills, seed * 1_000_000 + number)
        outcome = asyncio.run(run_round(Wishes(Path(folder) / "round", database, broker), faults))
        row = {"seed": seed, "round": number, "database": database, "broker": broker, **outcome.plain()}
        if not outcome.whole:
            row["logs"] = {
                log.name: log.read_text("utf-8", "replace")[-4000:]
                for log in Path(folder).glob("round/*.log")
            }
        return row


def rounds(kills: int, seed: int, seconds: float, record: Path | None) -> list[dict[str, Any]]:
    """All rounds that were to be, or as many as the time allows."""
    done = _recorded(record, seed)
    began, number = time.monotonic(), 0
    while sum(row["kills"] for row in done.values()) < kills and time.monotonic() - began < seconds:
        if number not in done:
            done[number] = row = round_of(seed, number, min(KILLS_A_ROUND, kills))
            print(_line(row), flush=True)
            if record is not None:
                note(record, row)
        number += 1
    return [done[each] for each in sorted(done)]


def _recorded(record: Path | None, seed: int) -> dict[int, dict[str, Any]]:
    if record is None or not record.exists():
        return {}
    rows = lines_of(record)
    return {row["round"]: row for row in rows if row["seed"] == seed}


def _line(row: dict[str, Any]) -> str:
    told = row["account"]
    verdict = "whole" if row["whole"] else "NOT WHOLE"
    return (
        f"round {row['round']} ({row['database']}, broker by {row['broker']}): {row['kills']} kills in "
        f"{row['seconds']:.0f} s, {told['codes']} codes, {told['read']} readings, "
        f"{told['compared'].get('database', 0)} points: {verdict}"
    )


def main() -> int:
    """Run, print, and say by the exit code whether all was whole."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks kills", description="Kill at random, and take stock."
    )
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no round after so long")
    parser.add_argument("--record", type=Path, help="a line a round; those in it are not run again")
    parser.add_argument("--round", type=int, help="this round alone, once more")
    given = parser.parse_args()
    try:
        if given.round is not None:
            done = [round_of(given.seed, given.round)]
            print(orjson.dumps(done[0], option=orjson.OPT_INDENT_2).decode())
        else:
            done = rounds(given.kills, given.seed, given.seconds, given.record)
    except NoServer as error:
        print(error)
        return 1
    print(machine())
    return _print(done, given.seed, given.kills)


def _restarts(starts: list[float]) -> Row:
    """Of the gateway, by seconds of the processor."""
    usual = usual_s(starts)
    got = f"median {usual:.2f} s of CPU, longest {max(starts):.2f}" if starts else "none came to its end"
    what = f"a killed gateway is started again and reads, {len(starts)} times"
    return Row(what, "", f"< {RESTART_S:g} s", got, reached=usual < RESTART_S)


def _print(done: list[dict[str, Any]], seed: int, wanted: int) -> int:
    suffered: Counter[str] = Counter()
    for row in done:
        suffered.update(row["suffered"])
    kills = sum(row["kills"] for row in done)
    broken = [row for row in done if not row["whole"]]
    found = (
        f"{_sum(done, 'lost')} lost, {_sum(done, 'doubled')} doubled, {_sum(done, 'disordered')} out of order"
    )
    given = f"{_sum(done, 'codes')} codes, {_sum(done, 'read')} readings"
    short = "" if kills >= wanted else f" of {wanted} wanted"
    print_table([
        Row(f"{kills} SIGKILLs{short} in {len(done)} rounds, seed {seed}", "each loses: docs/reliability.md",
            "0 lost, 0 doubled, in order", f"{found}, in {given}", reached=not broken and kills >= wanted),
        _restarts([took for row in done for took in row.get("starts", ())]),
    ])  # fmt: skip
    print("suffered: " + ", ".join(f"{name} {count}" for name, count in sorted(suffered.items())))
    if "fill disk" not in suffered:
        print("no disk was filled: that takes root, to mount a small one")
    compared = {
        what: sum(row["account"]["compared"].get(what, 0) for row in done)
        for what in ("input", "event", "database")
    }
    print(
        f"compared: {compared['input']} inputs, {compared['event']} events, {compared['database']} database points"
    )
    print(f"answered by a unit and not committed when the gateway was killed: {_sum(done, 'uncommitted')}")
    for row in broken:
        why = [row["stuck"], *row["ended"], *row["account"]["findings"]]
        print(f"NOT WHOLE: --seed {seed} --round {row['round']}: {why}")
    return int(bool(broken))


def _sum(done: Iterable[dict[str, Any]], name: str) -> int:
    return sum(row["account"][name] for row in done)


if __name__ == "__main__":
    sys.exit(main())
