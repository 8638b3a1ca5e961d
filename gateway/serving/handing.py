"""An act, signed and handed to the ingest worker of a data folder."""

from __future__ import annotations

from pathlib import Path

from gateway.acts import Act, payload_of, signed_act
from gateway.ingest.outbox import Outbox
from gateway.proof.note import SigningKey


def hand_over(data: Path, act: Act, key: SigningKey) -> None:
    """Return when it is on the disk, for the worker to send. Raises OSError."""
    identity = act.identity
    who = {"site": identity.site, "gateway": identity.gateway, "epoch": identity.epoch}
    payload = payload_of(identity, signed_act(act, key)).decode()
    handed = {"v": 1, "kind": "act", **who, "payload": payload, "expires_ns": act.expires_ns}
    Outbox(data).put(act.id, handed)
