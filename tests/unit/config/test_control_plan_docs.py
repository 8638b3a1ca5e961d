"""What the how-tos of plans and escalation show is what the models take."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.config.models import SiteFile
from gateway.config.validate import Checked
from gateway.config.yamltext import Document
from gateway.plan.models import PlanFile

from .conftest import SITE

HOWTO = Path(__file__).parents[3] / "docs" / "howto"


def block(page: str) -> str:
    """The first YAML of a page."""
    found = re.search(r"```yaml\n(.*?)```", (HOWTO / page).read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def test_the_plan_of_the_how_to_is_one() -> None:
    checked = Checked(Document("plan.yaml", block("write-a-control-plan.md").encode()), PlanFile)
    assert checked.problems == []
    assert checked.model is not None
    assert [row.id for row in checked.model.characteristics] == ["press1_cushion", "resin_moisture"]


def test_the_alerts_of_the_how_to_are_some() -> None:
    checked = Checked(Document("site.yaml", (SITE + block("escalate-alarms.md")).encode()), SiteFile)
    assert checked.problems == []
    assert checked.model is not None
    assert [row.name for row in checked.model.alerts.people] == ["shift-lead", "quality", "plant-manager"]
