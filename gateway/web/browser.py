"""Files that browsers load: ours in `static/`, those of others in `vendor/`, words in `words/`; their hash is the ETag.

`vendor/` is filled by `.ci/npm.sh` from npm and checked against `vendor.sha256`; git does not have it, the wheel does.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from starlette.requests import Request
from starlette.responses import Response

from gateway.web.headers import PAGE

_KINDS = {
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
}
FOLDERS = ("static", "vendor", "words")


@dataclass(frozen=True, slots=True)
class File:
    """One file as it goes out."""

    kind: str
    plain: bytes
    packed: bytes  # gzip
    etag: str


@cache
def files() -> dict[str, File]:
    """All of them by path, such as ``static/app.js``. Blocks once."""
    room = resources.files("gateway.web")
    found = {}
    for folder in FOLDERS:
        for path, file in _below(room / folder, folder):
            suffix = path.rpartition(".")[2]
            if suffix in _KINDS:
                plain = file.read_bytes()
                etag = f'"{hashlib.sha256(plain).hexdigest()[:20]}"'
                found[path] = File(_KINDS[suffix], plain, gzip.compress(plain, 9, mtime=0), etag)
    return found


def _below(folder: Traversable, name: str) -> list[tuple[str, Traversable]]:
    if not folder.is_dir():
        return []
    found = []
    for each in folder.iterdir():
        path = f"{name}/{each.name}"
        found += _below(each, path) if each.is_dir() else [(path, each)]
    return found


def sent(file: File, request: Request) -> Response:
    """The file, or word that the browser has it already. Browsers ask each time: an upgrade is seen at once."""
    headers = {**PAGE, "ETag": file.etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == file.etag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=file.kind)
    return Response(file.plain, headers=headers, media_type=file.kind)
