"""Who is signed in: in memory, and soon after in the store, so that a restart signs nobody out. Only its making blocks.

A session is a random token that only the browser has (here is its hash), and a seal: a second secret that the page must
send along with every act, which a page of somebody else cannot read.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gateway.people.roles import Role
from gateway.people.store import Account, People, hidden

IDLE_NS = 12 * 3_600 * 1_000_000_000  # a shift and a half
LONGEST_NS = 7 * 24 * 3_600 * 1_000_000_000
LOOKING_NS = 90 * 24 * 3_600 * 1_000_000_000
"""Of a viewer, who can do nothing: a screen on the wall is not signed in anew each week."""
_KEPT_EVERY_NS = 600_000_000_000  # the store need not know every use
_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in."""

    account: Account
    seal: str
    made_ns: int
    used_ns: int
    key: bytes  # hash of its token


class Sessions:
    """Sessions by token. `token` gives random bytes."""

    def __init__(self, people: People, now_ns: Callable[[], int], token: Callable[[int], bytes]) -> None:
        self._people, self._now_ns, self._token = people, now_ns, token
        named = {account.name.casefold(): account for account in people.accounts()}
        self._open = {
            key: Session(named[name.casefold()], seal, made_ns, used_ns, key)
            for key, name, made_ns, used_ns, seal in people.sessions()
            if name.casefold() in named
        }

    def begin(self, account: Account) -> tuple[str, Session]:
        """Sign somebody in: the token for the browser, and the session."""
        token, seal = _text(self._token(_BYTES)), _text(self._token(_BYTES))
        now = self._now_ns()
        for old in [each for each in self._open.values() if _over(each, now)]:  # nobody came back for it
            self.end(old)
        session = Session(account, seal, now, now, hidden(token))
        self._open[session.key] = session
        self._people.later(self._people.put_session, session.key, account.name, now, now, seal)
        return token, session

    def of(self, token: str) -> Session | None:
        """Whose token it is; None where nobody's, or no longer."""
        found = self._open.get(hidden(token))
        if found is None:
            return None
        now = self._now_ns()
        if _over(found, now):
            self.end(found)
            return None
        if now - found.used_ns > _KEPT_EVERY_NS:
            found = replace(found, used_ns=now)
            self._open[found.key] = found
            name, made_ns = found.account.name, found.made_ns
            self._people.later(self._people.put_session, found.key, name, made_ns, now, found.seal)
        return found

    def stands(self, session: Session) -> bool:
        """Whether it is still one; asking is no use of it."""
        found = self._open.get(session.key)
        return found is not None and not _over(found, self._now_ns())

    def end(self, session: Session) -> None:
        """Sign somebody out."""
        self._open.pop(session.key, None)
        self._people.later(self._people.drop_session, session.key)

    def renewed(self, accounts: Sequence[Account]) -> None:
        """Accounts as they are now: who has another role, other sites or another password is signed out, or is gone."""
        now = {account.name.casefold(): account for account in accounts}
        for session in list(self._open.values()):
            if now.get(session.account.name.casefold()) != session.account:
                self.end(session)


def sealed(session: Session, said: str) -> bool:
    """Whether a page said the session's seal, compared in constant time."""
    return hmac.compare_digest(session.seal.encode(), said.encode("utf-8", "replace"))


def _over(session: Session, now_ns: int) -> bool:
    longest_ns = LOOKING_NS if session.account.role is Role.VIEWER else LONGEST_NS
    # A clock that is set back by a year gives nobody another year.
    return abs(now_ns - session.used_ns) > IDLE_NS or abs(now_ns - session.made_ns) > longest_ns


def _text(token: bytes) -> str:
    return base64.urlsafe_b64encode(token).rstrip(b"=").decode()
