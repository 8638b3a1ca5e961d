"""What a code says as JSON has it: the answer of `lotwatch decode`. Pure."""

from __future__ import annotations

from typing import Any

from gateway.codes.dates import iso_date
from gateway.codes.understanding import Refused, understand


def plainly(code: str, this_year: int, symbology: str = "") -> dict[str, Any]:
    """A code's answer; keys that do not apply are left out. `this_year` places two-digit years.

    >>> plainly("R24-0001", 2026)
    {'input': 'R24-0001', 'ok': True, 'kind': 'plain', 'lot': 'R24-0001'}
    """
    found = understand(code, symbology)
    if isinstance(found, Refused):
        # Bytes that are no text are among the refused: only here they need escaping.
        shown = code.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        return {"input": shown, "ok": False, "error": {"code": found.code, "message": found.message}}
    expiry = found.value("17", "7003")
    unnumbered = "" if found.elements or found.epc_uri else found.text
    said = {
        "symbology": found.symbology,
        "elements": [{"ai": ai, "title": title, "value": value} for ai, title, value in found.elements],
        "epc_uri": found.epc_uri,
        "tag_uri": found.tag_uri,
        "gtin": found.value("01", "02", "03", "8006", "8026")[:14],
        "serial": found.value("21", "235"),
        "lot": found.value("10") or unnumbered,
        "sscc": found.value("00"),
        "expiry": iso_date(expiry[:6], this_year) if expiry else "",
    }
    there = {key: value for key, value in said.items() if value}
    return {"input": code, "ok": True, "kind": found.kind, **there}
