"""What a metric is through all messages: name, alias, type, unit; its form in a birth and in data. Pure.

Births say everything, data say alias, time and value: Sparkplug 3.0.0, 6.4.5. A bad value is null with its quality.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.layout import Field
from gateway.model import BAD_FROM, Quality
from gateway.sparkplug.quality import quality_properties
from gateway.sparkplug.types import DataType, Metric, Property, Value
from gateway.wire.catalogue import wire_type

UNIT, TAG = "engUnit", "Tag"
TYPES: Mapping[str, DataType] = {
    "bool": DataType.BOOLEAN,
    "int16": DataType.INT16,
    "uint16": DataType.UINT16,
    "int32": DataType.INT32,
    "uint32": DataType.UINT32,
    "int64": DataType.INT64,
    "uint64": DataType.UINT64,
    "float32": DataType.FLOAT,
    "float64": DataType.DOUBLE,
    "string": DataType.STRING,
}
"""Type word on our wire to Sparkplug's."""


def datatype_of(field: Field) -> DataType:
    """A device's own number keeps its type, a scaled one is Double, one bit Boolean, a masked field UInt64.

    >>> datatype_of(Field("int16", scale="0.1")).name
    'DOUBLE'
    """
    return TYPES[wire_type(field)]


@dataclass(frozen=True, slots=True)
class Defined:
    """One metric of the node or of a device. Without an alias it goes by its name: `Node Control/Rebirth` alone."""

    name: str
    alias: int | None
    datatype: DataType
    uom: str = ""
    tag: str = ""  # plant-wide name of a point

    def birth(self, value: Value | None, time_ms: int, quality: int | None = None) -> Metric:
        """As it stands in NBIRTH or DBIRTH; `quality` is ours, of a point."""
        properties: dict[str, Property] = {}
        if self.uom:
            properties[UNIT] = Property(DataType.STRING, self.uom)
        if self.tag:
            properties[TAG] = Property(DataType.STRING, self.tag)
        if quality is not None:
            properties.update(quality_properties(quality))
        return Metric(
            sayable(value, quality),
            name=self.name,
            alias=self.alias,
            timestamp=time_ms,
            datatype=self.datatype,
            properties=properties,
        )

    def data(
        self, value: Value | None, time_ms: int, quality: int | None = None, *, historical: bool = False
    ) -> Metric:
        """As it stands in NDATA or DDATA; with `quality` where that has to be said."""
        return Metric(
            sayable(value, quality),
            alias=self.alias,
            timestamp=time_ms,
            historical=historical,
            properties={} if quality is None else quality_properties(quality),
            kind=self.datatype,
        )


def sayable(value: Value | None, quality: int | None) -> Value | None:
    """The value; None where it is bad, or a number that is none."""
    bad = quality is not None and quality >= BAD_FROM
    return None if bad or (isinstance(value, float) and value != value) else value  # noqa: PLR0124 # nan


NEVER_READ = int(Quality.STALE)
"""Quality of a point of which nothing came yet."""
