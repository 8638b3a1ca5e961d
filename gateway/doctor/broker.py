"""The broker: is it there, does it let us in, may we publish and subscribe where we have to?

The law: what a broker forbids must be told. MQTT 5 says so in the acknowledgement (PUBACK and SUBACK, reason 0x87, Not
authorized; 3.4.2.1, 3.9.3); 3.1.1 has no word for it. One message goes out, to the topic ``doctor`` of the site, which
nobody subscribes to by name, not retained; and no will.
"""

from __future__ import annotations

import secrets
import ssl
import threading
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from gateway.doctor.found import Finding
from gateway.ingest.kept import LOOPBACK
from gateway.site import Broker
from gateway.trust.brokertls import context_of
from gateway.trust.secret import read_secret
from gateway.wire.topics import site_topic

WAIT_S = 10.0
HEARD = ("stored", "request")
"""Kinds of message that the gateway listens to."""

_WRONG = 0x80  # MQTT 5, 2.4: reason codes from here on are failures


class _Talk:
    """One connection, and what came to each question."""

    def __init__(self, broker: Broker, password: str, tls: ssl.SSLContext | None) -> None:
        v5 = broker.version == "5"
        self.client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"lotwatch-doctor-{secrets.token_hex(4)}",
            protocol=paho.MQTTv5 if v5 else paho.MQTTv311,
        )
        if broker.username:
            self.client.username_pw_set(broker.username, password or None)
        if tls is not None:
            self.client.tls_set_context(tls)
        self.client.connect_timeout = WAIT_S
        self._came = threading.Condition()
        self._answers: dict[tuple[str, int], Any] = {}
        self.client.on_connect = lambda _c, _u, _f, reason, _p: self._note(("connect", 0), reason)
        self.client.on_publish = lambda _c, _u, mid, reason, _p: self._note(("publish", mid), reason)
        self.client.on_subscribe = lambda _c, _u, mid, reasons, _p: self._note(("subscribe", mid), reasons[0])

    def _note(self, what: tuple[str, int], reason: Any) -> None:
        with self._came:
            self._answers[what] = reason
            self._came.notify_all()

    def answer(self, what: str, mid: int = 0) -> Any:
        """The reason code, or None where none came in time."""
        with self._came:
            self._came.wait_for(lambda: (what, mid) in self._answers, WAIT_S)
            return self._answers.get((what, mid))


def broker(row: Broker, site: str | None) -> list[Finding]:
    """What is wrong with it. `site`: whose topics are tried; none: it is only asked to let us in."""
    facts = {"broker": row.where, "host": row.host, "port": str(row.port)}
    try:
        password, tls = read_secret(row.password_from), context_of(row)
    except (OSError, ValueError) as error:
        place = (row.password_from or row.certificate_file or row.ca_file).removeprefix("file:")
        return [Finding("LW408", {"what": f"the broker {row.where}", "why": str(error), "place": place})]
    found = []
    if tls is None and row.host not in LOOPBACK:
        found.append(Finding("LW407", facts, warning=True))
    if row.version != "5":
        found.append(Finding("LW405", facts, warning=True))
    talk = _Talk(row, password, tls)
    try:
        talk.client.connect(row.host, row.port, keepalive=30)
    except ssl.SSLError as error:
        return [*found, Finding("LW403", {**facts, "why": error.reason or str(error)})]
    except (OSError, ValueError) as error:
        return [*found, Finding("LW401", {**facts, "why": str(error)})]
    talk.client.loop_start()
    try:
        return [*found, *_asked(talk, row, site, facts)]
    finally:
        talk.client.disconnect()
        talk.client.loop_stop()


def _asked(talk: _Talk, row: Broker, site: str | None, facts: dict[str, str]) -> list[Finding]:
    let_in = talk.answer("connect")
    if let_in is None:
        return [Finding("LW401", {**facts, "why": "no answer to CONNECT"})]
    if let_in.is_failure:
        return [
            Finding("LW402", {**facts, "why": str(let_in), "place": row.password_from.removeprefix("file:")})
        ]
    if site is None:
        return []
    found = []
    for kind in HEARD:
        topic = site_topic(site, kind)
        _, mid = talk.client.subscribe(topic, qos=1)
        reason = talk.answer("subscribe", mid or 0)
        if reason is None or reason.value >= _WRONG:
            said = "none came" if reason is None else f"0x{reason.value:02x} {reason}"
            found.append(Finding("LW406", {**facts, "topic": topic, "reason": said}))
    # The publish is last: mosquitto 2.0.11 with max_queued_messages 0 refuses it, then cuts the connection.
    topic = site_topic(site, "doctor")
    sent = talk.client.publish(topic, b"{}", qos=1)
    reason = talk.answer("publish", sent.mid)
    if reason is None or reason.value >= _WRONG:
        said = "none came" if reason is None else f"0x{reason.value:02x} {reason}"
        prefix = topic.removesuffix("doctor")
        found.append(Finding("LW404", {**facts, "topic": topic, "prefix": prefix, "reason": said}))
    return found
