"""Topics and ids: `spBv1.0/group/kind/node[/device]`, and `spBv1.0/STATE/host`. Pure. Sparkplug 3.0.0, chapter 4."""

from __future__ import annotations

from dataclasses import dataclass

NAMESPACE = "spBv1.0"
OF_NODE = ("NBIRTH", "NDATA", "NDEATH", "NCMD")
OF_DEVICE = ("DBIRTH", "DDATA", "DDEATH", "DCMD")
STATE = "STATE"
_RESERVED = "+/#"
_LONGEST = 65_535  # bytes of a topic: MQTT 5, 1.5.4
_MOST_ID = 255


class BadTopic(ValueError):
    """A topic or an id that is none of Sparkplug's; says why."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What a topic says. Of STATE only `node` is there: the host."""

    kind: str
    group: str
    node: str
    device: str = ""

    def __str__(self) -> str:
        if self.kind == STATE:
            return f"{NAMESPACE}/{STATE}/{self.node}"
        return "/".join(
            (NAMESPACE, self.group, self.kind, self.node, *([self.device] if self.device else []))
        )


def check_id(text: str, what: str = "an id") -> str:
    """The id of a group, node, device or host, as it is. Raises BadTopic.

    >>> check_id("press 1")
    'press 1'
    """
    if not text or len(text.encode("utf-8", "replace")) > _MOST_ID:
        raise BadTopic(f"{what} has 1 to {_MOST_ID} bytes: {text[:40]!r}")
    for letter in text:
        if letter in _RESERVED:
            raise BadTopic(f"{text!r}: {what} has no + / #")
        if letter < " " or "\x7f" <= letter <= "\x9f" or "\ud800" <= letter <= "\udfff":
            raise BadTopic(f"{text!r}: {what} has no control characters")
    if text[0] == "$":
        raise BadTopic(f"{text!r}: {what} does not begin with $: MQTT keeps such topics for the broker")
    return text


def state_topic(host: str) -> str:
    """Where a host application says whether it is there."""
    return str(Topic(STATE, "", host))


def parse_topic(text: str) -> Topic:
    """What a topic says. Raises BadTopic."""
    levels = text.split("/")
    if levels[0] != NAMESPACE or len(text) > _LONGEST:
        raise BadTopic(f"{text[:80]!r} is not of {NAMESPACE}")
    match levels[1:]:
        case ["STATE", host]:
            return Topic(STATE, "", check_id(host))
        case [group, kind, node] if kind in OF_NODE:
            return Topic(kind, check_id(group), check_id(node))
        case [group, kind, node, device] if kind in OF_DEVICE:
            return Topic(kind, check_id(group), check_id(node), check_id(device))
    raise BadTopic(f"{text[:80]!r}: no such message")
