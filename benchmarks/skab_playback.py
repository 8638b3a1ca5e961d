"""Real recordings through the whole gateway: every value must arrive equal, as the shortest decimal of its float32.

``python -m benchmarks.skab_playback --data FOLDER [--files N]``: FOLDER holds the SKAB recordings (or any CSV with a
column of times), N files of them are played, spread over the folder; 0 plays all.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from pathlib import Path

from benchmarks._table import Row, machine, print_table
from gateway.clock import SystemClock
from simulators.playback import Played, through_gateway


def recordings(folder: Path, files: int) -> list[Path]:
    """So many of the CSV files below the folder, evenly spread."""
    found = sorted(path for path in folder.rglob("*.csv") if path.is_file())
    if not files or files >= len(found):
        return found
    return [found[place * len(found) // files] for place in range(files)]


async def play(file: Path) -> Played:
    """One recording, everything started for it and ended after it."""
    with tempfile.TemporaryDirectory(prefix="lotwatch-bench-") as place:
        return await through_gateway(file, Path(place), SystemClock())


def rows(folder: Path, files: int) -> list[Row]:
    """One line a recording, and one of them all."""
    made, whole, values = [], True, 0
    for file in recordings(folder, files):
        played = asyncio.run(play(file))
        whole, values = whole and played.whole, values + played.values
        measured = f"{played.rows:,} rows, {played.values:,} values in {played.seconds:.1f} s; "
        measured += f"{played.missing} rows missing, {played.wrong} values wrong"
        made.append(Row(f"{file.parent.name}/{file.name}", "-", "all equal", measured, reached=played.whole))
        for example in played.examples:
            print(f"{file.name}: {example}")
    made.append(Row("all recordings", "-", "all equal", f"{values:,} values", reached=whole and bool(made)))
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    given = os.environ.get("LOTWATCH_BENCH_DATA")
    parser.add_argument(
        "--data", type=Path, default=Path(given) if given else None, help="folder of recordings"
    )
    parser.add_argument("--files", type=int, default=4, help="how many of them; 0: all")
    asked = parser.parse_args()
    print(machine())
    if asked.data is None:
        print("no recordings: say --data FOLDER")
        return
    print_table(rows(asked.data, asked.files))


if __name__ == "__main__":
    main()
