"""What is said at the writer's door: one JSON object a line, asked and answered. Pure.

{"v": 1, "ask": "hello"}                  {"v": 1, "ok": true, "challenge": ..., "setpoints": [...], "open": [...]}
{"v": 1, "ask": "take", "note": "..."}    {"v": 1, "ok": false, "error": "operator 17 may not propose ..."}
"""

from __future__ import annotations

from typing import Any

import orjson

VERSION = 1
LINE_MOST = 64 << 10
ANSWER_MOST = 4 << 20


class BadLine(ValueError):
    """Not what the door takes; says why."""


def asked(note: str = "") -> bytes:
    """A question: what there is, or that a note be taken."""
    said = {"v": VERSION, "ask": "take", "note": note} if note else {"v": VERSION, "ask": "hello"}
    return orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE)


def note_in(line: bytes) -> str:
    """The note of a question, "" of one without. Raises BadLine, whatever the bytes are."""
    try:
        said = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise BadLine(f"not JSON: {error}") from None
    if not isinstance(said, dict) or said.get("v") != VERSION or said.get("ask") not in {"hello", "take"}:
        raise BadLine(f'a line is {{"v": {VERSION}, "ask": "hello"}}, or "take" with a note')
    note = said.get("note", "")
    if not isinstance(note, str) or (said["ask"] == "take") != bool(note):
        raise BadLine("take has a note, and hello has none")
    return note


def answer(facts: dict[str, Any]) -> bytes:
    """What came of it."""
    return orjson.dumps({"v": VERSION, "ok": True, **facts}, option=orjson.OPT_APPEND_NEWLINE)


def refusal(error: str) -> bytes:
    """Why nothing did."""
    return orjson.dumps({"v": VERSION, "ok": False, "error": error}, option=orjson.OPT_APPEND_NEWLINE)
