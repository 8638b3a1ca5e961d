"""tests/vectors/sparkplug/tck.tsv: every id of the specification has a test that is there, or a reason."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from tests.tck.edge_checks import CHECKS

TESTS = Path(__file__).parents[2]
TABLE = TESTS / "vectors" / "sparkplug" / "tck.tsv"
IDS = 299  # testable sentences of Sparkplug 3.0.0, by its sources


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_every_id_is_there_once():
    ids = [row["id"] for row in rows()]
    assert len(ids) == len(set(ids)) == IDS
    assert all(row["who"] in {"edge", "host", "broker", "any", "both"} for row in rows())
    assert all(row["words"] for row in rows())


def test_every_holder_is_there():
    missing = []
    for row in rows():
        holder = row["holder"]
        if holder == "check":
            if row["id"] not in CHECKS:
                missing.append(row["id"])
        elif not holder.startswith("-: "):
            path, _, name = holder.partition("::")
            text = (TESTS / path).read_text("utf-8")
            if not re.search(rf"^(async )?def {name}\(", text, re.MULTILINE):
                missing.append(holder)
    assert missing == []


def test_every_check_is_in_the_table():
    assert set(CHECKS) == {row["id"] for row in rows() if row["holder"] == "check"}


def test_what_an_edge_node_must_and_no_test_holds_is_what_nobody_can_hold_alone():
    open_ids = {
        row["id"]
        for row in rows()
        if (row["who"], row["level"]) == ("edge", "MUST") and row["holder"].startswith("-: ")
    }
    assert open_ids == {
        "intro-edge-node-id-uniqueness",
        "topic-structure-namespace-unique-edge-node-descriptor",
        "payloads-nbirth-edge-node-descriptor",
        "topics-nbirth-templates",
        "message-flow-device-dcmd-subscribe",
    }
