"""Asking for the readings of what a doser derives says where it is instead."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from gateway.cli import main
from gateway.site import Component, Doser
from tests.unit.score.weeks import WEEK, Line, site


def test_a_derived_tag_is_not_stored_and_says_so(tmp_path: Path) -> None:
    cell = "hall/line1/blender"
    regrind = Component("regrind", "regrind", f"{cell}/regrind", setpoint_pct=25.0)
    line = Line(2, site(dosers=(Doser("mix", cell, f"{cell}/cycles", (regrind,)),)))
    line.hours(WEEK, 1)
    line.written(tmp_path / "data").close()
    words = ["export", "readings", "--data", str(tmp_path / "data"), "--tag", f"{cell}/ratio_error"]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 1
    assert f"{cell}/ratio_error is derived once a cycle and not stored" in done.output
    assert "--kind ratio_shift" in done.output
