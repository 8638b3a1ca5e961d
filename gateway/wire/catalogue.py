"""What the readings of each poll group look like on the wire: tags, types and units, prepared once per config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from gateway.layout import Field, Layout
from gateway.model import BAD_FROM, GroupId
from gateway.site import Group
from gateway.wire.layouts import WireLayout

DTYPES = {
    "bool": np.bool_,
    "int16": np.int64,
    "uint16": np.int64,
    "int32": np.int64,
    "uint32": np.int64,
    "int64": np.int64,
    "uint64": np.uint64,
    "float32": np.float32,
    "float64": np.float64,
}
"""Type word of a point on the wire to how its column is held; "string" is the one that is no number."""

WORDY = ("string", "int64", "uint64")  # what float64 cannot hold is taken from the raw words


def wire_type(field: Field) -> str:
    """A device's own number keeps its type; a scaled one is float64; one bit is bool; a masked field is uint64."""
    if field.type == "string":
        return "string"
    if not field.plain:
        return "float64"
    if field.type == "bit" or (field.mask is not None and field.mask & (field.mask - 1) == 0):
        return "bool"
    return "uint64" if field.mask is not None else field.type


class Shape:
    """One group: its points as ready JSON, and which columns are written alike."""

    def __init__(self, group: Group) -> None:
        self.layout = layout = group.layout()
        self.described = WireLayout(group)
        fields = layout.fields
        self.points = len(fields)
        self.words = layout.words
        self.types = tuple(wire_type(field) for field in fields)
        self.tags = tuple(point.tag for point in group.points)
        self._uoms = tuple(point.uom for point in group.points)
        self._json = {self.types: orjson.Fragment(self._described(self.types))}
        kinds = sorted(set(self.types) - set(WORDY))
        self._alike = [
            (kind, np.array([index for index, each in enumerate(self.types) if each == kind]))
            for kind in kinds
        ]
        self._wordy = [
            (index, Layout((fields[index],)), slice(start, start + fields[index].width))
            for index, start in enumerate(layout.starts)
            if self.types[index] in WORDY
        ]

    def _described(self, types: tuple[str, ...]) -> bytes:
        points = zip(self.tags, self._uoms, types, strict=True)
        return orjson.dumps([{"tag": tag, "type": kind, "uom": uom} for tag, uom, kind in points])

    def columns(
        self, values: NDArray[np.float64], quality: NDArray[np.uint8], raw: NDArray[np.uint16]
    ) -> tuple[orjson.Fragment, list[object]]:
        """The points' description and a column per point, of ``[rows, points]`` values and their words.

        A column whose numbers do not fit the type the config says (the config changed since) goes as float64.
        """
        columns: list[object] = [None] * self.points
        types = list(self.types)
        missing = np.isnan(values)
        for kind, members in self._alike:
            picked, holes = values[:, members].T, missing[:, members].T
            filled = np.where(holes, 0.0, picked)
            with np.errstate(invalid="ignore", over="ignore"):
                cast: NDArray[Any] = filled.astype(DTYPES[kind])
            exact: NDArray[np.bool_] = np.all(cast == filled, axis=1)
            torn: NDArray[np.bool_] = np.any(holes, axis=1)
            floats = kind.startswith("float")
            for place, (member, fits, gaps) in enumerate(
                zip(members.tolist(), exact.tolist(), torn.tolist(), strict=True)
            ):
                if not gaps and fits:
                    columns[member] = cast[place]
                elif floats or not fits:  # orjson writes nan as null
                    columns[member] = picked[place].astype(DTYPES[kind] if fits else np.float64)
                    types[member] = kind if fits else "float64"
                else:
                    columns[member] = _with_holes(cast[place], holes[place])
        for index, layout, where in self._wordy:
            holes = quality[:, index] >= BAD_FROM if self.types[index] == "string" else missing[:, index]
            columns[index] = _with_holes(layout.typed(raw[:, where])[0], holes)
        key = tuple(types)
        if key not in self._json:
            return orjson.Fragment(self._described(key)), columns
        return self._json[key], columns


def _with_holes(column: NDArray[np.generic], holes: NDArray[np.bool_]) -> list[object]:
    return [None if hole else item for item, hole in zip(column.tolist(), holes.tolist(), strict=True)]


def unnamed(points: int, values: NDArray[np.float64]) -> tuple[list[dict[str, str]], list[object]]:
    """Points and columns of a group that the config in force does not know: nobody's tag, float64 as it was folded."""
    described = [{"tag": "", "type": "float64", "uom": ""}] * points
    return described, [np.ascontiguousarray(values[:, index]) for index in range(points)]


class Catalogue:
    """Shapes of all groups of one config."""

    def __init__(self, groups: Mapping[GroupId, Group]) -> None:
        self.groups = groups
        self._shapes: dict[GroupId, Shape] = {}

    def shape(self, group: GroupId, points: int, words: int) -> Shape | None:
        """The group's shape, None where the config knows no such group or another number of points or words."""
        shape = self._shapes.get(group)
        if shape is None:
            known = self.groups.get(group)
            if known is None:
                return None
            shape = self._shapes[group] = Shape(known)
        return shape if (shape.points, shape.words) == (points, words) else None
