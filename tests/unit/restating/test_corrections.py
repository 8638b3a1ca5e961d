"""Facts that come late or are corrected, end to end on a journal: new versions and verdicts, the same when replayed."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.journal import JournalReader
from gateway.model import LotMade, Noted
from gateway.restating import answers
from gateway.site import LotRule

from .plant import Works, site, words

NO_PA = LotRule("boxes", max_regrind=1.0, apart=(("pp", "pa"),), trace=0.05)


def kilograms(works: Works, lot: str) -> dict[str, float]:
    """By source, of a box."""
    made = works.made(lot)
    return {source: share * made.kg for source, share in works.shares(lot).items()}


def test_a_bag_that_is_scanned_twenty_minutes_late_is_in_the_boxes_that_were_made_of_it(tmp_path: Path):
    """10 kg of PP-1 make B1 and B2 and 2 kg of B3; the rest of B3 was of the bag that nobody had scanned."""
    with Works(tmp_path / "j", site(NO_PA, late_min=15)) as works:
        works.scan("bags", "PP-1")
        for number in (1, 2, 3, 4):
            works.box(f"B{number}", 4)
        works.box("B5", 0)
        assert sum(kg for lot, kg in kilograms(works, "B4").items() if "unknown" in lot) == pytest.approx(4.0)
        works.shots(0, 15)
        told = words(works.scan("bags", "PA-2", late=20))
        assert "alarm scan_late active" in told
        told = words(works.settle())
        assert kilograms(works, "B3") == pytest.approx({"PP-1": 2.0, "PA-2": 2.0}, abs=1e-9)
        assert kilograms(works, "B4") == pytest.approx({"PA-2": 4.0})
        assert kilograms(works, "B2") == pytest.approx({"PP-1": 4.0})
        assert "late_scan B3 v2" in told
        assert "alarm lot_rule active" in told, "PP and PA in one box"
        assert works.held == {"B3"}
        made = works.made("B3")
        assert (made.version, made.reason, made.facts["amends"]) == (2, "late_scan", 1)
        works.replayed()


def test_what_was_believed_before_stays_readable(tmp_path: Path):
    with Works(tmp_path / "j") as works:
        for number in (1, 2):
            works.box(f"B{number}", 2)
        works.box("B3", 0)
        before = works.now().time_ns
        works.wait(1)
        works.scan("bags", "PP-9", late=15)
        works.settle()
        with JournalReader(works.folder) as reader:
            then = reader.made.made("B1", reader.made_upto(before))
            assert then is not None
            assert then.version == 1
            assert all("unknown" in source for source in then.composition.sources)
            told = [each.event for each in reader.made.versions("B1")]
            assert [each.version for each in told if isinstance(each, LotMade)] == [1, 2]


def test_a_late_bag_is_not_in_the_hopper_with_what_was_used_already(tmp_path: Path):
    """4 of its 10 kg went into boxes before the scan: 6 are left, and the next 4 kg are of an unknown lot again."""
    with Works(tmp_path / "j") as works:
        works.box("B1", 4)
        works.box("B2", 0)
        works.wait(1)
        works.scan("bags", "PP-9", late=10)
        works.settle()
        works.shots(6)
        works.box("B3", 4)
        works.box("B4", 0)
        assert kilograms(works, "B2") == pytest.approx({"PP-9": 6.0})
        b3 = kilograms(works, "B3")  # PP-9 may be named there, for its sigma: with no mass
        assert {lot: kg for lot, kg in b3.items() if "unknown" not in lot} in (
            {},
            {"PP-9": pytest.approx(0.0, abs=1e-9)},
        )
        works.replayed()


def test_a_scan_that_comes_late_and_changes_nothing_tells_nothing(tmp_path: Path):
    with Works(tmp_path / "j") as works:
        works.scan("bags", "PP-1")
        works.box("B1", 2)
        works.box("B2", 0)
        works.scan("bags", "PP-2", late=1)
        assert words(works.settle()) == []
        assert works.start.fold.state.holds.orders == ()
        works.replayed()


def test_a_wrong_scan(tmp_path: Path):
    with Works(tmp_path / "j") as works:
        works.wait(1)
        at = works.now().time_ns
        works.scan("bags", "PP-1")
        works.box("B1", 4)
        works.box("B2", 3)
        works.box("B3", 0)
        told = works.says(
            "correct_scan", point="bags", time_ns=at, lot="PP-1", instead="PP-2", reason="other bag"
        )
        assert words(told) == ["scan_corrected bags"]
        assert "wrong_scan B1 v2" in words(works.settle())
        works.shots(1)
        works.box("B4", 0)
        for box, kg in (("B1", 4.0), ("B2", 3.0), ("B3", 1.0)):
            assert kilograms(works, box) == pytest.approx({"PP-2": kg}), box
        assert works.made("PP-1").kg == pytest.approx(0.0)
        assert works.made("PP-2").kg == pytest.approx(10.0)
        works.replayed()


def test_a_wrong_scan_clears_a_box_that_was_held_and_leaves_its_release_to_people(tmp_path: Path):
    with Works(tmp_path / "j") as works:
        works.scan("bags", "PP-1")
        works.box("B1", 8)
        works.wait(1)
        at = works.now().time_ns
        works.scan("bags", "PA-2")
        works.box("B2", 4)
        works.box("B3", 0)
        assert works.held == {"B2"}
        works.says("correct_scan", point="bags", time_ns=at, lot="PA-2", instead="PP-3", reason="misread")
        told = works.settle()
        assert "lot_cleared B2" in words(told)
        assert works.held == {"B2"}
        assert "lot_released B2" in words(works.says("release", lot="B2", reason="misread"))
        works.replayed()


def test_a_wrong_scan_holds_a_box_that_is_here_and_suspects_one_that_has_left(tmp_path: Path):
    with Works(tmp_path / "j") as works:
        works.scan("bags", "PP-1")
        works.box("B1", 8)
        works.wait(1)
        at = works.now().time_ns
        works.scan("bags", "PP-2")
        works.box("B2", 4)
        works.box("B3", 0)
        for point in ("rack", "gate"):
            works.wait(1)
            works.scan(point, "B2")
        works.says("correct_scan", point="bags", time_ns=at, lot="PP-2", instead="PA-7", reason="misread")
        told = words(works.settle())
        assert "lot_suspect B2" in told
        assert "alarm shipped_suspect active" in told
        assert works.held == set()
        works.replayed()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"point": "nowhere"}, "unknown scan point"),
        (
            {"point": "box"},
            "only scans of material can be corrected: hold the lot, and print it a label of its own",
        ),
        ({"instead": "PP-1"}, "it is the same lot"),
        (
            {"instead": "(01)09506000134352"},
            "(01) GTIN names no lot: a batch, a serial or an SSCC is missing",
        ),
    ],
)
def test_a_correction_that_cannot_be_is_refused(tmp_path: Path, body: dict[str, str], reason: str):
    with Works(tmp_path / "j") as works:
        told = works.says(
            "correct_scan",
            **{"point": "bags", "time_ns": 1, "lot": "PP-1", "instead": "PP-2", "reason": "x", **body},
        )
        [note] = [each for each in told if isinstance(each, Noted)]
        assert note.kind == "amend_refused"
        assert note.facts["reason"] == reason


def test_a_recount_of_what_went_into_a_box(tmp_path: Path):
    with Works(tmp_path / "j") as works:
        works.scan("bags", "PP-1")
        works.box("B1", 9)
        works.wait(1)
        works.scan("bags", "PP-2")
        works.box("B2", 3)
        works.box("B3", 0)
        assert kilograms(works, "B2") == pytest.approx({"PP-1": 1.0, "PP-2": 2.0})
        edges = {edge.lot: edge.kg for edge in works.made("B2").inputs}
        works.says("recount", lot="B2", kg=5.0, sigma_kg=0.1, of="PP-2", reason="weighed again")
        assert words(works.settle()) == ["recount B2 v2"]
        more = 5.0 - edges["PP-2"]
        assert works.shares("B2")["PP-2"] == pytest.approx((2.0 + more) / (3.0 + more))
        works.replayed()


def test_a_recount_of_a_lot_of_which_one_other_took_all(tmp_path: Path):
    with Works(tmp_path / "j") as works:
        for lot, kg in (("PP-1", 6.0), ("PP-2", 4.0)):
            works.says("make", lot=lot, kind="material", kg=kg)
        inputs = [{"lot": "PP-1", "kg": 6.0}, {"lot": "PP-2", "kg": 4.0}]
        works.says("make", lot="X", kind="blend", kg=10.0, inputs=inputs)
        works.says("recount", lot="PP-2", kg=2.0, reason="half a bag")
        assert words(works.settle()) == ["recount PP-2 v2", "recount X v2"]
        assert works.shares("X") == pytest.approx({"PP-1": 0.75, "PP-2": 0.25})
        works.replayed()


def test_a_late_result_holds_the_lot_and_what_is_made_of_it_and_suspects_what_has_left(tmp_path: Path):
    with Works(tmp_path / "j") as works:
        works.scan("bags", "PP-1")
        for number in (1, 2, 3):
            works.box(f"B{number}", 3)
        works.box("B4", 0)
        for point in ("rack", "gate"):
            works.wait(1)
            works.scan(point, "B1")
        works.wait(24 * 60)
        told = words(works.says("result", lot="PP-1", result="mfr", value=27.5, lot_kind="material"))
        assert told == ["lot_result PP-1", "lot_held PP-1", "alarm material_held active"]
        told = words(works.settle())
        assert "late_result PP-1 v2" in told
        assert {"lot_held B2", "lot_held B3", "lot_suspect B1"} <= set(told)
        assert works.held == {"PP-1", "B2", "B3"}
        assert works.made("PP-1").facts["mfr"] == 27.5
        works.replayed()


def test_after_a_crash_between_a_correction_and_its_answer_the_next_run_makes_it(tmp_path: Path):
    folder = tmp_path / "j"
    with Works(folder) as works:
        works.scan("bags", "PP-1")
        works.box("B1", 3)
        works.box("B2", 0)
        works.says("hold", lot="PP-1", reason="melt flow")
    with Works(folder) as again:
        assert [order.kind for order in again.start.fold.state.holds.orders] == ["exposure"]
        again.settle()
        assert again.held == {"PP-1", "B1"}


def test_an_answer_that_is_computed_twice_changes_nothing_the_second_time(tmp_path: Path):
    with Works(tmp_path / "j") as works:
        works.scan("bags", "PP-1")
        works.box("B1", 3)
        works.box("B2", 0)
        works.says("result", lot="PP-1", result="mfr", value=20.0)
        [order] = works.start.fold.state.holds.orders
        with JournalReader(works.folder) as reader:
            [body] = answers(reader, works.site, order)
        assert words(works.says("restate", **body)) == ["late_result PP-1 v2"]
        assert works.says("restate", **body) == []


def test_an_order_about_a_lot_that_nobody_knows_is_answered_with_nothing(tmp_path: Path):
    with Works(tmp_path / "j") as works:
        works.says("hold", lot="PP-77", reason="on its way")
        works.says("recount", lot="PP-78", kg=1.0, reason="x")
        works.says("result", lot="PP-79", result="mfr", value=20.0)
        assert works.settle() == []
        assert works.start.fold.state.holds.orders == ()
