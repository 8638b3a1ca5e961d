"""Suppliers' compartments on a real mosquitto with the config that ships: how many foreign reads and writes succeed.

    python -m benchmarks.compartments [--suppliers N]

Each supplier has a certificate whose key was made as a box makes it. It subscribes to every other's topics, by name and
by wildcard, and writes into each, live and kept. What succeeds is what arrives. The same tries on an access list with a
hole show that they could succeed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from benchmarks._table import Row, machine, print_table
from tests.system.compartments import Authority, Tally, shipped_broker, tried
from tests.system.mqttwire import Wire
from tests.system.servers import find_program

HOLE = "pattern readwrite lotwatch/v1/#\n"


def played(program: str, folder: Path, suppliers: int, acl: str = "") -> tuple[Tally, float]:
    """Every try, and the seconds that they took."""
    folder.mkdir()
    sites = [f"s{number}" for number in range(1, suppliers + 1)]
    authority = Authority(folder)
    authority.server()
    for name in (*sites, "ingest"):
        authority.box(name)
    contexts = {name: authority.context(name) for name in (*sites, "ingest")}
    server = shipped_broker(program, folder, acl)
    server.start()
    try:
        began = time.monotonic()
        tally = tried(
            lambda user, client, version: Wire(server.port, contexts[user], client, version=version), sites
        )
        return tally, time.monotonic() - began
    finally:
        server.stop()


def main() -> int:
    """The table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks compartments")
    parser.add_argument("--suppliers", type=int, default=100)
    given = parser.parse_args()
    program = find_program("mosquitto")
    if program is None:
        print("no mosquitto on this machine: .ci/debian.sh brings it")
        return 1
    with tempfile.TemporaryDirectory(prefix="compartments-") as name:
        tally, took = played(program, Path(name) / "shipped", given.suppliers)
        hole, _ = played(program, Path(name) / "hole", 10, HOLE)
    count = given.suppliers
    own = f"{tally.own_read} and {tally.own_written} of {count}"
    whole = tally.own_read == tally.own_written == count
    seen = hole.read == hole.written == 90
    rows = (
        (f"foreign reads of {tally.read_pairs:,} pairs", "0", f"{tally.read}", not tally.read),
        (f"foreign writes of {tally.write_pairs:,} pairs", "0", f"{tally.written}", not tally.written),
        ("refused writes that MQTT 5 was not told of", "0", f"{tally.silent}", not tally.silent),
        ("own compartments read and written", "all", own, whole),
        ("a hole in the list: of 90 pairs, read and written", "90", f"{hole.read}, {hole.written}", seen),
        ("seconds, handshakes included", "", f"{took:.1f}", None),
    )
    print_table(Row(what, "", reach, got, reached=reached) for what, reach, got, reached in rows)
    print(machine())
    return 0


if __name__ == "__main__":
    sys.exit(main())
