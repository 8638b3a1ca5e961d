"""The local door: how commands on the same machine hand what a person entered to the daemon.

Rule 1: an entry is answered after it is committed, with the events that it caused, never before.  Rule 2: who may write
the journal's folder may enter, nobody else: the socket has mode 0600 and is in that folder.  Rule 3: the door takes
bytes from anybody who can open it: what does not fit is answered with a reason, and nothing of it is kept.
"""

from gateway.door.client import DoorClosed, DoorRefused, DoorSilent, ask
from gateway.door.server import Door
from gateway.door.words import BadRequest, Given, entry_of, reload_request, request

__all__ = [
    "BadRequest",
    "Door",
    "DoorClosed",
    "DoorRefused",
    "DoorSilent",
    "Given",
    "ask",
    "entry_of",
    "reload_request",
    "request",
]
