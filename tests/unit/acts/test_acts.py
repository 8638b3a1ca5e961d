"""Acts as notes, and what the box makes of those that come: the signature first, then what is asked."""

from __future__ import annotations

import base64
from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.acts import (
    DONE,
    LIFE_MOST_NS,
    REFUSED,
    REFUSED_ENTRY,
    Act,
    BadAct,
    Forged,
    Judge,
    Refused,
    opened_act,
    payload_of,
    signed_act,
    with_outcome,
)
from gateway.acts.judge import AHEAD_NS
from gateway.model import Entry, Identity, Instant, Noted, Severity, Tick
from gateway.proof.note import SigningKey
from gateway.site import User

NORTH = Identity("north", "box1", "9f3c")
NOW = 1_800_000_000_000_000_000
KEY = SigningKey("operator-17", bytes(range(32)))
OTHER = SigningKey("operator-18", bytes(32))
ACT = Act(NORTH, "0f" * 16, "acknowledge", "17", {"alarm": "a-1", "cause": "heater"}, NOW, NOW + 600 * 10**9)
USERS = (
    User("17", KEY.public.line(), ("acknowledge", "shelve")),
    User("18", OTHER.public.line(), ("hold",)),
)
JUDGE = Judge(NORTH, USERS)


def payload(act: Act = ACT, key: SigningKey = KEY) -> bytes:
    return payload_of(act.identity, signed_act(act, key))


def changed(old: str, new: str) -> bytes:
    """The payload with something else in its note, the signature as it was."""
    body = orjson.loads(payload())
    assert old in body["act"]
    return orjson.dumps({**body, "act": body["act"].replace(old, new)})


def test_what_was_signed_comes_back_and_is_believed():
    act, note = opened_act(payload())
    assert act == ACT
    assert note.startswith("lotwatch/v1/act\n{")
    assert JUDGE.act(payload()) == ACT
    JUDGE.allow(ACT, NOW)


def test_the_note_is_one_that_others_can_verify():
    """C2SP signed-note: key id and Ed25519 signature over the text; here by `cryptography`."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    text, line = signed_act(ACT, KEY).rstrip("\n").rsplit("\n\n", 1)
    dash, name, data = line.split(" ")
    assert (dash, name) == ("\N{EM DASH}", "operator-17")
    signature = base64.b64decode(data)
    assert signature[:4] == KEY.public.id
    Ed25519PublicKey.from_public_bytes(KEY.public.key).verify(signature[4:], f"{text}\n".encode())


FORGED = {
    "unknown user": payload(replace(ACT, operator="99"), SigningKey("operator-99", bytes(range(32)))),
    "another's key": payload(ACT, OTHER),
    "another's key by my name": payload(ACT, SigningKey("operator-17", bytes(32))),
    "another cause": changed("heater", "nobody"),
    "another alarm": changed("a-1", "a-2"),
    "another operator": changed('"operator":"17"', '"operator":"18"'),
    "another epoch": changed("9f3c", "9f3d"),
    "another id": changed("0f0f", "0f0e"),
    "later": changed(str(ACT.expires_ns), str(ACT.expires_ns + 1)),
    "no signature": changed("\N{EM DASH} operator-17", "\N{EM DASH} operator-71"),
    "half a signature": payload()[:-30] + b'"}',
}


@pytest.mark.parametrize("what", FORGED)
def test_what_nobody_known_has_signed_is_forged(what):
    with pytest.raises(Forged):
        JUDGE.act(FORGED[what])


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"id": "0F" * 16}, "32 hexadecimal"),
        ({"id": 7}, "32 hexadecimal"),
        ({"operator": "Mary"}, "at most 12 digits"),
        ({"operator": 17}, "at most 12 digits"),
        ({"body": []}, "not an object"),
        ({"made_ns": 1.5}, "not a time"),
        ({"expires_ns": True}, "not a time"),
        ({"expires_ns": 2**63}, "not a time"),
        ({"kind": ""}, "not a word"),
        ({"more": 1}, "and nothing else"),
    ],
)
def test_a_note_that_holds_no_act(members, words):
    text = signed_act(ACT, KEY).split("\n")[1]
    note = KEY.signed("lotwatch/v1/act\n" + orjson.dumps({**orjson.loads(text), **members}).decode() + "\n")
    with pytest.raises(BadAct, match=words):
        opened_act(payload_of(NORTH, note))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not JSON"),
        (b"[]", "not a JSON object"),
        (b"{}", "no act of version 1"),
        (b'{"v":2,"act":""}', "no act of version 1"),
        (b'{"v":1,"act":"x"}', "not a signed note"),
        (payload_of(NORTH, KEY.signed("lotwatch/v1/north/box1/9f3c\n3\nAAEC\n")), "does not begin with"),
        (payload_of(NORTH, KEY.signed("lotwatch/v1/act\n[1]\n")), "not a JSON object"),
        (b" " * (64 << 10) + b"{}", "more than 65536 bytes"),
    ],
)
def test_bytes_that_are_no_act(data, words):
    with pytest.raises(BadAct, match=words):
        opened_act(data)


@given(st.binary(max_size=300) | st.text(max_size=100).map(lambda text: payload_of(NORTH, text)))
def test_whatever_comes_is_forged_at_worst(data):
    with pytest.raises(Forged):
        JUDGE.act(data)


@pytest.mark.parametrize(
    ("act", "now", "words"),
    [
        (replace(ACT, identity=Identity("north", "box1", "older")), NOW, "for another journal"),
        (replace(ACT, identity=Identity("south", "box1", "9f3c")), NOW, "for another journal"),
        (replace(ACT, kind="release"), NOW, "operator 17 may not release"),
        (replace(ACT, kind="correct"), NOW, "not allowed"),
        (ACT, ACT.expires_ns + 1, "stale"),
        (ACT, NOW - AHEAD_NS - 1, "made in the future"),
        (replace(ACT, expires_ns=NOW + LIFE_MOST_NS + 1), NOW, "more than an hour"),
    ],
)
def test_what_a_known_user_may_not_do(act, now, words):
    assert JUDGE.act(payload(act)) == act
    with pytest.raises(Refused, match=words):
        JUDGE.allow(act, now)


def test_at_its_edges_it_is_taken():
    JUDGE.allow(ACT, ACT.expires_ns)
    JUDGE.allow(ACT, NOW - AHEAD_NS)
    JUDGE.allow(replace(ACT, expires_ns=NOW + LIFE_MOST_NS), NOW)


def entry(kind: str = "hold", body: dict[str, str] | None = None) -> Entry:
    return Entry(kind, Instant(NOW, 5, 1), "17", {"act": "0f" * 16, **(body or {})})


def noted(kind: str, **facts: str) -> Noted:
    return Noted(NOW, kind, "R-7", Severity.INFO, facts)


def test_the_outcome_comes_last_and_counts_what_came_before():
    told = with_outcome(entry(), (noted("lot_held"), noted("lot_suspect")))
    last = told[-1]
    assert isinstance(last, Noted)
    assert (last.kind, last.subject, dict(last.facts)) == (
        DONE, "17", {"act": "0f" * 16, "entry": "hold", "operator": "17", "events": 2},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given_", "events", "reason", "kind"),
    [
        (entry(), (noted("hold_refused", reason="it is held"),), "it is held", "hold"),
        (entry(), (), "it changes nothing", "hold"),
        (entry(), (noted("fold_failed", error="KeyError: x"),), "KeyError: x", "hold"),
        (entry(REFUSED_ENTRY, {"kind": "shelve", "reason": "stale"}), (), "stale", "shelve"),
    ],
)
def test_why_it_was_not_done(given_, events, reason, kind):
    last = with_outcome(given_, events)[-1]
    assert isinstance(last, Noted)
    assert (last.kind, last.facts["reason"], last.facts["entry"]) == (REFUSED, reason, kind)


def test_what_is_no_act_has_no_outcome():
    assert with_outcome(Tick(Instant(1, 1, 1)), (noted("x"),)) == (noted("x"),)
    assert with_outcome(Entry("hold", Instant(1, 1, 1), "17", {"lot": "R"}), ()) == ()
