"""What a site file says of the time-series database behind `lotwatch ingest`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from gateway.plan.models import Closed
from gateway.plan.words import Kind, Secret, Text, one_of, wrong

KINDS = ("influxdb", "influxdb1", "victoriametrics")
WRITERS = ("client", "direct")


def _url(value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        raise wrong("is not an address that begins with http:// or https://")
    if "@" in value.split("/")[2]:
        raise wrong("has a secret in it: give the token by token_from: file:PATH or credential:NAME")
    return value


class DatabaseRow(Closed):
    """A time-series database that takes line protocol, used by `lotwatch ingest`."""

    url: Annotated[str, Kind(_url, {"type": "string", "pattern": "^https?://"})] = Field(
        description="http://... or https://..."
    )
    org: Text = Field("lotwatch", description="organisation; InfluxDB 1.x has none")
    bucket: Text = Field(
        "lotwatch", description="bucket; of InfluxDB 1.x the database, or `database/retention-policy`"
    )
    token_from: Secret | None = Field(
        None,
        description="where the token is: `file:PATH` or `credential:NAME`; of InfluxDB 1.x it is `user:password`",
    )
    kind: Annotated[str, one_of("a kind of database", KINDS)] = Field(
        "influxdb",
        description="`influxdb` (2.x, 3.x and what behaves as they do), `influxdb1` or `victoriametrics`; says when a "
        "write is durable and what is kept",
    )
    precision: Annotated[str, one_of("a precision", ("ns", "ms"))] = Field(
        "ns", description="what the database keeps: `ns` or `ms`"
    )
    writer: Annotated[str, one_of("a writer", WRITERS)] | None = Field(
        None,
        description="`client` (influxdb-client) or `direct` (one kept connection of our own, faster); `client` if not "
        "given, and `direct` for `influxdb1`, which has no other",
    )
