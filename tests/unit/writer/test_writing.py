"""What came of a write is what the device holds: answers that lie, that fail to come, power that goes in between."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from gateway.layout import Field
from gateway.lines.fake import FakeLine
from lotwatch_writer.allowed import Place
from lotwatch_writer.audit import read
from lotwatch_writer.book import Verdict
from lotwatch_writer.desk import Refused
from lotwatch_writer.proving import findings
from tests.unit.modbus.kit import drive
from tests.unit.writer.kit import SETPOINT, TAG, Blender, Site


@pytest.fixture
def site(tmp_path) -> Site:
    return Site(tmp_path)


@pytest.mark.parametrize(
    ("how", "verdict", "answer", "read_back"),
    [
        ("takes", "written", "done", 12.5),
        ("ignores", "differs", "done", 10.0),
        ("refuses", "not_written", "exception 4", 10.0),
        ("silent", "written", "none", 12.5),
        ("deaf", "not_seen", "none", 10.0),
        ("lost", "unknown", "none", None),
    ],
)
async def test_the_verdict_is_what_the_device_holds(site, how, verdict, answer, read_back) -> None:
    proposal = await site.propose(12.5)
    site.device.how = how
    done = await site.approve(proposal)
    if how == "refuses":  # a device that refuses keeps what it has
        site.device.registers[16] = 100
    assert (done["verdict"], done["answer"]) == (verdict, answer)
    assert done["read"] == read_back
    assert len(site.device.writes) == 1
    assert findings(read(site.folder)) == []


def test_verdicts() -> None:
    answers = ("done", "none", "exception 2", "not sent")
    assert {(each, holds): Verdict.of(each, holds) for each in answers for holds in (True, False, None)} == {
        ("done", True): "written", ("done", False): "differs", ("done", None): "unknown",
        ("none", True): "written", ("none", False): "not_seen", ("none", None): "unknown",
        ("exception 2", True): "written", ("exception 2", False): "not_written", ("exception 2", None): "unknown",
        ("not sent", True): "written", ("not sent", False): "not_written", ("not sent", None): "unknown",
    }  # fmt: skip


async def test_after_an_unknown_end_the_device_is_read_before_anything_is_sent(site) -> None:
    proposal = await site.propose(12.5)
    site.device.how = "lost"
    assert (await site.approve(proposal))["verdict"] == "unknown"
    assert list(site.desk.book.unsettled) == [TAG]
    await site.wait(61)
    with pytest.raises(Refused, match="not known whether the last write was done"):
        await site.propose(13.0)
    await drive(site.desk.tidy(), site.clock)
    assert len(site.device.writes) == 1
    assert [row.facts["verdict"] for row in site.audit.rows if row.kind == "read_back"] == ["unknown"]
    site.device.answers, site.device.how = True, "takes"
    await drive(site.desk.tidy(), site.clock)
    assert [row.facts["verdict"] for row in site.audit.rows if row.kind == "read_back"] == [
        "unknown",
        "written",
    ]
    assert site.desk.book.unsettled == {}
    assert (await site.approve(await site.propose(13.0)))["verdict"] == "written"
    assert findings(read(site.folder)) == []


async def test_power_cut_between_what_is_written_down_and_what_is_sent(site) -> None:
    """At every step of a write: the row "writing" is there before a byte is, and the next start reads the device."""
    for at, kind in enumerate(("approved", "writing", "answered", "read_back")):
        proposal = await site.propose(11.0 + at)
        append, device_writes = site.audit.append, len(site.device.writes)

        def cut(name, append=append, kind=kind, **facts):
            if name == kind:
                raise KeyboardInterrupt("the power is gone")
            return append(name, **facts)

        site.audit.append = cut
        with pytest.raises(KeyboardInterrupt):
            await _until_cut(site, proposal)
        sent = len(site.device.writes) - device_writes
        assert sent == (kind in {"answered", "read_back"})
        site.restart()
        await drive(site.desk.tidy(), site.clock)
        rows = site.audit.rows
        assert site.desk.book.unsettled == {}
        assert (rows[-1].kind == "read_back") == bool(sent)
        assert len(site.device.writes) - device_writes == sent  # nothing is sent again by itself
        if sent:
            assert (rows[-1].facts["verdict"], rows[-1].facts["answer"]) == ("written", "none")
        assert findings(read(site.folder)) == []
        if kind == "approved":  # it waits as before
            assert (await site.approve(proposal))["verdict"] == "written"
            await site.wait(61)
            continue
        if kind == "writing":  # approved, and never begun: an approval is good once
            with pytest.raises(Refused, match="was decided"):
                await site.approve(proposal, value=11.0 + at)
        await site.wait(1201)


async def _until_cut(site, proposal) -> None:
    """A KeyboardInterrupt would end the loop of the test: it is carried over."""
    approval = await site.approval(proposal)

    async def taken():
        try:
            return await site.desk.take(approval)
        except KeyboardInterrupt as cut:
            return cut

    done = await drive(taken(), site.clock)
    assert isinstance(done, KeyboardInterrupt)
    raise done


async def test_a_full_disk_before_the_write_leaves_the_device_alone(site) -> None:
    proposal = await site.propose(12.5)
    approval, append = await site.approval(proposal), site.audit.append

    def full(kind, **facts):
        if kind == "writing":
            raise OSError(28, "No space left on device")
        return append(kind, **facts)

    site.audit.append = full
    with pytest.raises(OSError, match="No space"):
        await drive(site.desk.take(approval), site.clock)
    assert site.device.writes == []


async def test_a_line_that_is_down_sends_nothing(site) -> None:
    proposal = await site.propose(12.5)
    site.line.cut()
    with pytest.raises(Refused, match="the device was not heard, so nothing was sent"):
        await site.approve(proposal)
    site.line.mend()
    assert (await site.approve(proposal))["verdict"] == "written"


async def test_a_register_that_refuses_to_be_read_is_not_written(site) -> None:
    site.device.registers = {}
    with pytest.raises(Refused, match=r"refused to be read at holding 16: Refused\(code=2\)"):
        await site.propose(12.5)


async def test_settling_is_waited_for(site) -> None:
    """A device that takes its time: the third look sees it."""
    proposal = await site.propose(12.5)
    site.device.how = "ignores"
    approval = await site.approval(proposal)
    task = asyncio.ensure_future(site.desk.take(approval))
    await site.clock.advance(2.5)
    assert not task.done()
    site.device.registers[16] = 125
    assert (await drive(task, site.clock))["verdict"] == "written"


async def test_read_back_elsewhere_within_a_tolerance(tmp_path) -> None:
    back = Place("holding", 20, Field("int16", scale="0.01"))
    site = Site(tmp_path, replace(SETPOINT, back=back, tolerance=0.2))
    site.device.registers[20] = 1230
    assert (await site.approve(await site.propose(12.5)))["verdict"] == "written"
    await site.wait(61)
    site.device.registers[20] = 1229
    assert (await site.approve(await site.propose(12.5)))["verdict"] == "differs"


async def test_a_coil(tmp_path) -> None:
    place = Place("coil", 16, Field("bit"))
    site = Site(tmp_path, replace(SETPOINT, function=5, target=place, back=place, low=0, high=1, step=1))
    assert (await site.approve(await site.propose(1)))["read"] == 1
    assert [each.hex() for each in site.device.writes] == ["050010ff00"]
    await site.wait(61)
    with pytest.raises(Refused, match=r"0.5 is not 0 or 1"):
        await site.propose(0.5)


async def test_a_float_over_two_registers(tmp_path) -> None:
    place = Place("holding", 16, Field("float32", order="CDAB"))
    site = Site(tmp_path, replace(SETPOINT, function=16, target=place, back=place))
    site.device.registers = {16: 0, 17: 0x4120}  # 10.0
    done = await site.approve(await site.propose(12.3))
    assert (done["verdict"], round(done["read"], 5)) == ("written", 12.3)
    assert [each.hex() for each in site.device.writes] == ["1000100002" + "04" + "cccd4144"]


async def test_a_serial_line(tmp_path) -> None:
    bus = replace(SETPOINT.bus, driver="modbus.rtu", address="/dev/ttyS9")
    site = Site(tmp_path, replace(SETPOINT, bus=bus))
    site.device = Blender(serial=True)
    site.line = FakeLine(clock=site.clock, respond=site.device)
    assert (await site.approve(await site.propose(12.5)))["verdict"] == "written"
    await site.wait(61)
    site.device.how = "silent"
    assert (await site.approve(await site.propose(13.0)))["answer"] == "none"
    assert [each.hex() for each in site.device.writes] == ["060010007d", "0600100082"]


async def test_a_serial_line_that_hears_itself_proves_nothing(tmp_path) -> None:
    """The echo of function 6 is its good answer: only the read-back tells."""
    bus = replace(SETPOINT.bus, driver="modbus.rtu", address="/dev/ttyS9")
    site = Site(tmp_path, replace(SETPOINT, bus=bus))
    site.device = Blender(serial=True)
    site.line = FakeLine(clock=site.clock, respond=lambda data: data + (site.device(data) or b""))
    proposal = await site.propose(12.5)
    site.device.how = "deaf"
    assert (await site.approve(proposal))["verdict"] == "differs"


async def test_a_list_that_changes_under_an_open_end_ends_nothing(site) -> None:
    """Nobody can say then what the value would be in the new words: the device is read all the same."""
    proposal = await site.propose(12.5)
    site.device.how = "lost"
    await site.approve(proposal)
    place = Place("holding", 16, Field("int16"))
    site.changed(target=place, back=place)
    site.device.answers = True
    await drive(site.desk.tidy(), site.clock)
    assert (site.audit.rows[-1].kind, site.audit.rows[-1].facts["verdict"]) == ("read_back", "not_seen")
    assert site.desk.book.unsettled == {}
