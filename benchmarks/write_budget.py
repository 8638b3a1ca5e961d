"""What 20 tags at 1 Hz write to the disk a day under the sparing profiles, and how long a card lasts by that.

    python -m benchmarks write_budget [--hours 24] [--folder DIR]

The real journal, each commit as the profile's window has it, the simulated time of each record right, sealing and
merging by the helper every ten simulated minutes: see `benchmarks.journal_write`, which counts. What SQLite holds back
in its log until it is folded is not forgotten: a day has hundreds of checkpoints. The folder must be on a real file
system. A card's life is by its endurance as `gateway.box.wear` states it: ENDURANCE_BYTES, and why.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
from pathlib import Path

from benchmarks._table import Row, machine, print_table
from benchmarks.journal_write import DAY_S, ours
from gateway.box.wear import ENDURANCE_BYTES, years
from gateway.site.room import WINDOWS_NS

REACH_GB = {"card": 0.25, "minute": 0.08}


def measured(folder: Path, profile: str, seconds: int) -> tuple[float, float]:
    """GB a day, and of them those of sealing."""
    shutil.rmtree(folder, ignore_errors=True)
    window_s = WINDOWS_NS[profile] // 10**9
    found = asyncio.run(ours(folder, seconds, window_s))
    shutil.rmtree(folder, ignore_errors=True)
    return found["written"] / seconds * DAY_S / 1e9, found["sealing"] / seconds * DAY_S / 1e9


def main() -> int:
    """Run both, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--hours", type=float, default=24.0, help="simulated, of each profile")
    parser.add_argument("--folder", type=Path, default=Path(".cache/bench/write_budget"))
    given = parser.parse_args()
    seconds = round(given.hours * 3_600)
    print(machine())
    print(
        f"a card's endurance: {ENDURANCE_BYTES / 1e12:g} TB written (32 GB, 500 cycles, 4 worn for 1 written)"
    )
    rows = []
    for profile, reach in REACH_GB.items():
        day, sealing = measured(given.folder / profile, profile, seconds)
        if not day:
            print(f"{given.folder} is not on a disk: nothing was written", file=sys.stderr)
            return 1
        window = f"{WINDOWS_NS[profile] / 1e9:g} s"
        what = f"{profile}: written a day, 20 tags at 1 Hz; a power cut costs {window} at most"
        rows.append(Row(what, "", f"{reach} GB", f"{day:.3f} GB", "", day <= reach))
        rows.append(Row("... of it sealing and merging", "", "", f"{sealing:.3f} GB"))
        rows.append(Row("... a card lasts", "", "", f"{years(day * 1e9):.0f} years"))
    print_table(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
