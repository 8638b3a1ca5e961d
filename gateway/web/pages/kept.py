"""What takes seconds to make and changes slowly, kept for a while by the process that made it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from gateway.web.pages.page import Asked

_MOST = 16
Data = Callable[[Asked], dict[str, Any]]


def kept(data: Data, for_ns: int) -> Data:
    """The same, made anew after so long. Whoever may see other journals is told of those."""
    made: OrderedDict[tuple[object, ...], tuple[int, dict[str, Any]]] = OrderedDict()

    def told(asked: Asked) -> dict[str, Any]:
        key = (tuple(reader.folder for reader in asked.readers), tuple(sorted(asked.given.items())))
        known = made.get(key)
        if known is not None and 0 <= asked.now_ns - known[0] < for_ns:
            return known[1]
        found = data(asked)
        made[key] = (asked.now_ns, found)
        while len(made) > _MOST:
            made.popitem(last=False)
        return found

    return told
