"""What a site file says of those who may change its config from far away."""

from __future__ import annotations

from pydantic import Field

from gateway.plan.models import Closed
from gateway.plan.words import Duration, Name, Text


class RemoteKeyRow(Closed):
    """Somebody whose bundles are taken."""

    name: Name = Field(description="what the key is called here")
    key: Text = Field(description="public key, as `lotwatch user key` prints it")


class RemoteRow(Closed):
    """Configs that come over MQTT."""

    keys: list[RemoteKeyRow] = Field(
        min_length=1, max_length=20, description="who may sign them; only this file can change that"
    )
    probation: Duration = Field(
        300_000_000_000,
        description="within so long every device that was read before is read again, or the config before comes back",
        json_schema_extra={"default": "5min"},
    )
