"""Files that browsers load: ours in `static/`, those of others in `vendor/`, words in `words/`; their hash is the ETag.

`vendor/` is filled by `.ci/npm.sh` from npm and checked against `vendor.sha256`; git does not have it, the wheel does.
"""

from __future__ import annotations

import gzip
import hashlib
import posixpath
import re
from collections.abc import Callable, Mapping
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
_COMMENT = re.compile(rb"^[ \t]*(//[^\n]*|/\*\*[^\n]*\*/[ \t]*)\n", re.MULTILINE)
_AFTER = re.compile(rb"[ \t]+// [^\n'\"`]*$", re.MULTILINE)  # no quote follows: it is in no string
_INDENT = re.compile(rb"^[ \t]+", re.MULTILINE)
_REMARK = re.compile(rb"/\*.*?\*/", re.DOTALL)
_ROOM = re.compile(rb"\s*([{};])\s*")
_AFTERWARDS = re.compile(rb"([:,]) +")
_SIGNS = re.compile(rb" (=>|===|!==|&&|\|\||\?\?|[=?:]) |(?<=\{) | (?=\})")  # in no text: those are in words/
_IMPORT = re.compile(rb'^import [^;]*? from "([^"]+)";', re.MULTILINE)
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
                if folder == "static":
                    plain = _LESS.get(suffix, bytes)(plain)
                etag = f'"{hashlib.sha256(plain).hexdigest()[:20]}"'
                found[path] = File(_KINDS[suffix], plain, gzip.compress(plain, 9, mtime=0), etag)
    return found


@cache
def modules(view: str) -> tuple[str, ...]:
    """Paths of all modules that a page takes: what `static/app.js` and its view import, and what those do. Blocks once.

    A browser that is told of them at once does not learn of each only when it has read the one before.
    """
    known, found = files(), dict[str, None]()
    waiting = ["static/app.js", f"static/views/{view}.js"]
    while waiting:
        path = waiting.pop()
        if path in known and path not in found:
            found[path] = None
            waiting += [_path(path, name.decode()) for name in _IMPORT.findall(known[path].plain)]
    return tuple(sorted(found))


def _path(importer: str, name: str) -> str:
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(importer), name)).lstrip("/")


def uncommented(script: bytes) -> bytes:
    r"""A script of ours without comments, indentation and room around signs, for which a browser has no use.

    A comment behind code stays where a quote follows it: it may be a part of a text then.

    >>> uncommented(b"// why\nlet a = 1; // one\n  /** what */\n  let b = 'x // y';\n")
    b"let a=1;\nlet b='x // y';\n"
    """
    return _SIGNS.sub(rb"\1", _INDENT.sub(b"", _AFTER.sub(b"", _COMMENT.sub(b"", script))))


def tight(sheet: bytes) -> bytes:
    r"""A sheet of ours without comments, and without the space around braces and behind signs.

    >>> tight(b"a { b: c;\n  d: e; } /* why */\n  f > g { h: i }\n")
    b'a{b:c;d:e;}f > g{h:i}'
    """
    return _AFTERWARDS.sub(rb"\1", _ROOM.sub(rb"\1", _REMARK.sub(b"", sheet)))


_LESS: Mapping[str, Callable[[bytes], bytes]] = {"js": uncommented, "css": tight}


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
