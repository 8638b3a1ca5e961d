"""The search for Modbus units, done: asks on a line what `gateway.probe` says, and hands back what was found.

It goes through the drivers' own exchange, which has no way to encode a write.
"""

from __future__ import annotations

from gateway.probing.search import Found, Places, Search
from gateway.probing.target import BadTarget, Target, target_of

__all__ = ["BadTarget", "Found", "Places", "Search", "Target", "target_of"]
