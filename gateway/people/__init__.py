"""Who may look and act: accounts with a role, their passwords and sessions.

Rule 1: names of people live here and nowhere else; the journal knows operators by number.  Rule 2: there is no default
password: a box without an account shows nothing but its setup, which takes a code that only its console was told.
Rule 3: what is secret is kept as a hash, of passwords by Argon2id (RFC 9106), made in a process of its own.
"""

from gateway.people.diary import Diary, Told
from gateway.people.roles import ACTS, Role, may
from gateway.people.sessions import Session, Sessions
from gateway.people.store import Account, NameTaken, OperatorTaken, People

__all__ = [
    "ACTS", "Account", "Diary", "NameTaken", "OperatorTaken", "People", "Role", "Session", "Sessions", "Told", "may",
]  # fmt: skip
