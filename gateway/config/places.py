"""Scan points and alarm limits: checked and made into rows."""

from __future__ import annotations

import itertools

from gateway.config.draft import Draft
from gateway.config.models import BY_HAND, LEVELS, AlarmLimitRow
from gateway.config.problems import Path
from gateway.plan.words import shown
from gateway.site import AlarmLimit, ScanPoint


def build_scan_points(draft: Draft) -> tuple[ScanPoint, ...]:
    """Every scan point has a reader of its own, or says that codes are typed there."""
    rows = draft.model.scan_points
    draft.once("scan_points", (row.name for row in rows))
    raw_devices = draft.raw_names("devices")
    used: dict[str, str] = {}
    for at, row in enumerate(rows):
        path: Path = ("scan_points", at)
        draft.check_cell((*path, "cell"), row.cell)
        if row.lasts is not None and (row.role != "material" or row.action == "close"):
            draft.say((*path, "lasts"), "only material that is opened or moved here lasts")
        if row.ships and row.action == "open":
            draft.say((*path, "ships"), "what leaves the site is closed or moved, not opened")
        if row.device == BY_HAND:
            continue
        if row.device not in draft.readers:
            if row.device not in raw_devices:
                readers = [name for name, kind in draft.readers.items() if kind == "talking"]
                draft.say(
                    (*path, "device"),
                    f"{shown(row.device)} is not a device of this site{draft.nearest(row.device, [*readers, BY_HAND])}",
                )
            continue
        if draft.readers[row.device] == "polling":
            draft.say(
                (*path, "device"),
                f"{row.device} reads no codes: a scan point needs a reader, or {BY_HAND} where codes are typed",
            )
        if row.device in used:
            draft.say(
                (*path, "device"),
                f"{row.device} reads for {used[row.device]} already: a reader serves one scan point",
            )
        used.setdefault(row.device, row.name)
    named = draft.raw_words("scan_points", "device")
    for at, device in enumerate(draft.devices):
        if draft.readers.get(device.name) == "talking" and not device.groups and device.name not in named:
            draft.say(
                ("devices", at),
                f"{device.name} reads codes and no scan point names it: nobody knows what they mean",
                severity="warning",
            )
    return tuple(
        ScanPoint(
            row.name,
            row.cell,
            row.action,
            row.role,
            "" if row.device == BY_HAND else row.device,
            row.lasts or 0,
            row.late_after or 0,
            row.ships,
            row.into or "",
            row.makes or "",
            row.kg or 0.0,
        )
        for row in rows
    )


def build_alarm_limits(draft: Draft) -> tuple[AlarmLimit, ...]:
    """Alarm limits of one tag stand in order: LL below L below H below HH."""
    rows = draft.model.alarm_limits
    by_tag: dict[str, dict[str, tuple[int, AlarmLimitRow]]] = {}
    for at, row in enumerate(rows):
        path: Path = ("alarm_limits", at)
        found = draft.tag(draft.checked, (*path, "tag"), row.tag)
        if found is not None and found.point.field.type == "string":
            draft.say((*path, "tag"), f"{row.tag} is text: it has no limits")
        levels = by_tag.setdefault(row.tag, {})
        if row.level in levels:
            draft.say((*path, "level"), f"{row.level} of {row.tag} is here twice")
        levels.setdefault(row.level, (at, row))
    for levels in by_tag.values():
        highest_first = [levels[level] for level in LEVELS if level in levels]
        for (_, above), (at, below) in itertools.pairwise(highest_first):
            if below.value >= above.value:
                draft.say(
                    ("alarm_limits", at, "value"),
                    f"{below.level} must be below {above.level}, {above.value:g}",
                )
    return tuple(
        AlarmLimit(
            row.tag,
            row.level,
            row.value,
            row.deadband,
            row.reaction.text,
            row.on_delay or 0,
            row.off_delay or 0,
            row.reaction.zh,
        )
        for row in rows
    )
