"""All figures, or those named: ``python -m benchmarks [NAME ...] [--data FOLDER]``, each as a process.

Nothing that a benchmark started outlives this command, however it ends.

What a benchmark takes beside goes on to it where it is the only one named: ``python -m benchmarks kills --kills 100``.
"""

from __future__ import annotations

import argparse
import os
import pkgutil
import sys
from pathlib import Path

import benchmarks
from benchmarks._kept import run

_PARTS = {"genealogy_plant", "modbus_server", "peers"}  # started by others


def names() -> list[str]:
    """The benchmarks there are: the modules of this folder."""
    found = [module.name for module in pkgutil.iter_modules(benchmarks.__path__)]
    return [name for name in found if not name.startswith("_") and name not in _PARTS]


def main() -> int:
    """Run them one after another; the number of those that broke."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure, and print what was measured."
    )
    parser.add_argument("name", nargs="*", help=f"which: {', '.join(names())}; all if none is named")
    parser.add_argument("--data", type=Path, help="folder of recordings, for those that play them")
    given, options = parser.parse_known_args()
    if options and len(given.name) != 1:
        parser.error(f"{options[0]} is no option of them all: name the one benchmark that takes it")
    unknown = sorted(set(given.name) - set(names()))
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]}; there are {', '.join(names())}")
    environment = {"OPENBLAS_NUM_THREADS": "1", **os.environ}  # its threads cost more than they bring
    if given.data is not None:
        environment["LOTWATCH_BENCH_DATA"] = str(given.data.resolve())
    broken = 0
    for name in given.name or names():
        print(f"\n=== {name}", flush=True)
        broken += run([sys.executable, "-m", f"benchmarks.{name}", *options], environment) != 0
    return broken


if __name__ == "__main__":
    sys.exit(main())
