"""What foreign edge nodes said, as line protocol: measurement `reading`, tags group, node, device, point. Pure.

>>> from gateway.sparkplug.host import Heard
>>> foreign_line(Heard("G", "E", "press", "Temp", 9, 21.5, 192, 1700000000000), strings=True, precision="ms")
'reading,device=press,group=G,node=E,point=Temp value=21.5,quality=0i 1700000000000'
"""

from __future__ import annotations

from gateway.ingest.linetext import Scalar, line
from gateway.model import Quality
from gateway.sparkplug.host import Heard
from gateway.sparkplug.quality import GOOD, STALE
from gateway.sparkplug.types import DataType

_OURS = {GOOD: int(Quality.GOOD), STALE: int(Quality.STALE)}
_WIDE = (DataType.INT64, DataType.UINT64, DataType.DATETIME)
_FACTOR = {"ms": 1, "ns": 1_000_000}


def foreign_line(heard: Heard, *, strings: bool, precision: str) -> str:
    """One value. Bytes are not written; a text only where the database keeps it."""
    tags = {"group": heard.group, "node": heard.node, "device": heard.device, "point": heard.name}
    fields: dict[str, Scalar] = {}
    value = heard.value
    if isinstance(value, str):
        if strings:
            fields["text"] = value
    elif isinstance(value, int) and not isinstance(value, bool) and heard.datatype in _WIDE:
        fields["value_i"] = value if value < 1 << 63 else value - (1 << 64)
    elif isinstance(value, (bool, int, float)):
        fields["value"] = float(value)
    fields["quality"] = _OURS.get(heard.quality, int(Quality.BAD))
    return line("reading", tags, fields, heard.time_ms * _FACTOR[precision])
