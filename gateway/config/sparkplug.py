"""The `broker` and `sparkplug` sections to their rows of the site."""

from __future__ import annotations

from gateway.config.brokerrow import BrokerRow
from gateway.config.draft import Draft
from gateway.config.problems import Path
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
        row.certificate_file or "",
        row.key_from or "",
    )


def check_brokers(draft: Draft) -> None:
    """Say where a certificate and its key do not go together."""
    model = draft.model
    places: list[tuple[Path, BrokerRow]] = [(("broker",), model.broker)] if model.broker else []
    if model.sparkplug:
        places += [(("sparkplug", "brokers", at), row) for at, row in enumerate(model.sparkplug.brokers)]
    for path, row in places:
        if row.certificate_file and not row.tls:
            draft.say((*path, "certificate_file"), "is of use with TLS only: write tls: true")
        elif row.certificate_file and not row.key_from:
            draft.say((*path, "certificate_file"), "needs its key: write key_from: file:PATH")
        elif row.key_from and not row.certificate_file:
            draft.say((*path, "key_from"), "is the key of no certificate: write certificate_file")


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
