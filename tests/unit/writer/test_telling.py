"""The audit in the gateway's journal: what the door takes of it, which event it becomes, where telling goes on."""

from __future__ import annotations

import orjson
import pytest

from gateway.door import BadRequest, entry_of
from gateway.folding.setpoints import STEPS, entered
from gateway.model import Entry, Instant, Severity
from lotwatch_writer.audit import read
from lotwatch_writer.book import Verdict
from lotwatch_writer.desk import Refused
from lotwatch_writer.telling import OtherAudit, Told, left, line_of
from tests.unit.writer.kit import TAG, Site

NOW = Instant(1_800_000_000_000_000_000, 5, 1)


async def told(site: Site) -> list[Entry]:
    return [entry_of(line_of(row), NOW) for row in left(read(site.folder), Told())]


async def test_every_step_is_an_entry_and_an_event(tmp_path) -> None:
    site = Site(tmp_path)
    with pytest.raises(Refused):
        await site.propose(99.0)
    withdrawn = await site.propose(11.0)
    await site.take(await site.note("withdraw", "18", proposal=withdrawn))
    with pytest.raises(Refused):
        await site.take(await site.note("withdraw", "18", proposal=withdrawn))
    await site.propose(11.0)
    await site.wait(601)
    await site.approve(await site.propose(12.5))
    await site.wait(61)
    proposal = await site.propose(13.0)
    site.device.how = "lost"
    await site.approve(proposal)
    entries = await told(site)
    events = [event for entry in entries for event in entered(entry) or ()]
    assert [(event.kind.removeprefix("setpoint_"), event.facts.get("step")) for event in events] == [
        ("refused", None), ("asked", "proposed"), ("asked", "withdrawn"), ("refused", None), ("asked", "proposed"),
        ("asked", "expired"), ("asked", "proposed"), ("asked", "approved"), ("written", None),
        ("asked", "proposed"), ("asked", "approved"), ("not_written", "unknown"),
    ]  # fmt: skip
    assert [event.severity for event in events if event.kind.endswith(("refused", "not_written"))] == [
        Severity.WARNING
    ] * 3
    written = events[8]
    assert (written.subject, written.facts["operator"], written.facts["read"]) == (TAG, "18", 12.5)
    assert (written.facts["proposer"], written.facts["reason"]) == ("17", "less regrind")
    assert str(events[-1].facts["reason"]).startswith("less regrind; 10.0.0.7:502, unit 1: no answer in time")
    assert written.facts["hash"] == read(tmp_path)[int(str(written.facts["row"])) - 1].hash
    assert "99 % is not from 0 to 30" in str(events[0].facts["reason"])


def test_every_verdict_is_a_step_that_the_gateway_knows() -> None:
    assert {str(each) for each in Verdict} < set(STEPS)


def test_another_entry_is_none_of_the_writers() -> None:
    assert entered(Entry("handover", NOW, "17", {"text": "x"})) is None


GOOD = {"tag": TAG, "step": "written", "row": 3, "hash": "0" * 64, "value": 12.5, "uom": "%"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, ""),
        ({"step": "done"}, "step is one of proposed"),
        ({"row": 0}, "row is not the number of a row"),
        ({"row": True}, "row is not the number"),
        ({"hash": "x"}, "hash is not 64"),
        ({"proposal": 3}, "proposal is not 64"),
        ({"value": "12"}, "value is not a number"),
        ({"who": "Anna"}, "setpoint has no who"),
    ],
)
def test_what_the_door_takes(change, says) -> None:
    line = orjson.dumps({"v": 1, "kind": "setpoint", "operator": "17", "body": {**GOOD, **change}})
    if not says:
        assert entry_of(line, NOW).body == GOOD
        return
    with pytest.raises(BadRequest, match=says):
        entry_of(line, NOW)


async def test_telling_goes_on_where_the_journal_ends(tmp_path) -> None:
    site = Site(tmp_path)
    await site.approve(await site.propose(12.5))
    rows = read(tmp_path)
    assert [row.kind for row in left(rows, Told())] == ["proposed", "approved", "read_back"]
    for number, row in enumerate(rows, 1):
        assert left(rows, Told(row.n, row.hash)) == [each for each in left(rows, Told()) if each.n > number]
    for other in (Told(3, "0" * 64), Told(99, rows[-1].hash)):
        with pytest.raises(OtherAudit, match="not the one that the journal was told"):
            left(rows, other)
