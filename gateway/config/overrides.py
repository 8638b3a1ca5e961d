"""Single values of a config given from outside, by dotted path: ``buses.line1.address``, ``broker.port``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_origin

from gateway.config.models import SiteFile
from gateway.config.problems import Path
from gateway.config.validate import bare, model_at
from gateway.config.yamltext import Document, plain
from gateway.plan.words import nearest


def override(document: Document, overrides: Mapping[str, Any]) -> None:
    """Put values into a document's data; rows of a list are named by their `name`, or by their index.

    A value given as text is read as YAML would read it, except where the model wants text.
    """
    if not isinstance(document.data, dict):
        return
    for dotted, value in overrides.items():
        problem = _put(document, dotted, value)
        if problem:
            document.problems.append(document.problem((), f"override {dotted}: {problem}"))


def _put(document: Document, dotted: str, value: Any) -> str:
    steps = dotted.split(".")
    at: Any = document.data
    path: Path = ()
    for step in steps[:-1]:
        if isinstance(at, dict):
            if at.get(step) is None:
                if not _is_mapping(path, step):
                    return f'there is no "{step}"{nearest(step, at)}'
                at[step] = {}
            at, path = at[step], (*path, step)
        elif isinstance(at, list):
            index = _index(at, step)
            if index is None:
                names = [str(row["name"]) for row in at if isinstance(row, dict) and "name" in row]
                return f'nothing is named "{step}"{nearest(step, names)}'
            at, path = at[index], (*path, index)
        else:
            return f'"{path[-1] if path else step}" has no parts'
    last = steps[-1]
    if isinstance(at, list):
        index = _index(at, last)
        if index is None:
            return f'nothing is named "{last}"'
        at[index] = value
    elif isinstance(at, dict):
        at[last] = _read(path, last, value)
    else:
        return f'"{path[-1] if path else last}" has no parts'
    return ""


def _is_mapping(path: Path, key: str) -> bool:
    """Whether a key that the file does not have may be made, to hold what is below it."""
    owner = model_at(SiteFile, path)
    field = owner.model_fields.get(key) if owner else None
    return model_at(SiteFile, (*path, key)) is not None or (
        field is not None and get_origin(bare(field.annotation)) is dict
    )


def _index(rows: list[Any], step: str) -> int | None:
    for index, row in enumerate(rows):
        if isinstance(row, dict) and row.get("name") == step:
            return index
    return int(step) if step.isdecimal() and len(step) < 7 and int(step) < len(rows) else None


def _read(path: Path, key: str, value: Any) -> Any:
    owner = model_at(SiteFile, path)
    field = owner.model_fields.get(key) if owner else None
    if not isinstance(value, str) or (field is not None and bare(field.annotation) is str):
        return value
    return plain(value)
