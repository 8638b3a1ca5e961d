"""Where records go: broker, Sparkplug, database. Secrets stay where they are."""

from __future__ import annotations

from dataclasses import dataclass

COMPACT = ("reading", "tick")
"""Kinds of record that have a compact form on MQTT."""


@dataclass(frozen=True, slots=True)
class Broker:
    """The MQTT broker; the secret stays where it is and is read when connecting."""

    host: str
    port: int = 1883
    version: str = "5"  # "5" or "3.1.1"
    tls: bool = False
    ca_file: str = ""
    username: str = ""
    password_from: str = ""  # "file:PATH" or "credential:NAME"
    inflight: int = 64
    in_json: tuple[str, ...] = ()  # which of COMPACT go as JSON
    certificate_file: str = ""  # who we are, for a broker that asks
    key_from: str = ""  # its key: as password_from

    @property
    def where(self) -> str:
        """As people are told of it."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Sparkplug:
    """The gateway as a Sparkplug B edge node, its devices as the node's."""

    group: str
    node: str
    primary_host: str = ""  # births wait for it; "": they wait for nobody
    brokers: tuple[Broker, ...] = ()  # in turn; one at a time
    history: bool = True  # what was acquired while offline is sent later, marked as historical
    enterprise: str = ""  # first level of the retained one-value topics
    values_every_ns: int = 0  # a one-value topic is published at most so often; 0: there are none


@dataclass(frozen=True, slots=True)
class Database:
    """A time-series database that takes line protocol over HTTP."""

    url: str
    org: str = "lotwatch"
    bucket: str = "lotwatch"
    token_from: str = ""  # "file:PATH" or "credential:NAME"
    kind: str = "influxdb"  # one of gateway/ingest/kinds.py: says when a write is durable
    precision: str = "ns"  # "ns" or "ms": what the database keeps
    writer: str = "client"  # "client" or "direct": what it is written through


@dataclass(frozen=True, slots=True)
class Beyond:
    """The pages for other machines: over TLS, and only once somebody has an account."""

    host: str  # address that is listened on
    port: int
    certificate_file: str
    key_from: str  # "file:PATH" or "credential:NAME"
    hosts: tuple[str, ...]  # names and addresses by which it may be asked


@dataclass(frozen=True, slots=True)
class Remote:
    """Who may change the config from far away."""

    keys: tuple[tuple[str, str], ...]  # name, and public key as a line
    probation_ns: int = 300_000_000_000


ACTS = ("acknowledge", "shelve", "unshelve", "hold", "release", "result", "note")
"""Kinds of Entry that a user may sign at a replica."""


@dataclass(frozen=True, slots=True)
class User:
    """Who may enter something away from the box, by a signature."""

    operator: str
    key: str  # public, as a line: gateway/proof/note.py
    may: tuple[str, ...]  # of `ACTS`
