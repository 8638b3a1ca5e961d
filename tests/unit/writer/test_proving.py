"""`verify`: an audit whose chain is whole and whose story is not."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

import pytest

from gateway.proof.note import SigningKey
from lotwatch_writer.audit import FIRST, Row, hashed, line_of, read, rows_of
from lotwatch_writer.proving import findings
from tests.unit.writer.kit import KEYS, Site


def forged(rows: Iterable[Row]) -> list[Row]:
    """Rows chained anew, as somebody with the file could."""
    data, before = b"", FIRST
    for number, row in enumerate(rows, 1):
        line = line_of(Row(number, before, row.at, row.time_ns, row.kind, row.facts))
        before, data = hashed(line), data + line + b"\n"
    return list(rows_of(data))


def changed(rows: list[Row], kind: str, **facts) -> list[Row]:
    """The first row of a kind with other facts."""
    [at, *_] = [number for number, row in enumerate(rows) if row.kind == kind]
    row = rows[at]
    new = Row(row.n, row.before, row.at, row.time_ns, row.kind, {**row.facts, **facts})
    return forged([*rows[:at], new, *rows[at + 1 :]])


@pytest.fixture
async def rows(tmp_path) -> list[Row]:
    site = Site(tmp_path)
    await site.approve(await site.propose(12.5))
    return read(tmp_path)


async def test_what_did_not_happen_so_is_found(rows) -> None:
    assert findings(rows) == findings(forged(rows)) == []
    by_kind = {row.kind: row for row in rows}
    keys = {each: key.public.line() for each, key in KEYS.items()}
    one_key = {**keys, "18": keys["17"].replace("operator-17", "operator-18")}
    listed = by_kind["list"].facts
    cases = {
        "its note says something else": changed(rows, "proposed", value=29.0),
        "its id is not that of its note": changed(rows, "proposed", id="0" * 64),
        "not signed by operator 18": changed(rows, "proposed", by="18"),
        "not signed by operator 19": changed(rows, "approved", by="19"),
        "it names other persons than those who signed": changed(rows, "writing", proposer="19"),
        "another value than was approved": changed(rows, "writing", value=29.0),
        "without an approval": forged([row for row in rows if row.kind != "approved"]),
        "or twice with one": forged([*rows, by_kind["writing"]]),
        "no such proposal waits": forged([row for row in rows if row.kind != "proposed"]),
        "nothing was written before it": forged([row for row in rows if row.kind != "writing"]),
        "beyond the range of the list": changed(
            rows, "list", setpoints={tag: {**each, "high": 12} for tag, each in listed["setpoints"].items()}
        ),
        "by persons who may not": changed(
            rows, "list", setpoints={tag: {**each, "approve": ["19"]} for tag, each in listed["setpoints"].items()}
        ),
        "it is no such row": changed(rows, "list", people=one_key),
        "its note says to propose": changed(rows, "approved", note=by_kind["proposed"].facts["note"], by="17"),
        "it is no such row: KeyError": changed(rows, "read_back", verdict="written", tag="x") and forged(
            [Row(1, FIRST, rows[0].at, 0, "proposed", {})]
        ),
    }  # fmt: skip
    for says, other in cases.items():
        assert says in "\n".join(findings(other)), says


async def test_one_person_with_two_numbers_is_found(tmp_path) -> None:
    """Somebody who had written the list's row himself: two numbers, one key."""
    site = Site(tmp_path)
    seed = site.allowed.people["17"]
    twin = SigningKey("operator-18", sha256(b"17").digest())
    assert twin.public.key == seed.key
    keys = {"17": seed.line(), "18": twin.public.line()}
    proposal = await site.propose(12.5)
    rows = read(tmp_path)
    note = await site.approval(proposal)
    text = note.rpartition("\n\n")[0] + "\n"
    approved = Row(
        0, "", rows[-1].at, 0, "approved", {"id": proposal, "tag": "x", "by": "18", "note": twin.signed(text)}
    )
    setpoints = rows[1].facts["setpoints"]
    [tag] = setpoints
    listed = Row(0, "", rows[0].at, 0, "list", {**rows[1].facts, "people": keys})
    approved.facts["tag"] = tag  # type: ignore[index] # it is a plain dictionary here
    said = findings(forged([rows[0], listed, *rows[2:], approved]))
    assert "proposed and approved by one person" in "\n".join(said)
