"""What a device's `anomaly` says: points that are numbers, and a state of the machine. After all tags are known."""

from __future__ import annotations

from gateway.config.draft import Draft
from gateway.config.models import AnomalyRow
from gateway.config.problems import Path
from gateway.config.processes import check_when
from gateway.plan.models import WhenRow
from gateway.plan.words import nearest, shown
from gateway.site import Anomaly, Device, When


def anomaly_of(row: AnomalyRow | None) -> Anomaly | None:
    """How the daemon has it; unchecked."""
    if row is None:
        return None
    when = row.when or WhenRow()
    return Anomaly(
        row.alarms_per_day, row.every, tuple(row.points),
        When(when.tag or "", tuple(when.values), when.warm_up or 0), row.off_delay,
    )  # fmt: skip


def check_anomalies(draft: Draft) -> None:
    """Say what is wrong with the `anomaly` of each device."""
    for at, (row, device) in enumerate(zip(draft.model.devices, draft.devices, strict=True)):
        if row.anomaly is not None:
            _check(draft, ("devices", at, "anomaly"), row.anomaly, device)


def _check(draft: Draft, path: Path, row: AnomalyRow, device: Device) -> None:
    points = {point.name: point for group in device.groups for point in group.points}
    doubtful = device.cell in draft.doubtful
    for index, name in enumerate(row.points):
        here = (*path, "points", index)
        point = points.get(name)
        if name in row.points[:index]:
            draft.say(here, f"{shown(name)} is here twice")
        elif point is None:
            if not doubtful:
                draft.say(here, f"{shown(name)} is not a point of {device.name}{nearest(name, points)}")
        elif not point.is_number:
            what = "text" if point.field.type == "string" else "a bit"
            draft.say(here, f"{point.tag} is {what}: it cannot be watched")
    if not doubtful and not any(point.is_number for point in points.values()):
        draft.say(path, f"{device.name} has no numbers to watch")
    check_when(draft, draft.checked, path, row.when)
