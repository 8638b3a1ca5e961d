"""An act as it travels: a signed note (C2SP signed-note) whose text is one line that says what it is, and one of JSON.

The signature is over these very bytes, so nobody need agree on how to write JSON. The text names site, gateway and
epoch: what was signed for one journal is nothing to another one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.model import Identity, Plain
from gateway.proof.merkle import ProofWrong
from gateway.proof.note import PublicKey, SigningKey, opened, split

FIRST_LINE = "lotwatch/v1/act"
LIFE_MOST_NS = 3_600_000_000_000  # from made to expires
BYTES_MOST = 64 << 10
_ID = re.compile(r"[0-9a-f]{32}")
_OPERATOR = re.compile(r"[0-9]{1,12}")
_MEMBERS = {"site", "gateway", "epoch", "id", "kind", "operator", "body", "made_ns", "expires_ns"}
_INT64 = 2**63


class BadAct(ValueError):
    """The bytes are not an act; says why."""


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody wants to be entered into a journal that is elsewhere."""

    identity: Identity
    id: str  # 32 hex digits by chance: the box takes each once
    kind: str  # of the Entry
    operator: str
    body: Mapping[str, Plain]
    made_ns: int
    expires_ns: int


def key_name(operator: str) -> str:
    """What an operator's key is called.

    >>> key_name("17")
    'operator-17'
    """
    return f"operator-{operator}"


def signed_act(act: Act, key: SigningKey) -> str:
    """The note."""
    who = act.identity
    body = {
        "site": who.site, "gateway": who.gateway, "epoch": who.epoch, "id": act.id, "kind": act.kind,
        "operator": act.operator, "body": dict(act.body), "made_ns": act.made_ns, "expires_ns": act.expires_ns,
    }  # fmt: skip
    return key.signed(f"{FIRST_LINE}\n{orjson.dumps(body).decode()}\n")


def payload_of(identity: Identity, note: str) -> bytes:
    """The MQTT payload with the note in it."""
    who = {"site": identity.site, "gateway": identity.gateway, "epoch": identity.epoch}
    return orjson.dumps({"v": 1, **who, "act": note})


def opened_act(payload: bytes) -> tuple[Act, str]:
    """The act in a payload, and its note; the signature is not looked at yet. Raises BadAct, whatever the bytes are."""
    if len(payload) > BYTES_MOST:
        raise BadAct(f"more than {BYTES_MOST} bytes")
    outer = _object(payload)
    note = outer.get("act")
    if outer.get("v") != 1 or not isinstance(note, str):
        raise BadAct("no act of version 1 in it")
    try:
        text, _ = split(note)
    except ProofWrong as error:
        raise BadAct(str(error)) from None
    first, _, rest = text.partition("\n")
    if first != FIRST_LINE:
        raise BadAct(f"the note does not begin with {FIRST_LINE}")
    return _act(_object(rest.encode("utf-8", "replace"))), note


def _object(data: bytes) -> Mapping[str, Any]:
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise BadAct("not JSON") from None
    if not isinstance(body, dict):
        raise BadAct("not a JSON object")
    return body


def _act(said: Mapping[str, Any]) -> Act:
    if set(said) != _MEMBERS:
        raise BadAct(f"an act has {', '.join(sorted(_MEMBERS))}, and nothing else")
    words = [said[name] for name in ("site", "gateway", "epoch", "kind")]
    if not all(isinstance(word, str) and 0 < len(word) <= 200 for word in words):
        raise BadAct("site, gateway, epoch or kind is not a word")
    if not (isinstance(said["id"], str) and _ID.fullmatch(said["id"])):
        raise BadAct("id is not 32 hexadecimal digits")
    if not (isinstance(said["operator"], str) and _OPERATOR.fullmatch(said["operator"])):
        raise BadAct("operator is not a number of at most 12 digits")
    if not isinstance(said["body"], dict):
        raise BadAct("body is not an object")
    times = said["made_ns"], said["expires_ns"]
    if not all(type(time) is int and -_INT64 <= time < _INT64 for time in times):
        raise BadAct("made_ns or expires_ns is not a time in nanoseconds")
    site, gateway, epoch, kind = words
    return Act(Identity(site, gateway, epoch), said["id"], kind, said["operator"], said["body"], *times)


def held_by(note: str, key: PublicKey) -> bool:
    """Whether this key signed the note."""
    try:
        opened(note, key)
    except ProofWrong:
        return False
    return True
