"""Which of the open alarms the first page tells: what stands, the worst, what came first, what touches most lots."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.views.now import story_of


def row(
    alarm: str,
    *,
    kind: str = "signal",
    state: str = "active",
    severity: int = 2,
    lots: int = 1,
    first: str = "",
) -> dict[str, Any]:
    return {
        "alarm": alarm,
        "kind": kind,
        "state": state,
        "severity": severity,
        "lots": ["L"] * lots,
        "facts": {"first_out": first} if first else {},
    }


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([], None),
        ([row("held", kind="shipped_held"), row("shelved", state="shelved")], None),
        ([row("gone back", state="returned", lots=9), row("stands")], "stands"),
        ([row("milder", severity=1, lots=9), row("worse")], "worse"),
        ([row("after", lots=9, first="before"), row("before", first="before")], "before"),
        ([row("of it stands", first="first"), row("first", state="returned", first="first")], "first"),
        ([row("few"), row("many", lots=6)], "many"),
        ([row("newest"), row("older")], "newest"),
        ([row("of another kind", first="a check that was missed", lots=2), row("alone")], "of another kind"),
    ],
)
def test_one_alarm_is_told_first(rows: list[dict[str, Any]], wanted: str | None) -> None:
    told = story_of(rows)
    assert (told and told["alarm"]) == wanted
