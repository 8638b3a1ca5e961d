"""Line protocol over one kept connection: InfluxDB v2, what speaks its write API, and InfluxDB 1.x.

The same bytes as through influxdb-client, without its layers; and `/write` of 1.x, which that client does not know.
"""

from __future__ import annotations

import base64
import zlib
from urllib.parse import urlencode

from gateway.ingest.kept import Connection
from gateway.ingest.kinds import KINDS
from gateway.ingest.victoria import Steward
from gateway.ingest.writer import State, refusal
from gateway.site import Database
from gateway.trust.secret import read_secret

TIMEOUT_S = 30
SMALL = 1_400  # bytes: what fits a packet anyway
_GZIP = 16 + zlib.MAX_WBITS  # zlib's word for a gzip header


class DirectWriter:
    """One for a sink. Not for two threads at once."""

    def __init__(self, database: Database, connection: Connection | None = None) -> None:
        self._database, self._v2 = database, KINDS[database.kind].v2
        self._connection = connection or Connection(database.url, TIMEOUT_S)
        self._steward = Steward(database) if KINDS[database.kind].counts else None
        self._headers = {"Content-Type": "text/plain; charset=utf-8", **authorization(database)}

    def write(self, body: str, precision: str) -> None:
        """Return when it was accepted. Raises WriteFailed."""
        data, headers = body.encode(), self._headers
        if not self._connection.local and len(data) > SMALL:  # on this machine it costs more than it saves
            data = _squeezed(data)
            headers = {**headers, "Content-Encoding": "gzip"}
        answer = self._connection.ask("POST", write_path(self._database, precision), data, headers)
        if not 200 <= answer.status < 300:
            raise refusal(answer.status, answer.reason, answer.text, answer.after)

    def state(self) -> State:
        """How it is by now. Raises WriteFailed."""
        return self._steward.state() if self._steward else State()

    def barrier(self) -> bool:
        """Put what was accepted on the disk. Raises WriteFailed."""
        return self._steward.barrier() if self._steward else False

    def close(self) -> None:
        """Let go of connections."""
        self._connection.close()
        if self._steward:
            self._steward.close()


def write_path(database: Database, precision: str) -> str:
    """Where a database of this kind takes lines. A bucket of 1.x is DATABASE or DATABASE/RETENTION-POLICY."""
    if KINDS[database.kind].v2:
        asked = {"org": database.org, "bucket": database.bucket, "precision": precision}
        return f"/api/v2/write?{urlencode(asked)}"
    name, _, policy = database.bucket.partition("/")
    asked = {"db": name, **({"rp": policy} if policy else {}), "precision": precision}
    return f"/write?{urlencode(asked)}"


def authorization(database: Database) -> dict[str, str]:
    """Who we are: a token; user:password in InfluxDB 1.x. Raises ValueError, OSError where the secret is not there."""
    secret = read_secret(database.token_from)
    if not secret:
        return {}
    if KINDS[database.kind].v2:
        return {"Authorization": f"Token {secret}"}
    return {"Authorization": f"Basic {base64.b64encode(secret.encode()).decode('ascii')}"}


def _squeezed(data: bytes) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, _GZIP)
    return packer.compress(data) + packer.flush()
