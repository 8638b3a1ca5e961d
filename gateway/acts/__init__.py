"""What people enter away from the box: a signed note that names the journal it is for, and the box's judgement. Pure.

docs/decisions/0077-acts-are-signed-notes.md.
"""

from gateway.acts.act import LIFE_MOST_NS, Act, BadAct, key_name, opened_act, payload_of, signed_act
from gateway.acts.judge import Forged, Judge, Refused
from gateway.acts.outcome import DONE, REFUSED, REFUSED_ENTRY, with_outcome

__all__ = [
    "DONE",
    "LIFE_MOST_NS",
    "REFUSED",
    "REFUSED_ENTRY",
    "Act",
    "BadAct",
    "Forged",
    "Judge",
    "Refused",
    "key_name",
    "opened_act",
    "payload_of",
    "signed_act",
    "with_outcome",
]
