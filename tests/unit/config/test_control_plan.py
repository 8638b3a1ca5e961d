"""What a control plan may say, and what is wrong in one, each at its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config import ConfigErrors, load, read

from .conftest import PLAN, SITE, write

DAY_NS = 86_400_000_000_000
ALERTS = """\
time_zone: "+08:00"
shifts: [{name: early, start: "06:00"}, {name: late, start: "18:00"}]
alerts:
  mail: {host: mail.example.com, sender: lotwatch@example.com}
  people:
  - {name: lead, mail_from: file:lead, quiet: ["22:00-06:00"]}
  - {name: quality, webhook: "https://example.com/hook", key_from: file:key}
  ladders:
  - name: standard
    steps: [{tell: [owner]}, {after: 15min, tell: [quality], despite_quiet: true}]
  default: standard
planned_stops:
- {name: feast, from: 2027-02-05T00:00:00+08:00, to: 2027-02-15T00:00:00+08:00}
- {name: clean, days: [fri], hours: "13:00-14:00", cells: [moulding/line1/press1]}
"""
FULL = """\
plan: bracket
part: "4711 rev C"
about: bracket, left
phase: production
revision: B
effective: 2026-12-01T00:00:00Z
approved_by: "42"
change: moisture is checked for each lot
owner: lead
escalation: standard
characteristics:
- id: cushion1
  number: 30.1
  step: 30 Moulding
  machine: press 1
  about: cushion
  of: process
  class: SC
  technique: the press's own sensor
  tag: moulding/line1/press1/cushion
  method: imr
  params: {center: 6.0, sigma: 0.1}
  usl: 7
  lsl: 5
  reaction: look
  owner: quality
  fmea: 30-2
- id: moisture
  step: 10 Incoming
  about: moisture of the resin
  technique: Karl Fischer
  gauge: balance
  check: {every: lot, cell: moulding/line1/press1, lots: material, materials: [pp], quarantine: true, within: 4h}
  method: inspection
  usl: 0.02
  reaction: dry it again
- id: weight
  check: {every: shift, cell: moulding/line1/press1, uom: g}
  method: xbar-r
  params: {center: 42, sigma: 0.1}
  sampling: {size: 5}
  reaction: weigh five more
duties:
- {name: balance, kind: calibration, days: 365, last: 2026-06-01T00:00:00Z, reaction: send it away,
   tags: [moulding/line1/press1/cushion]}
"""
WHOLE = SITE + ALERTS + 'materials: [{name: pp, lots: ["PP-*"]}]\n'


def problems(folder: Path, plan: str, site: str = WHOLE, other: str = "") -> list[str]:
    """Of the plan `a.yaml`, and of `b.yaml` beside it where there is one; without the folder."""
    file = write(folder, site, plan=plan)
    if other:
        (folder / "plans" / "b.yaml").write_text(other, "utf-8")
        file.write_text(site.replace("- plans/a.yaml", "- plans/a.yaml\n- plans/b.yaml"), "utf-8")
    try:
        read(file)
    except ConfigErrors as errors:
        return [str(each).replace(f"{folder}/", "") for each in errors.problems if each.severity == "error"]
    return []


def test_a_whole_plan(tmp_path: Path) -> None:
    site = load(write(tmp_path, WHOLE, plan=FULL))
    assert [row.id for row in site.characteristics] == ["cushion1", "weight"], "an inspection is not charted"
    line = site.characteristics[0].line
    assert (line.plan, line.revision, line.special, line.fmea, line.owner, line.ladder, line.number) == (
        "bracket", "B", "SC", "30-2", "quality", "standard", "30.1",
    )  # fmt: skip
    assert line.judged_by == "bracket B"
    assert site.characteristics[1].tag == "moulding/line1/press1/weight"
    moisture, weight, balance = site.checks
    assert (moisture.every, moisture.lots, moisture.materials, moisture.quarantine, moisture.gauge) == (
        "lot", "material", ("pp",), True, "balance",
    )  # fmt: skip
    assert (moisture.within_ns, moisture.missed_ns, moisture.line.owner) == (DAY_NS // 6, DAY_NS // 3, "lead")
    assert (weight.every, weight.size, weight.uom) == ("shift", 5, "g")
    assert (balance.kind, balance.period_ns, balance.lead_ns) == ("calibration", 365 * DAY_NS, 14 * DAY_NS)
    [revision] = site.revisions
    assert (revision.plan, revision.revision, revision.part, revision.approved_by) == (
        "bracket",
        "B",
        "4711 rev C",
        "42",
    )
    assert [step.after_ns for step in site.alerts.ladders[0].steps] == [0, 900 * 10**9]
    assert site.alerts.people[0].quiet == ((22 * 3600 * 10**9, 6 * 3600 * 10**9),)
    assert site.alerts.stops[1].days == (4,)


def test_a_plan_of_before_is_a_plan(tmp_path: Path) -> None:
    site = load(write(tmp_path, plan=PLAN))
    assert site.characteristics[0].line.judged_by == ""
    assert site.revisions[0].effective_ns is None


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "tag: moulding/line1/press1/cushion\n  method",
            "tag: moulding/line1/press1/cusion\n  method",
            (
                'plans/a.yaml:20:8: characteristics[0].tag: "moulding/line1/press1/cusion" is '
                "not a tag of this site; did you "
                'mean "moulding/line1/press1/cushion"?'
            ),
        ),
        ("  method: inspection\n", "", 'plans/a.yaml:28:3: characteristics[1].method: "method" is missing'),
        (
            "  reaction: dry it again\n",
            "",
            'plans/a.yaml:28:3: characteristics[1].reaction: "reaction" is missing',
        ),
        (
            "  tag: moulding/line1/press1/cushion\n",
            "",
            'plans/a.yaml:12:3: characteristics[0].tag: neither "tag" nor "check": nobody knows what is measured',
        ),
        (
            "  technique: Karl Fischer\n",
            "  tag: moulding/line1/press1/cushion\n",
            (
                "plans/a.yaml:31:8: characteristics[1].tag: a row has a tag or a check, not "
                "both: what is read is not entered "
                "by hand"
            ),
        ),
        (
            "gauge: balance",
            "gauge: balanse",
            (
                'plans/a.yaml:32:10: characteristics[1].gauge: "balanse" is no duty of kind '
                "calibration; did you mean "
                '"balance"?'
            ),
        ),
        (
            "  usl: 0.02\n",
            "",
            (
                "plans/a.yaml:34:11: characteristics[1].method: inspection of what? Give usl or "
                "lsl; where people only see "
                "whether it is good: usl: 0"
            ),
        ),
        (
            "method: imr",
            "method: inspection",
            (
                "plans/a.yaml:21:11: characteristics[0].method: inspection is of checks made by "
                "hand: a tag needs a chart"
            ),
        ),
        (
            "every: shift",
            "every: time",
            'plans/a.yaml:38:10: characteristics[2].check.period: "period" is missing with `every: time`',
        ),
        (
            "every: shift",
            "every: time, period: 30s",
            (
                "plans/a.yaml:38:32: characteristics[2].check.period: every 30 s is more often "
                "than people can check: 1min at "
                "least"
            ),
        ),
        (
            "every: shift",
            "every: time, period: 4h, within: 5h",
            (
                "plans/a.yaml:38:44: characteristics[2].check.within: every 4 h, within 5 h: the "
                "next is due before this is "
                "late"
            ),
        ),
        (
            "every: shift",
            "every: shift, within: 13h",
            "plans/a.yaml:38:33: characteristics[2].check.within: is longer than a shift, 12 h",
        ),
        (
            "every: shift",
            "every: start",
            (
                "plans/a.yaml:38:18: characteristics[2].check.every: nobody knows when the "
                'machine starts: give "when", with '
                '"tag" and "is"'
            ),
        ),
        (
            "every: shift",
            "every: changeover",
            'plans/a.yaml:38:18: characteristics[2].check.every: nobody knows what a changeover is: give "key"',
        ),
        (
            "every: shift",
            "every: shift, period: 4h",
            "plans/a.yaml:38:33: characteristics[2].check.period: is of `every: time`, this is `every: shift`",
        ),
        (
            "every: shift",
            "every: shift, quarantine: true",
            "plans/a.yaml:38:37: characteristics[2].check.quarantine: is of `every: lot`: there is no lot to hold",
        ),
        (
            "every: shift",
            "every: hourly",
            (
                'plans/a.yaml:38:18: characteristics[2].check.every: "hourly" is not a '
                "frequency; known: lot, time, shift, "
                "start, changeover, days"
            ),
        ),
        (
            "within: 4h",
            "within: 4h, missed_after: 1h",
            "plans/a.yaml:33:129: characteristics[1].check.missed_after: is before it is late: within is 240 min",
        ),
        (
            "materials: [pp]",
            "materials: [pe]",
            (
                'plans/a.yaml:33:80: characteristics[1].check.materials[0]: "pe" is not a '
                "material of this site; known: pp"
            ),
        ),
        (
            "owner: quality",
            "owner: qality",
            (
                'plans/a.yaml:26:10: characteristics[0].owner: "qality" is not a person of this '
                "site's alerts; did you mean "
                '"quality"?'
            ),
        ),
        (
            "escalation: standard",
            "escalation: fast",
            'plans/a.yaml:10:13: escalation: "fast" is not a ladder of this site\'s alerts; known: standard',
        ),
        (
            "days: 365",
            "days: 10",
            "plans/a.yaml:44:44: duties[0].days: 14 days of notice every 10 days: it would be due for ever",
        ),
        (
            "kind: calibration",
            "kind: audit",
            "plans/a.yaml:45:10: duties[0].tags: are of a calibration, this is audit",
        ),
        ("id: weight", "id: moisture", 'plans/a.yaml:37:7: characteristics[2].id: "moisture" is taken'),
        (
            "id: weight",
            "id: cushion",
            "plans/a.yaml:37:7: characteristics[2].id: moulding/line1/press1/cushion is a tag that is read",
        ),
        (
            "phase: production",
            "phase: final",
            'plans/a.yaml:4:8: phase: "final" is not a phase; known: prototype, pre-launch, safe-launch, production',
        ),
        (
            'approved_by: "42"',
            "approved_by: Ann",
            'plans/a.yaml:7:14: approved_by: "Ann" is not an operator number: digits in quotes',
        ),
    ],
)
def test_what_is_wrong_in_a_plan(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in FULL
    found = problems(tmp_path, FULL.replace(old, new, 1))
    assert any(each.startswith(says) for each in found), "\n".join(found)


def test_an_impossible_frequency_of_a_tag(tmp_path: Path) -> None:
    plan = FULL.replace("  usl: 7\n", "  sampling: {every: time, period: 50ms}\n  usl: 7\n")
    assert problems(tmp_path, plan) == [
        (
            "plans/a.yaml:23:35: characteristics[0].sampling.period: "
            "moulding/line1/press1/cushion is read every 0.1 s: no "
            "sample can be made every 0.05 s"
        )
    ]


def test_two_revisions_of_one_plan_share_their_rows(tmp_path: Path) -> None:
    newer = (
        FULL.replace("revision: B", "revision: C")
        .replace("2026-12-01", "2027-03-01")
        .replace("usl: 7", "usl: 7.5")
    )
    file = write(tmp_path, WHOLE.replace("- plans/a.yaml", "- plans/a.yaml\n- plans/b.yaml"), plan=FULL)
    (tmp_path / "plans" / "b.yaml").write_text(newer, "utf-8")
    site = load(file)
    assert [(row.id, row.line.revision, row.usl) for row in site.characteristics if row.id == "cushion1"] == [
        ("cushion1", "B", 7.0), ("cushion1", "C", 7.5),
    ]  # fmt: skip
    assert len(site.checks) == 6


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "revision: B\n",
            "",
            'plans/b.yaml:1:1: revision: "revision" is missing: bracket is also in plans/a.yaml',
        ),
        (
            "about: bracket, left",
            "about: other",
            "plans/b.yaml:5:11: revision: revision B of bracket is also plans/a.yaml",
        ),
        ("revision: B", "revision: C", "plans/b.yaml:6:12: effective: comes into force with plans/a.yaml"),
        (
            "plan: bracket",
            "plan: other",
            'plans/b.yaml:12:7: characteristics[0].id: "cushion1" is taken, in plans/a.yaml',
        ),
    ],
)
def test_what_is_wrong_between_revisions(tmp_path: Path, old: str, new: str, says: str) -> None:
    found = problems(tmp_path, FULL, other=FULL.replace(old, new, 1))
    assert any(each.startswith(says) for each in found), "\n".join(found)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "tell: [quality]",
            "tell: [qality]",
            'tell[0]: "qality" is not one of people; did you mean "quality"?',
        ),
        (
            "after: 15min",
            "after: 0.5ms",
            'alerts.ladders[0].steps[1].after: "0.5ms" is out of range: 1ms to 366d',
        ),
        ("{after: 15min, ", "{", "alerts.ladders[0].steps[1]: is not after the step before"),
        ("default: standard", "default: std", 'alerts.default: "std" is not a ladder; known: standard'),
        (
            "  mail: {host: mail.example.com, sender: lotwatch@example.com}\n",
            "",
            'alerts.people[0].mail_from: the site has no "mail" server',
        ),
        (
            "mail_from: file:lead",
            "mail_from: ann@example.com",
            "alerts.people[0].mail_from: says where the secret is, not the secret itself: file:PATH or credential:NAME",
        ),
        (
            "https://example.com/hook",
            "https://example.com/hook?key=1",
            (
                'alerts.people[1].webhook: "https://example.com/hook?key=1" is not a URL without '
                "secrets: http:// or https://, "
                "no user and no query"
            ),
        ),
        (
            'quiet: ["22:00-06:00"]',
            'quiet: ["22-06"]',
            'alerts.people[0].quiet[0]: "22-06" is not hours of the day such as "22:00-06:00", in quotes',
        ),
        ("name: quality", "name: owner", 'alerts.people[1].name: "owner" is taken'),
        ('hours: "13:00-14:00", ', "", 'planned_stops[1]: when? Give "from" and "to", or "days" and "hours"'),
        ("to: 2027-02-15", "to: 2027-01-15", "planned_stops[0].to: is not after from"),
        (
            "cells: [moulding/line1/press1]}",
            "cells: [moulding/line1/pres]}",
            (
                'planned_stops[1].cells[0]: "moulding/line1/pres" is not a cell of this site; did you mean '
                '"moulding/line1/press2"?'
            ),
        ),
        ('start: "18:00"', 'start: "06:00"', "shifts[1].start: another shift begins then"),
    ],
)
def test_what_is_wrong_in_who_is_told(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in WHOLE
    found = problems(tmp_path, FULL, WHOLE.replace(old, new, 1))
    assert any(each.endswith(says) for each in found), "\n".join(found)


def test_a_result_has_its_limits_in_one_place(tmp_path: Path) -> None:
    site = WHOLE + "result_limits: [{result: moisture, high: 1}]\n"
    [found] = problems(tmp_path, FULL, site)
    assert found.startswith("site.yaml:")
    assert found.endswith("moisture has its limits in plans/a.yaml: leave this one out")


def test_revisions_do_not_share_the_false_alarms_of_one_time(tmp_path: Path) -> None:
    """A plan with a second revision designs its charts as if the first were gone."""
    plan = FULL.replace(
        "params: {center: 6.0, sigma: 0.1}", "params: {center: 6.0, sigma: 0.1}\n  rules: [WE1]"
    )
    one = load(
        write(
            tmp_path,
            WHOLE + "false_alarms_per_day: 1\n",
            plan=plan.split("- id: weight")[0] + "duties:" + plan.split("duties:")[1],
        )
    )
    both = WHOLE.replace("- plans/a.yaml", "- plans/a.yaml\n- plans/b.yaml") + "false_alarms_per_day: 1\n"
    text = plan.split("- id: weight")[0] + "duties:" + plan.split("duties:")[1]
    file = write(tmp_path, both, plan=text)
    (tmp_path / "plans" / "b.yaml").write_text(
        text.replace("revision: B", "revision: C").replace("2026-12-01", "2027-01-01")
    )
    designs = {row.design.arl0 for row in load(file).characteristics if row.design is not None}
    assert designs == {row.design.arl0 for row in one.characteristics if row.design is not None}
