"""``layout/<id>``: what the words of a group's readings mean, retained, so that a compact reading need not say it.

The id is made of the content: a layout never changes, and a reading that names one can be read for as long as anybody
has kept it, whatever the config is by then.
"""

from __future__ import annotations

import hashlib
from functools import cached_property

import orjson

from gateway.layout import ORDERS
from gateway.model import Identity
from gateway.site import Group
from gateway.wire.decimals import Floats, floats_in

_ID_CHARACTERS = 12


class WireLayout:
    """One group's; of a group that no config knows the id is "", and there is no payload."""

    def __init__(self, group: Group | None) -> None:
        self._group = group
        self._payloads: dict[Identity, bytes] = {}

    @cached_property
    def _body(self) -> dict[str, object]:
        """The members beside identity and id."""
        group = self._group
        if group is None:
            return {}
        points = []
        for point in group.points:
            field = point.field
            points.append(
                {
                    "tag": point.tag,
                    "uom": point.uom,
                    "type": field.type,
                    "words": field.width,
                    "order": field.order or (ORDERS[field.width][0] if field.type != "string" else "AB"),
                    "mask": field.mask,
                    "scale": field.scale,
                    "bias": field.bias,
                }
            )
        return {"group": group.id, "points": points}

    @cached_property
    def id(self) -> str:
        """Hexadecimal digits, of the SHA-256 of the body."""
        return hashlib.sha256(orjson.dumps(self._body)).hexdigest()[:_ID_CHARACTERS] if self._body else ""

    @cached_property
    def floats(self) -> tuple[Floats, ...]:
        """Where its words have floats."""
        if self._group is None:
            return ()
        layout = self._group.layout()
        return floats_in(layout.fields, layout.starts)

    def payload(self, identity: Identity) -> bytes:
        """The retained payload."""
        made = self._payloads.get(identity)
        if made is None:
            whose = {"v": 1, "site": identity.site, "gateway": identity.gateway, "epoch": identity.epoch}
            made = self._payloads[identity] = orjson.dumps({**whose, "layout": self.id, **self._body})
        return made
