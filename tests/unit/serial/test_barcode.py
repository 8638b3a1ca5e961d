"""The scanner: frames, refusals, ACK only after the commit, and a code that is sent again counted once."""

from __future__ import annotations

import pytest

from gateway.lines import Delay
from gateway.model import Scan
from gateway.site import ScanPoint
from tests.unit.serial.kit import codes, notes

LOT = b"\x02LOT-4711\x03"
ACK, NAK = b"\x06", b"\x15"


async def test_a_code_is_a_scan_of_its_point(desk):
    (scan,) = await desk("serial.barcode").listen(0.1, LOT)
    assert (scan.point, scan.code, scan.symbology, scan.phase, scan.count) == (
        "gate",
        "LOT-4711",
        "",
        "seen",
        1,
    )


async def test_the_symbology_is_kept_apart(desk):
    (scan,) = await desk("serial.barcode").listen(0.1, b"\x02]C10106141411234567\x03")
    assert (scan.symbology, scan.code) == ("]C1", "0106141411234567")


@pytest.mark.parametrize("code", [b"]", b"]C", b"]11ABC", b"A]C1"])
async def test_what_only_looks_like_a_symbology_stays(desk, code):
    (scan,) = await desk("serial.barcode").listen(0.1, b"\x02" + code + b"\x03")
    assert (scan.symbology, scan.code.encode()) == ("", code)


async def test_no_ack_before_the_commit_one_after_it(desk):
    its = desk("serial.barcode")
    (scan,) = await its.listen(0.5, LOT)
    assert its.line.sent == []
    await its.run(its.driver.acknowledge(scan))
    assert its.line.sent == [ACK]


async def test_a_frame_sent_again_before_the_commit_is_dropped_and_acked_once(desk):
    its = desk("serial.barcode")
    heard = await its.listen(3, LOT, Delay(1), LOT, Delay(1), LOT)
    assert codes(heard) == ["LOT-4711"]
    await its.run(its.driver.acknowledge(heard[0]))
    assert its.line.sent == [ACK]


async def test_a_frame_sent_again_after_a_lost_ack_is_dropped_and_acked_again(desk):
    its = desk("serial.barcode")
    (scan,) = await its.listen(0.1, LOT)
    await its.run(its.driver.acknowledge(scan))
    assert codes(await its.listen(0.1, Delay(1), LOT)) == []
    assert await its.listen(1) == []
    assert its.line.sent == [ACK, ACK]


async def test_a_frame_that_crossed_its_ack_gets_none_lest_the_next_code_is_acknowledged_unread(desk):
    its = desk("serial.barcode")
    (scan,) = await its.listen(1, LOT)
    await its.run(its.driver.acknowledge(scan))
    assert codes(await its.listen(0.1, LOT, b"\x02LOT-2\x03")) == ["LOT-2"]
    assert its.line.sent == [ACK]
    assert codes(await its.listen(1.1, Delay(1), LOT)) == []  # this one says that the ACK was lost
    assert its.line.sent == [ACK, ACK]


async def test_the_same_code_later_is_a_new_scan(desk):
    its = desk("serial.barcode")
    (scan,) = await its.listen(0.1, LOT)
    await its.run(its.driver.acknowledge(scan))
    assert codes(await its.listen(6, Delay(5), LOT)) == ["LOT-4711"]


async def test_a_flagged_resend_is_the_same_scan_however_late(desk):
    its = desk("serial.barcode", options={"resend_flag": "*"})
    (scan,) = await its.listen(0.1, LOT)
    await its.run(its.driver.acknowledge(scan))
    assert codes(await its.listen(61, Delay(60), b"\x02*LOT-4711\x03")) == []
    assert its.line.sent == [ACK, ACK]
    assert codes(await its.listen(0.1, b"\x02*LOT-4712\x03")) == ["LOT-4712"]  # its first sending was lost


async def test_an_ack_that_cannot_be_sent_is_sent_when_the_frame_comes_again(desk):
    its = desk("serial.barcode")
    (scan,) = await its.listen(0.1, LOT)
    its.line.cut()
    await its.run(its.driver.acknowledge(scan))
    await its.listen(0.5)
    its.line.mend()
    assert codes(await its.listen(1.2, Delay(0.2), LOT)) == []
    assert its.line.sent == [ACK]


async def test_two_codes_wait_for_their_commits_side_by_side(desk):
    its = desk("serial.barcode")
    first, second = await its.listen(0.1, LOT, b"\x02]C1LOT-2\x03")
    await its.run(its.driver.acknowledge(second))
    await its.run(its.driver.acknowledge(first))
    assert its.line.sent == [ACK, ACK]
    assert codes(await its.listen(1.1, Delay(1), b"\x02]C1LOT-2\x03")) == []


async def test_without_ack_every_frame_is_a_scan(desk):
    its = desk("serial.barcode", options={"prefix": "", "suffix": "CR", "ack": ""})
    heard = await its.listen(0.1, b"LOT-1\r\nLOT-1\r\n")
    assert codes(heard) == ["LOT-1", "LOT-1"]
    await its.run(its.driver.acknowledge(heard[0]))
    assert its.line.sent == []


async def test_a_torn_frame_is_refused_with_an_event_and_a_nak(desk):
    its = desk("serial.barcode", options={"nak": "NAK"})
    heard = await its.listen(1, b"\x02LOT-")
    (note,) = notes(heard, "scan_refused")
    assert (note.subject, note.facts["reason"], note.facts["bytes"]) == ("gate", "torn", b"LOT-".hex(" "))
    assert its.line.sent == [NAK]
    assert codes(await its.listen(0.1, LOT)) == ["LOT-4711"]


async def test_refusals_do_not_flood_and_are_all_counted(desk):
    its = desk("serial.barcode")
    told = []
    for _ in range(130):
        told += notes(await its.listen(1, b"\x02\x1b\x1b\x03" * 5), "scan_refused")
    assert len(told) == 3
    assert sum(int(str(note.facts["refused"])) for note in told) == pytest.approx(650, abs=300)
    assert told[1].facts["reasons"] == {"unprintable": told[1].facts["refused"]}


async def test_a_scanner_that_could_not_read(desk):
    its = desk("serial.barcode", options={"no_read": "NOREAD"})
    heard = await its.listen(0.1, b"\x02NOREAD\x03")
    assert codes(heard) == []
    assert notes(heard)[0].facts["reason"] == "no read"


async def test_half_a_frame_from_before_the_line_broke_is_forgotten(desk):
    its = desk("serial.barcode")
    await its.listen(0.1, b"\x02LOT-")
    its.line.cut()
    await its.listen(0.3)
    its.line.mend()
    assert codes(await its.listen(2, Delay(0.5), LOT)) == ["LOT-4711"]


def test_two_points_for_one_reader_are_refused(desk):
    both = tuple(ScanPoint(name, "a/b/c", "open", device="unit") for name in ("in", "out"))
    with pytest.raises(ValueError, match="one reader is one scan point, not in and out"):
        desk("serial.barcode", scan_points=both)


async def test_a_reader_without_a_point_speaks_in_its_own_name(desk):
    (scan,) = await desk("serial.barcode", scan_points=()).listen(0.1, LOT)
    assert scan.point == "unit"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sufix": "CR"}, r"options\.sufix: there is no such option; did you mean suffix\?"),
        ({"idle": "fast"}, r"options\.idle: 'fast' is not a duration"),
        ({"longest": 0}, r"options\.longest: 0 is below 1"),
        ({"longest": "256"}, r"options\.longest: '256' is not a whole number"),
        ({"ack": 6}, r"options\.ack: 6 is not bytes"),
        ({"suffix": "", "prefix": "STX", "idle": 0}, "a frame needs a suffix, a length or an idle gap"),
    ],
)
def test_wrong_options_are_named(desk, options, message):
    with pytest.raises(ValueError, match=message):
        desk("serial.barcode", options=options)


# --- after a restart of the gateway ---------------------------------------------------------------------------------


def restarted(desk, ran_s: float, code: str = "LOT-4711", **given):
    """A driver that was told what the run before committed last, and for how long that went on."""
    its = desk("serial.barcode", **given)
    its.driver.remember(Scan("gate", its.clock.now(), code, "]C1"), round(ran_s * 1e9))
    return its


MARKED = b"\x02]C1LOT-4711\x03"


@pytest.mark.parametrize("ran_s", [0, 0.9])
async def test_what_the_run_before_committed_is_acknowledged_again_and_not_told(desk, ran_s):
    its = restarted(desk, ran_s)
    assert codes(await its.listen(0.1, Delay(1), MARKED)) == []
    assert await its.listen(1) == []
    assert its.line.sent == [ACK]
    assert codes(await its.listen(0.1, b"\x02LOT-2\x03")) == ["LOT-2"]


async def test_what_lay_in_a_buffer_over_the_restart_is_answered_when_it_comes_again(desk):
    its = restarted(desk, 0.9)
    assert await its.listen(0.1, MARKED, MARKED) == []
    assert its.line.sent == []  # its ACK may have been sent: another would be the next code's
    assert await its.listen(1.6, Delay(1.5), MARKED) == []
    assert its.line.sent == [ACK]


@pytest.mark.parametrize(
    ("ran_s", "after_s", "frame"),
    [
        (1.5, 1, MARKED),  # the gateway ran for 2.5 s after the scan: its ACK came
        (0, 2.1, MARKED),
        (3_600, 0.5, MARKED),
        (0, 0.5, b"\x02]C0LOT-4711\x03"),  # another symbol
        (0, 0.5, b"\x02]C1LOT-4712\x03"),
    ],
)
async def test_another_code_or_the_same_one_later_is_a_scan(desk, ran_s, after_s, frame):
    its = restarted(desk, ran_s)
    (scan,) = await its.listen(after_s + 0.1, Delay(after_s), frame)
    assert its.line.sent == []
    await its.run(its.driver.acknowledge(scan))
    assert its.line.sent == [ACK]


async def test_a_flagged_resend_is_the_same_scan_across_a_restart_however_late(desk):
    its = restarted(desk, 3_600, options={"resend_flag": "*"})
    assert await its.listen(61, Delay(60), b"\x02*]C1LOT-4711\x03") == []
    assert its.line.sent == [ACK]


async def test_a_scanner_that_waits_for_nothing_sends_nothing_again(desk):
    its = restarted(desk, 0, options={"ack": ""})
    assert codes(await its.listen(0.6, Delay(0.5), MARKED)) == ["LOT-4711"]
