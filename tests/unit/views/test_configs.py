"""What changed between configs, who did it, and what became of a bundle: as the Audit page says it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.journal import open_readers
from gateway.model import Instant, Noted, NumberedEvent, NumberedInput, Plain, Setting, Severity
from gateway.plain import to_plain
from gateway.site import AlarmLimit, Site
from gateway.views.configdiff import MOST, differences, said
from gateway.views.configs import configs
from tests.unit.journal.plant import T0
from tests.unit.serving.sites import S, replica, settled

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = AlarmLimit("moulding/line1/press1/cushion", "HH", 9.0, 0.5, "stop")
OLD = replace(settled("acme"), retention_days=365)
NEW = replace(OLD, retention_days=400)


def put(seq: int, site: Site) -> NumberedInput:
    body: dict[str, Plain] = {"site": to_plain(site), "hash": f"h{seq}"}
    return NumberedInput(seq, Setting("config", Instant(T0 + seq * S, seq * S, 1), body))


def noted(seq: int, cause: int, kind: str, **facts: Plain) -> NumberedEvent:
    return NumberedEvent(seq, cause, Noted(T0 + cause * S, kind, "gw1", Severity.INFO, facts))


def told(folder: Path, inputs: list[NumberedInput], events: list[NumberedEvent]) -> list[dict[str, object]]:
    with replica(folder, "acme") as made:
        made.store(inputs, events)
    (reader,) = open_readers(folder)
    with reader:
        return configs(reader)


def test_a_value_is_told_from_what_to_what_in_both_languages() -> None:
    assert said(OLD, NEW) == {
        "en": ["retention_days: raised from 365 to 400"],
        "zh": ["retention_days：由 365 提高到 400"],
    }
    assert said(OLD, OLD) == {"en": [], "zh": []}


def test_an_alarm_limit_is_known_by_its_tag_and_level() -> None:
    high = replace(LIMIT, level="H", value=8.0)
    was, now = (
        replace(OLD, alarm_limits=(LIMIT, row))
        for row in (high, replace(high, value=8.5, reaction_zh="停机。"))
    )
    tag = "moulding/line1/press1/cushion H"
    assert said(was, now) == {
        "en": [
            f"alarm limit {tag}: value: raised from 8 to 8.5",
            f"alarm limit {tag}: reaction plan in Chinese: now 停机。, was not given",
        ],
        "zh": [f"报警限 {tag}：value：由 8 提高到 8.5", f"报警限 {tag}：中文反应计划：现为 停机。，原未规定"],
    }
    assert said(was, replace(OLD, alarm_limits=(LIMIT,)))["zh"] == [f"删除 报警限 {tag}"]


def test_a_row_is_told_by_its_name_and_a_key_by_its_word() -> None:
    plan = {"characteristics": [{"id": "cushion", "usl": 7.0, "line": {"owner": "lead"}}, {"id": "gone"}]}
    other = {"characteristics": [{"id": "new"}, {"id": "cushion", "usl": 7.5, "line": {"owner": "quality"}}]}
    assert [
        (each.path, each.before if len(each.path) > 2 else "row") for each in differences(plan, other)
    ] == [
        (("characteristics", "new"), "row"),
        (("characteristics", "cushion", "usl"), 7.0),
        (("characteristics", "cushion", "owner"), "lead"),
        (("characteristics", "gone"), "row"),
    ]


def test_rows_without_a_name_are_one_value_and_long_ones_are_cut() -> None:
    (one,) = said(OLD, replace(OLD, alarm_limits=(LIMIT,) * 9))["en"]
    assert one.startswith("alarm_limits: now [{")
    assert one.endswith("…, was not given")
    assert len(one) < 220


def test_very_many_differences_are_counted() -> None:
    many = tuple(replace(LIMIT, tag=f"a/l/c/t{n}") for n in range(MOST + 2))
    told = said(replace(OLD, alarm_limits=many[:1]), replace(OLD, alarm_limits=many))
    assert len(told["en"]) == MOST + 1
    assert (told["en"][-1], told["zh"][-1]) == ("and 1 more", "另有 1 项")


def test_who_changed_it_and_what_a_start_brought(tmp_path: Path) -> None:
    rows = told(
        tmp_path,
        [put(1, OLD), put(2, NEW), put(3, NEW), put(4, OLD)],
        [
            noted(1, 2, "config_changed", by="17", hash="h2", before="h1", changes=["~retention_days"]),
            noted(2, 3, "config_refused", by="command", reason="site.yaml:3:1: no"),
            noted(3, 4, "config_returned", sequence=7, why="not read again: press1"),
        ],
    )
    assert [(row["what"], row.get("by"), len(row["words"])) for row in rows] == [  # type: ignore[arg-type] # a list
        ("config_returned", None, 0),
        ("config_started", None, 1),
        ("config_refused", "command", 0),
        ("config_changed", "17", 1),
    ]
    assert (rows[0]["sequence"], rows[0]["why"]) == (7, "not read again: press1")
    assert rows[2]["reason"] == "site.yaml:3:1: no"
