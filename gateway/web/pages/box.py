"""Box: buses and their dead units, what waits to be forwarded and stored, clock, disk and wear, certificates."""

from __future__ import annotations

from typing import Any

from gateway.box.standing import disk
from gateway.box.wear import wear
from gateway.site import Site
from gateway.trust.certificates import ages
from gateway.views.lag import lags
from gateway.views.now import site_of
from gateway.web.pages.page import Asked, Page


def _data(asked: Asked) -> dict[str, Any]:
    box = (
        asked.running.standing() if asked.running.standing and asked.readers else None
    )  # none: another site's
    buses = [{**row, "site": box["site"]} for row in box["buses"]] if box else []
    return {
        "box": box,
        "buses": buses,
        "certificates": ages(files_of(asked.readers[0].site()), asked.now_ns) if box else None,
        "journals": [
            {
                **site_of(reader, asked.now_ns),
                **reader.counts(),
                "lags": lags(reader),
                "disk": None if asked.restricted else {**disk(reader.folder), **wear(reader.folder)},
                "gaps": len(reader.gaps()),
                "unconfirmed": len(reader.unsynchronised()),
            }
            for reader in asked.readers
        ],
    }


def files_of(site: Site | None) -> list[tuple[str, str]]:
    """Files of certificates that a box goes by, with what each is for."""
    if site is None:
        return []
    brokers = [*([site.broker] if site.broker else []), *(site.sparkplug.brokers if site.sparkplug else ())]
    found = [("pages", site.web_beyond.certificate_file)] if site.web_beyond else []
    for each in brokers:
        found += [("broker", each.certificate_file), ("ca", each.ca_file)]
    if site.alerts.mail:
        found.append(("ca", site.alerts.mail.ca_file))
    return [pair for pair in dict.fromkeys(found) if pair[1]]


PAGE = Page(
    "box",
    _data,
    table="buses",
    columns=(
        "site", "bus", "driver", "address", "devices", "dead", "load", "polls", "overruns", "late_p99_ms",
        "late_worst_ms",
    ),
)  # fmt: skip
