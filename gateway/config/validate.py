"""A file's data against its model: every refusal as a problem, and the rest of the file all the same.

What a model refuses is cut out and the remainder is validated again, so that the checks that follow still see every
row that can be understood; `original` says where a remaining row stood in the file.
"""

from __future__ import annotations

import copy
import difflib
import types
from typing import Annotated, Any, Generic, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from gateway.config.problems import Path, Problem, spell
from gateway.config.yamltext import Document
from gateway.plan.words import TEXT, nearest, shown

M = TypeVar("M", bound=BaseModel)

_SECRETS = ("password", "passwd", "pass", "token", "secret", "api_key", "apikey", "auth")
_KINDS = {"model_type": "mapping", "dict_type": "mapping", "list_type": "list", "string_type": "text"}
_MOST = 200  # problems of one file


class Checked(Generic[M]):
    """A file after validation: its model, as far as it could be understood, and its problems."""

    def __init__(self, document: Document, model: type[M]) -> None:
        self.document = document
        self.problems: list[Problem] = list(document.problems)
        self.model: M | None = None
        self._told = {problem.path for problem in document.problems}
        self._moved: dict[Path, list[int]] = {}
        if document.data is None:
            if not document.problems:
                self.problems.append(document.problem((), "is empty"))
            return
        self._validate(model)

    def original(self, path: Path) -> Path:
        """The path in the file of a path in the model: rows that were cut out shift those after them."""
        out: Path = ()
        for part in path:
            moved = self._moved.get(out) if isinstance(part, int) else None
            out = (*out, moved[part] if moved is not None and isinstance(part, int) else part)
        return out

    def say(self, path: Path, text: str, *, key: bool = False, severity: str = "error") -> None:
        """Add a problem at a path in the model."""
        self.problems.append(self.document.problem(self.original(path), text, key=key, severity=severity))

    def has(self, path: Path) -> bool:
        """Whether the file itself has something at a path of the model, were it refused."""
        return get(self.document.data, self.original(path)) is not _GONE

    def missing(self, path: Path, text: str = "") -> None:
        """Say that a key is missing, unless it is there and was refused."""
        if not self.has(path):
            self.say(path, text or f'"{path[-1]}" is missing')

    def _validate(self, model: type[M]) -> None:
        data = self.document.data
        for attempt in range(4):
            try:
                self.model = model.model_validate(data)
                return
            except ValidationError as error:
                details = error.errors(include_url=False, include_context=True)
            if attempt == 0:
                data = copy.deepcopy(data)
            paths = []
            for detail in details:
                path = _within(data, detail["loc"])
                paths.append((path, detail))
                if attempt == 0:
                    self._report(model, path, detail)
            if not isinstance(data, dict):
                return
            self._cut(model, data, paths)
            _stand_in(model, data)

    def _report(self, model: type[M], path: Path, detail: Any) -> None:
        if len(self.problems) >= _MOST or (path and spell(path) in self._told):
            return
        kind = detail["type"]
        if kind == "missing":
            self.problems.append(self.document.problem(path, f'"{path[-1]}" is missing'))
        elif kind == "extra_forbidden":
            self.problems.append(self.document.problem(path, _unknown(model, path), key=True))
        elif kind in _KINDS:
            self.problems.append(
                self.document.problem(
                    path, f"{shown(detail['input'])} is not a {_KINDS[kind]}".replace("a text", "text")
                )
            )
        elif kind == "too_short":
            self.problems.append(self.document.problem(path, "is empty: at least one is needed"))
        elif kind == "too_long":
            self.problems.append(
                self.document.problem(path, f"has too many: {detail['ctx']['max_length']} at most")
            )
        else:
            self.problems.append(self.document.problem(path, detail["msg"]))

    def _cut(self, model: type[M], data: Any, wrong: list[tuple[Path, Any]]) -> None:
        """Take out what was refused; where something needed is missing, the row that misses it."""
        rows: dict[Path, set[int]] = {}
        for path, detail in wrong:
            leaf = detail["type"] != "missing" and bool(path) and isinstance(path[-1], str)
            if leaf:
                parent = get(data, path[:-1])
                if isinstance(parent, dict):
                    parent.pop(path[-1], None)
                continue
            if detail["type"] == "missing" and _is_text(model, path):
                get(data, path[:-1])[path[-1]] = "x"
                continue
            ints = [at for at, part in enumerate(path) if isinstance(part, int)]
            if ints:
                rows.setdefault(path[: ints[-1]], set()).add(int(path[ints[-1]]))
            elif len(path) > 1:
                parent = get(data, path[:-2])
                if isinstance(parent, dict):
                    parent.pop(path[-2], None)
        for path in sorted(rows, key=len, reverse=True):
            listed = get(data, path)
            if not isinstance(listed, list):
                continue
            where = self.original(path)
            old = self._moved.get(where, list(range(len(listed))))
            kept = [at for at in range(len(listed)) if at not in rows[path]]
            self._moved[where] = [old[at] for at in kept]
            listed[:] = [listed[at] for at in kept]


_GONE = object()


def _stand_in(model: type[BaseModel], data: dict[str, Any]) -> None:
    """Something harmless for what the top of the file must have: it was reported, and the rest is to be checked too."""
    for name, field in model.model_fields.items():
        if field.is_required() and name not in data:
            data[name] = [] if get_origin(bare(field.annotation)) is list else "x"


def _is_text(model: type[BaseModel], path: Path) -> bool:
    """Whether a missing key takes any text, so that a stand-in keeps its row."""
    owner = model_at(model, path[:-1])
    field = owner.model_fields.get(str(path[-1])) if owner else None
    return field is not None and TEXT in field.metadata


def get(data: Any, path: Path) -> Any:
    """What is at a path, or `_GONE`."""
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return _GONE
    return data


def _within(data: Any, loc: tuple[int | str, ...]) -> Path:
    """pydantic's location without the steps that are not in the data; a missing key stays at its end."""
    path: Path = ()
    for at, part in enumerate(loc):
        inside = isinstance(data, dict) or (isinstance(data, list) and isinstance(part, int))
        if not inside:
            break
        path = (*path, part)
        data = get(data, (part,))
        if data is _GONE:
            return path if at == len(loc) - 1 else path[:-1]
    return path


def _unknown(model: type[BaseModel], path: Path) -> str:
    key = str(path[-1])
    owner = model_at(model, path[:-1])
    known = [field.alias or name for name, field in owner.model_fields.items()] if owner else []
    if difflib.get_close_matches(key.casefold()[:40], _SECRETS, 1, 0.85):
        field = "token_from" if "token" in key.casefold() or "key" in key.casefold() else "password_from"
        return f"a secret does not belong in this file: write {field}: file:PATH or {field}: credential:NAME"
    return f"{shown(key)} is not a key here{nearest(key, known)}"


def model_at(model: type[BaseModel], path: Path) -> type[BaseModel] | None:
    kind: Any = model
    for part in path:
        if isinstance(part, str) and isinstance(kind, type) and issubclass(kind, BaseModel):
            field = kind.model_fields.get(part)
            kind = field.annotation if field else None
        elif get_origin(kind) in {list, dict}:
            kind = get_args(kind)[-1]
        kind = bare(kind)
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def bare(kind: Any) -> Any:
    """The type without `| None` and notes."""
    while True:
        if get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
        elif get_origin(kind) in {Union, types.UnionType}:
            kind = next(arg for arg in get_args(kind) if arg is not type(None))
        else:
            return kind
