"""YAML text to plain data, and from a path in the data back to line and column.

Rule 1: whatever the bytes are, the answer is data or problems with a place, never an exception, never a deep stack.
Rule 2: only what a reader expects: no tags, no merge keys, no yes/no, no octal, no dates; a key occurs once.

The first pass takes the parser's events, which cost a third of marked nodes and cannot overflow the stack; the marks
are made by `yaml.compose` when a problem needs them.
"""

from __future__ import annotations

import copy
import re
from typing import Any

import yaml

from gateway.config.problems import Path, Problem, spell
from gateway.plan.words import shown

MOST_BYTES = 8_000_000
MOST_VALUES = 400_000  # aliases count as often as they are used: a bomb of them ends here
DEEPEST = 30

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where PyYAML was built with it
_UNPRINTABLE = yaml.reader.Reader.NON_PRINTABLE
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_HEX = re.compile(r"0x[0-9a-fA-F]{1,16}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,4})?")
_TAB = re.compile(r"^ *(?:- +)*\t", re.MULTILINE)
_WORDS: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    ".nan": float("nan"), ".NaN": float("nan"), ".NAN": float("nan"),
    ".inf": float("inf"), "+.inf": float("inf"), "-.inf": float("-inf"), ".Inf": float("inf"), "-.Inf": float("-inf"),
}  # fmt: skip
_LONGEST_NUMBER = 400


class Document:
    """One YAML file: its data, and where in the file each of its values is."""

    def __init__(self, file: str, raw: bytes) -> None:
        self.file = file
        self.text = ""
        self.data: Any = None
        self.problems: list[Problem] = []
        self.whole = False  # whether `data` is all of the file
        self._root: yaml.Node | None = None
        self._read(raw)

    def problem(self, path: Path, text: str, *, key: bool = False, severity: str = "error") -> Problem:
        """A problem at a value, or at its key; where the value is not in the file, at the nearest that is."""
        return Problem(self.file, *self.place(path, key=key), spell(path), text, severity)

    def place(self, path: Path, *, key: bool = False) -> tuple[int, int]:
        """Line and column of a value, or of its key."""
        if self._root is None:
            try:
                self._root = yaml.compose(self.text, Loader=_Loader)
            except yaml.YAMLError:
                return 1, 1
        node, at = self._root, 0
        for depth, part in enumerate(path):
            found = _child(node, part)
            if found is None:
                break
            named, node = found
            last = depth == len(path) - 1
            at = (named if last and key else node).start_mark.index
        return self._line_col(at)

    def _line_col(self, index: int) -> tuple[int, int]:
        index = min(max(index, 0), len(self.text))
        return self.text.count("\n", 0, index) + 1, index - self.text.rfind("\n", 0, index)

    def _say(self, index: int, text: str, path: Path = ()) -> None:
        self.problems.append(Problem(self.file, *self._line_col(index), spell(path), text))

    def _read(self, raw: bytes) -> None:
        if len(raw) > MOST_BYTES:
            self._say(0, f"is larger than {MOST_BYTES // 1_000_000} MB")
            return
        try:
            self.text = raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
        except UnicodeDecodeError as error:
            self.text = raw.removeprefix(b"\xef\xbb\xbf")[: error.start].decode("utf-8")
            self._say(
                len(self.text), f"byte 0x{error.object[error.start]:02x} is not UTF-8: save the file as UTF-8"
            )
            return
        strange = [found.start() for found in _UNPRINTABLE.finditer(self.text)]
        for index in strange[:20]:
            self._say(index, f"control character U+{ord(self.text[index]):04X} is not allowed")
        if strange:
            return
        try:
            self._load()
        except yaml.MarkedYAMLError as error:
            self._syntax(error)
        except yaml.YAMLError as error:  # pragma: no cover # what the reader refuses was looked for above
            self._say(0, str(error).splitlines()[0])

    def _syntax(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        if _TAB.search(self.text):
            for found in list(_TAB.finditer(self.text))[:20]:
                self._say(found.end() - 1, "a tab cannot indent YAML: use spaces")
            return
        said = error.problem or "is not YAML"
        if said.startswith("mapping values are not allowed"):
            said += ' (a text with ": " in it must be in quotes, and keys of one mapping begin in one column)'
        self._say(mark.index if mark else 0, said)

    def _load(self) -> None:
        builder = _Builder(self)
        parser = _Loader(self.text)
        try:
            while parser.check_event() and not builder.stopped:
                builder.take(parser.get_event())
        finally:
            parser.dispose()
        self.data = None if builder.stopped else builder.top
        self.whole = not self.problems

    refuse = _say


class _Builder:
    """Data out of parser events, with a stack of its own."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.top: Any = None
        self.stopped = False
        self.documents = 0
        self.values = 0
        self.stack: list[_Open] = []
        self.anchors: dict[str, tuple[Any, int]] = {}

    def take(self, event: Any) -> None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self.scalar(event)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self.open(event, {} if kind is yaml.MappingStartEvent else [])
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self.close()
        elif kind is yaml.AliasEvent:
            self.alias(event)
        elif kind is yaml.DocumentStartEvent:
            self.documents += 1
            if self.documents > 1:
                self.stop(event, "a second document begins here: one file is one document")

    def scalar(self, event: Any) -> None:
        opened = self.stack[-1] if self.stack else None
        if opened is not None and opened.wants_key:
            self.named(event, opened)
            return
        value = event.value
        if event.tag is not None:
            self.say(event, f"{shown(event.tag)} is a tag: write the value alone")
        elif event.implicit[0]:
            value = plain(value)
        self.put(value, 1, event)

    def named(self, event: Any, opened: _Open) -> None:
        opened.key = event.value
        opened.wants_key = False
        if event.value == "<<" and event.implicit[0]:
            opened.drop = True
            self.say(event, "merge keys are not taken: write the keys out")
        elif event.value in opened.into:
            opened.drop = True
            self.say(event, f"{shown(event.value)} is here twice", key=True)

    def open(self, event: Any, made: Any) -> None:
        if self.stack and self.stack[-1].wants_key:
            self.stop(event, "a key must be a word")
        elif len(self.stack) >= DEEPEST:
            self.stop(event, f"nested deeper than {DEEPEST} levels")
        else:
            if event.tag is not None:
                self.say(event, f"{shown(event.tag)} is a tag: write the value alone")
            self.stack.append(_Open(made, event))

    def close(self) -> None:
        done = self.stack.pop()
        self.put(done.into, done.weight, done.event)

    def alias(self, event: Any) -> None:
        found = self.anchors.get(event.anchor)
        if self.stack and self.stack[-1].wants_key:
            self.stop(event, "a key must be a word")
        elif found is None:
            self.say(event, f"*{event.anchor} is not defined before it is used")
            self.put(None, 1, event, again=True)
        elif self.values + found[1] > MOST_VALUES:
            self.stop(event, f"aliases make this more than {MOST_VALUES} values")
        else:
            self.put(copy.deepcopy(found[0]), found[1], event, again=True)

    def put(self, value: Any, weight: int, event: Any, *, again: bool = False) -> None:
        self.values += weight if again or weight == 1 else 1
        if self.values > MOST_VALUES:
            self.stop(event, f"has more than {MOST_VALUES} values")
        anchor = None if again else event.anchor
        if anchor is not None:
            if anchor in self.anchors:
                self.say(event, f"&{anchor} is defined twice")
            self.anchors[anchor] = value, weight
        if not self.stack:
            self.top = value
            return
        opened = self.stack[-1]
        opened.weight += weight
        if isinstance(opened.into, list):
            opened.into.append(value)
        else:
            if not opened.drop:
                opened.into[opened.key] = value
            opened.wants_key, opened.drop = True, False

    def say(self, event: Any, text: str, *, key: bool = False) -> None:
        path: list[str | int] = []
        for opened in self.stack:
            is_list = isinstance(opened.into, list)
            if is_list or not opened.wants_key:
                path.append(len(opened.into) if is_list else opened.key)
        if key:
            path.pop()
        self.document.refuse(event.start_mark.index, text, tuple(path))

    def stop(self, event: Any, text: str) -> None:
        self.say(event, text)
        self.stopped = True


class _Open:
    """A mapping or list that is being filled."""

    __slots__ = ("drop", "event", "into", "key", "wants_key", "weight")

    def __init__(self, into: Any, event: Any) -> None:
        self.into = into
        self.event = event
        self.key = ""
        self.wants_key = isinstance(into, dict)
        self.drop = False
        self.weight = 1


def plain(text: str) -> Any:
    """What a scalar without quotes is: null, true, false, a number, or text."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789" or len(text) > _LONGEST_NUMBER:
        return text
    if _INT.fullmatch(text):
        return int(text)
    if _HEX.fullmatch(text):
        return int(text, 16)
    if _FLOAT.fullmatch(text) and not re.fullmatch(r"[-+]?0[0-9]+", text):
        return float(text)
    return text


def _child(node: Any, part: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    """Key and value nodes of one step of a path."""
    if isinstance(part, int):
        if isinstance(node, yaml.SequenceNode) and part < len(node.value):
            return node.value[part], node.value[part]
    elif isinstance(node, yaml.MappingNode):
        for named, value in node.value:
            if named.value == part:
                return named, value
    return None
