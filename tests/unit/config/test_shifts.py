"""Zone, shifts and teams in a site file: the rows they become, and each mistake at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config import ConfigErrors, load
from gateway.site import Shifts, ShiftStart, Teams

DAY = """
time_zone: Europe/Berlin
shifts:
- {name: night, start: "22:00"}
- {name: early, start: "06:00"}
- {name: late, start: "14:00"}
day_starts: "22:00"
teams:
  first_day: 2026-01-05
  days: 7
  rows: [[a, b, ~]]
"""


BARE = """
site: s
gateway: gw1
lines: [{area: a, name: l, cells: [c]}]
buses: []
devices: []
"""


def site(folder: Path, text: str) -> Path:
    path = folder / "site.yaml"
    path.write_text(BARE + text, "utf-8")
    return path


def test_a_day_that_begins_with_the_night_shift(tmp_path: Path) -> None:
    found = load(site(tmp_path, DAY)).shifts
    assert found.starts == (ShiftStart("night", 1320), ShiftStart("early", 360), ShiftStart("late", 840))
    assert found.teams == Teams(20458, 7, (("a", "b", ""),))
    assert found.offsets[0] == (0, 3600)
    assert (1_774_746_000_000_000_000, 7200) in found.offsets  # 2026-03-29T01:00:00Z, directive 2000/84/EC


def test_a_fixed_offset_is_a_zone(tmp_path: Path) -> None:
    assert load(site(tmp_path, '\ntime_zone: "-03:30"\n')).shifts == Shifts("-03:30", ((0, -12600),))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("time_zone: Asia/Shanghi", 'did you mean "Asia/Shanghai"'),
        ("time_zone: ../etc/passwd", "is not a time zone such as Asia/Shanghai"),
        ("time_zone: +8", "is not a time zone"),
        (DAY.replace('day_starts: "22:00"', 'day_starts: "21:00"'), "no shift begins then"),
        (DAY.replace("[a, b, ~]", "[a, b]"), "has 2 teams, and a day has 3 shifts"),
        (DAY.replace("[a, b, ~]", "[A, b, ~]"), '"A" is not a team'),
        (DAY.replace("2026-01-05", "2026-02-30"), "is not a date such as 2026-01-05"),
    ],
)
def test_mistakes(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigErrors) as caught:
        load(site(tmp_path, "\n" + text + "\n"))
    assert [each for each in caught.value.problems if said in each.text], caught.value.problems
