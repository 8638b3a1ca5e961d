"""A control plan's file by itself, without its site: as `lotwatch plan diff` compares it."""

from __future__ import annotations

from pathlib import Path

from gateway.config.maps import read_file
from gateway.config.problems import ConfigErrors
from gateway.config.validate import Checked
from gateway.plan.compare import Plan
from gateway.plan.models import PlanFile


def read_plan(file: Path) -> Plan:
    """Raises ConfigErrors where the file is no plan, whatever tags there are."""
    checked = Checked(read_file(file), PlanFile)
    if checked.model is None or checked.problems:
        raise ConfigErrors(checked.problems)
    return Plan(checked.model.model_dump(by_alias=True), checked.document.data)
