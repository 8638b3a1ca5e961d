"""What goes over MQTT: committed records to messages, and back. Pure; `docs/protocol.md` is its contract.

Rule 1: every payload names gateway, epoch, stream and seq, never only in MQTT 5 properties.  Rule 2: what `parse`
gives back is equal to what `messages` was given, raw words and quality included.  Rule 3: `parse` takes bytes from
anybody: what is not ours is `NotOurs` with a reason, whatever it is.
"""

from gateway.wire.asks import Gone, gone, parse_gone, parse_request, request
from gateway.wire.catalogue import Catalogue
from gateway.wire.checks import NotOurs
from gateway.wire.eras import Eras
from gateway.wire.ledger import Checkpoint, WireLeaf, checkpoint, leaves, parse_checkpoint, parse_leaves
from gateway.wire.marks import Stored, head, parse_head, parse_status, parse_stored, status, stored
from gateway.wire.messages import Message, Records, messages, parse, stretch_messages
from gateway.wire.topics import ROOT, escape, site_topic, unescape

__all__ = [
    "ROOT",
    "Catalogue",
    "Checkpoint",
    "Eras",
    "Gone",
    "Message",
    "NotOurs",
    "Records",
    "Stored",
    "WireLeaf",
    "checkpoint",
    "escape",
    "gone",
    "head",
    "leaves",
    "messages",
    "parse",
    "parse_checkpoint",
    "parse_gone",
    "parse_head",
    "parse_leaves",
    "parse_request",
    "parse_status",
    "parse_stored",
    "request",
    "site_topic",
    "status",
    "stored",
    "stretch_messages",
    "unescape",
]
