"""What a site file says of an MQTT broker."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.plan.models import Closed
from gateway.plan.words import Flag, Secret, Text, one_of, whole
from gateway.site.links import COMPACT


class BrokerRow(Closed):
    """The MQTT broker."""

    host: Text = Field(description="name or address")
    port: Annotated[int, whole(1, 65_535)] = Field(1883, description="1883, with TLS usually 8883")
    version: Annotated[str, one_of("an MQTT version", ("5", "3.1.1"))] = Field(
        "5", description='`"5"`, or `"3.1.1"` where the broker has no more'
    )
    tls: Flag = Field(False, description="whether the connection is encrypted")
    ca_file: Text | None = Field(None, description="certificates to trust; the system's if not given")
    username: Text | None = Field(None, description="none: the broker lets anybody in")
    password_from: Secret | None = Field(
        None, description="where the password is: `file:PATH` or `credential:NAME`"
    )
    certificate_file: Text | None = Field(
        None, description="the box's own certificate, for a broker that asks for one (mutual TLS)"
    )
    key_from: Secret | None = Field(None, description="where its key is: `file:PATH` or `credential:NAME`")
    inflight: Annotated[int, whole(1, 65_535)] = Field(64, description="messages on their way at once")
    in_json: list[Annotated[str, one_of("a kind with a compact form", COMPACT)]] = Field(
        default_factory=list,
        description="kinds of message that are sent as JSON, for people and Node-RED, instead of compact: "
        "`reading`, `tick`",
    )
