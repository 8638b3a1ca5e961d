"""What a site file says of Sparkplug."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from gateway.config.brokerrow import BrokerRow
from gateway.plan.models import Closed
from gateway.plan.words import Duration, Flag, Kind, wrong
from gateway.sparkplug.topics import BadTopic, check_id


def _id(value: Any) -> Any:
    if not isinstance(value, str):
        raise wrong("is not text: write it in quotes")
    try:
        return check_id(value, "a Sparkplug id")
    except BadTopic as error:
        raise wrong(str(error)) from None


_SCHEMA = {"type": "string", "pattern": "^[^+/#$][^+/#]*$", "maxLength": 255}
Id = Annotated[str, Kind(_id, _SCHEMA)]


class ValuesRow(Closed):
    """One retained topic a point, for people."""

    enterprise: Id | None = Field(
        None, description="first level of the topics, before the site; none if not given"
    )
    every: Duration = Field(
        1_000_000_000,
        description="a topic is published when its value has changed, and at most so often",
        json_schema_extra={"default": "1s"},
    )


class SparkplugRow(Closed):
    """The gateway as a Sparkplug B edge node."""

    group: Id = Field(description="the node's group")
    node: Id | None = Field(
        None, description="the node's own id, unique in the group; `site-gateway` if not given"
    )
    primary_host: Id | None = Field(
        None,
        description="id of the host application that the node waits for; it waits for nobody if not given",
    )
    brokers: list[BrokerRow] = Field(
        default_factory=list,
        description="MQTT brokers in the order in which they are tried, one at a time; the site's `broker` if not "
        "given",
    )
    history: Flag = Field(
        True, description="whether what was acquired while offline is sent afterwards, marked as historical"
    )
    values: ValuesRow | None = Field(
        None, description="one retained topic a point, for people: `{}` switches them on; none if not given"
    )
