"""Proposals, approvals, writes: what is allowed happens once, is read back and written down; nothing else does."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.problems import ConfigErrors, Problem
from gateway.proof.note import SigningKey
from lotwatch_writer.allowed import same_person
from lotwatch_writer.audit import NAME, read, rows_of
from lotwatch_writer.book import Book
from lotwatch_writer.bounds import At, too_soon
from lotwatch_writer.desk import Refused
from lotwatch_writer.notes import BadNote, heard, signed
from lotwatch_writer.proving import findings
from tests.unit.modbus.kit import drive
from tests.unit.writer.kit import KEYS, SETPOINT, TAG, Site

REFUSES = pytest.raises


@pytest.fixture
def site(tmp_path) -> Site:
    return Site(tmp_path)


async def test_two_persons_write_one_value(site) -> None:
    done = await site.approve(await site.propose(12.5))
    assert (done["verdict"], done["answer"], done["read"]) == ("written", "done", 12.5)
    assert [each.hex() for each in site.device.writes] == ["060010007d"]
    assert site.kinds() == ["begun", "list", "proposed", "approved", "writing", "answered", "read_back"]
    assert findings(read(site.folder)) == []
    [writing] = [row for row in site.audit.rows if row.kind == "writing"]
    assert (writing.facts["held"], writing.facts["by"], writing.facts["request"]) == (
        10.0,
        "18",
        "060010007d",
    )


async def test_nobody_approves_their_own(site) -> None:
    proposal = await site.propose(12.5, "17")
    with REFUSES(Refused, match="nobody approves their own"):
        await site.approve(proposal, "17")
    assert site.device.writes == []
    assert (await site.approve(proposal, "18"))["verdict"] == "written"


async def test_nor_under_another_spelling_of_their_number(site) -> None:
    """The key of operator-017 is another name for a key: the list refuses it, and so does the desk."""
    proposal = await site.propose(12.5, "17")
    here = await drive(site.desk.hello(), site.clock)
    said = {"proposal": proposal, "tag": TAG, "value": 12.5, "uom": "%"}
    for name in ("operator-017", "operator-17"):
        key = SigningKey(name, b"\x11" * 32)
        with REFUSES(Refused, match="not signed with the key of operator 017"):
            await site.take(
                signed(
                    key, do="approve", operator="017", challenge=here["challenge"], list=here["list"], **said
                )
            )
    own = signed(
        KEYS["17"], do="approve", operator="017", challenge=here["challenge"], list=here["list"], **said
    )
    with REFUSES(Refused, match="not signed with"):
        await site.take(own)
    people = site.allowed.people
    assert same_person("17", "0017", people)
    assert same_person("17", "18", {**people, "18": people["17"]})
    assert same_person("17", "99", people)
    assert not same_person("17", "18", people)


async def test_who_may_not_does_not(site) -> None:
    with REFUSES(Refused, match="operator 19 may not propose"):
        await site.propose(12.5, "19")
    with REFUSES(Refused, match="operator 19 may not approve"):
        await site.approve(await site.propose(12.5), "19")
    with REFUSES(Refused, match="unknown person"):
        stranger = SigningKey("operator-99", b"\x99" * 32)
        here = await drive(site.desk.hello(), site.clock)
        said = {"tag": TAG, "value": 12.5, "uom": "%", "reason": "x"}
        await site.take(
            signed(
                stranger, do="propose", operator="99", challenge=here["challenge"], list=here["list"], **said
            )
        )
    assert site.kinds().count("refused") == 2
    assert site.kinds().count("forged") == 1


@pytest.mark.parametrize(
    ("value", "more", "says"),
    [
        (30.1, {}, "30.1 % is not from 0 to 30"),
        (-0.1, {}, "not from 0 to 30"),
        (20.1, {}, "the device holds 10 %, and 20.1 is 10.1 from it: 10 at once at most"),
        (12.34, {}, "12.34 is between two steps of 0.1"),
        (12.5, {"tag": "moulding/line1/blender1/other"}, "is not in the list"),
        (12.5, {"uom": "kg"}, "is in %, not in kg"),
    ],
)
async def test_a_value_beyond_its_bounds_is_not_even_proposed(site, value, more, says) -> None:
    with REFUSES(Refused, match=says):
        await site.propose(value, **more)
    assert site.device.writes == []
    assert site.desk.book.open == {}
    assert site.audit.rows[-1].kind == "refused"
    assert findings(read(site.folder)) == []


async def test_the_step_is_judged_again_when_it_is_written(site) -> None:
    proposal = await site.propose(20.0)
    site.device.registers[16] = 50  # somebody turned it at the panel meanwhile
    with REFUSES(Refused, match="holds 5 %, and 20 is 15 from it"):
        await site.approve(proposal)
    assert site.device.writes == []


async def test_rates_hold(site) -> None:
    for value in (11.0, 12.0, 13.0):
        assert (await site.approve(await site.propose(value)))["verdict"] == "written"
        with REFUSES(Refused, match="60 s lie between two"):
            await site.propose(14.0)
        await site.wait(61)
    with REFUSES(Refused, match="3 writes in the last hour, 3 at most"):
        await site.propose(14.0)
    await site.wait(3600)
    assert (await site.approve(await site.propose(14.0)))["verdict"] == "written"


async def test_two_proposals_cannot_run_past_the_rate(site) -> None:
    """What was in time when it was proposed is judged again when it is approved."""
    site.changed(interval_ns=3_000_000_000_000)
    proposal = await site.propose(11.0)
    await site.approve(proposal)
    with REFUSES(Refused, match="it was decided"):
        await site.approve(proposal, value=11.0)
    with REFUSES(Refused, match="lie between two"):
        await site.propose(12.0)


@pytest.mark.parametrize("seconds", [-3_000_000, 3_000_000])
async def test_setting_the_clock_gives_nobody_another_write(site, seconds) -> None:
    await site.approve(await site.propose(11.0))
    site.clock.step_wall(seconds)
    with REFUSES(Refused, match="60 s lie between two"):
        await site.propose(12.0)
    await site.wait(61)
    proposal = await site.propose(12.0)
    site.clock.step_wall(-seconds)
    await site.wait(599)
    assert (await site.approve(proposal))["verdict"] == "written"


def test_a_reboot_gives_nobody_another_write() -> None:
    writes = [At("before", 5_000_000_000_000)]
    assert "the last write was 30 s ago" in too_soon(SETPOINT, writes, At("after", 30_000_000_000))
    assert too_soon(SETPOINT, writes, At("after", 61_000_000_000)) == ""
    assert "3 writes in the last hour" in too_soon(SETPOINT, writes * 3, At("after", 61_000_000_000))
    assert too_soon(SETPOINT, writes * 3, At("after", 3_601_000_000_000)) == ""


async def test_a_proposal_lapses(site) -> None:
    proposal = await site.propose(12.5)
    await site.wait(601)
    with REFUSES(Refused, match="has lapsed"):
        await site.approve(proposal, value=12.5)
    assert "expired" in site.kinds()
    assert site.device.writes == []


async def test_a_proposal_does_not_outlive_its_boot(site) -> None:
    await site.propose(12.5)
    site.restart()
    assert len(site.desk.book.open) == 1  # a restart of the program alone loses nothing
    [waits] = site.desk.book.open.values()
    assert site.desk.book.lapsed(At("another", 5), 600_000_000_000) == [waits]


async def test_a_note_is_taken_once_and_at_once(site) -> None:
    note = await site.note("propose", "17", tag=TAG, value=12.5, uom="%", reason="less")
    await site.take(note)
    for _ in range(30):
        with REFUSES(Refused, match="whose challenge was used"):
            await site.take(note)
    assert site.kinds().count("forged") == 10  # who floods us fills no disk
    [proposal] = site.desk.book.open
    approval = await site.approval(proposal)
    await site.take(approval)
    with REFUSES(Refused, match="challenge"):
        await site.take(approval)
    assert len(site.device.writes) == 1
    await site.wait(61)
    late = await site.note("propose", "17", tag=TAG, value=13.0, uom="%", reason="less")
    await site.wait(301)
    with REFUSES(Refused, match="too old"):
        await site.take(late)
    early = await site.note("propose", "17", tag=TAG, value=13.0, uom="%", reason="less")
    site.restart()
    with REFUSES(Refused, match="not given here"):
        await site.take(early)


async def test_an_approval_is_for_what_was_proposed(site) -> None:
    proposal = await site.propose(12.5)
    with REFUSES(Refused, match="not what was proposed"):
        await site.approve(proposal, value=19.0)
    with REFUSES(Refused, match="no such proposal"):
        await site.approve("0" * 64, value=12.5)
    assert site.device.writes == []


async def test_a_list_that_changes_in_between_undoes_a_proposal(site) -> None:
    proposal = await site.propose(12.5)
    approval = await site.approval(proposal)
    site.changed(high=12)
    with REFUSES(Refused, match="the list has changed since you looked"):
        await site.take(approval)
    with REFUSES(Refused, match="has changed since this was proposed"):
        await site.approve(proposal)
    assert site.device.writes == []
    assert site.kinds().count("list") == 2
    assert findings(read(site.folder)) == []


async def test_a_list_that_is_broken_writes_nothing(site) -> None:
    proposal = await site.propose(12.5)
    approval = await site.approval(proposal)

    def broken():
        raise ConfigErrors([Problem("list.yaml", 3, 5, "people", "is missing")])

    site.load = broken
    with REFUSES(Refused, match="list.yaml:3:5: people: is missing"):
        await site.take(approval)
    assert site.device.writes == []


async def test_a_withdrawn_proposal_is_gone(site) -> None:
    proposal = await site.propose(12.5)
    with REFUSES(Refused, match="waits already"):
        await site.propose(13.0, "18")
    await site.take(await site.note("withdraw", "19", proposal=proposal))
    with REFUSES(Refused, match="withdrawn"):
        await site.approve(proposal, value=12.5)
    with REFUSES(Refused, match="withdrawn"):
        await site.take(await site.note("withdraw", "17", proposal=proposal))
    assert findings(read(site.folder)) == []


async def test_what_people_see(site) -> None:
    proposal = await site.propose(12.5)
    await site.wait(100.5)
    here = await drive(site.desk.hello(), site.clock)
    [waits] = here["open"]
    assert (waits["proposal"], waits["by"], waits["left_s"], waits["reason"]) == (
        proposal,
        "17",
        499,
        "less regrind",
    )
    assert here["setpoints"] == [{"tag": TAG, "uom": "%", "low": 0, "high": 30, "step": 10}]
    assert here["head"] == site.audit.rows[-1].hash


@pytest.mark.parametrize(
    "note", ["", "x", "a\n\nb\n", "lotwatch-writer/v1\n{}\n\n— operator-17 AAAA\n", "\x00"]
)
async def test_what_is_no_note_is_refused(site, note) -> None:
    with REFUSES(Refused, match="not a note"):
        await site.take(note)


async def test_who_only_asks_does_not_fill_the_memory(site) -> None:
    for _ in range(200):
        await drive(site.desk.hello(), site.clock)
    with REFUSES(Refused, match="too many ask"):
        await drive(site.desk.hello(), site.clock)
    await site.wait(301)
    await drive(site.desk.hello(), site.clock)


@given(
    text=st.text(max_size=200)
    | st.builds("lotwatch-writer/v1\n{}\n\n— a AAAAAAAA\n".format, st.text(max_size=100))
)
def test_any_text_is_a_note_or_none(text) -> None:
    with contextlib.suppress(BadNote):
        heard(text)


async def test_wherever_the_power_goes_the_rows_say_whether_a_write_is_open(site) -> None:
    """Every prefix of the audit: a write that has begun and was not read back is known, and no other."""
    await site.approve(await site.propose(12.5))
    data = (site.folder / NAME).read_bytes()
    for size in range(0, len(data) + 1, 5):
        book, kinds = Book(), []
        for row in rows_of(data[:size]):
            book.take(row)
            kinds.append(row.kind)
        assert bool(book.unsettled) == ("writing" in kinds and "read_back" not in kinds)
        assert len(book.open) == ("proposed" in kinds and "approved" not in kinds)
        assert len(book.writes.get(TAG, ())) == ("writing" in kinds)
