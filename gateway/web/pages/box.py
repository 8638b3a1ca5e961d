"""Box: devices, buses and their dead units, what waits to be forwarded, clock and disk."""

from __future__ import annotations

from typing import Any

from gateway.standing import disk
from gateway.views.now import site_of
from gateway.web.pages.page import Asked, Page


def _data(asked: Asked) -> dict[str, Any]:
    standing = asked.running.standing
    return {
        "box": standing() if standing else None,
        "journals": [
            {
                **site_of(reader, asked.now_ns),
                **reader.counts(),
                "disk": disk(reader.folder),
                "gaps": len(reader.gaps()),
            }
            for reader in asked.readers
        ],
    }


PAGE = Page("box", _data)
