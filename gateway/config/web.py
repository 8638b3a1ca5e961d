"""The `web` section to its row of the site: what other machines reach has a certificate that can be used."""

from __future__ import annotations

import os
from pathlib import Path as FilePath

from gateway.config.draft import Draft
from gateway.config.webrows import WebRow
from gateway.site import Beyond
from gateway.trust.hostnames import listening

_WITH_LISTEN = ("certificate_file", "key_from", "hosts")


def build_beyond(draft: Draft, folder: FilePath) -> Beyond | None:
    """None where only this machine is served. Reads certificate and key."""
    row = draft.model.web
    if row is None:
        return None
    if row.listen is None:
        for name in _WITH_LISTEN:
            if getattr(row, name):
                draft.say(("web", name), 'is of use with listen only: write listen: "0.0.0.0:8443"')
        return None
    found = listening(row.listen)
    missing = [name for name in _WITH_LISTEN if not getattr(row, name)]
    if missing:
        draft.say(("web", "listen"), f"beyond this machine there is TLS only: give {', '.join(missing)} too")
    if found is not None and found[1] == row.port:
        draft.say(("web", "listen"), f"port {row.port} is that of 127.0.0.1 already: take another one")
    if missing or found is None:
        return None
    return _checked(draft, row, folder, found)


def _checked(draft: Draft, row: WebRow, folder: FilePath, found: tuple[str, int]) -> Beyond:
    certificate = os.path.abspath(folder / (row.certificate_file or ""))  # noqa: PTH100 # links stay links: they are renewed
    kind, _, name = (row.key_from or "").partition(":")
    key_from = f"{kind}:{os.path.abspath(folder / name)}" if kind == "file" else f"{kind}:{name}"  # noqa: PTH100 # the same
    given = kind == "file" or "CREDENTIALS_DIRECTORY" in os.environ
    from gateway.trust.certificates import (  # noqa: PLC0415 # OpenSSL, only where others are let in
        BadCertificate,
        server_context,
    )

    try:
        server_context(FilePath(certificate), key_from)
    except BadCertificate as error:
        at = "certificate_file" if error.of == "certificate" else "key_from"
        later = at == "key_from" and not given  # on another machine: the service has it, not whoever checks
        draft.say(("web", at), str(error), severity="warning" if later else "error")
    return Beyond(*found, certificate, key_from, tuple(dict.fromkeys(row.hosts)))
