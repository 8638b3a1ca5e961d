"""Topic names, and how ids of any text become safe levels of them.

Letters, digits and ``- _ . ~`` stay; every other byte of the UTF-8 form is ``%XX``. So no id can hold ``/ + # $`` or
NUL (MQTT 5, 4.7), and two ids never share a topic.

>>> escape("lot/7 #2")
'lot%2F7%20%232'
>>> unescape("lot%2F7%20%232")
'lot/7 #2'
>>> site_topic("north", "lot", "R-7")
'lotwatch/v1/north/lot/R-7'
"""

from __future__ import annotations

from urllib.parse import quote, unquote

ROOT = "lotwatch/v1"


def escape(text: str) -> str:
    """One topic level; an empty text is ``%``, which no text escapes to."""
    return quote(text, safe="~", errors="surrogatepass") or "%"


def unescape(level: str) -> str:
    """The text that a level stands for."""
    return "" if level == "%" else unquote(level, errors="surrogatepass")


def site_topic(site: str, kind: str, name: str | None = None) -> str:
    """Topic of a kind of message of a site, with the id that some kinds have."""
    topic = f"{ROOT}/{escape(site)}/{kind}"
    return topic if name is None else f"{topic}/{escape(name)}"


def split(topic: str) -> tuple[str, str, str | None]:
    """(site, kind, id) of a topic of ours. Raises ValueError."""
    levels = topic.split("/")
    if levels[:2] != ROOT.split("/") or len(levels) not in (4, 5) or not levels[3]:
        raise ValueError(f"not a topic under {ROOT}/<site>/")
    name = unescape(levels[4]) if len(levels) == 5 else None
    return unescape(levels[2]), levels[3], name
