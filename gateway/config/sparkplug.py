"""The `sparkplug` section to its row of the site."""

from __future__ import annotations

from gateway.config.brokerrow import BrokerRow
from gateway.config.draft import Draft
from gateway.site import Broker, Sparkplug


def build_broker(row: BrokerRow | None) -> Broker | None:
    """A broker's row."""
    if row is None:
        return None
    return Broker(
        row.host,
        row.port,
        row.version,
        row.tls,
        row.ca_file or "",
        row.username or "",
        row.password_from or "",
        row.inflight,
        tuple(row.in_json),
    )


def build_sparkplug(draft: Draft) -> Sparkplug | None:
    """None where the site has no such section."""
    model = draft.model
    row = model.sparkplug
    if row is None:
        return None
    rows = row.brokers or ([model.broker] if model.broker else [])
    if not rows:
        draft.say(("sparkplug",), "no broker: give it `brokers`, or the site a `broker`")
    brokers = tuple(broker for broker in map(build_broker, rows) if broker is not None)
    return Sparkplug(
        row.group,
        row.node or f"{model.site}-{model.gateway}",
        row.primary_host or "",
        brokers,
        row.history,
        (row.values.enterprise or "") if row.values else "",
        row.values.every if row.values else 0,
    )
