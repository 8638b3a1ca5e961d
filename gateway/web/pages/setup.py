"""Setup: what is still to do until the box, or the folder of replicas, does its work; each step with the next one."""

from __future__ import annotations

from typing import Any

from gateway.views.firststeps import steps
from gateway.web.pages.page import Asked, Page


def _data(asked: Asked) -> dict[str, Any]:
    standing = (
        asked.running.standing if asked.readers or not asked.restricted else None
    )  # none: another site's
    found = steps(asked.readers, asked.now_ns, standing() if standing else None)
    return {
        "replica": standing is None,
        "steps": found,
        "open": sum(each["state"] == "todo" for each in found),
    }


PAGE = Page("setup", _data)
"""It is light: a few rows of the newest config."""
