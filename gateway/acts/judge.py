"""Whether the box takes an act: who says it, may he, is it meant for this journal, is it of now. Pure.

Rule 1: what is not signed by a user of the config is never an entry, whatever it says.  Rule 2: what is, is always one:
as what was asked for, or as a refusal with its reason. Whether an id was taken before is the caller's to know.
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.acts.act import LIFE_MOST_NS, Act, BadAct, held_by, key_name, opened_act
from gateway.model import Identity
from gateway.proof.note import PublicKey
from gateway.site import User

AHEAD_NS = 300_000_000_000  # by which the clock of whoever signs may be ahead of the box's


class Forged(Exception):
    """Nobody known says so. `act` is what it claims to be, where it can be read."""

    def __init__(self, reason: str, act: Act | None = None) -> None:
        super().__init__(reason)
        self.reason, self.act = reason, act


class Refused(Exception):
    """A known user asks for what cannot be."""

    def __init__(self, reason: str, act: Act) -> None:
        super().__init__(reason)
        self.reason, self.act = reason, act


class Judge:
    """Of one journal and its users."""

    def __init__(self, identity: Identity, users: Iterable[User]) -> None:
        self._identity = identity
        self._users = {user.operator: (PublicKey.of_line(user.key), frozenset(user.may)) for user in users}

    def act(self, payload: bytes) -> Act:
        """The act that a known user signed. Raises Forged."""
        try:
            act, note = opened_act(payload)
        except BadAct as error:
            raise Forged(f"not an act: {error}") from None
        known = self._users.get(act.operator)
        if known is None:
            raise Forged("unknown user", act)
        key, _ = known
        if key.name != key_name(act.operator) or not held_by(note, key):
            raise Forged("bad signature", act)
        return act

    def allow(self, act: Act, now_ns: int) -> None:
        """Raises Refused. `act` is one of `self.act`."""
        if act.identity != self._identity:
            who = act.identity
            raise Refused(f"for another journal: {who.site}/{who.gateway}, epoch {who.epoch}", act)
        if act.kind not in self._users[act.operator][1]:
            raise Refused(f"not allowed: operator {act.operator} may not {act.kind}", act)
        if act.expires_ns - act.made_ns > LIFE_MOST_NS:
            raise Refused("made to last for more than an hour", act)
        if now_ns > act.expires_ns:
            raise Refused("stale: it came after it had expired", act)
        if act.made_ns > now_ns + AHEAD_NS:
            raise Refused("made in the future: the clock there or here is wrong", act)
