"""Alarms about lots in the whole fold: what ends them, and what does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gateway.model import AlarmChanged, Setting
from gateway.plain import to_plain
from gateway.site import LotRule

from .plant import Works, site, words

NO_PP = LotRule(
    "medical", materials=("pp",), max_regrind=1.0, max_passes=0, passes_share=0.0, apart=(("pp", "pa"),)
)


def mixed(works: Works) -> None:
    """A box of two materials that do not go together."""
    works.scan("bags", "PP-1")
    works.box("B1", 8)
    works.wait(1)
    works.scan("bags", "PA-2")
    works.box("B2", 4)
    works.box("B3", 0)


def test_another_config_ends_no_alarm_about_a_lot_and_no_hold(tmp_path: Path):
    with Works(tmp_path / "j", site(NO_PP)) as works:
        mixed(works)
        assert works.held == {"B2"}
        new = replace(works.site, lot_rules=())
        told = works.enters(Setting("config", works.now(), {"site": to_plain(new), "hash": "x"}))
        assert not [event for event in told if isinstance(event, AlarmChanged)]
        assert works.held == {"B2"}
        assert "lot_released B2" in words(works.says("release", lot="B2", reason="rule is gone"))


def test_an_answer_closes_the_alarm_of_what_has_left(tmp_path: Path):
    with Works(tmp_path / "j", site(NO_PP)) as works:
        mixed(works)
        works.wait(1)
        works.scan("rack", "B2")
        works.wait(1)
        told = works.scan("gate", "B2")
        [left] = [event for event in told if isinstance(event, AlarmChanged)]
        assert (left.kind, left.lots) == ("shipped_held", ("B2",))
        told = works.says("acknowledge", alarm=left.alarm, cause="nobody looked", action="called back")
        assert words(told) == ["alarm shipped_held acknowledged", "alarm shipped_held closed"]
        works.replayed()


def test_a_snapshot_holds_what_is_held_and_ordered(tmp_path: Path):
    folder = tmp_path / "j"
    with Works(folder, site(NO_PP)) as works:
        mixed(works)
        works.says("hold", lot="PP-1", reason="melt flow")
        before = to_plain(works.start.fold.state.holds)
    with Works(folder, site(NO_PP)) as again:
        assert to_plain(again.start.fold.state.holds) == before
