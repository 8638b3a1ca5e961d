"""What a request's headers ask of an answer, by the REST binding of EPCIS 2.0 (12.6): whether we can give it."""

from __future__ import annotations

import re

from starlette.datastructures import Headers

from gateway.epcis.vocabulary import NAMESPACE

VERSION = "2.0.0"
ANSWER = {"GS1-EPCIS-Version": VERSION, "GS1-CBV-Version": VERSION, "GS1-Extensions": f"lotwatch={NAMESPACE}"}
"""Headers of every answer."""

_TAKEN = ("*/*", "application/*", "application/json", "application/ld+json")
_FORMATS = ("No_Preference", "Always_GS1_Digital_Link", "Never_Translates")


def not_acceptable(headers: Headers) -> str:
    """Why nothing can be answered; "" where it can."""
    accept = headers.get("accept", "*/*")
    kinds = [part.split(";")[0].strip().lower() for part in accept.split(",")]
    if not any(kind in _TAKEN for kind in kinds):
        return f"Accept is {accept[:60]!r}; there are application/json and application/ld+json"
    for of in ("EPCIS", "CBV"):
        least, most = headers.get(f"GS1-{of}-Min"), headers.get(f"GS1-{of}-Max")
        for name, value in ((f"GS1-{of}-Min", least), (f"GS1-{of}-Max", most)):
            if value is not None and _version(value) is None:
                return f"{name} is {value[:60]!r}; write a version such as {VERSION}"
        ours = _version(VERSION) or ()
        if (least and (_version(least) or ()) > ours) or (most and (_version(most) or ()) < ours[:1]):
            return f"{of} {VERSION} is not between GS1-{of}-Min and GS1-{of}-Max"
    form = headers.get("GS1-EPC-Format", _FORMATS[0])
    if form not in _FORMATS:
        return f"GS1-EPC-Format is {form[:60]!r}; there are {', '.join(_FORMATS)}"
    return ""


def _version(text: str) -> tuple[int, ...] | None:
    if not re.fullmatch(r"\d{1,4}(\.\d{1,4}){0,3}", text.strip(), re.ASCII):
        return None
    return tuple(int(part) for part in text.strip().split("."))
