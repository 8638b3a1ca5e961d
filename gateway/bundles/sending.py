"""A bundle handed to a broker, retained. Blocks."""

from __future__ import annotations

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from gateway.site import Broker
from gateway.trust.brokertls import context_of
from gateway.trust.secret import read_secret
from gateway.wire import site_topic

WAIT_S = 30.0


class NotSent(Exception):
    """The broker did not take it; says why."""


def sent(
    note: bytes,
    site: str,
    where: tuple[str, int],
    username: str,
    password_from: str,
    ca_file: str,
    *,
    tls: bool,
) -> None:
    """Returns when the broker has it. Raises NotSent, OSError, ValueError."""
    host, port = where
    broker = Broker(host, port, tls=tls, ca_file=ca_file)
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
    refused: list[str] = []

    def answered(_: object, __: object, ___: object, code: ReasonCode, ____: object) -> None:
        if code.is_failure:
            refused.append(str(code))

    client.on_connect, client.on_publish = answered, answered
    if username:
        client.username_pw_set(username, read_secret(password_from) or None)
    if tls:
        client.tls_set_context(context_of(broker))
    client.connect(host, port, keepalive=30)
    client.loop_start()
    try:
        told = client.publish(site_topic(site, "config"), note, qos=1, retain=True)
        told.wait_for_publish(WAIT_S)
        if refused:
            raise NotSent(f"it refuses: {', '.join(refused)}")
        if not told.is_published():
            raise NotSent(f"no answer within {WAIT_S:.0f} s")
    finally:
        client.disconnect()
        client.loop_stop()
